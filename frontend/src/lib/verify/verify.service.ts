/** Verifies a routing decision in this browser: the files by their roots, the facts from the chain, the arithmetic by core. */
import {
	address,
	type ChainFacts as CoreFacts,
	recordFromBytes,
	requestFromChain,
	type Verification,
	verify,
} from '@necto/core';
import type { Hex } from 'viem';
import { Problem } from '#lib/problem.ts';
import { type FactsQuery, readChainFacts } from './chain-facts.ts';
import { type FetchedBytes, fetchByRoot } from './fetch-bytes.ts';

/** A verification and everything it was made from. */
export interface VerifiedDecision {
	readonly verification: Verification;
	readonly record: FetchedBytes;
	/** Null when the record does not name a snapshot, or nobody serves it: its checks are then not run. */
	readonly snapshot: FetchedBytes | null;
	/** Why there is no snapshot. */
	readonly snapshotProblem: string | null;
	readonly chain: CoreFacts;
}

/**
 * Verifies the decision of a routed job.
 *
 * @param file a record from the person's own disk to check instead of the published one
 * @throws Problem when the chain does not answer, the job is not routed, or nobody serves the record
 */
export async function verifyDecision(query: FactsQuery, file: Uint8Array | null = null): Promise<VerifiedDecision> {
	const chain = await chainFacts(query);
	const record: FetchedBytes =
		file === null ? await fetchByRoot(chain.routing.recordRoot) : { bytes: file, source: 'file', notes: [] };
	const { snapshot, snapshotProblem } = await fetchSnapshot(record.bytes);
	const verification = verify({ recordBytes: record.bytes, snapshotBytes: snapshot?.bytes ?? null, chain });
	return { verification, record, snapshot, snapshotProblem, chain };
}

async function chainFacts(query: FactsQuery): Promise<CoreFacts> {
	const { routed, request, requester, ...facts } = await readChainFacts(query);
	if (routed === null) {
		throw new Problem({
			code: 'not_routed',
			message: 'This job has no place, so there is no decision in force to verify.',
			suggestion: 'Wait until the agent has chosen.',
		});
	}
	const read = requestFromChain(request);
	const { routing, terms, refusals } = routed;
	return {
		...facts,
		// viem gives addresses with their checksum's capitals, records hold lower case.
		registry: address(facts.registry),
		requester: address(requester),
		request: read,
		tracked: read.tracked,
		routing: { ...routing, provider: address(routing.provider) },
		terms,
		refusals,
	};
}

async function fetchSnapshot(
	recordBytes: Uint8Array,
): Promise<{ snapshot: FetchedBytes | null; snapshotProblem: string | null }> {
	let root: Hex;
	try {
		root = recordFromBytes(recordBytes).snapshot.root;
	} catch {
		return { snapshot: null, snapshotProblem: 'The record cannot be read, so it names no market snapshot.' };
	}
	try {
		return { snapshot: await fetchByRoot(root), snapshotProblem: null };
	} catch (error) {
		return { snapshot: null, snapshotProblem: error instanceof Error ? error.message : String(error) };
	}
}
