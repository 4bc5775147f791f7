/** One decision, from the market to the bytes that will be published. No I/O: what goes in decides what comes out. */
import {
	buildRecord,
	type Decision,
	decide,
	type JobRef,
	type JobRequest,
	type ListingId,
	type MarketSnapshot,
	type RoutingPolicy,
	recordToBytes,
	snapshotToBytes,
	zeroGRoot,
} from '@necto/core';
import { keccak256 } from 'viem';
import type { Routing, StoredFile } from '../journal/jobs.ts';

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
