/** One decision, from the market to the bytes that will be published. No I/O: what goes in decides what comes out. */
import {
	buildRecord,
	type Decision,
	type DecisionRecord,
	decide,
	type JobRef,
	type JobRequest,
	type ListingId,
	type MarketSnapshot,
	type RoutingPolicy,
	recordToBytes,
	snapshotToBytes,
	listingId as toListingId,
	zeroGRoot,
} from '@necto/core';
import { keccak256 } from 'viem';
import type { ChainJob } from '../chain/jobs.ts';
import type { Routing, StoredFile } from '../journal/jobs.ts';
import type { Agreement } from './agreement.ts';

/**
 * A decision that could not be sent for so long is made anew: the router answers with its bond for the market as it is when it routes, and a challenge
 * gives it ten minutes between the two (`Challenge.DECISION_TIME`). The other half is left for the transaction.
 */
const DECISION_LASTS_SECONDS = 300;

/** Snapshots shared by several decisions are turned into bytes once. */
const snapshotFiles = new WeakMap<MarketSnapshot, StoredFile>();

export interface Made {
	decision: Decision;
	snapshot: StoredFile;
	/** Null when nothing serves the job: there is nothing to publish then. */
	route: { record: StoredFile; routing: Routing } | null;
}

export function fileOf(bytes: Uint8Array): StoredFile {
	return { root: zeroGRoot(bytes), hash: keccak256(bytes), bytes };
}

function snapshotFile(snapshot: MarketSnapshot): StoredFile {
	const known = snapshotFiles.get(snapshot);
	if (known !== undefined) return known;
	const file = fileOf(snapshotToBytes(snapshot));
	snapshotFiles.set(snapshot, file);
	return file;
}

export function makeDecision(parts: {
	job: JobRef;
	request: JobRequest;
	snapshot: MarketSnapshot;
	policy: RoutingPolicy;
	admitted: readonly ListingId[];
	passedOver: readonly ListingId[];
}): Made {
	const { job, request, snapshot, policy } = parts;
	const decision = decide(parts);
	const file = snapshotFile(snapshot);
	const { chosen } = decision;
	if (chosen === null) return { decision, snapshot: file, route: null };
	const record = fileOf(
		recordToBytes(
			buildRecord({
				decision,
				job,
				request,
				snapshotRef: { root: file.root, hash: file.hash, bytes: file.bytes.length },
				takenAt: snapshot.takenAt,
				policy,
			}),
		),
	);
	return {
		decision,
		snapshot: file,
		route: {
			record,
			routing: {
				listing: chosen.listing,
				listingVersion: chosen.listingVersion,
				pricePerGpuHour: chosen.pricePerGpuHour,
				candidatesRoot: decision.candidatesRoot,
				recordRoot: record.root,
				recordHash: record.hash,
			},
		},
	};
}

/**
 * Why a decision that was not sent yet has to be made anew; null while it holds.
 *
 * @param now unix seconds
 */
export function whyOutdated(record: DecisionRecord, passedOver: readonly ListingId[], now: number): string | null {
	if (now - record.takenAt > DECISION_LASTS_SECONDS) {
		return 'The decision waited too long before it could be sent; deciding again';
	}
	// The chain says who did not take the job, and whoever verifies the record compares.
	const isSame =
		record.passedOver.length === passedOver.length && record.passedOver.every((id) => passedOver.includes(id));
	return isSame ? null : 'Meanwhile the chain names other listings that did not take the job; deciding again';
}

/** Listings that a decision of now passes over: those that did not take the job, and the one that has it and did not start it. */
export function passedOverBy({ refusals, terms }: Agreement, onChain: ChainJob): ListingId[] {
	const unstarted = onChain.status === 'routed' ? [terms.listing] : [];
	return [...new Set([...refusals, ...unstarted])].map(toListingId);
}
