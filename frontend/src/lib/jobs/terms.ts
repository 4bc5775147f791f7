/**
 * What was agreed for a job, to be brought along to every call that acts on it: the chain keeps only its hash. Built here and nowhere else, from the
 * indexer's row, and held against that hash before a wallet is asked for anything.
 */
import { jobRegistryAbi, readRequester } from '@necto/contracts';
import { hashTerms, NOT_ROUTED, type Terms } from '@necto/core';
import type { Address, Hex, PublicClient } from 'viem';
import { Problem } from '#lib/problem.ts';
import type { Runtime } from '#lib/runtime.ts';
import type { JobRow } from './rows.ts';

/** The columns that terms are made of. */
export type TermsRow = Pick<
	JobRow,
	| 'id'
	| 'parent'
	| 'tracked'
	| 'requester'
	| 'team'
	| 'requestedAt'
	| 'routeDeadline'
	| 'gpuCount'
	| 'duration'
	| 'locked'
	| 'requestHash'
	| 'provider'
	| 'listingId'
	| 'pricePerGpuHour'
	| 'fee'
	| 'router'
	| 'routedAt'
	| 'commitment'
>;

/** The terms of a row, with this requester. */
export function termsOf(row: TermsRow, requester: Address): Terms {
	return {
		requester,
		team: row.team,
		requestedAt: row.requestedAt,
		routeDeadline: row.routeDeadline,
		gpuCount: row.gpuCount,
		duration: row.duration,
		locked: row.locked,
		requestHash: row.requestHash,
		provider: row.provider ?? NOT_ROUTED.provider,
		listing: row.listingId ?? NOT_ROUTED.listing,
		pricePerGpuHour: row.pricePerGpuHour ?? NOT_ROUTED.pricePerGpuHour,
		fee: row.fee ?? NOT_ROUTED.fee,
		router: row.router ?? NOT_ROUTED.router,
		routedAt: row.routedAt ?? NOT_ROUTED.routedAt,
		commitment: row.commitment ?? NOT_ROUTED.commitment,
	};
}

/** Whether these are the terms of the row's job if this person asked for it. An untracked job's buyer is recognised by nothing else. */
export function isRequesterBy(row: TermsRow, person: Address, termsHash: Hex): boolean {
	return hashTerms(termsOf(row, person)) === termsHash.toLowerCase();
}

export type ChainReader = Pick<PublicClient, 'readContract' | 'getContractEvents'>;
type Deployment = Runtime['deployment'];

/** The hash that the chain keeps of a job's terms. */
export async function readTermsHash(client: ChainReader, { jobRegistry }: Deployment, jobId: bigint): Promise<Hex> {
	const stored = await client.readContract({
		address: jobRegistry,
		abi: jobRegistryAbi,
		functionName: 'getJob',
		args: [jobId],
	});
	return stored.termsHash;
}

/** How often, and how long apart, the indexer is asked again when the chain is ahead of it. */
const TRIES = 6;
const PAUSE_MS = 400;

/**
 * The terms of a job as they stand on chain now.
 *
 * @param row as the page has it; when the chain is ahead of it, `again` gives newer ones for some seconds
 * @param viewer the connected person: whoever acts on an untracked job of their own needs nobody else's word
 * @throws Problem `terms_behind` when row and chain do not meet
 */
export async function readTerms(
	client: ChainReader,
	deployment: Deployment,
	row: TermsRow,
	viewer: Address | null,
	again: () => Promise<TermsRow | null>,
): Promise<Terms> {
	let newest = row;
	for (let tries = 1; ; tries += 1) {
		const termsHash = await readTermsHash(client, deployment, newest.id);
		const requester = await requesterOf(client, deployment, newest, viewer, termsHash);
		if (isRequesterBy(newest, requester, termsHash)) return termsOf(newest, requester);
		if (tries === TRIES) {
			throw new Problem({
				code: 'terms_behind',
				message: `What this page knows of job ${row.id} is not what the chain knows now.`,
				suggestion: 'The indexer is behind: wait until the page shows the new state, then try again.',
			});
		}
		await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
		newest = (await again()) ?? newest;
	}
}

/** An untracked job's requester is read from its lock, for this one call; it is kept and shown nowhere. */
async function requesterOf(
	client: ChainReader,
	deployment: Deployment,
	row: TermsRow,
	viewer: Address | null,
	termsHash: Hex,
): Promise<Address> {
	if (row.requester !== null) return row.requester;
	if (viewer !== null && isRequesterBy(row, viewer, termsHash)) return viewer;
	// The lock of a part is the lock of the job that was split.
	return readRequester(client, deployment, row.parent ?? row.id);
}
