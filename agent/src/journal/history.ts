/** Prices, token prices and the state of sources over time, in the database. Points are stretches: what did not change only grows longer. */
import type { Pool } from 'pg';
import { z } from 'zod';
import type { Queryable } from './cancel.ts';
import { transaction } from './database.ts';

const DAY = 86_400;
/** Older points are thinned to the lowest low and the highest high of each day. */
const FULL_DAYS = 30;
/** More points than any answer is made of. */
const MOST_POINTS = 50_000;

export interface NewPricePoint {
	/** '' for prices that do not depend on it. */
	deployment: string;
	source: string;
	gpuModel: string;
	pricing: string;
	low: bigint;
	median: bigint;
	high: bigint;
	offers: number;
	free: number | null;
}

/** One look: what was seen at one time. */
export interface NewPoints {
	/** Unix seconds. */
	at: number;
	/** Seconds after which a figure that is seen again begins a new stretch: nobody knows what it was in between. */
	gap: number;
	prices: readonly NewPricePoint[];
	tokens: readonly { symbol: string; usd: string; source: string }[];
	sources: readonly { deployment: string; source: string; state: string; note: string | null; offers: number }[];
}

/** A table of stretches: what names its line, what makes a stretch, and what only says how it was at the last look. */
interface Line {
	table: string;
	keys: Record<string, string>;
	figures: Record<string, string>;
	latest: Record<string, string>;
}

const LINES: readonly Line[] = [
	{
		table: 'price_point',
		keys: { deployment: 'text', source: 'text', gpu_model: 'text', pricing: 'text' },
		figures: { low: 'numeric', median: 'numeric', high: 'numeric' },
		latest: { offers: 'integer', free: 'bigint' },
	},
	{ table: 'token_point', keys: { symbol: 'text' }, figures: { usd: 'text', source: 'text' }, latest: {} },
	{
		table: 'source_point',
		keys: { deployment: 'text', source: 'text' },
		figures: { state: 'text', note: 'text' },
		latest: { offers: 'integer' },
	},
];

/** For each row that was seen: nothing if its line has been seen since, the end moved if the figures are the same, a new stretch otherwise. */
function partOf({ table, keys, figures, latest }: Line, parameter: number): string {
	const columns = { ...keys, ...figures, ...latest };
	const names = Object.keys(columns);
	const each = (of: Record<string, string>, text: (name: string) => string, by: string) =>
		Object.keys(of).map(text).join(by);
	const same = `(${each(figures, (name) => `l.${name}`, ', ')}) IS NOT DISTINCT FROM (${each(figures, (name) => `s.${name}`, ', ')})`;
	return `
	${table}_next AS MATERIALIZED (
		SELECT s.*, l.since AS last_since, l.since IS NOT NULL AND ${same} AND $1::bigint - l.until <= $2::bigint AS same
		FROM jsonb_to_recordset($${parameter}::jsonb) AS s(${names.map((name) => `${name} ${columns[name]}`).join(', ')})
		LEFT JOIN LATERAL (
			SELECT * FROM agent.${table} p WHERE ${each(keys, (name) => `p.${name} = s.${name}`, ' AND ')}
			ORDER BY p.since DESC LIMIT 1
		) l ON true
		WHERE l.until IS NULL OR l.until < $1::bigint
	),
	${table}_moved AS (
		UPDATE agent.${table} p SET ${['until = $1::bigint', ...Object.keys(latest).map((name) => `${name} = s.${name}`)].join(', ')}
		FROM ${table}_next s
		WHERE s.same AND p.since = s.last_since AND ${each(keys, (name) => `p.${name} = s.${name}`, ' AND ')}
	),
	${table}_added AS (
		INSERT INTO agent.${table} (since, until, ${names.join(', ')})
		SELECT $1::bigint, $1::bigint, ${names.map((name) => `s.${name}`).join(', ')} FROM ${table}_next s WHERE NOT s.same
	)`;
}

const WRITE = `WITH ${LINES.map((line, index) => partOf(line, index + 3)).join(',')} SELECT 1`;

/**
 * Writes a look, in one statement. Twice the same is once: a look that is not later than what its line holds changes nothing.
 *
 * Agents that share the database take turns, so that two of them make one line together. The lock comes first, in a statement of its own: the next one then
 * sees what the one before wrote.
 */
export async function writePoints(pool: Pool, { at, gap, prices, tokens, sources }: NewPoints): Promise<void> {
	const rows = [
		prices.map(({ gpuModel, low, median, high, ...rest }) => ({
			...rest,
			gpu_model: gpuModel,
			low: low.toString(),
			median: median.toString(),
			high: high.toString(),
		})),
		tokens,
		sources,
	];
	await transaction(pool, async (client) => {
		await client.query("SELECT pg_advisory_xact_lock(hashtextextended('necto:history', 0))");
		await client.query(WRITE, [at, gap, ...rows.map((of) => JSON.stringify(of))]);
	});
}

/** Forgets what was over more than `days` ago, and thins what is older than a month: of the stretches that began and ended on one day. */
export async function tidyPoints(pool: Pool, now: number, days: number): Promise<void> {
	const oldest = now - days * DAY;
	for (const { table } of LINES) await pool.query(`DELETE FROM agent.${table} WHERE until < $1`, [oldest]);
	await pool.query(
		`DELETE FROM agent.price_point p USING (
			SELECT deployment, source, gpu_model, pricing, since,
				row_number() OVER (day ORDER BY low, since) AS lowest, row_number() OVER (day ORDER BY high DESC, since) AS highest
			FROM agent.price_point WHERE until < $1 AND since / ${DAY} = until / ${DAY}
			WINDOW day AS (PARTITION BY deployment, source, gpu_model, pricing, since / ${DAY})
		) o
		WHERE o.lowest > 1 AND o.highest > 1 AND p.deployment = o.deployment AND p.source = o.source
			AND p.gpu_model = o.gpu_model AND p.pricing = o.pricing AND p.since = o.since`,
		[now - FULL_DAYS * DAY],
	);
	await pool.query(
		`DELETE FROM agent.token_point p USING (
			SELECT symbol, since, row_number() OVER (day ORDER BY usd::numeric, since) AS lowest,
				row_number() OVER (day ORDER BY usd::numeric DESC, since) AS highest
			FROM agent.token_point WHERE until < $1 AND since / ${DAY} = until / ${DAY}
			WINDOW day AS (PARTITION BY symbol, since / ${DAY})
		) o
		WHERE o.lowest > 1 AND o.highest > 1 AND p.symbol = o.symbol AND p.since = o.since`,
		[now - FULL_DAYS * DAY],
	);
}

/** PostgreSQL's `bigint` and `numeric` come as text. */
const whole = z.string().regex(/^\d+$/);
const seconds = whole.transform(Number);

const pricePointSchema = z.object({
	source: z.string(),
	pricing: z.string(),
	since: seconds,
	until: seconds,
	low: whole.transform(BigInt),
	median: whole.transform(BigInt),
	high: whole.transform(BigInt),
	offers: z.int(),
	free: seconds.nullable(),
});
export type StoredPricePoint = z.output<typeof pricePointSchema>;

/** Points of one GPU that reach into the time from `from` on, line by line, oldest first. */
export async function readPricePoints(
	pool: Queryable,
	query: { deployment: string; gpuModel: string; sources: readonly string[] | null; from: number },
): Promise<StoredPricePoint[]> {
	// The newest first, so that a limit costs the oldest.
	const { rows } = await pool.query(
		`SELECT source, pricing, since, until, low, median, high, offers, free FROM (
			SELECT * FROM agent.price_point
			WHERE gpu_model = $1 AND until >= $2 AND deployment IN ('', $3) AND ($4::text[] IS NULL OR source = ANY ($4))
			ORDER BY until DESC LIMIT ${MOST_POINTS}
		) newest ORDER BY source, pricing, since`,
		[query.gpuModel, query.from, query.deployment, query.sources],
	);
	return z.array(pricePointSchema).parse(rows);
}

const tokenPointSchema = z.object({ since: seconds, until: seconds, usd: z.string(), source: z.string() });
export type StoredTokenPoint = z.output<typeof tokenPointSchema>;

/** Points of one token that reach into the time from `from` on, oldest first. */
export async function readTokenPoints(pool: Queryable, symbol: string, from: number): Promise<StoredTokenPoint[]> {
	const { rows } = await pool.query(
		`SELECT since, until, usd, source FROM (
			SELECT * FROM agent.token_point WHERE symbol = $1 AND until >= $2 ORDER BY until DESC LIMIT ${MOST_POINTS}
		) newest ORDER BY since`,
		[symbol, from],
	);
	return z.array(tokenPointSchema).parse(rows);
}
