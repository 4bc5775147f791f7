/** SYS-05: the public API is another process than the router, with another role in the database: whatever becomes of it, jobs are routed. */
import { readFileSync } from 'node:fs';
import { readySchema } from '@necto/core';
import pg from 'pg';
import { afterAll, describe, expect, inject, it } from 'vitest';
import { z } from 'zod';
import { statusSchema } from '../../src/http/app.ts';
import { useAgents } from '../support/agents.ts';
import { startAgentProcess, until } from '../support/network.ts';

const activitySchema = z.object({ events: z.array(z.object({ step: z.string() })) });
const network = inject('network');
const { agent, buyer, publicApi, stateOf } = useAgents();
const pool = new pg.Pool({ connectionString: network.ready.databases.api, max: 1 });
afterAll(() => pool.end(), 60_000);

async function routed(): Promise<bigint> {
	const job = await buyer.request();
	await until(async () => (await stateOf(job)) === 'routed', 120_000);
	return job;
}

async function get<Schema extends z.ZodType>(url: string | null, path: string, schema: Schema) {
	const response = await fetch(`${url}${path}`, {
		headers: { connection: 'close' },
		signal: AbortSignal.timeout(20_000),
	});
	return { status: response.status, body: schema.parse(await response.json()) };
}
const readyOf = (url: string | null) => get(url, '/ready', readySchema);

async function isReady(url: string | null): Promise<boolean> {
	return (await readyOf(url)).status === 200;
}

describe('SYS-05 a public API that stands still, floods or dies', () => {
	it('holds up no job', async () => {
		await agent();
		const api = await publicApi();
		await until(() => isReady(api.url));
		// It takes requests into its socket and answers none.
		api.child.kill('SIGSTOP');
		const waiting = new AbortController();
		const unanswered = Array.from({ length: 50 }, () =>
			// Of another client than the one that asks below: each has limits of its own.
			fetch(`${api.url}/offers`, {
				signal: waiting.signal,
				headers: { 'x-forwarded-for': '198.51.100.1' },
			}).catch(() => null),
		);
		const job = await routed();
		waiting.abort();
		await Promise.all(unanswered);
		// It goes on where it stood, with what happened meanwhile.
		api.child.kill('SIGCONT');
		await until(async () => {
			const response = await fetch(`${api.url}/jobs/${job}/activity`);
			// Its own time limits may have run out while it was stopped.
			if (response.status === 503) return false;
			const body: unknown = await response.json();
			expect({ status: response.status, body }).toMatchObject({ status: 200 });
			const { events } = activitySchema.parse(body);
			expect(events.map(({ step }) => step)).toContain('routed');
			return true;
		});

		await api.stop('SIGKILL');
		await routed();
		const again = await publicApi();
		await until(() => isReady(again.url));
		expect((await get(again.url, '/status', statusSchema)).body.lastBlock).toMatch(/^\d+$/);
	});

	it('tells of each step when it is written, not at its next look', async () => {
		await agent();
		const { url } = await publicApi();
		await until(() => isReady(url));
		const gone = new AbortController();
		const response = await fetch(`${url}/activity`, { signal: gone.signal });
		const late: number[] = [];
		const began = Date.now();
		const reading = (async () => {
			for await (const part of response.body?.pipeThrough(new TextDecoderStream()) ?? []) {
				for (const [, at] of part.matchAll(/"at":(\d{13})/g)) {
					// Earlier ones are the past, which a newcomer is told first.
					if (Number(at) > began) late.push(Date.now() - Number(at));
				}
			}
		})().catch(() => undefined);
		await routed();
		await until(() => late.length >= 5);
		gone.abort();
		await reading;
		process.stdout.write(`Steps were told after ${late.join(', ')} ms.\n`);
		// Without a notification a stream looks every 15 seconds.
		expect(late.toSorted((a, b) => a - b)[Math.floor(late.length / 2)]).toBeLessThan(5_000);
	});
});

describe('SYS-05 a router that is gone', () => {
	it('is told by the public API, which goes on answering, and comes back by itself', async () => {
		const router = await agent();
		const { url } = await publicApi();
		await until(() => isReady(url));
		expect((await readyOf(url)).body.checks.map(({ name }) => name)).toEqual(
			expect.arrayContaining(['router', 'gas', '0g-balance', 'bond', 'clock', 'indexer', 'startup', 'scan']),
		);
		await router.stop('SIGTERM');
		await until(async () => !(await isReady(url)));
		const { status, body } = await readyOf(url);
		expect(status).toBe(503);
		expect(body.checks).toEqual([
			{ name: 'router', ok: false, detail: expect.stringContaining('The router is not running') },
		]);
		expect((await fetch(`${url}/offers?limit=1`)).status).toBe(200);
		expect((await fetch(`${url}/status`)).status).toBe(200);
		await agent();
		await until(() => isReady(url));
	});

	it('that was killed is missed after a while', async () => {
		const router = await agent();
		const { url } = await publicApi();
		await until(() => isReady(url));
		await router.stop('SIGKILL');
		await until(async () => !(await isReady(url)), 60_000);
	});
});

describe('SYS-05 the database role of the public API', () => {
	it('reads what it shows, writes watches, and nothing else', async () => {
		const router = await agent();
		expect(router.url).not.toBeNull();
		expect((await pool.query('SELECT count(*) FROM agent.job')).rowCount).toBe(1);
		const tables = await pool.query<{ name: string; writes: boolean; reads: boolean }>(
			`SELECT relname AS name, has_table_privilege(c.oid, 'INSERT, UPDATE, DELETE, TRUNCATE, REFERENCES, TRIGGER') AS writes,
				has_table_privilege(c.oid, 'SELECT') AS reads
			FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace WHERE nspname = 'agent' AND relkind = 'r' ORDER BY 1`,
		);
		expect(tables.rows.filter(({ writes }) => writes).map(({ name }) => name)).toEqual(['watch']);
		// Signed transactions, and how the chain is read, are nobody's business.
		expect(tables.rows.filter(({ reads }) => !reads).map(({ name }) => name)).toEqual([
			'change',
			'cursor',
			'source_point',
			'transaction',
		]);
		for (const text of [
			"UPDATE agent.job SET state = 'dead'",
			'DELETE FROM agent.job',
			"INSERT INTO agent.activity (deployment, job, at, step, title) VALUES ('x', 1, 1, 'routed', 'x')",
			'DELETE FROM agent.file',
			'UPDATE agent.cursor SET block = 0',
			"UPDATE agent.reading SET hash = ''",
			'DELETE FROM agent.router',
			'INSERT INTO agent.migration (version) VALUES (99)',
			'SELECT raw FROM agent.transaction',
			"SELECT nextval('agent.reading_version')",
			'CREATE TABLE agent.own (id int)',
			'ALTER TABLE agent.watch ADD COLUMN own int',
			'TRUNCATE agent.watch',
			'DROP SCHEMA agent CASCADE',
			'SET ROLE necto_agent',
		]) {
			await expect(pool.query(text), text).rejects.toThrow(/permission denied|must be owner/);
		}
	});

	it('is told to whoever gives it too many rights', async () => {
		await agent();
		const api = await publicApi({ API_DATABASE_URL: network.ready.databases.agent });
		expect(api.lines.join('\n')).toContain("can change the router's tables");
	});

	it('waits for a router to open the tables to it', async () => {
		const admin = new pg.Client(network.ready.database);
		await admin.connect();
		try {
			await admin.query('REVOKE ALL ON SCHEMA agent FROM necto_api');
			const starting = publicApi();
			const early = await Promise.race([starting, new Promise((resolve) => setTimeout(() => resolve('waits'), 3_000))]);
			expect(early).toBe('waits');
			await agent();
			const { url } = await starting;
			await until(() => isReady(url));
		} finally {
			await admin.end();
		}
	});
});

describe('SYS-05 keys', () => {
	it('are in the router’s process alone: the public API does not start with one, and has none in its environment', async () => {
		const { env } = network;
		const refused = await startAgentProcess(
			{ ...network.apiEnv, ROUTER_PRIVATE_KEY: env.ROUTER_PRIVATE_KEY ?? '' },
			undefined,
			'apiMain.ts',
		);
		expect(await refused.ended).toBe(1);
		expect(refused.lines.join('')).toContain('ROUTER_PRIVATE_KEY is set for the public API, which must not have it');
		await agent();
		const api = await publicApi();
		const environment = readFileSync(`/proc/${api.child.pid}/environ`, 'utf8').toLowerCase();
		for (const key of [env.ROUTER_PRIVATE_KEY, env.ZEROG_PRIVATE_KEY]) {
			expect(key).toMatch(/^0x[0-9a-f]{64}$/);
			expect(environment).not.toContain(key?.slice(2).toLowerCase());
		}
		expect(environment).not.toContain(new URL(network.ready.databases.agent).password.toLowerCase());
	});
});
