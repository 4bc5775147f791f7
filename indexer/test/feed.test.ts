import { beforeEach, expect, test } from 'vitest';
import type { Change } from '../src/api/live/change.ts';
import { type Bell, ChangeFeed, type Index } from '../src/api/live/feed.ts';
import { TABLES, type TableName } from '../src/api/tables.ts';

/** A chain's index that can be changed by hand, with the bell that goes with it. */
class FakeIndex implements Index, Bell {
	block = 10n;
	fork = 0;
	readonly jobs = new Map<bigint, bigint>();
	isListening = false;
	isBroken = false;
	ring: (tables: TableName[]) => void = () => undefined;
	lose: () => void = () => undefined;

	async head() {
		if (this.isBroken) throw new Error('database is gone');
		return { block: this.block, mark: `${this.block}/${this.fork}` };
	}

	async jobsAbove(block: bigint) {
		return [...this.jobs].filter(([, at]) => at > block).map(([id]) => id);
	}

	async listen(onBlock: (tables: TableName[]) => void, onGap: () => void) {
		if (this.isBroken) throw new Error('database is gone');
		this.isListening = true;
		this.ring = onBlock;
		this.lose = onGap;
		return async () => {
			this.isListening = false;
		};
	}

	/** A block with these jobs and tables is committed. */
	commit(block: bigint, tables: TableName[], jobs: bigint[] = []): void {
		this.block = block;
		for (const id of jobs) this.jobs.set(id, block);
		this.ring(tables);
	}
}

let index: FakeIndex;
let feed: ChangeFeed;
let heard: Change[];
beforeEach(() => {
	index = new FakeIndex();
	feed = new ChangeFeed(index, index);
	heard = [];
});

/** Lets everything that waits for nothing but itself go on. */
const settle = () => new Promise((resolve) => setImmediate(resolve));

const subscribe = () => feed.subscribe((change) => heard.push(change));

test('SYS-05 a block is told with its tables and the jobs in it', async () => {
	await subscribe();
	index.commit(11n, ['job', 'listing'], [4n]);
	await settle();
	index.commit(12n, ['team']);
	await settle();
	expect(heard).toEqual([
		{ block: 11n, tables: ['listing', 'job'], jobs: [4n] },
		{ block: 12n, tables: ['team'], jobs: [] },
	]);
});

test('a block in which nothing changed is not told', async () => {
	await subscribe();
	index.commit(11n, []);
	await settle();
	expect(heard).toEqual([]);
});

test('two blocks that come at once lose nothing', async () => {
	await subscribe();
	index.commit(11n, ['job'], [1n]);
	index.commit(12n, ['job', 'listing'], [2n]);
	await settle();
	expect(heard.flatMap(({ jobs }) => jobs)).toEqual(expect.arrayContaining([1n, 2n]));
	expect(heard.flatMap(({ tables }) => tables)).toContain('listing');
});

test('after a reorganisation everything is told, also jobs that are gone', async () => {
	await subscribe();
	index.commit(11n, ['job'], [1n]);
	await settle();
	index.commit(12n, ['job', 'jobEvent'], [2n]);
	await settle();
	index.jobs.delete(2n);
	index.commit(11n, [], []);
	await settle();
	expect(heard.at(-1)).toEqual({ block: 11n, tables: TABLES, jobs: [1n, 2n] });
});

test('another block of the same height is a reorganisation too', async () => {
	await subscribe();
	index.commit(11n, ['job'], [1n]);
	await settle();
	index.jobs.clear();
	index.fork = 1;
	index.commit(11n, []);
	await settle();
	expect(heard.at(-1)).toEqual({ block: 11n, tables: TABLES, jobs: [1n] });
});

test('even when the other block has the same second', async () => {
	await subscribe();
	index.commit(11n, ['job'], [1n]);
	await settle();
	index.jobs.clear();
	index.commit(11n, []);
	await settle();
	expect(heard.at(-1)).toEqual({ block: 11n, tables: TABLES, jobs: [1n] });
});

test('after an interruption everything is told, and the jobs of the meantime', async () => {
	await subscribe();
	index.block = 14n;
	index.jobs.set(3n, 13n);
	index.lose();
	await settle();
	expect(heard).toEqual([{ block: 14n, tables: TABLES, jobs: [3n] }]);
});

test('a database that is away for a moment stops nobody', async () => {
	await subscribe();
	index.isBroken = true;
	index.commit(11n, ['job'], [1n]);
	await settle();
	index.isBroken = false;
	index.lose();
	await settle();
	expect(heard).toEqual([{ block: 11n, tables: TABLES, jobs: [1n] }]);
});

test('it listens while somebody subscribes, and not longer', async () => {
	const first = await subscribe();
	const second = await subscribe();
	first();
	expect(index.isListening).toBe(true);
	second();
	await settle();
	expect(index.isListening).toBe(false);
	index.block = 20n;
	await subscribe();
	index.commit(21n, ['job'], [9n]);
	await settle();
	expect(heard).toEqual([{ block: 21n, tables: ['job'], jobs: [9n] }]);
});

test('a subscription that fails is none, and the next one works', async () => {
	index.isBroken = true;
	await expect(subscribe()).rejects.toThrow('database is gone');
	expect(feed.size).toBe(0);
	index.isBroken = false;
	await subscribe();
	index.commit(11n, ['job'], [1n]);
	await settle();
	expect(heard).toHaveLength(1);
});

test('whoever comes back is told what changed since', async () => {
	index.jobs.set(1n, 8n).set(2n, 9n).set(3n, 10n);
	expect(await feed.since(8n)).toEqual({ block: 10n, tables: TABLES, jobs: [2n, 3n] });
	// The block it knew may have been replaced by another of the same height.
	expect((await feed.since(10n)).jobs).toEqual([3n]);
	expect((await feed.since(undefined)).jobs).toEqual([]);
});
