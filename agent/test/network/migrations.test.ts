/** SYS-06: the journal's tables over upgrades, on a real PostgreSQL. */
import { createHash } from 'node:crypto';
import { Pool } from 'pg';
import type { Hex } from 'viem';
import { afterAll, describe, expect, inject, it } from 'vitest';
import { readActivity } from '../../src/journal/activity.ts';
import { migrate } from '../../src/journal/database.ts';
import { Journal } from '../../src/journal/jobs.ts';
import { migrations } from '../../src/journal/migrations.ts';
import { freshDatabase } from '../support/database.ts';
import { startAgentProcess } from '../support/network.ts';

const network = inject('network');
const address = network.ready.database;
const pools: Pool[] = [];
afterAll(async () => {
	for (const pool of pools) await pool.end();
}, 60_000);

const hash = (digit: string): Hex => `0x${digit.repeat(64)}`;

async function database(name: string): Promise<{ pool: Pool; url: string }> {
	const url = await freshDatabase(address, name);
	const pool = new Pool({ connectionString: url, max: 2 });
	pools.push(pool);
	return { pool, url };
}

/** The tables as an agent of an earlier version left them. */
async function released(pool: Pool, versions: number): Promise<void> {
	await pool.query('CREATE SCHEMA agent');
	await pool.query(
		'CREATE TABLE agent.migration (version integer PRIMARY KEY, applied_at timestamptz NOT NULL DEFAULT now())',
	);
	for (const { version, sql } of migrations.slice(0, versions)) {
		await pool.query(sql);
		await pool.query('INSERT INTO agent.migration (version) VALUES ($1)', [version]);
	}
}

/** What a running agent had in the tables of version 1, which all later ones have too. */
async function fill(pool: Pool): Promise<void> {
	const bytes = Buffer.from('{"a record":1}');
	await pool.query("INSERT INTO agent.cursor VALUES ('old', 9, $1)", [hash('c')]);
	await pool.query(
		"INSERT INTO agent.file (root, hash, kind, bytes, uploaded_at) VALUES ($1, $2, 'record', $3, now())",
		[hash('a'), hash('b'), bytes],
	);
	await pool.query(
		`INSERT INTO agent.job (deployment, id, state, request, requested_block) VALUES
		('old', 1, 'routed', '{"gpuCount":1}', 5), ('old', 2, 'waiting', '{"gpuCount":2}', 6)`,
	);
	await pool.query(
		"INSERT INTO agent.transaction (deployment, sender, purpose, job, nonce, hash, raw, state) VALUES ('old', $1, 'route', 1, 3, $2, '0x02', 'mined')",
		[`0x${'dd'.repeat(20)}`, hash('d')],
	);
	await pool.query(
		"INSERT INTO agent.activity (deployment, job, at, step, title) VALUES ('old', 1, 1790000000000, 'routed', 'Job 1 is routed')",
	);
}

const TABLES = ['cursor', 'file', 'job', 'transaction', 'activity'];

/** All rows, with only the columns that were there before. */
async function content(pool: Pool, columns: ReadonlyMap<string, string[]>): Promise<unknown> {
	const tables: Record<string, unknown> = {};
	for (const [table, names] of columns) {
		tables[table] = (await pool.query(`SELECT ${names.join(', ')} FROM agent.${table} ORDER BY 1, 2`)).rows;
	}
	return tables;
}

async function columnsOf(pool: Pool): Promise<Map<string, string[]>> {
	const columns = new Map<string, string[]>();
	for (const table of TABLES) {
		const { rows } = await pool.query<{ name: string }>(
			"SELECT column_name AS name FROM information_schema.columns WHERE table_schema = 'agent' AND table_name = $1 ORDER BY ordinal_position",
			[table],
		);
		columns.set(
			table,
			rows.map(({ name }) => `"${name}"`),
		);
	}
	return columns;
}

describe('SYS-06 an upgrade', () => {
	const versions = migrations.slice(0, -1).map(({ version }) => version);

	it.each(versions)('from version %i keeps every row, and the agent reads them', async (version) => {
		const { pool } = await database(`agent_upgrade_${version}`);
		await released(pool, version);
		await fill(pool);
		const columns = await columnsOf(pool);
		const before = await content(pool, columns);
		await migrate(pool);
		expect(await content(pool, columns)).toEqual(before);
		const applied = await pool.query('SELECT version FROM agent.migration ORDER BY version');
		expect(applied.rows.map((row) => row.version)).toEqual(migrations.map((migration) => migration.version));

		const journal = new Journal(pool, 'old');
		expect(await journal.cursor()).toEqual({ block: 9n, hash: hash('c') });
		expect((await journal.get(1n))?.state).toBe('routed');
		expect((await journal.get(2n))?.state).toBe('waiting');
		expect(Buffer.from((await journal.file({ root: hash('a') }))?.bytes ?? []).toString()).toBe('{"a record":1}');
		const [event] = await readActivity(pool, 'old', { after: 0, job: 1n, limit: 10 });
		expect(event?.title).toBe('Job 1 is routed');
	});

	it('that was interrupted has changed nothing, and is done by the next start', async () => {
		const { pool } = await database('agent_upgrade_interrupted');
		await released(pool, 1);
		await fill(pool);
		// The last migration cannot make its table.
		await pool.query('CREATE TABLE agent.router (id text)');
		await expect(migrate(pool)).rejects.toThrow(/already exists/);
		const applied = await pool.query('SELECT version FROM agent.migration');
		expect(applied.rows).toEqual([{ version: 1 }]);
		await pool.query('DROP TABLE agent.router');
		await migrate(pool);
		expect((await new Journal(pool, 'old').get(2n))?.state).toBe('waiting');
	});

	it('released migrations are as they were: databases that have them would not get a change', () => {
		const digests = migrations
			.slice(0, 4)
			.map(({ sql }) => createHash('sha256').update(sql).digest('hex').slice(0, 16));
		expect(digests).toEqual(RELEASED);
	});
});

describe('SYS-06 a database newer than the agent', () => {
	it('is refused in one sentence, and not changed', async () => {
		const { pool, url } = await database('agent_newer');
		await migrate(pool);
		const newest = Math.max(...migrations.map(({ version }) => version));
		await pool.query('INSERT INTO agent.migration (version) VALUES ($1)', [newest + 1]);
		await pool.query('ALTER TABLE agent.job ADD COLUMN of_tomorrow text');
		const schema = async () =>
			(
				await pool.query(
					"SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = 'agent' ORDER BY 1, 2",
				)
			).rows;
		const before = await schema();
		await expect(migrate(pool)).rejects.toThrow(
			`The database is newer than this agent: it has version ${newest + 1} of the agent's tables, and this agent knows them up to version ${newest}.`,
		);
		expect(await schema()).toEqual(before);

		const started = await startAgentProcess({ ...network.env, DATABASE_URL: url });
		expect(await started.ended).toBe(1);
		expect(started.lines.join('\n')).toContain(
			'Start the newer agent again, or restore a backup from before the upgrade',
		);
		const api = { ...network.apiEnv, API_DATABASE_URL: url };
		const refused = await startAgentProcess(api, undefined, 'apiMain.ts');
		expect(await refused.ended).toBe(1);
		expect(refused.lines.join('\n')).toContain('The database is newer than this agent');
		expect(await schema()).toEqual(before);
	}, 240_000);
});

/** The first digits of each released migration's SHA-256. */
const RELEASED = ['8cb07607723ac921', 'a26acdf32daf5141', '95e852f846e50b8e', 'f77849f21e651454'];
