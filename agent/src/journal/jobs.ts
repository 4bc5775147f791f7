/**
 * The durable half of the agent: what it knows about each job beside the chain. Every change names the revision it was computed from,
 * so that two agents, or an agent and its own past, never overwrite each other.
 */
import type { ReopenReason } from '@necto/contracts';
import type { Pool, PoolClient } from 'pg';
import type { Address, Hex } from 'viem';
import { z } from 'zod';
import { appendActivity, type NewActivity } from './activity.ts';
import { changeSchema, type JobChange, type StoredChange } from './changes.ts';
import { transaction } from './database.ts';

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
	 * Takes in what blocks hold and moves the cursor, all or nothing. Jobs that are known stay as they are, unless the chain turned and asks for them
	 * otherwise now: then they begin anew. A job that lost its place begins anew, too.
	 *
	 * @param happened changes of jobs' terms in the blocks from `from` on, in their order
	 */
	async observe(
		jobs: readonly ObservedJob[],
		cursor: Cursor,
		happened: { from: bigint; changes: readonly JobChange[] } = { from: cursor.block + 1n, changes: [] },
	): Promise<bigint[]> {
		return transaction(this.pool, async (client) => {
			const fresh: bigint[] = [];
			for (const job of jobs) {
				const { rowCount } = await client.query(
					`INSERT INTO agent.job AS held (deployment, id, requester, request, requested_block, requested_at, locked, parent)
					VALUES ($1, $2, $3, $4, $5, coalesce((SELECT requested_at FROM agent.job WHERE deployment = $1 AND id = $8), $6), $7, $8)
					ON CONFLICT (deployment, id) DO UPDATE SET requester = excluded.requester, request = excluded.request,
						requested_block = excluded.requested_block, requested_at = excluded.requested_at, locked = excluded.locked,
						parent = excluded.parent, state = 'observed', routing = NULL, reason = NULL, revision = held.revision + 1, next_at = now()
					WHERE (held.requester, held.request, held.requested_at, held.locked, held.parent)
						IS DISTINCT FROM (excluded.requester, excluded.request, excluded.requested_at, excluded.locked, excluded.parent)`,
					[
						this.deployment,
						job.id,
						job.requester,
						JSON.stringify(job.request),
						job.block,
						job.requestedAt,
						job.locked,
						job.parent,
					],
				);
				if (rowCount === 1) fresh.push(job.id);
			}
			const reopened = await this.#takeChanges(client, happened);
			await client.query(
				`INSERT INTO agent.cursor VALUES ($1, $2, $3)
				ON CONFLICT (deployment) DO UPDATE SET block = excluded.block, block_hash = excluded.block_hash`,
				[this.deployment, cursor.block, cursor.hash],
			);
			const known = new Map(jobs.map((job) => [job.id, job]));
			await appendActivity(
				client,
				this.deployment,
				fresh.map((id) => ({
					jobId: id,
					step: 'observed',
					title: `Job ${id} was requested on chain`,
					data: { block: known.get(id)?.block ?? null },
				})),
			);
			return [...fresh, ...reopened];
		});
	}

	/** Keeps what happened to terms. Gives the jobs that have no place any more. */
	async #takeChanges(
		client: PoolClient,
		{ from, changes }: { from: bigint; changes: readonly JobChange[] },
	): Promise<bigint[]> {
		// What is known of these blocks may be of a chain that turned since.
		await client.query('DELETE FROM agent.change WHERE deployment = $1 AND block >= $2', [this.deployment, from]);
		const places = new Map<bigint, JobChange>();
		for (const each of changes) {
			await client.query('INSERT INTO agent.change VALUES ($1, $2, $3, $4, $5)', [
				this.deployment,
				each.block,
				each.logIndex,
				each.jobId,
				toJson(each.change),
			]);
			if (each.change.kind !== 'extended') places.set(each.jobId, each);
		}
		const reopened: bigint[] = [];
		for (const [id, { change }] of places) {
			if (change.kind !== 'reopened') continue;
			reopened.push(id);
			// The revision moves in every state: whoever is about to write that the job is routed has to look again.
			await client.query(
				`UPDATE agent.job SET revision = revision + 1, updated_at = now(), next_at = now(),
					state = CASE WHEN state IN ('routed', 'superseded', 'waiting') THEN 'observed' ELSE state END,
					routing = CASE WHEN state IN ('routed', 'superseded', 'waiting') THEN NULL ELSE routing END
				WHERE deployment = $1 AND id = $2`,
				[this.deployment, id],
			);
			const title = REOPENED[change.reason];
			const data = { listing: change.listing, reason: change.reason };
			await appendActivity(client, this.deployment, [{ jobId: id, step: 'reopened', title, data }]);
		}
		return reopened;
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

	/** A job that was routed and not started in time is decided again. Says whether this call did it. */
	async reopen(id: bigint, reason: string): Promise<boolean> {
		const { rowCount } = await this.pool.query(
			`UPDATE agent.job SET state = 'observed', reason = $3, routing = NULL, failures = 0, next_at = now(),
				revision = revision + 1, updated_at = now()
			WHERE deployment = $1 AND id = $2 AND state IN ('routed', 'superseded')`,
			[this.deployment, id, reason],
		);
		return rowCount === 1;
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

	/** Ends the agent's work on a job. */
	async finished(
		job: JournalJob,
		state: 'routed' | 'superseded' | 'dead' | 'split',
		reason: string | null,
	): Promise<JournalJob> {
		return this.#change(this.pool, job, 'state = $4, reason = $5, failures = 0', [state, reason]);
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

const REOPENED: Readonly<Record<ReopenReason, string>> = {
	declined: 'The provider declined the job; looking for another place',
	'not-started': 'The provider did not start the job in time',
	overturned: 'The decision was proved wrong and overturned; deciding again',
};

/** JSON with big numbers as decimal strings. */
function toJson(value: object): string {
	return JSON.stringify(value, (_, inner: unknown) => (typeof inner === 'bigint' ? inner.toString() : inner));
}

async function storeFile(client: PoolClient, kind: 'snapshot' | 'record', file: StoredFile): Promise<void> {
	await client.query(
		'INSERT INTO agent.file (root, hash, kind, bytes) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING',
		[file.root, file.hash, kind, Buffer.from(file.bytes)],
	);
}
