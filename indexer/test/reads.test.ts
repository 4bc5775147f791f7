import { EventEmitter } from 'node:events';
import type pg from 'pg';
import { expect, test } from 'vitest';
import { type Pools, Reads } from '../src/api/reads/reads.ts';
import { ReadFailure } from '../src/api/reads/session.ts';

interface Statement {
	text: string;
	answer: (error?: Error) => void;
}

/** PostgreSQL as far as a session needs it: statements whose end the test decides, and cancelling. */
function fakeDatabase() {
	const said: string[] = [];
	const running: Statement[] = [];
	const released: (boolean | undefined)[] = [];
	const stream = Object.assign(new EventEmitter(), { destroy: () => running.shift()?.answer(new Error('terminated')) });
	const connection = {
		connection: { stream },
		query: (statement: string | { text: string }) => {
			const text = typeof statement === 'string' ? statement : statement.text;
			said.push(text.trim().split('\n')[0] ?? '');
			if (text.startsWith('BEGIN')) return Promise.resolve([{}, { rows: [{ pid: 7 }] }]);
			if (text === 'ROLLBACK') return Promise.resolve({ rows: [] });
			return new Promise((resolve, reject) => {
				running.push({ text, answer: (error) => (error === undefined ? resolve({ rows: [text] }) : reject(error)) });
			});
		},
		release: (destroy?: boolean) => released.push(destroy),
	};
	const cancelled: unknown[] = [];
	const pools = {
		readonly: { connect: async () => connection, query: async () => 'outside' },
		admin: {
			query: async (_: string, [pid]: unknown[]) => {
				cancelled.push(pid);
				running.shift()?.answer(Object.assign(new Error('canceling statement due to user request'), { code: '57014' }));
			},
		},
	};
	// Of a pool only these are used.
	return { pools: pools as unknown as Pools, said, running, released, cancelled, stream };
}

const limits = { most: 1, milliseconds: 60_000, bytes: 100 };
const ask = (pools: Pools, text: string) => (pools.readonly as Pick<pg.Pool, 'query'>).query(text);
const reader = (signal = new AbortController().signal) => ({ client: 'a', signal });
const reasonOf = (work: Promise<unknown>) =>
	work.then(
		() => 'none',
		(error: unknown) => (error instanceof ReadFailure ? error.reason : error),
	);

test('statements of a request run in one transaction of its own, one after the other, and others outside', async () => {
	const { pools, said, running, released } = fakeDatabase();
	const reads = new Reads(pools, limits);
	const done = reads.run(reader(), 'own', () => Promise.all([ask(pools, 'select 1'), ask(pools, 'select 2')]));
	await expect.poll(() => running.length).toBe(1);
	expect(await ask(pools, 'select 3')).toBe('outside');
	running.shift()?.answer();
	await expect.poll(() => running.length).toBe(1);
	running.shift()?.answer();
	expect(await done).toEqual([{ rows: ['select 1'] }, { rows: ['select 2'] }]);
	await expect.poll(() => released).toEqual([undefined]);
	expect(said).toEqual(['BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY;', 'select 1', 'select 2', 'ROLLBACK']);
});

test("Ponder's own transaction around SQL does not end the session's", async () => {
	const { pools, said, running } = fakeDatabase();
	const reads = new Reads(pools, limits);
	const done = reads.run(reader(), 'sql', async () => {
		const client = await pools.readonly.connect();
		await client.query('begin read only');
		const result = await client.query('select 1');
		await client.query('commit');
		client.release();
		return result;
	});
	await expect.poll(() => running.length).toBe(1);
	running.shift()?.answer();
	await done;
	await expect.poll(() => said.at(-1)).toBe('ROLLBACK');
	expect(said).not.toContain('commit');
});

test('SYS-02 when the client leaves, what runs is cancelled in the database, and the connection is free again', async () => {
	const { pools, running, cancelled, released } = fakeDatabase();
	const reads = new Reads(pools, limits);
	const abort = new AbortController();
	let later: unknown;
	const done = reasonOf(
		reads.run(reader(abort.signal), 'own', async () => {
			await ask(pools, 'select 1').catch(() => undefined);
			later = await ask(pools, 'select 2').catch((error: Error) => error.message);
		}),
	);
	await expect.poll(() => running.length).toBe(1);
	abort.abort();
	expect(await done).toBe('left');
	await expect.poll(() => released).toEqual([undefined]);
	expect(cancelled).toEqual([7]);
	// With these words Ponder does not try again.
	expect(later).toContain('does not exist');
	// One slot, and it is free.
	expect(await reads.run(reader(), 'own', async () => 'served')).toBe('served');
});

test('SYS-02 the time of a request is limited, and what the database sends for it', async () => {
	const slow = fakeDatabase();
	const late = new Reads(slow.pools, { ...limits, milliseconds: 20 });
	expect(await reasonOf(late.run(reader(), 'own', () => ask(slow.pools, 'select 1')))).toBe('timeout');
	expect(slow.cancelled).toEqual([7]);

	const large = fakeDatabase();
	const reads = new Reads(large.pools, limits);
	const done = reasonOf(reads.run(reader(), 'own', () => ask(large.pools, 'select 1')));
	await expect.poll(() => large.running.length).toBe(1);
	large.stream.emit('data', Buffer.alloc(60));
	large.stream.emit('data', Buffer.alloc(60));
	expect(await done).toBe('too-large');
});

test("a statement that the database refuses is the query's mistake, and runs once", async () => {
	const { pools, running, said } = fakeDatabase();
	const reads = new Reads(pools, limits);
	const done = reads.run(reader(), 'sql', async (session) => {
		for (let attempt = 0; attempt < 3; attempt++) await ask(pools, 'select 1/0').catch(() => undefined);
		return session.failure;
	});
	await expect.poll(() => running.length).toBe(1);
	running.shift()?.answer(new Error('division by zero'));
	expect(await done).toMatchObject({ reason: 'refused', message: 'division by zero' });
	expect(said.filter((text) => text === 'select 1/0')).toHaveLength(1);
});

test('a backend that does not stop costs its connection', async () => {
	const { pools, running, released } = fakeDatabase();
	pools.admin.query = (async () => undefined) as unknown as typeof pools.admin.query;
	const reads = new Reads(pools, { ...limits, milliseconds: 20 });
	expect(await reasonOf(reads.run(reader(), 'own', () => ask(pools, 'select 1')))).toBe('timeout');
	await expect.poll(() => released, { timeout: 5_000 }).toEqual([true]);
	expect(running).toHaveLength(1);
});
