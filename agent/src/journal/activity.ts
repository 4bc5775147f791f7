/** The agent's activity: appended to the database, so that it survives a restart and is one stream for all agents that share it. */

import { type ActivityEvent, activityEventSchema } from '@necto/core';
import type { Pool, PoolClient } from 'pg';
import type { Queryable } from './cancel.ts';
import { CHANNELS } from './notifications.ts';

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
		SELECT pg_notify('${CHANNELS.activity}', max(id)::text) FROM added`,
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
