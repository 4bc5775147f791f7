/** Writes the chain's events to the journal: jobs, and changes of their terms. Each function runs inside the caller's database transaction. */
import type { ReopenReason } from '@necto/contracts';
import type { PoolClient } from 'pg';
import { appendActivity } from './activity.ts';
import type { JobChange } from './changes.ts';
import type { ObservedJob } from './jobs.ts';
import { toJson } from './json.ts';

const FIELDS = 'requester, request, requested_at, locked, parent';
const MENTIONED = FIELDS.split(', ');
const named = (row: string) => `(${MENTIONED.map((field) => `${row}.${field}`).join(', ')})`;

const KNOWN_STAYS = 'ON CONFLICT (deployment, id) DO NOTHING';
/** After a reorganisation a job may have another request: then it starts from the beginning. */
const OTHER_BEGINS_ANEW = `ON CONFLICT (deployment, id) DO UPDATE SET requester = excluded.requester, request = excluded.request,
		requested_block = excluded.requested_block, requested_at = excluded.requested_at, locked = excluded.locked,
		parent = excluded.parent, state = 'observed', routing = NULL, reason = NULL, revision = held.revision + 1, next_at = now()
	WHERE ${named('held')} IS DISTINCT FROM ${named('excluded')}`;

/**
 * Stores jobs. A part gets the request time of the job that it is a part of.
 *
 * @param confirmed whether known jobs are updated as well
 * @returns the ids of jobs that are new, or whose request changed
 */
export async function writeJobs(
	client: PoolClient,
	deployment: string,
	jobs: readonly ObservedJob[],
	confirmed: boolean,
): Promise<bigint[]> {
	const fresh: bigint[] = [];
	for (const job of jobs) {
		const { rowCount } = await client.query(
			`INSERT INTO agent.job AS held (deployment, id, requested_block, ${FIELDS})
			VALUES ($1, $2, $3, $4, $5, coalesce((SELECT requested_at FROM agent.job WHERE deployment = $1 AND id = $8), $6), $7, $8)
			${confirmed ? OTHER_BEGINS_ANEW : KNOWN_STAYS}`,
			[deployment, job.id, job.block, job.requester, toJson(job.request), job.requestedAt, job.locked, job.parent],
		);
		if (rowCount === 1) fresh.push(job.id);
	}
	const known = new Map(jobs.map((job) => [job.id, job]));
	await appendActivity(
		client,
		deployment,
		fresh.map((id) => ({
			jobId: id,
			step: 'observed',
			title: `Job ${id} was requested on chain`,
			data: { block: known.get(id)?.block ?? null },
		})),
	);
	return fresh;
}

/** Deletes the stored changes of a range of blocks that are not among the given ones. */
export async function dropOtherChanges(
	client: PoolClient,
	deployment: string,
	{ from, to }: { from: bigint; to: bigint },
	held: readonly JobChange[],
): Promise<void> {
	await client.query(
		`DELETE FROM agent.change WHERE deployment = $1 AND block BETWEEN $2 AND $3
			AND (block, log_index) NOT IN (SELECT * FROM unnest($4::bigint[], $5::integer[]))`,
		[deployment, from, to, held.map(({ block }) => block), held.map(({ logIndex }) => logIndex)],
	);
}

/**
 * Stores changes of terms. A job whose newest change is a reopening starts from the beginning.
 *
 * @returns the ids of those jobs
 */
export async function writeChanges(
	client: PoolClient,
	deployment: string,
	changes: readonly JobChange[],
): Promise<bigint[]> {
	const lost: JobChange[] = [];
	for (const each of changes) {
		const { rowCount } = await client.query(
			`INSERT INTO agent.change AS held (deployment, block, log_index, job, change) VALUES ($1, $2, $3, $4, $5)
			ON CONFLICT (deployment, block, log_index) DO UPDATE SET job = excluded.job, change = excluded.change
			WHERE (held.job, held.change) IS DISTINCT FROM (excluded.job, excluded.change)`,
			[deployment, each.block, each.logIndex, each.jobId, toJson(each.change)],
		);
		if (rowCount === 1 && each.change.kind === 'reopened') lost.push(each);
	}
	const reopened: bigint[] = [];
	for (const { jobId, block, logIndex, change } of lost) {
		if (change.kind !== 'reopened') continue;
		const { rowCount: later } = await client.query(
			`SELECT 1 FROM agent.change WHERE deployment = $1 AND job = $2 AND (block, log_index) > ($3, $4)
				AND change ->> 'kind' <> 'extended' LIMIT 1`,
			[deployment, jobId, block, logIndex],
		);
		if (later === 1) continue;
		reopened.push(jobId);
		await beginAnew(client, deployment, jobId, change);
	}
	return reopened;
}

async function beginAnew(
	client: PoolClient,
	deployment: string,
	jobId: bigint,
	{ listing, reason }: { listing: number; reason: ReopenReason },
): Promise<void> {
	// The revision changes in every state, so that a concurrent write of `routed` fails and reads the job again.
	await client.query(
		`UPDATE agent.job SET revision = revision + 1, updated_at = now(), next_at = now(),
			state = CASE WHEN state IN ('routed', 'superseded', 'waiting') THEN 'observed' ELSE state END,
			routing = CASE WHEN state IN ('routed', 'superseded', 'waiting') THEN NULL ELSE routing END
		WHERE deployment = $1 AND id = $2`,
		[deployment, jobId],
	);
	await appendActivity(client, deployment, [
		{ jobId, step: 'reopened', title: REOPENED[reason], data: { listing, reason } },
	]);
}

const REOPENED: Readonly<Record<ReopenReason, string>> = {
	declined: 'The provider declined the job; looking for another listing',
	'not-started': 'The provider did not start the job in time; looking for another listing',
	overturned: 'A challenge overturned the decision; deciding again',
};
