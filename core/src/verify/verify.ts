import { type Address, type Hex, keccak256 } from 'viem';
import { z } from 'zod';
import { decide } from '../decide/decide.ts';
import { type Decision, decisionSchema, type JobRef } from '../decide/decision.ts';
import { address, jobId, type Address as LowerAddress, ZERO_HASH } from '../ids.ts';
import { canonicalText, equalBytes, textOf } from '../json/canonical.ts';
import { formatUsd } from '../money.ts';
import { defaultPolicy, isPolicyOf, policyHash } from '../policy/policy.ts';
import { type DecisionRecord, ENGINE, recordFromBytes, recordToBytes } from '../record/record.ts';
import { commitmentOf, hashRequest } from '../request/chain.ts';
import type { JobRequest } from '../request/request.ts';
import { hashTerms, type Terms } from '../request/terms.ts';
import { type MarketSnapshot, snapshotFromBytes, snapshotToBytes } from '../snapshot/snapshot.ts';
import { zeroGRoot } from '../zerog/root.ts';
import {
	CHECK_IDS,
	CHECK_NAMES,
	type Check,
	type CheckId,
	failed,
	notRun,
	type Outcome,
	reasonOf,
	same,
} from './checks.ts';

export interface Verification {
	/** One for each id, in order. */
	checks: Check[];
	/** Whether every check passed: what could not be run is not verified. */
	ok: boolean;
}

/** What the verifier read from the chain itself. */
export interface ChainFacts {
	chainId: number;
	/** The JobRegistry. */
	registry: Address;
	jobId: bigint;
	/** From the request's event; its hash binds it to the commitment. */
	request: JobRequest;
	/** Who asked, if the chain's event names it (tracked jobs) or the verifier knows it otherwise. */
	requester: Address | null;
	tracked: boolean;
	routing: {
		listing: number;
		listingVersion: number;
		provider: Address;
		/** Micro-USD. */
		pricePerGpuHour: bigint;
		candidatesRoot: Hex;
		recordRoot: Hex;
		recordHash: Hex;
	};
	/** What was agreed, as the job's events tell it. The requester of an untracked job, whom they do not name, is the payer of its lock. */
	terms: Terms;
	/**
	 * Listings that had the job before this routing and declined it or did not start it, in any order: of its JobReopened events, and of those of the job
	 * that it is a part of, all that do not say Overturned.
	 */
	refusals: readonly number[];
	/** As stored in the JobRegistry: with it the chain vouches for the terms, and for the commitment in them. */
	termsHash: Hex;
}

export interface VerifyInput {
	recordBytes: Uint8Array;
	/** Null when it could not be fetched: the checks that need it are then not run. */
	snapshotBytes: Uint8Array | null;
	chain: ChainFacts;
}

/** A file that was read, or why it could not be. */
type Read<File> = { file: File } | { error: string };

function read<File>(parse: (bytes: Uint8Array) => File, bytes: Uint8Array): Read<File> {
	try {
		return { file: parse(bytes) };
	} catch (error) {
		return { error: reasonOf(error) };
	}
}

/**
 * Replays a routing decision from its published files and compares it with the chain.
 *
 * The chain's facts are the truth; the files are untrusted bytes, and nothing in them makes this throw. The decision is made again from the buyer's
 * own limits (chain), the snapshot (file) and the policy (file, bound by its hash in the limits).
 */
export function verify({ recordBytes, snapshotBytes, chain }: VerifyInput): Verification {
	const record = read(recordFromBytes, recordBytes);
	const snapshot = snapshotBytes === null ? null : read(snapshotFromBytes, snapshotBytes);
	const found = new Map<CheckId, Outcome>();
	/** Runs one check; whatever it throws is its failure. */
	const check = (id: CheckId, run: () => Outcome) => {
		try {
			found.set(id, run());
		} catch (error) {
			found.set(id, failed('a check that can be carried out', reasonOf(error)));
		}
	};

	check('record-root', () => same(chain.routing.recordRoot.toLowerCase(), zeroGRoot(recordBytes)));
	check('record-hash', () => same(chain.routing.recordHash.toLowerCase(), keccak256(recordBytes)));
	check('record-shape', () => shapeOf(record, 'a record of format necto.record/1'));
	check('chain-choice', () => notRun('a readable record', 'the record cannot be read'));
	check('terms', () => same(chain.termsHash.toLowerCase(), hashTerms(chain.terms)));
	check('commitment', () =>
		same(
			chain.terms.commitment.toLowerCase(),
			commitmentOf({
				jobId: chain.jobId,
				requestHash: hashRequest(chain.request),
				provider: address(chain.routing.provider),
				routing: chain.routing,
			}),
		),
	);
	if (snapshotBytes !== null && snapshot !== null) {
		check('snapshot-shape', () => snapshotShape(snapshot, snapshotBytes, record, chain));
	}
	if ('file' in record) {
		recordChecks(check, record.file, recordBytes, chain);
		check('identity', () => identity(record.file, recordBytes, snapshotBytes, chain));
		if (snapshotBytes !== null) snapshotChecks(check, record.file, snapshotBytes);
		if (snapshot !== null && 'file' in snapshot) replayChecks(check, record.file, snapshot.file, chain);
	}

	const missing = 'file' in record ? 'the market snapshot is missing or cannot be read' : 'the record cannot be read';
	const checks = CHECK_IDS.map((id) => ({
		id,
		name: CHECK_NAMES[id],
		...(found.get(id) ?? notRun('the files that this check reads', missing)),
	}));
	return { checks, ok: checks.every(({ status }) => status === 'passed') };
}

type Run = (id: CheckId, run: () => Outcome) => void;

function shapeOf(read: Read<unknown>, expected: string): Outcome {
	return 'file' in read ? same(expected, expected) : failed(expected, read.error);
}

/** What the record says about itself, against the chain. */
function recordChecks(check: Run, record: DecisionRecord, bytes: Uint8Array, chain: ChainFacts): void {
	check('record-canonical', () => canonical(recordToBytes(record), bytes));
	check('job', () => {
		const jobText = (chainId: number, registry: string, id: bigint | null) =>
			`job ${id ?? 'none'} of ${registry.toLowerCase()} on chain ${chainId}`;
		const { job } = record;
		return same(jobText(chain.chainId, chain.registry, chain.jobId), jobText(job.chainId, job.registry, job.id));
	});
	check('request', () => {
		const expected = hashRequest(chain.request);
		const own = hashRequest(record.request);
		return same(expected, own === expected ? record.requestHash : own);
	});
	check('policy', () => {
		const { policyHash: named } = chain.request;
		const expected = named === ZERO_HASH ? policyHash(defaultPolicy) : named;
		return {
			...same(expected, policyHash(record.policy)),
			status: isPolicyOf(record.policy, named) ? 'passed' : 'failed',
		};
	});
	check('chain-choice', () => {
		const { listing, listingVersion, provider, pricePerGpuHour } = chain.routing;
		const text = (id: number, version: number, owner: string, price: bigint) =>
			`listing ${id} version ${version} of ${owner.toLowerCase()} at ${formatUsd(price)}`;
		const { chosen } = record;
		return same(
			text(listing, listingVersion, provider, pricePerGpuHour),
			chosen === null
				? 'nothing chosen'
				: text(chosen.listing, chosen.listingVersion, chosen.provider, chosen.pricePerGpuHour),
		);
	});
	check('passed-over', () => {
		const text = (listings: readonly number[]) => {
			const rising = [...new Set(listings)].sort((a, b) => a - b);
			return rising.length === 0 ? 'no listing' : `listing ${rising.join(', ')}`;
		};
		return same(text(chain.refusals), text(record.passedOver));
	});
	check('engine', () => same(`${ENGINE.name} ${ENGINE.version}`, `${record.engine.name} ${record.engine.version}`));
}

function snapshotChecks(check: Run, record: DecisionRecord, bytes: Uint8Array): void {
	check('snapshot-root', () => same(record.snapshot.root, zeroGRoot(bytes)));
	check('snapshot-hash', () =>
		same(`${record.snapshot.hash}, ${record.snapshot.bytes} bytes`, `${keccak256(bytes)}, ${bytes.length} bytes`),
	);
}

/** The decision, made again, against what the record says. */
function replayChecks(check: Run, record: DecisionRecord, snapshot: MarketSnapshot, chain: ChainFacts): void {
	let replay: z.input<typeof decisionSchema>;
	let own: z.input<typeof decisionSchema>;
	let root: Hex;
	try {
		const job: JobRef = {
			chainId: chain.chainId,
			registry: lower(chain.registry),
			id: jobId(chain.jobId),
			requester: null,
		};
		const decision = decide({
			job,
			request: chain.request,
			snapshot,
			policy: record.policy,
			admitted: record.admitted,
			passedOver: record.passedOver,
		});
		replay = z.encode(decisionSchema, decision);
		own = z.encode(decisionSchema, decisionPart(record));
		root = decision.candidatesRoot;
	} catch (error) {
		for (const id of ['normalisation', 'exclusions', 'ranking', 'candidates-root', 'choice'] as const) {
			check(id, () => failed('a decision that can be replayed', reasonOf(error)));
		}
		return;
	}
	check('normalisation', () => sameList(replay.offers, own.offers, 'price'));
	check('exclusions', () => sameList(replay.exclusions, own.exclusions, 'exclusion'));
	check('ranking', () => sameList(replay.ranking, own.ranking, 'place'));
	check('candidates-root', () => {
		const committed = chain.routing.candidatesRoot.toLowerCase();
		return same(root, own.candidatesRoot === root ? committed : own.candidatesRoot);
	});
	check('choice', () => {
		const part = ({ outcome, admitted, passedOver, chosen, cheapestCompareOnly, summary }: typeof replay) =>
			canonicalText({ admitted, chosen, cheapestCompareOnly, outcome, passedOver, summary });
		return same(part(replay), part(own));
	});
}

function decisionPart(record: DecisionRecord): Decision {
	const { outcome, admitted, passedOver, offers, exclusions, ranking, chosen, cheapestCompareOnly } = record;
	const { candidatesRoot, summary } = record;
	return {
		...{ outcome, admitted, passedOver, offers, exclusions, ranking },
		...{ chosen, cheapestCompareOnly, candidatesRoot, summary },
	};
}

/** Two lists, compared item by item; the first difference is shown. */
function sameList(expected: readonly unknown[], found: readonly unknown[], noun: string): Outcome {
	if (expected.length !== found.length) return failed(`${expected.length} × ${noun}`, `${found.length} × ${noun}`);
	for (const [index, item] of expected.entries()) {
		const [wanted, had] = [canonicalText(item), canonicalText(found[index])];
		if (wanted !== had) return failed(`${noun} ${index + 1}: ${wanted}`, `${noun} ${index + 1}: ${had}`);
	}
	const all = `${expected.length} × ${noun}, replayed`;
	return same(all, all);
}

function canonical(rewritten: Uint8Array, bytes: Uint8Array): Outcome {
	if (equalBytes(rewritten, bytes)) return same('canonical JSON (RFC 8785)', 'canonical JSON (RFC 8785)');
	return failed('canonical JSON (RFC 8785)', 'the same facts, written in another way');
}

function snapshotShape(
	snapshot: Read<MarketSnapshot>,
	bytes: Uint8Array,
	record: Read<DecisionRecord>,
	chain: ChainFacts,
): Outcome {
	if ('error' in snapshot) return failed('a snapshot of format necto.snapshot/1', snapshot.error);
	const rewritten = canonical(snapshotToBytes(snapshot.file), bytes);
	if (rewritten.status === 'failed') return rewritten;
	const text = (chainId: number, takenAt: number | null) =>
		`chain ${chainId}, taken at ${takenAt ?? 'an unknown time'}`;
	const { takenAt } = snapshot.file;
	return same(
		text(chain.chainId, 'file' in record ? record.file.takenAt : takenAt),
		text(snapshot.file.chain.id, takenAt),
	);
}

/**
 * A tracked job's record names the requester that the chain names. An untracked one's names nobody: it has no place for a requester, and the
 * requester's address, if the verifier knows it, occurs neither in it nor in the snapshot, except as a provider's.
 */
function identity(
	record: DecisionRecord,
	recordBytes: Uint8Array,
	snapshotBytes: Uint8Array | null,
	chain: ChainFacts,
): Outcome {
	const named = record.job.requester;
	if (chain.tracked && chain.request.tracked) {
		return same(chain.requester === null ? 'a requester' : lower(chain.requester), named ?? 'nobody');
	}
	const nobody = 'names nobody';
	if (named !== undefined) return failed(nobody, `names ${named} as the requester`);
	if (record.admitted.length > 0) {
		return failed(nobody, `names listing ${record.admitted.join(', ')} as open to the requester`);
	}
	if (record.request.team !== 0) return failed(nobody, `names team ${record.request.team}`);
	if (snapshotBytes === null) return notRun(nobody, 'the record names nobody; the snapshot is missing');
	if (chain.requester !== null) {
		const who = lower(chain.requester).slice(2);
		for (const [file, bytes] of [
			['record', recordBytes],
			['snapshot', snapshotBytes],
		] as const) {
			const text = textOf(bytes).toLowerCase().replaceAll(`"provider":"0x${who}"`, '');
			if (text.includes(who)) return failed(nobody, `the ${file} holds the requester's address`);
		}
	}
	return same(nobody, nobody);
}

function lower(value: string): LowerAddress {
	return address(value);
}
