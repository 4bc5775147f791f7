import { Pool, type PoolClient } from 'pg';
import type { Logger } from '../logger.ts';
import { migrations } from './migrations.ts';
import { giveRights } from './rights.ts';

/** Any number that nobody else uses as an advisory lock in this database; agents that start at once migrate one after the other. */
const MIGRATION_LOCK = 7_236_001;

/** How much of the database a process may use. */
export interface PoolLimits {
	/** Name of its connections in `pg_stat_activity`. */
	name: string;
	/** Most connections. */
	most: number;
	/** How long a statement may run. Milliseconds. */
	statementMs: number;
}

const ROUTING: PoolLimits = { name: 'necto-agent', most: 10, statementMs: 15_000 };
/** Of the public API. */
export const PUBLIC_READS: PoolLimits = { name: 'necto-agent-api', most: 6, statementMs: 5_000 };

/** A pool of connections with limits on every wait. */
export function openPool(url: string, logger: Logger, { name, most, statementMs }: PoolLimits = ROUTING): Pool {
	const pool = new Pool({
		connectionString: url,
		max: most,
		connectionTimeoutMillis: 10_000,
		statement_timeout: statementMs,
		idle_in_transaction_session_timeout: 30_000,
		application_name: name,
	});
	// Without a listener an idle connection that breaks would end the process; the pool replaces it by itself.
	pool.on('error', (error) => logger.warn({ error }, 'A database connection broke'));
	return pool;
}

/** Runs `work` in one transaction. */
export async function transaction<T>(pool: Pool, work: (client: PoolClient) => Promise<T>): Promise<T> {
	const client = await pool.connect();
	let broken: Error | undefined;
	try {
		await client.query('BEGIN');
		const result = await work(client);
		await client.query('COMMIT');
		return result;
	} catch (error) {
		await client.query('ROLLBACK').catch((cause: unknown) => {
			broken = cause instanceof Error ? cause : new Error(String(cause));
		});
		throw error;
	} finally {
		client.release(broken);
	}
}

/**
 * Brings the schema `agent` up to date, and the rights of the public API's role in it. Safe to run from several agents at once.
 *
 * @throws Error in one sentence when a newer agent has been here; nothing is changed then
 */
export async function migrate(pool: Pool, apiRole: string | null = null): Promise<void> {
	await transaction(pool, async (client) => {
		await client.query('SELECT pg_advisory_xact_lock($1)', [MIGRATION_LOCK]);
		await client.query('CREATE SCHEMA IF NOT EXISTS agent');
		await client.query(
			'CREATE TABLE IF NOT EXISTS agent.migration (version integer PRIMARY KEY, applied_at timestamptz NOT NULL DEFAULT now())',
		);
		const { rows } = await client.query<{ version: number }>('SELECT version FROM agent.migration');
		const applied = new Set(rows.map((row) => row.version));
		refuseNewer(applied);
		for (const { version, sql } of migrations) {
			if (applied.has(version)) continue;
			await client.query(sql);
			await client.query('INSERT INTO agent.migration (version) VALUES ($1)', [version]);
		}
		if (apiRole !== null) await giveRights(client, apiRole);
	});
}

/** Socket errors and SQLSTATEs (classes 08, 53300, 57P) of a database that cannot be reached, is stopping or has no connection left. */
const UNREACHABLE =
	/^(ECONN(REFUSED|RESET|ABORTED)|EPIPE|ETIMEDOUT|EHOSTUNREACH|ENOTFOUND|EAI_AGAIN|08...|53300|57P0[1-3])$/;
/** What `pg` and `pg-pool` throw without a code. */
const UNREACHABLE_MESSAGES =
	/^(timeout exceeded when trying to connect|timeout expired|Connection terminated|Client has encountered a connection error)/;

/** Whether a query failed because the database could not be reached, or gave no connection in time: it may work later. */
export function isUnreachable(error: unknown): boolean {
	if (!(error instanceof Error)) return false;
	return 'code' in error && error.code !== undefined
		? UNREACHABLE.test(String(error.code))
		: UNREACHABLE_MESSAGES.test(error.message);
}

/** SQLSTATEs of a schema or table that is not there, or not open to this role, yet. */
const NOT_PREPARED = ['3F000', '42P01', '42501'];

/**
 * Whether the router has brought the schema `agent` up to date: for processes that cannot do it themselves.
 *
 * @throws Error in one sentence when a newer agent has been here, or the database does not answer
 */
export async function isPrepared(pool: Pool): Promise<boolean> {
	try {
		const { rows } = await pool.query<{ version: number }>('SELECT version FROM agent.migration');
		const applied = new Set(rows.map((row) => row.version));
		refuseNewer(applied);
		return migrations.every(({ version }) => applied.has(version));
	} catch (error) {
		if (error instanceof Error && 'code' in error && NOT_PREPARED.includes(String(error.code))) return false;
		throw error;
	}
}

function refuseNewer(applied: ReadonlySet<number>): void {
	const known = new Set(migrations.map(({ version }) => version));
	const unknown = [...applied].filter((version) => !known.has(version));
	if (unknown.length === 0) return;
	throw new Error(
		`The database is newer than this agent: it has version ${Math.max(...unknown)} of the agent's tables, and this agent knows them up to version ${Math.max(...known)}. Start the newer agent again, or restore a backup from before the upgrade (docs/operating.md).`,
	);
}
