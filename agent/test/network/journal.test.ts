import type { ReopenReason } from '@necto/contracts';
import { Client, type Pool } from 'pg';
import type { Hex } from 'viem';
import { afterAll, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest';
import { latestActivity, readActivity } from '../../src/journal/activity.ts';
import type { JobChange, StoredChange } from '../../src/journal/changes.ts';
import { migrate, openPool } from '../../src/journal/database.ts';
import { Journal, type ObservedJob, StaleJobError } from '../../src/journal/jobs.ts';
import { Locks } from '../../src/journal/locks.ts';
import { Notifications } from '../../src/journal/notifications.ts';
import { Transactions } from '../../src/journal/transactions.ts';
import { createLogger } from '../../src/logger.ts';
import { freshDatabase } from '../support/database.ts';

const logger = createLogger('silent');
let database: string;
let pool: Pool;
let journal: Journal;
let run = 0;

beforeAll(async () => {
	database = await freshDatabase(inject('network').ready.database, 'agent_journal_test');
	pool = openPool(database, logger);
	// Agents that start at once must not trip over each other's migration.
	await Promise.all([migrate(pool), migrate(pool), migrate(pool)]);
});

beforeEach(() => {
	journal = new Journal(pool, `test:${run++}`);
});

afterAll(async () => {
	await pool?.end();
});

const hash = (digit: string): Hex => `0x${digit.repeat(64)}`;
const cursor = { block: 7n, hash: hash('a') };
const job = (id: bigint, changes: Partial<ObservedJob> = {}): ObservedJob => ({
	id,
	requester: `0x${'bb'.repeat(20)}`,
	request: { maxPricePerGpuHour: '18446744073709551615' },
	block: 7n,
	requestedAt: 1_790_000_000,
	locked: 5n,
	parent: null,
	...changes,
});

const decision = (digit: string) => ({
	snapshot: { root: hash('1'), hash: hash('2'), bytes: new Uint8Array([1, 2, 3]) },
	record: { root: hash(digit), hash: hash('4'), bytes: new Uint8Array([4, 5]) },
	routing: {
		listing: 3,
		listingVersion: 2,
		pricePerGpuHour: 18_446_744_073_709_551_615n,
		candidatesRoot: hash('5'),
		recordRoot: hash(digit),
		recordHash: hash('4'),
	},
});

async function get(id: bigint) {
	const found = await journal.get(id);
	if (found === null) throw new Error(`Job ${id} is not in the journal.`);
	return found;
}

describe('the journal', () => {
	it('takes a job in once, together with the cursor and a line of activity', async () => {
		expect(await journal.cursor()).toBeNull();
		expect(await journal.observe([job(1n), job(2n)], cursor)).toEqual([1n, 2n]);
		expect(await journal.observe([job(2n), job(3n)], { block: 9n, hash: hash('b') })).toEqual([3n]);
		expect(await journal.cursor()).toEqual({ block: 9n, hash: hash('b') });
		const events = await readActivity(pool, journal.deployment, { after: 0, limit: 10 });
		expect(events.map(({ jobId, step }) => [jobId, step])).toEqual([
			['1', 'observed'],
			['2', 'observed'],
			['3', 'observed'],
		]);
	});

	it('moves neither cursor nor jobs when one of them cannot be written', async () => {
		await expect(journal.observe([job(1n), job(-1n, { block: 2n ** 70n })], cursor)).rejects.toThrow();
		expect(await journal.cursor()).toBeNull();
		expect(await journal.get(1n)).toBeNull();
	});

	it('keeps whole numbers whole', async () => {
		await journal.observe([job(18_446_744_073_709_551_615n)], cursor);
		const observed = await get(18_446_744_073_709_551_615n);
		const decided = await journal.decided(observed, decision('3'));
		expect(decided.routing?.pricePerGpuHour).toBe(18_446_744_073_709_551_615n);
		expect(decided).toMatchObject({ state: 'decided', decisions: 1, record: { root: hash('3'), hash: hash('4') } });
	});

	it('stores a decision’s bytes before anything is sent, and marks them when they are uploaded', async () => {
		await journal.observe([job(1n)], cursor);
		const decided = await journal.decided(await get(1n), decision('6'));
		expect(await journal.file({ root: hash('6') })).toMatchObject({ bytes: new Uint8Array([4, 5]), uploaded: false });
		await journal.uploaded(decided);
		expect(await journal.file({ root: hash('6'), hash: hash('4') })).toMatchObject({ uploaded: true });
		expect(await journal.file({ root: hash('6'), hash: hash('9') })).toBeNull();
	});

	it('lets nobody write who read an older row', async () => {
		await journal.observe([job(1n)], cursor);
		const mine = await get(1n);
		const theirs = await get(1n);
		await journal.decided(mine, decision('3'));
		await expect(journal.decided(theirs, decision('7'))).rejects.toThrow(StaleJobError);
		await expect(journal.finished(theirs, 'routed', null)).rejects.toThrow(StaleJobError);
		expect((await get(1n)).record?.root).toBe(hash('3'));
		expect(await journal.file({ root: hash('7') })).toBeNull();
	});

	it('gives out jobs that are due, and waiting ones when the market moves', async () => {
		await journal.observe([job(1n), job(2n), job(3n)], cursor);
		await journal.waiting(await get(1n), 'too dear', 3_600);
		await journal.finished(await get(2n), 'superseded', 'cancelled');
		await journal.postponed(await get(3n), 'no answer', 3_600);
		expect(await journal.due(10)).toEqual([]);
		expect(await journal.wakeWaiting()).toBe(1);
		expect(await journal.due(10)).toEqual([1n]);
		expect(await journal.counts()).toMatchObject({ waiting: 1, superseded: 1, observed: 1, routed: 0 });
	});

	const changed = (jobId: bigint, block: bigint, change: StoredChange): JobChange => ({
		jobId,
		block,
		logIndex: 0,
		change,
	});
	const placed: StoredChange = {
		kind: 'routed',
		...{ provider: `0x${'cc'.repeat(20)}`, listing: 3, pricePerGpuHour: 2n ** 64n - 1n, fee: 25 },
		...{ router: `0x${'dd'.repeat(20)}`, routedAt: 1_790_000_100, commitment: hash('7') },
	};
	const lost = (reason: ReopenReason): StoredChange => ({ kind: 'reopened', listing: 3, reason });
	const at = (block: bigint, digit: string) => ({ block, hash: hash(digit) });

	it('RES-04 takes up a job anew that lost its place, whatever state it was in', async () => {
		await journal.observe([job(1n), job(2n), job(3n)], cursor);
		await journal.finished(await get(1n), 'routed', null);
		await journal.finished(await get(2n), 'superseded', 'another');
		const writing = await journal.submitted(await journal.decided(await get(3n), decision('3')));
		const changes = [1n, 2n, 3n].flatMap((id) => [
			{ ...changed(id, 8n, placed), logIndex: Number(id) },
			{ ...changed(id, 9n, lost('declined')), logIndex: Number(id) },
		]);
		expect(await journal.observe([], at(9n, 'b'), { from: 8n, changes })).toEqual([1n, 2n, 3n]);
		expect((await journal.due(10)).toSorted()).toEqual([1n, 2n, 3n]);
		expect(await get(1n)).toMatchObject({ state: 'observed', routing: null });
		expect(await get(2n)).toMatchObject({ state: 'observed', routing: null });
		// Whoever is about to write that it is routed has to look again.
		await expect(journal.finished(writing, 'routed', null)).rejects.toThrow(StaleJobError);
		expect(await journal.changes(1n)).toEqual([placed, lost('declined')]);
	});

	it('RES-04 leaves a job alone that lost one place and got another in the same blocks', async () => {
		await journal.observe([job(1n)], cursor);
		const routed = await journal.finished(await get(1n), 'routed', null);
		const changes = [lost('not-started'), placed].map((change, logIndex) => ({ ...changed(1n, 8n, change), logIndex }));
		expect(await journal.observe([], at(8n, 'b'), { from: 8n, changes })).toEqual([]);
		expect(await get(1n)).toEqual(routed);
	});

	it('RES-04 takes up a job that was not started once, and none that is not placed', async () => {
		await journal.observe([job(1n), job(2n)], cursor);
		await journal.finished(await get(1n), 'routed', null);
		expect(await journal.reopen(1n, 'not started')).toBe(true);
		expect(await journal.reopen(1n, 'not started')).toBe(false);
		expect(await journal.reopen(2n, 'not started')).toBe(false);
		expect(await get(1n)).toMatchObject({ state: 'observed', reason: 'not started' });
	});

	it('forgets what happened in blocks of a chain that turned', async () => {
		await journal.observe([job(1n)], cursor);
		const longer: StoredChange = { kind: 'extended', duration: 7_200, locked: 9n };
		await journal.observe([], at(9n, 'b'), { from: 8n, changes: [changed(1n, 8n, placed), changed(1n, 9n, longer)] });
		await journal.observe([], at(10n, 'c'), { from: 9n, changes: [changed(1n, 10n, lost('overturned'))] });
		expect(await journal.changes(1n)).toEqual([placed, lost('overturned')]);
	});

	it('begins anew with a job that the chain asks for otherwise since it turned', async () => {
		await journal.observe([job(1n)], cursor);
		const decided = await journal.decided(await get(1n), decision('3'));
		expect(await journal.observe([job(1n)], at(8n, 'b'))).toEqual([]);
		expect(await get(1n)).toEqual(decided);
		expect(await journal.observe([job(1n, { locked: 6n })], at(9n, 'c'))).toEqual([1n]);
		expect(await get(1n)).toMatchObject({ state: 'observed', routing: null, locked: 6n });
	});

	it('RES-01 dates a part as its whole, and lets the parts be placed one after the other', async () => {
		await journal.observe([job(1n, { requestedAt: 1_790_000_001 })], cursor);
		const part = { requestedAt: 1_790_000_500, parent: 1n };
		await journal.observe([job(2n, part), job(3n, part)], at(9n, 'b'));
		expect(await get(3n)).toMatchObject({ requestedAt: 1_790_000_001, parent: 1n });
		expect(await journal.hasEarlierPart(await get(2n))).toBe(false);
		expect(await journal.hasEarlierPart(await get(3n))).toBe(true);
		// One that nothing serves holds nobody up.
		await journal.waiting(await get(2n), 'too dear', 30);
		expect(await journal.hasEarlierPart(await get(3n))).toBe(false);
	});

	it('keeps deployments apart', async () => {
		await journal.observe([job(1n)], cursor);
		const other = new Journal(pool, 'another');
		expect(await other.get(1n)).toBeNull();
		expect(await other.cursor()).toBeNull();
	});
});

describe('AGT-07 activity', () => {
	it('comes in the order in which it was written, whoever writes at the same time', async () => {
		await Promise.all(
			[1n, 2n, 3n, 4n].map((id) =>
				journal.append(
					...[0, 1, 2, 3, 4].map((n) => ({
						jobId: id,
						step: 'source' as const,
						title: String(n),
						data: { big: 2n ** 64n },
					})),
				),
			),
		);
		const events = await readActivity(pool, journal.deployment, { after: 0, limit: 100 });
		expect(events).toHaveLength(20);
		const ids = events.map((event) => event.id);
		expect(ids).toEqual(ids.toSorted((a, b) => a - b));
		for (const id of ['1', '2', '3', '4']) {
			expect(events.filter((event) => event.jobId === id).map((event) => event.title)).toEqual([
				'0',
				'1',
				'2',
				'3',
				'4',
			]);
		}
		expect(events[0]?.data).toEqual({ big: '18446744073709551616' });
	});

	it('resumes after an id, for one job or all', async () => {
		await journal.append({ jobId: 1n, step: 'observed', title: 'a' }, { jobId: 2n, step: 'observed', title: 'b' });
		await journal.append({ jobId: 1n, step: 'routed', title: 'c', detail: 'd' });
		const all = await readActivity(pool, journal.deployment, { after: 0, limit: 10 });
		const first = all[0]?.id ?? 0;
		expect(
			(await readActivity(pool, journal.deployment, { after: first, limit: 10 })).map((event) => event.title),
		).toEqual(['b', 'c']);
		expect(
			(await readActivity(pool, journal.deployment, { after: first, job: 1n, limit: 10 })).map((event) => event.title),
		).toEqual(['c']);
		expect((await latestActivity(pool, journal.deployment, 2)).map((event) => event.title)).toEqual(['b', 'c']);
	});

	it('rings for listeners of every agent, and again after its line broke', async () => {
		const signal = new Notifications(['activity', 'reading']);
		const rings: number[] = [];
		const unsubscribe = signal.subscribe('activity', () => rings.push(rings.length));
		signal.start(database, logger);
		const rung = async (count: number) => {
			while (rings.length < count) await new Promise((resolve) => setTimeout(resolve, 20));
		};
		await rung(1);
		await journal.append({ jobId: 1n, step: 'observed', title: 'a' });
		await rung(2);
		await pool.query(
			"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'necto-agent-notifications'",
		);
		await rung(3);
		unsubscribe();
		await signal.close();
		const before = rings.length;
		await journal.append({ jobId: 1n, step: 'observed', title: 'b' });
		expect(rings).toHaveLength(before);
	});
});

describe('locks', () => {
	it('are held by one at a time, inside a process and between processes', async () => {
		const [one, two] = [new Locks(database, logger), new Locks(database, logger)];
		const held = await one.tryAcquire('job:1');
		expect(held).not.toBeNull();
		expect(await one.tryAcquire('job:1')).toBeNull();
		expect(await two.tryAcquire('job:1')).toBeNull();
		expect(await two.tryAcquire('job:2')).not.toBeNull();
		await held?.release();
		expect(await two.tryAcquire('job:1')).not.toBeNull();
		await Promise.all([one.close(), two.close()]);
	});

	it('are free at once when their holder dies, and tell a holder whose session broke', async () => {
		const [one, two] = [new Locks(database, logger), new Locks(database, logger)];
		const held = await one.tryAcquire('job:9');
		expect(held?.signal.aborted).toBe(false);
		const broken = new Promise<void>((resolve) => held?.signal.addEventListener('abort', () => resolve()));
		const admin = new Client(database);
		await admin.connect();
		await admin.query(
			"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'necto-agent-locks'",
		);
		await admin.end();
		await broken;
		const next = await two.acquire('job:9', AbortSignal.timeout(10_000));
		// Giving back what is lost takes nothing from the new holder.
		await held?.release();
		expect(await one.tryAcquire('job:9')).toBeNull();
		await next.release();
		await Promise.all([one.close(), two.close()]);
	});
});

describe('transactions', () => {
	it('stay open until their nonce is used, and know their dearer copies', async () => {
		const transactions = new Transactions(pool, journal.deployment);
		const { privateKeyToAccount, generatePrivateKey } = await import('viem/accounts');
		const { keccak256 } = await import('viem');
		const account = privateKeyToAccount(generatePrivateKey());
		const sign = async (maxFeePerGas: bigint) => {
			const call = { to: account.address, data: '0x01' as const, gas: 21_000n, maxFeePerGas, maxPriorityFeePerGas: 1n };
			const raw = await account.signTransaction({ type: 'eip1559', chainId: 31337, nonce: 4, ...call });
			return {
				sender: account.address,
				purpose: 'route' as const,
				jobId: 1n,
				nonce: 4,
				hash: keccak256(raw),
				raw,
				hidden: false,
				copies: [],
				call,
			};
		};
		const [cheap, dear] = [await sign(10n), await sign(20n)];
		await transactions.store(cheap);
		await transactions.store(cheap);
		await transactions.store(dear);
		const open = await transactions.open(account.address);
		expect(open).toHaveLength(1);
		expect(open[0]).toMatchObject({
			hash: dear.hash,
			nonce: 4,
			call: { maxFeePerGas: 20n, to: account.address.toLowerCase() },
		});
		expect(open[0]?.copies).toEqual(expect.arrayContaining([cheap.hash, dear.hash]));
		await transactions.settle(dear, cheap.hash, 'mined');
		expect(await transactions.open(account.address)).toEqual([]);
		const { rows } = await pool.query('SELECT hash, state FROM agent.transaction WHERE deployment = $1 ORDER BY id', [
			journal.deployment,
		]);
		expect(rows).toEqual([
			{ hash: cheap.hash, state: 'mined' },
			{ hash: dear.hash, state: 'lost' },
		]);
	});
});
