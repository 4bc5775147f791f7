import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { Follower } from './live.ts';
import { Marketplace } from './marketplace.ts';
import { Indexer, type LocalChain, startChain } from './network.ts';

const SCHEMA = 'attacks';
const JOBS = 1_000;
/** Of what the public process may have: less than the local network gives it, and the machine does not matter. */
const HEAP_MB = 512;
const MOST_MB = 1_000;
const REQUESTS = 60;
const STREAMS = 20;

const run = promisify(execFile);
let chain: LocalChain;
let market: Marketplace;
/** What the agent reads from, and what strangers do. */
let indexing: Indexer;
let api: Indexer;
let admin: pg.Client;

/** Each attack comes from another address; the peer is the proxy that tells it. */
let clients = 0;
const newClient = () => {
	clients += 1;
	return { 'x-forwarded-for': `203.0.113.${clients}`, 'content-type': 'application/json' };
};
const graphql = (query: unknown, headers = newClient(), signal: AbortSignal | null = null) =>
	fetch(`${api.url}/graphql`, { method: 'POST', headers, body: JSON.stringify(query), signal });
const sql = (text: string, headers = newClient(), signal: AbortSignal | null = null) =>
	fetch(`${api.url}/sql/db?sql=${encodeURIComponent(JSON.stringify({ json: { sql: text, params: [] } }))}`, {
		headers,
		signal,
	});
const many = <T>(count: number, make: (at: number) => Promise<T>) =>
	Promise.all(Array.from({ length: count }, (_, at) => make(at)));
const codeOf = async (response: Response) =>
	`${response.status} ${z.object({ code: z.string() }).parse(await response.json()).code}`;
/** Reads an answer to its end; its status. */
const taken = async (response: Response) => {
	await response.arrayBuffer();
	return response.status;
};

const CROSS_JOIN = 'select count(*) from job a, job b, job c, job d where a.id + b.id + c.id = d.id';

/** What the public role runs in the database at this moment. */
async function active(): Promise<unknown[]> {
	const { rows } = await admin.query(
		"select query from pg_stat_activity where usename = 'necto_reader' and state = 'active' and query like '%from job a%'",
	);
	return rows;
}

async function memoryMb(): Promise<number> {
	const { stdout } = await run('ps', ['-o', 'rss=', '-p', `${api.program.pid}`]);
	return Number(stdout) / 1024;
}

/** The most memory that the public process has while something is done to it. */
async function peakOf(work: () => Promise<unknown>): Promise<number> {
	let peak = 0;
	let isOver = false;
	const watching = (async () => {
		while (!isOver) {
			peak = Math.max(peak, await memoryMb());
			await new Promise((resolve) => setTimeout(resolve, 100));
		}
	})();
	try {
		await work();
	} finally {
		isOver = true;
		await watching;
	}
	return peak;
}

/** Whether the agent is served: its own query, at the process that strangers do not reach. */
async function agentReads(): Promise<void> {
	expect(await indexing.rows('listings', 'id rate provider { owner name }')).not.toHaveLength(0);
	expect((await fetch(`${indexing.url}/status`)).status).toBe(200);
}

beforeAll(async () => {
	chain = await startChain();
	market = new Marketplace(chain);
	admin = new pg.Client({ connectionString: chain.database });
	await admin.connect();
	// As docs/operating.md tells operators to open a schema to the public API.
	await admin.query(`create schema ${SCHEMA} authorization necto_indexer;
		grant usage on schema ${SCHEMA} to necto_reader;
		alter default privileges for role necto_indexer in schema ${SCHEMA} grant select on tables to necto_reader`);
	indexing = await Indexer.start(chain, SCHEMA);
	api = await Indexer.start(chain, SCHEMA, {
		command: 'serve',
		database: chain.databases.reader,
		node: [`--max-old-space-size=${HEAP_MB}`],
		env: { LIMIT_QUERY_SECONDS: '3', LIMIT_REQUESTS: `${REQUESTS}`, LIMIT_STREAMS: `${STREAMS}` },
	});
	const { receipt } = await market.request('buyer');
	await indexing.reach(receipt.blockNumber);
	// A marketplace with some history, all of it at one listing. Without Ponder's triggers, which only its own sessions satisfy.
	await admin.query(`set session_replication_role = replica;
		update ${SCHEMA}.job set listing_id = 1;
		insert into ${SCHEMA}.job select (jsonb_populate_record(j, jsonb_build_object('id', 100000 + n))).*
		from ${SCHEMA}.job j, generate_series(1, ${JOBS}) n`);
}, 600_000);

afterAll(async () => {
	await admin?.end();
	await api?.stop();
	await indexing?.stop();
	await chain?.stop();
}, 60_000);

describe('SYS-02 the public API under attack', () => {
	test('queries that multiply are refused before they run', async () => {
		const nested = '{jobs{items{listing{jobs{items{listing{jobs{items{listing{jobs{items{id}}}}}}}}}}}}';
		const peak = await peakOf(async () => {
			const codes = await many(20, async () => codeOf(await graphql({ query: nested })));
			expect(new Set(codes)).toEqual(new Set(['400 QUERY_TOO_COSTLY']));
		});
		expect(peak).toBeLessThan(MOST_MB);
		const aliases = Array.from({ length: 40 }, (_, at) => `a${at}: jobs { items { id } }`).join(' ');
		expect(await codeOf(await graphql({ query: `{ ${aliases} }` }))).toBe('400 QUERY_TOO_COMPLEX');
		expect(await codeOf(await graphql([{ query: '{ jobs { items { id } } }' }]))).toBe('400 NO_BATCHES');
		expect(await codeOf(await graphql({ query: `{ ${'x '.repeat(2_000)} }` }))).toBe('400 MALFORMED_QUERY');
		expect(await codeOf(await graphql({ query: `{ a(b: "${'x'.repeat(70_000)}") }` }))).toBe('413 BODY_TOO_LARGE');
		await agentReads();
	}, 60_000);

	test('the largest queries that are served, many at once, stay within their memory', async () => {
		const query = `{ jobs(limit: 1000) { items { id requestJson gpuModel status listing { name region provider { name } } } totalCount } }`;
		const before = await memoryMb();
		const peak = await peakOf(async () => {
			await expect.poll(async () => taken(await graphql({ query })), { timeout: 20_000 }).toBe(200);
			const statuses = await many(40, async () => taken(await graphql({ query })));
			for (const status of statuses) expect([200, 503, 504]).toContain(status);
			await agentReads();
		});
		expect(before).toBeLessThan(MOST_MB);
		expect(peak).toBeLessThan(MOST_MB);
	}, 60_000);

	test('SQL that takes long or gives much is stopped, and the agent is served meanwhile', async () => {
		const peak = await peakOf(async () => {
			const attack = many(8, async () => codeOf(await sql(CROSS_JOIN)));
			await expect.poll(active, { timeout: 20_000 }).not.toEqual([]);
			await agentReads();
			const codes = await attack;
			expect(codes).toContain('504 QUERY_TIMEOUT');
			for (const code of codes) expect(['504 QUERY_TIMEOUT', '503 BUSY']).toContain(code);
			expect(await codeOf(await sql('select a.request_json, b.request_json as b from job a, job b'))).toBe(
				'422 RESULT_TOO_LARGE',
			);
		});
		expect(peak).toBeLessThan(MOST_MB);
		await expect.poll(active, { timeout: 20_000 }).toEqual([]);
		// Others go on being served.
		expect((await graphql({ query: '{ jobs { items { id } } }' })).status).toBe(200);
	}, 60_000);

	test('what a client does not wait for is cancelled in the database', async () => {
		const abort = new AbortController();
		const left = many(2, () => sql(CROSS_JOIN, newClient(), abort.signal).catch(() => undefined));
		await expect.poll(active, { timeout: 20_000 }).not.toEqual([]);
		abort.abort();
		await left;
		await expect.poll(active, { timeout: 20_000 }).toEqual([]);
	}, 60_000);

	test('one client has so many streams; they tell what happens, and the feed of others works', async () => {
		const headers = newClient();
		const abort = new AbortController();
		const peak = await peakOf(async () => {
			const answers = await many(250, () => fetch(`${api.url}/live`, { headers, signal: abort.signal }));
			const open = answers.filter(({ status }) => status === 200);
			expect(open).toHaveLength(STREAMS);
			const refused = answers.find(({ status }) => status !== 200);
			expect(refused?.status).toBe(429);
			expect(refused?.headers.get('retry-after')).not.toBeNull();
		});
		expect(peak).toBeLessThan(MOST_MB);
		const follower = await Follower.connect(`${api.url}/live?tables=job`);
		const { id, receipt } = await market.request('buyer');
		await expect.poll(() => follower.jobsSince(receipt.blockNumber), { timeout: 20_000 }).toContain(`${id}`);
		follower.close();
		abort.abort();
	}, 60_000);

	test('one client that floods is told to wait, and others are served', async () => {
		const headers = newClient();
		const statuses: number[] = [];
		// A few at a time, as more would be refused for another reason.
		for (let round = 0; round < REQUESTS / 10 + 5; round++) {
			const answers = await many(10, async () => taken(await fetch(`${api.url}/health`, { headers })));
			statuses.push(...answers);
			if (answers.includes(429)) break;
		}
		expect(statuses).toContain(429);
		expect((await fetch(`${api.url}/health`, { headers: newClient() })).status).toBe(200);
		expect((await fetch(`${api.url}/metrics`, { headers: newClient() })).status).toBe(404);
	}, 60_000);

	test('it was one process all the time; when that is killed, nothing of it goes on in the database', async () => {
		expect(api.program.hasEnded).toBe(false);
		expect(await memoryMb()).toBeLessThan(MOST_MB);
		// Longer than the check of PostgreSQL for clients that are gone.
		const attack = sql(CROSS_JOIN).catch(() => undefined);
		await expect.poll(active, { timeout: 20_000 }).not.toEqual([]);
		await api.kill();
		await attack;
		await expect.poll(active, { timeout: 20_000 }).toEqual([]);
		await agentReads();
	}, 60_000);
});
