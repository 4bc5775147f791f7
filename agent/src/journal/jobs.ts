/**
 * The durable half of the agent: what it knows about each job beside the chain. Every change names the revision it was computed from,
 * so that two agents, or an agent and its own past, never overwrite each other.
 */
import type { Pool, PoolClient } from 'pg';
import type { Address, Hex } from 'viem';
import { z } from 'zod';
import { appendActivity, type NewActivity } from './activity.ts';
import { changeSchema, type JobChange, type StoredChange } from './changes.ts';
import { transaction } from './database.ts';
import { dropOtherChanges, writeChanges, writeJobs } from './events.ts';
import { toJson } from './json.ts';

export const JOB_STATES = [
	'observed',
	'decided',
	'uploaded',
	'submitted',
	'routed',
	'superseded',
	'waiting',
	'dead',
	'split',
] as const;
export type JobState = (typeof JOB_STATES)[number];

const hex = z.custom<Hex>((value) => typeof value === 'string' && /^0x[0-9a-f]*$/i.test(value));
const decimal = z.string().regex(/^\d+$/).transform(BigInt);

/** The choice as `route` takes it; amounts as decimal strings in the database. */
const routingSchema = z.object({
	listing: z.int(),
	listingVersion: z.int(),
	pricePerGpuHour: decimal,
	candidatesRoot: hex,
	recordRoot: hex,
	recordHash: hex,
});
export type Routing = z.infer<typeof routingSchema>;

const nullableHex = hex.nullable();
const rowSchema = z
	.object({
		id: decimal,
		state: z.enum(JOB_STATES),
		reason: z.string().nullable(),
		requester: z.custom<Address>((value) => value === null || /^0x[0-9a-f]{40}$/i.test(String(value))).nullable(),
		request: z.record(z.string(), z.unknown()),
		requested_block: decimal,
		requested_at: z.coerce.number().int(),
		locked: decimal,
		parent: decimal.nullable(),
		decisions: z.int(),
		snapshot_root: nullableHex,
		snapshot_hash: nullableHex,
		record_root: nullableHex,
		record_hash: nullableHex,
		routing: routingSchema.nullable(),
		failures: z.int(),
		revision: z.int(),
	})
	.transform((row) => ({
		id: row.id,
		state: row.state,
		reason: row.reason,
		requester: row.requester,
		request: row.request,
		requestedBlock: row.requested_block,
		requestedAt: row.requested_at,
		locked: row.locked,
		parent: row.parent,
		decisions: row.decisions,
		snapshot: pair(row.snapshot_root, row.snapshot_hash),
		record: pair(row.record_root, row.record_hash),
		routing: row.routing,
		failures: row.failures,
		revision: row.revision,
	}));

/** A job as the journal holds it. `request` is the chain's struct with big numbers as decimal strings. */
export type JournalJob = z.output<typeof rowSchema>;

function pair(root: Hex | null, hash: Hex | null): FileRef | null {
	return root === null || hash === null ? null : { root, hash };
}

export interface FileRef {
	root: Hex;
	hash: Hex;
}

export interface StoredFile extends FileRef {
	bytes: Uint8Array;
}

export interface ObservedJob {
	id: bigint;
	/** Null for an untracked job. */
	requester: Address | null;
	request: Record<string, unknown>;
	block: bigint;
	/** The block's time, unix seconds. Of a part it is the whole's that counts, which the journal knows. */
	requestedAt: number;
	/** Micro-USDC. */
	locked: bigint;
	/** The job that it is a part of. */
	parent: bigint | null;
}

export interface Cursor {
	block: bigint;
	hash: Hex;
}

/** Somebody else changed the job's row in between: look at it anew. */
export class StaleJobError extends Error {
	override name = 'StaleJobError';
	constructor(id: bigint) {
		super(`Job ${id} was changed by another agent.`);
	}
}

const COLUMNS =
	'id, state, reason, requester, request, requested_block, requested_at, locked, parent, decisions, snapshot_root, snapshot_hash, record_root, record_hash, routing, failures, revision';
/** Blocks of this age are not expected to be replaced any more. */
const CONFIRM_SECONDS = 60;
const ACTIVE = "('observed', 'decided', 'uploaded', 'submitted', 'waiting')";

export class Journal {
	readonly pool: Pool;
	/** Names the chain and the contracts: one database may serve several. */
	readonly deployment: string;

	constructor(pool: Pool, deployment: string) {
		this.pool = pool;
		this.deployment = deployment;
	}

	async cursor(): Promise<Cursor | null> {
		const { rows } = await this.pool.query<{ block: string; block_hash: string }>(
			'SELECT block, block_hash FROM agent.cursor WHERE deployment = $1',
			[this.deployment],
		);
		const row = rows[0];
		return row === undefined ? null : { block: BigInt(row.block), hash: hex.parse(row.block_hash) };
	}

	/**
	 * Takes in what confirmed blocks hold and moves the cursor, all or nothing. Jobs that are known stay as they are, unless the chain turned and asks for
	 * them otherwise now: then they begin anew. A job that lost its place begins anew, too. Changes of these blocks that are not given are forgotten.
	 *
	 * @param cursor the last of the blocks
	 * @param happened changes of jobs' terms in the blocks from `from` to the cursor
	 * @returns the ids of jobs that are new, or begin anew
	 */
	async observe(
		jobs: readonly ObservedJob[],
		cursor: Cursor,
		happened: { from: bigint; changes: readonly JobChange[] } = { from: cursor.block + 1n, changes: [] },
	): Promise<bigint[]> {
		return transaction(this.pool, async (client) => {
			const fresh = await writeJobs(client, this.deployment, jobs, true);
			const blocks = { from: happened.from, to: cursor.block };
			await dropOtherChanges(client, this.deployment, blocks, happened.changes);
			const reopened = await writeChanges(client, this.deployment, happened.changes);
			await this.#moveCursor(client, cursor);
			return [...fresh, ...reopened];
		});
	}

	/**
	 * Takes in what was seen in blocks that nothing has confirmed to be read as a whole: known jobs stay as they are, nothing is forgotten, the cursor
	 * stays where it is.
	 *
	 * @returns the ids of jobs that are new, or begin anew
	 */
	async add(jobs: readonly ObservedJob[], changes: readonly JobChange[]): Promise<bigint[]> {
		return transaction(this.pool, async (client) => {
			const fresh = await writeJobs(client, this.deployment, jobs, false);
			return [...fresh, ...(await writeChanges(client, this.deployment, changes))];
		});
	}

	/**
	 * The chain turned: forgets what happened to terms after a block, and goes on from there; from the start without one. What was routed, split or given up
	 * after that block may not be so any more, and is looked at anew.
	 */
	async turnBack(cursor: Cursor | null): Promise<void> {
		await transaction(this.pool, async (client) => {
			const after = [this.deployment, cursor?.block ?? -1n];
			await client.query(
				`UPDATE agent.job SET state = 'observed', routing = NULL, next_at = now(), revision = revision + 1, updated_at = now()
				WHERE deployment = $1 AND state IN ('routed', 'superseded', 'dead', 'split') AND (requested_block > $2
					OR id IN (SELECT job FROM agent.change WHERE deployment = $1 AND block > $2)
					OR id IN (SELECT parent FROM agent.job WHERE deployment = $1 AND requested_block > $2))`,
				after,
			);
			await client.query('DELETE FROM agent.change WHERE deployment = $1 AND block > $2', after);
			if (cursor !== null) await this.#moveCursor(client, cursor);
			else await client.query('DELETE FROM agent.cursor WHERE deployment = $1', [this.deployment]);
		});
	}

	/** Sets a job and all changes of its terms right: the hash on chain has confirmed them as a whole. */
	async correct(job: ObservedJob, changes: readonly JobChange[]): Promise<void> {
		await transaction(this.pool, async (client) => {
			await writeJobs(client, this.deployment, [job], true);
			await client.query(
				`DELETE FROM agent.change WHERE deployment = $1 AND job = $2
					AND (block, log_index) NOT IN (SELECT * FROM unnest($3::bigint[], $4::integer[]))`,
				[this.deployment, job.id, changes.map(({ block }) => block), changes.map(({ logIndex }) => logIndex)],
			);
			await writeChanges(client, this.deployment, changes);
		});
	}

	/** Ids above `from` up to `to` that are not in the journal, at most `limit`, lowest first. */
	async missing(from: bigint, to: bigint, limit: number): Promise<bigint[]> {
		const { rows } = await this.pool.query<{ id: string }>(
			`SELECT series.id FROM generate_series($2::numeric + 1, $3::numeric) AS series (id)
			WHERE NOT EXISTS (SELECT 1 FROM agent.job WHERE deployment = $1 AND job.id = series.id) ORDER BY id LIMIT $4`,
			[this.deployment, from, to, limit],
		);
		return rows.map(({ id }) => BigInt(id));
	}

	/** The blocks between which a job was requested, as ids grow with blocks; null where no job before or after it is known. */
	async around(id: bigint): Promise<{ from: bigint | null; to: bigint | null }> {
		const { rows } = await this.pool.query<{ before: string | null; after: string | null }>(
			`SELECT (SELECT max(requested_block) FROM agent.job WHERE deployment = $1 AND id < $2) AS before,
				(SELECT min(requested_block) FROM agent.job WHERE deployment = $1 AND id > $2) AS after`,
			[this.deployment, id],
		);
		const block = (text: string | null | undefined) => (text == null ? null : BigInt(text));
		return { from: block(rows[0]?.before), to: block(rows[0]?.after) };
	}

	async #moveCursor(client: PoolClient, { block, hash }: Cursor): Promise<void> {
		await client.query(
			`INSERT INTO agent.cursor VALUES ($1, $2, $3)
			ON CONFLICT (deployment) DO UPDATE SET block = excluded.block, block_hash = excluded.block_hash`,
			[this.deployment, block, hash],
		);
	}

	/** What happened to a job's terms since it was requested, oldest first. */
	async changes(id: bigint): Promise<StoredChange[]> {
		const { rows } = await this.pool.query<{ change: unknown }>(
			'SELECT change FROM agent.change WHERE deployment = $1 AND job = $2 ORDER BY block, log_index',
			[this.deployment, id],
		);
		return rows.map(({ change }) => changeSchema.parse(change));
	}

	/** Whether an earlier part of the same split job is still on its way: the plan holds if they choose one after the other. */
	async hasEarlierPart(job: JournalJob): Promise<boolean> {
		const { rowCount } = await this.pool.query(
			`SELECT 1 FROM agent.job WHERE deployment = $1 AND parent = $2 AND id < $3
				AND state IN ('observed', 'decided', 'uploaded', 'submitted') LIMIT 1`,
			[this.deployment, job.parent, job.id],
		);
		return rowCount === 1;
	}

	/** A finished job is open on chain again: it is decided anew. Says whether this call did it. */
	async reopen(id: bigint, reason: string, from: readonly JobState[] = ['routed', 'superseded']): Promise<boolean> {
		const { rowCount } = await this.pool.query(
			`UPDATE agent.job SET state = 'observed', reason = $3, routing = NULL, failures = 0, next_at = now(),
				revision = revision + 1, updated_at = now()
			WHERE deployment = $1 AND id = $2 AND state = ANY ($4)`,
			[this.deployment, id, reason, from],
		);
		return rowCount === 1;
	}

	/** Jobs that are done with and whose end is to be looked at once more, the longest waiting first. */
	async unconfirmed(limit: number): Promise<bigint[]> {
		const { rows } = await this.pool.query<{ id: string }>(
			`SELECT id FROM agent.job WHERE deployment = $1 AND state NOT IN ${ACTIVE} AND next_at <= now() ORDER BY next_at, id LIMIT $2`,
			[this.deployment, limit],
		);
		return rows.map((row) => BigInt(row.id));
	}

	/** Jobs of these that are done with are to be looked at once more at once. Gives their ids. */
	async askAgain(ids: readonly bigint[]): Promise<bigint[]> {
		const { rows } = await this.pool.query<{ id: string }>(
			`UPDATE agent.job SET next_at = now() WHERE deployment = $1 AND id = ANY ($2::numeric[]) AND state NOT IN ${ACTIVE}
				AND state <> 'dead' AND next_at > now() + make_interval(secs => $3) RETURNING id`,
			[this.deployment, ids, CONFIRM_SECONDS],
		);
		return rows.map((row) => BigInt(row.id));
	}

	/**
	 * The end of a job has been looked at once more and stands.
	 *
	 * @param until unix seconds of the next look; null for never
	 */
	async confirmed(job: JournalJob, until: number | null): Promise<void> {
		await this.pool.query(
			`UPDATE agent.job SET next_at = coalesce(to_timestamp($4), 'infinity')
			WHERE deployment = $1 AND id = $2 AND revision = $3`,
			[this.deployment, job.id, job.revision, until],
		);
	}

	async get(id: bigint): Promise<JournalJob | null> {
		const { rows } = await this.pool.query(`SELECT ${COLUMNS} FROM agent.job WHERE deployment = $1 AND id = $2`, [
			this.deployment,
			id,
		]);
		return rows[0] === undefined ? null : rowSchema.parse(rows[0]);
	}

	/** Jobs that want attention now, the longest waiting first. */
	async due(limit: number): Promise<bigint[]> {
		const { rows } = await this.pool.query<{ id: string }>(
			`SELECT id FROM agent.job WHERE deployment = $1 AND state IN ${ACTIVE} AND next_at <= now() ORDER BY next_at, id LIMIT $2`,
			[this.deployment, limit],
		);
		return rows.map((row) => BigInt(row.id));
	}

	/** Makes all waiting jobs due: the market has moved. */
	async wakeWaiting(): Promise<number> {
		const { rowCount } = await this.pool.query(
			"UPDATE agent.job SET next_at = now() WHERE deployment = $1 AND state = 'waiting' AND next_at > now()",
			[this.deployment],
		);
		return rowCount ?? 0;
	}

	/** Stores a decision with all its bytes before anything of it leaves the house. */
	async decided(
		job: JournalJob,
		decision: { snapshot: StoredFile; record: StoredFile; routing: Routing },
	): Promise<JournalJob> {
		return transaction(this.pool, async (client) => {
			await storeFile(client, 'snapshot', decision.snapshot);
			await storeFile(client, 'record', decision.record);
			return this.#change(
				client,
				job,
				`state = 'decided', reason = NULL, decisions = decisions + 1, snapshot_root = $4, snapshot_hash = $5, record_root = $6,
				record_hash = $7, routing = $8`,
				[
					decision.snapshot.root,
					decision.snapshot.hash,
					decision.record.root,
					decision.record.hash,
					toJson(decision.routing),
				],
			);
		});
	}

	async uploaded(job: JournalJob): Promise<JournalJob> {
		return transaction(this.pool, async (client) => {
			for (const file of [job.snapshot, job.record]) {
				if (file === null) throw new Error(`Job ${job.id} has no decision that could have been uploaded.`);
				await client.query(
					'UPDATE agent.file SET uploaded_at = now() WHERE root = $1 AND hash = $2 AND uploaded_at IS NULL',
					[file.root, file.hash],
				);
			}
			return this.#change(client, job, "state = 'uploaded'", []);
		});
	}

	async submitted(job: JournalJob): Promise<JournalJob> {
		return this.#change(this.pool, job, "state = 'submitted', failures = 0", []);
	}

	/** Ends the agent's work on a job. Its end is looked at once more a little later, when the chain is not likely to turn any more. */
	async finished(
		job: JournalJob,
		state: 'routed' | 'superseded' | 'dead' | 'split',
		reason: string | null,
	): Promise<JournalJob> {
		const assignments = 'state = $4, reason = $5, failures = 0, next_at = now() + make_interval(secs => $6)';
		return this.#change(this.pool, job, assignments, [state, reason, CONFIRM_SECONDS]);
	}

	/** Nothing serves the job now: it waits, and is looked at again after `seconds` or when the market moves. */
	async waiting(job: JournalJob, reason: string, seconds: number): Promise<JournalJob> {
		return this.#change(
			this.pool,
			job,
			"state = 'waiting', reason = $4, failures = 0, routing = NULL, next_at = now() + make_interval(secs => $5)",
			[reason, seconds],
		);
	}

	/** The decision no longer fits: back to the start, at once. */
	async undecided(job: JournalJob, reason: string): Promise<JournalJob> {
		return this.#change(this.pool, job, "state = 'observed', reason = $4, routing = NULL, next_at = now()", [reason]);
	}

	/** An outside call failed: the state stays, another try comes after `seconds`. */
	async postponed(job: JournalJob, reason: string, seconds: number): Promise<JournalJob> {
		return this.#change(
			this.pool,
			job,
			'reason = $4, failures = failures + 1, next_at = now() + make_interval(secs => $5)',
			[reason, seconds],
		);
	}

	async file(ref: { root: Hex; hash?: Hex }): Promise<(StoredFile & { uploaded: boolean }) | null> {
		const { rows } = await this.pool.query<{ root: string; hash: string; bytes: Buffer; uploaded: boolean }>(
			`SELECT root, hash, bytes, uploaded_at IS NOT NULL AS uploaded FROM agent.file
			WHERE root = $1 AND ($2::text IS NULL OR hash = $2) ORDER BY created_at LIMIT 1`,
			[ref.root, ref.hash ?? null],
		);
		const row = rows[0];
		if (row === undefined) return null;
		return {
			root: hex.parse(row.root),
			hash: hex.parse(row.hash),
			bytes: new Uint8Array(row.bytes),
			uploaded: row.uploaded,
		};
	}

	/** How many jobs are in each state. */
	async counts(): Promise<Record<JobState, number>> {
		const { rows } = await this.pool.query<{ state: JobState; count: string }>(
			'SELECT state, count(*) FROM agent.job WHERE deployment = $1 GROUP BY state',
			[this.deployment],
		);
		const counts = new Map(rows.map((row) => [row.state, Number(row.count)]));
		// Object.fromEntries cannot know that every state is a key.
		return Object.fromEntries(JOB_STATES.map((state) => [state, counts.get(state) ?? 0])) as Record<JobState, number>;
	}

	append(...events: NewActivity[]): Promise<void> {
		return appendActivity(this.pool, this.deployment, events);
	}

	async #change(
		client: Pool | PoolClient,
		job: JournalJob,
		assignments: string,
		values: unknown[],
	): Promise<JournalJob> {
		const { rows } = await client.query(
			`UPDATE agent.job SET ${assignments}, revision = revision + 1, updated_at = now()
			WHERE deployment = $1 AND id = $2 AND revision = $3 RETURNING ${COLUMNS}`,
			[this.deployment, job.id, job.revision, ...values],
		);
		if (rows[0] === undefined) throw new StaleJobError(job.id);
		return rowSchema.parse(rows[0]);
	}
}

async function storeFile(client: PoolClient, kind: 'snapshot' | 'record', file: StoredFile): Promise<void> {
	await client.query(
		'INSERT INTO agent.file (root, hash, kind, bytes) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING',
		[file.root, file.hash, kind, Buffer.from(file.bytes)],
	);
}
