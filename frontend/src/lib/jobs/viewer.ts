/** Whose job it is, asked of the chain about the connected account alone. */
import { providerRegistryAbi } from '@necto/contracts';
import type { Address, PublicClient } from 'viem';
import type { Runtime } from '#lib/runtime.ts';
import { isRequesterBy, readTermsHash, type TermsRow } from './terms.ts';

/** Jobs that were found to be an account's own in this visit: nobody stops being who asked, but the indexer may lag behind the chain. */
const own = new Set<string>();

/** Whether this person asked for the job. */
export async function isOwnJob(
	client: PublicClient,
	{ deployment }: Runtime,
	job: TermsRow,
	person: Address,
): Promise<boolean> {
	if (job.requester !== null) return job.requester.toLowerCase() === person.toLowerCase();
	const key = `${job.id} ${person}`;
	if (!own.has(key) && isRequesterBy(job, person, await readTermsHash(client, deployment, job.id))) own.add(key);
	return own.has(key);
}

/** Whether this person owns the listing's provider or is one of its delegates. */
export async function mayOperateListing(
	client: PublicClient,
	{ deployment }: Runtime,
	listing: number | null,
	person: Address,
): Promise<boolean> {
	if (listing === null) return false;
	return client.readContract({
		address: deployment.providerRegistry,
		abi: providerRegistryAbi,
		functionName: 'mayOperate',
		args: [listing, person],
	});
}
