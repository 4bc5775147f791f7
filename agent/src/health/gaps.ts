/** Jobs that the chain has and the journal lacks. */
import { jobRegistryAbi } from '@necto/contracts';
import type { Pool } from 'pg';
import type { Address } from 'viem';
import type { ChainClient } from '../chain/clients.ts';

/** Named in the message at most. */
const NAMED = 5;

export interface Gaps {
	/** Jobs that are missing. */
	count: number;
	/** The first of them. */
	first: bigint[];
}

/**
 * Compares the chain's number of jobs with the journal's rows: ids are given without gaps, so each of them has to be there.
 *
 * @param block the last block that was looked through: jobs after it cannot be in the journal yet
 */
export async function findGaps(
	client: ChainClient,
	registry: Address,
	pool: Pool,
	deployment: string,
	block: bigint,
): Promise<Gaps> {
	const jobs = await client.readContract({
		address: registry,
		abi: jobRegistryAbi,
		functionName: 'jobCount',
		blockNumber: block,
	});
	const known = await pool.query<{ count: string }>(
		'SELECT count(*) FROM agent.job WHERE deployment = $1 AND id <= $2',
		[deployment, jobs.toString()],
	);
	const count = Number(jobs) - Number(known.rows[0]?.count ?? 0);
	if (count <= 0) return { count: 0, first: [] };
	const missing = await pool.query<{ id: string }>(
		`SELECT id FROM generate_series(1::bigint, $2::bigint) AS id
		WHERE NOT EXISTS (SELECT FROM agent.job WHERE deployment = $1 AND job.id = id.id) ORDER BY id LIMIT ${NAMED}`,
		[deployment, jobs.toString()],
	);
	return { count, first: missing.rows.map(({ id }) => BigInt(id)) };
}

/** What is wrong, or null when no job is missing. */
export function gapsAdvice({ count, first }: Gaps): string | null {
	if (count === 0) return null;
	const names = `${first.join(', ')}${count > first.length ? ', …' : ''}`;
	return `${count} ${count === 1 ? 'job is' : 'jobs are'} on the chain and not in the journal (${names}): ADI_RPC_URL did not give all events. They are looked for again; if this stays, use another RPC.`;
}
