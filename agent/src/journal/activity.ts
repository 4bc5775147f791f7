/** The agent's activity: appended to the database, so that it survives a restart and is one stream for all agents that share it. */

import { type ActivityEvent, activityEventSchema } from '@necto/core';
import type { Pool, PoolClient } from 'pg';
import { Client } from 'pg';
import type { Logger } from '../logger.ts';
import { backoff, pause } from '../time.ts';
import type { Queryable } from './cancel.ts';

export interface NewActivity {
	jobId: bigint;
	step: ActivityEvent['step'];
	title: string;
	detail?: string;
	/** JSON; numbers that may be large as decimal strings. */
	data?: Record<string, unknown>;
	/** Milliseconds since 1970; now, unless given. */
	at?: number;
}

const CHANNEL = 'necto_agent_activity';

/**
 * Appends events, in their order. The lock makes ids visible in their order, so that a reader who resumes after id n misses nothing below it.
 */
export async function appendActivity(
	client: Pool | PoolClient,
	deployment: string,
	events: readonly NewActivity[],
): Promise<void> {
	if (events.length === 0) return;
	const rows = events.map((event, place) => ({
		place,
		job: event.jobId.toString(),
		at: event.at ?? Date.now(),
		step: event.step,
		title: event.title,
		detail: event.detail ?? null,
		data: event.data ?? {},
	}));
	await client.query(
		`WITH turn AS MATERIALIZED (SELECT pg_advisory_xact_lock(hashtextextended('necto:activity', 0))),
		added AS (
			INSERT INTO agent.activity (deployment, job, at, step, title, detail, data)
			SELECT $1, job, at, step, title, detail, data
			FROM turn, jsonb_to_recordset($2::jsonb)
				AS event(place integer, job numeric, at bigint, step text, title text, detail text, data jsonb)
			ORDER BY place RETURNING id
		)
		SELECT pg_notify('${CHANNEL}', max(id)::text) FROM added`,
		[deployment, JSON.stringify(rows, (_, value: unknown) => (typeof value === 'bigint' ? value.toString() : value))],
	);
}

interface ActivityRow {
	id: string;
	job: string;
	at: string;
	step: string;
	title: string;
	detail: string | null;
	data: unknown;
}

/** Events after an id, oldest first, at most `limit`. */
export async function readActivity(
	pool: Queryable,
	deployment: string,
	query: { after: number; job?: bigint | undefined; limit: number },
): Promise<ActivityEvent[]> {
	const { rows } = await pool.query<ActivityRow>(
		`SELECT id, job, at, step, title, detail, data FROM agent.activity
		WHERE deployment = $1 AND id > $2 AND ($3::numeric IS NULL OR job = $3) ORDER BY id LIMIT $4`,
		[deployment, query.after, query.job ?? null, query.limit],
	);
	return rows.map(toEvent);
}

/** The newest events, oldest of them first. */
export async function latestActivity(pool: Queryable, deployment: string, limit: number): Promise<ActivityEvent[]> {
	const { rows } = await pool.query<ActivityRow>(
		`SELECT id, job, at, step, title, detail, data FROM agent.activity WHERE deployment = $1 ORDER BY id DESC LIMIT $2`,
		[deployment, limit],
	);
	return rows.reverse().map(toEvent);
}

function toEvent(row: ActivityRow): ActivityEvent {
	return activityEventSchema.parse({
		id: Number(row.id),
		jobId: row.job,
		at: Number(row.at),
		step: row.step,
		title: row.title,
		detail: row.detail,
		data: row.data,
	});
}

/** Tells listeners in this process that there are new events, whichever agent wrote them. */
export class ActivitySignal {
	readonly #listeners = new Set<() => void>();
	readonly #stop = new AbortController();
	#running: Promise<void> | null = null;

	start(url: string, logger: Logger): void {
		this.#running ??= this.#listen(url, logger);
	}

	/** Calls `listener` after each new event; the result ends it. */
	subscribe(listener: () => void): () => void {
		this.#listeners.add(listener);
		return () => this.#listeners.delete(listener);
	}

	async close(): Promise<void> {
		this.#stop.abort();
		await this.#running;
	}

	async #listen(url: string, logger: Logger): Promise<void> {
		for (let attempt = 0; !this.#stop.signal.aborted; attempt++) {
			const client = new Client({
				connectionString: url,
				connectionTimeoutMillis: 10_000,
				application_name: 'necto-agent-activity',
			});
			try {
				const ended = new Promise<void>((resolve) => {
					client.on('end', resolve);
					client.on('error', (error) => {
						logger.warn({ error }, 'The activity listener lost the database');
						resolve();
					});
					this.#stop.signal.addEventListener('abort', () => resolve(), { once: true });
				});
				client.on('notification', () => this.#tell());
				await client.connect();
				await client.query(`LISTEN ${CHANNEL}`);
				attempt = 0;
				// Whatever was written while nobody listened is read now.
				this.#tell();
				await ended;
			} catch (error) {
				logger.warn({ error }, 'The activity listener cannot reach the database');
			}
			await client.end().catch(() => undefined);
			if (!this.#stop.signal.aborted) await pause(backoff(attempt, 250, 10_000), this.#stop.signal);
		}
	}

	#tell(): void {
		for (const listener of this.#listeners) listener();
	}
}
