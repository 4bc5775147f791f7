import type { Client } from 'pg';
import { describe, expect, test } from 'vitest';
import type { Difference } from '../watch/compare.ts';
import type { IndexHealth } from '../watch/health.ts';
import { EXIT, Watch } from '../watch/watch.ts';

const MINUTE = 60_000;
const HASH = `0x${'ab'.repeat(32)}`;

const whole: IndexHealth = {
	ok: true,
	block: '100',
	head: '100',
	behindBlocks: 0,
	behindSeconds: 0,
	nodesBehindSeconds: 0,
	refusedAnswers: 0,
	differences: [],
	turned: false,
	problem: null,
};
const lacks = (what: string, indexed: number, chain: number): Partial<IndexHealth> => ({
	ok: false,
	differences: [{ what, indexed: `${indexed}`, chain: `${chain}` } satisfies Difference],
	problem: `The tables differ from the contracts: ${what} ${indexed} instead of ${chain}.`,
});
const oneJobShort = lacks('jobs', 6, 7);
const turned = { ok: false, turned: true, problem: 'The chain was reorganised.' };

/** A watch over an index that the test makes up, with a database that takes a mark unless it was rebuilt not long ago. */
function watched() {
	const world = {
		health: whole,
		now: 0,
		isRested: true,
		ends: [] as [code: number, reason: string][],
		warnings: [] as string[],
		anchors: [] as unknown[],
		marks: [] as unknown[],
	};
	const query = async (text: string, values: unknown[]) => {
		if (text.includes('INSERT INTO necto_index.anchor')) world.anchors.push(values);
		if (!text.includes('INSERT INTO necto_index.rebuild')) return { rowCount: 0, rows: [] };
		world.marks.push(values);
		return { rowCount: world.isRested ? 1 : 0, rows: [] };
	};
	// Only statements are sent to it.
	const client = { query } as unknown as Client;
	const watch = new Watch({
		look: async () => ({ ...world.health, hash: HASH }),
		database: (work) => work(client),
		schema: async () => 'necto_1',
		end: (code, reason) => world.ends.push([code, reason]),
		warn: (message) => world.warnings.push(message),
		now: () => world.now,
	});
	const looks = async (count: number, change: Partial<IndexHealth> = {}) => {
		world.health = { ...whole, ...change };
		for (let look = 0; look < count; look++) await watch.round();
	};
	return { world, looks };
}

describe('SYS-05 the watch over the index', () => {
	test('keeps the hash of a block whose rows are whole, and does nothing else', async () => {
		const { world, looks } = watched();
		await looks(20);
		expect(world.anchors[0]).toEqual(['necto_1', 100n, HASH]);
		expect([world.ends, world.marks, world.warnings]).toEqual([[], [], []]);
	});

	test('warns of a difference once, and keeps no hash of such a block', async () => {
		const { world, looks } = watched();
		await looks(3, oneJobShort);
		expect(world.warnings).toEqual([oneJobShort.problem]);
		expect([world.ends, world.marks, world.anchors]).toEqual([[], [], []]);
	});

	test('has the tables rebuilt when the same row is wrong four times in a row', async () => {
		const { world, looks } = watched();
		await looks(4, oneJobShort);
		expect(world.marks).toEqual([['necto_1', oneJobShort.problem]]);
		expect(world.ends).toEqual([[EXIT.rebuild, oneJobShort.problem]]);
	});

	test('begins to count anew when the rows were whole in between', async () => {
		const { world, looks } = watched();
		await looks(3, oneJobShort);
		await looks(1);
		await looks(3, oneJobShort);
		expect(world.ends).toEqual([]);
		// It came back, so it is told again.
		expect(world.warnings).toHaveLength(2);
	});

	test('other rows in each look are none that is missing', async () => {
		const { world, looks } = watched();
		for (let job = 1; job <= 12; job++) await looks(1, lacks(`status of job ${job}`, 0, 1));
		expect(world.ends).toEqual([]);
	});

	test('one missing job is found on a chain on which jobs are requested all the time', async () => {
		const { world, looks } = watched();
		for (let jobs = 7; jobs < 11; jobs++) await looks(1, lacks('jobs', jobs - 1, jobs));
		expect(world.ends.map(([code]) => code)).toEqual([EXIT.rebuild]);
	});

	test('a block whose state no node has says nothing: neither that rows are whole nor that they are not', async () => {
		const { world, looks } = watched();
		await looks(3, oneJobShort);
		await looks(5, { differences: null });
		expect([world.ends, world.anchors]).toEqual([[], []]);
		await looks(1, oneJobShort);
		expect(world.ends).toHaveLength(1);
	});

	test('a chain that turned deeper than is followed counts like a difference', async () => {
		const { world, looks } = watched();
		await looks(3, turned);
		expect(world.ends).toEqual([]);
		await looks(1, turned);
		expect(world.ends).toEqual([[EXIT.rebuild, turned.problem]]);
	});

	test('continues when the tables were rebuilt recently, warns once, and rebuilds when it may', async () => {
		const { world, looks } = watched();
		world.isRested = false;
		await looks(10, oneJobShort);
		expect(world.ends).toEqual([]);
		expect(world.warnings).toEqual([
			oneJobShort.problem,
			`${oneJobShort.problem} The tables were rebuilt less than 6 hours ago, so they are not rebuilt again: the nodes in ADI_RPC_URL omit events. Add another RPC URL.`,
		]);
		world.isRested = true;
		await looks(1, oneJobShort);
		expect(world.ends).toHaveLength(1);
	});

	test('ends when the index stands still for ten minutes while the chain goes on', async () => {
		const { world, looks } = watched();
		const behind = { behindBlocks: 3, behindSeconds: 700, problem: 'The index is 700 seconds behind the chain.' };
		await looks(1, behind);
		world.now = 10 * MINUTE;
		await looks(1, behind);
		expect(world.ends).toEqual([]);
		world.now += 1;
		await looks(1, behind);
		expect(world.ends).toEqual([[EXIT.stalled, 'The index has stayed at block 100 while the chain advanced.']]);
		expect(world.marks).toEqual([]);
	});

	test('an index that moves, or whose chain stands still as well, does not stand still', async () => {
		const { world, looks } = watched();
		for (let block = 100; block < 130; block++) {
			world.now += 9 * MINUTE;
			await looks(1, { behindBlocks: 3, block: `${block}` });
		}
		await looks(1, { block: '130' });
		world.now += 60 * MINUTE;
		await looks(1, { block: '130' });
		expect(world.ends).toEqual([]);
	});

	test('tables that may not be rebuilt yet do not keep it from ending when it is stalled', async () => {
		const { world, looks } = watched();
		world.isRested = false;
		await looks(4, { ...oneJobShort, behindBlocks: 3 });
		world.now = 11 * MINUTE;
		await looks(1, { ...oneJobShort, behindBlocks: 3 });
		expect(world.ends.map(([code]) => code)).toEqual([EXIT.stalled]);
	});
});
