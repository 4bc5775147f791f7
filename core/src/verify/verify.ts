import { keccak256 } from 'viem';
import { address, ZERO_HASH } from '../ids.ts';
import { equalBytes } from '../json/canonical.ts';
import { formatUsd } from '../money.ts';
import { defaultPolicy, isPolicyOf, policyHash } from '../policy/policy.ts';
import { type DecisionRecord, ENGINE, recordFromBytes, recordToBytes } from '../record/record.ts';
import { commitmentOf, hashRequest } from '../request/chain.ts';
import { hashTerms } from '../request/terms.ts';
import { type MarketSnapshot, snapshotFromBytes, snapshotToBytes } from '../snapshot/snapshot.ts';
import { zeroGRoot } from '../zerog/root.ts';
import { sizeProblem } from '../zerog/size.ts';
import { blockChecks } from './blocks.ts';
import {
	CHECK_IDS,
	CHECK_NAMES,
	type Check,
	type CheckId,
	failed,
	notRun,
	type Outcome,
	type Run,
	reasonOf,
	same,
} from './checks.ts';
import type { ChainFacts, TokenAnswer } from './facts.ts';
import { identity } from './identity.ts';
import { listingChecks } from './listings.ts';
import { type NotCheckable, notCheckableOf } from './not-checkable.ts';
import { replayChecks } from './replay.ts';
import { sourceChecks } from './sources.ts';
import { tokenPrices } from './token-prices.ts';

export interface Verification {
	/** One for each id, in order. */
	checks: Check[];
	/** Whether every check passed: what could not be run is not verified. It says nothing about what is in `notCheckable`. */
	ok: boolean;
	/** What nothing public says the truth of, so that it stays the router's word. */
	notCheckable: NotCheckable[];
}

export interface VerifyInput {
	recordBytes: Uint8Array;
	/** Null when it could not be fetched: the checks that need it are then not run. */
	snapshotBytes: Uint8Array | null;
	chain: ChainFacts;
	/** What came of asking the sources of token prices, for any of `tokenQuestions`. */
	tokenAnswers?: readonly TokenAnswer[];
	/** Called before each check is carried out. */
	onCheck?: (id: CheckId) => void;
}

/** A file that was read, or why it could not be. */
type Read<File> = { file: File } | { error: string };

function read<File>(parse: (bytes: Uint8Array) => File, bytes: Uint8Array): Read<File> {
	const tooLarge = sizeProblem(bytes.length);
	if (tooLarge !== null) return { error: tooLarge };
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
 * own limits (chain), the snapshot (file) and the policy (file, bound by its hash in the limits); the snapshot's own listings, its block and its time are
 * compared with the chain.
 */
export function verify({ recordBytes, snapshotBytes, chain, tokenAnswers = [], onCheck }: VerifyInput): Verification {
	const record = read(recordFromBytes, recordBytes);
	const snapshot = snapshotBytes === null ? null : read(snapshotFromBytes, snapshotBytes);
	const found = new Map<CheckId, Outcome>();
	/** Runs one check; whatever it throws is its failure. */
	const check: Run = (id, run) => {
		onCheck?.(id);
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
	if (snapshot !== null && 'file' in snapshot) {
		const { file } = snapshot;
		blockChecks(check, file, chain);
		if ('file' in record) listingChecks(check, record.file, file, chain);
		sourceChecks(check, file, chain.registryState);
		// Without a readable record nothing says that other rules held.
		const isCurrent = !('file' in record) || record.file.engine.version === ENGINE.version;
		check('token-prices', () => tokenPrices(file, tokenAnswers, isCurrent));
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
	const market = snapshot !== null && 'file' in snapshot ? snapshot.file : null;
	return {
		checks,
		ok: checks.every(({ status }) => status === 'passed'),
		notCheckable: notCheckableOf(market, chain, tokenAnswers),
	};
}

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
