import { accessControlAbi, type Deployment, jobRegistryAbi, jobStatus, providerRegistryAbi } from '@necto/contracts';
import {
	decodeFunctionData,
	encodeErrorResult,
	encodeFunctionResult,
	type Hex,
	hexToNumber,
	numberToHex,
	pad,
} from 'viem';
import { describe, expect, test } from 'vitest';
import { CheckedRpc } from '../rpc/checked.ts';
import { RpcError } from '../rpc/upstream.ts';
import { ChainCounts, type Rows } from '../watch/compare.ts';
import { from, HealthCheck, LookFailure } from '../watch/health.ts';
import { type Turn, WINDOW } from '../watch/turns.ts';

const at = (digit: string): Hex => `0x${digit.repeat(40)}`;
const deployment: Deployment = {
	chainId: 31_337,
	startBlock: 1,
	accessControl: at('1'),
	providerRegistry: at('2'),
	jobRegistry: at('3'),
	escrow: at('4'),
	challenge: at('5'),
	usdc: at('6'),
};
const abi = [...accessControlAbi, ...providerRegistryAbi, ...jobRegistryAbi];
const BLOCK_SECONDS = 20;
const zeros = (size: number): Hex => pad('0x', { size });
const EMPTY_JOB = { termsHash: zeros(26), status: 0, time: 0 };
const EMPTY_LISTING = {
	...{ provider: 1, version: 0, touchedAt: 0, rate: 0n, total: 0, reserved: 0, kind: 0, model: 0, continent: 0 },
	...{ offline: false, tiered: false, restricted: false, gpuModel: zeros(16), memoryGiB: 0, widest: 0, formFactor: 0 },
	...{
		country: zeros(2),
		availableFrom: 0,
		availableUntil: 0,
		floor: 0n,
		ceiling: 0n,
		tokenAmount: 0n,
		token: zeros(8),
	},
};

/** A chain of empty blocks whose contracts hold two jobs, and a table that has them all until the test changes something. */
function world() {
	const state = {
		head: 100,
		indexed: 100n,
		/** Blocks whose state the node does not keep any more. */
		isPruned: false,
		stands: (): boolean => true,
		rows: {
			jobs: 2,
			listings: 1,
			providers: 3,
			teams: 4,
			comparedJobs: [
				{ id: 2n, status: 'requested' },
				{ id: 1n, status: 'routed' },
			],
			comparedListings: [{ id: 1, version: 5, reserved: 0 }],
		} satisfies Rows as Rows,
		/** Listings that are not among the newest. */
		older: [] as { id: number; version: number; reserved: number }[],
		/** How many listings there are, in the tables and on chain. */
		listings: 1,
		/** What happens while rows are read. */
		reading: () => undefined as unknown,
		now: 0,
	};
	const hashOf = (number: number): Hex => pad(numberToHex(number), { size: 32 });
	const results: Record<string, (id: unknown) => unknown> = {
		jobCount: () => 2n,
		listingCount: () => state.listings,
		providerCount: () => 3,
		teamCount: () => 4,
		getJob: (id) => ({ ...EMPTY_JOB, status: id === 1n ? jobStatus.routed : jobStatus.requested }),
		getListing: () => ({ ...EMPTY_LISTING, version: 5 }),
	};
	const rpc = new CheckedRpc(
		[
			async ({ method, params }) => {
				const [first, second] = params as [never, { blockHash?: Hex }];
				if (method === 'eth_getBlockByNumber') {
					const number = first === 'latest' ? state.head : hexToNumber(first);
					return {
						number: numberToHex(number),
						hash: hashOf(number),
						parentHash: hashOf(number - 1),
						timestamp: numberToHex(number * BLOCK_SECONDS),
					};
				}
				if (state.isPruned) throw new RpcError(-32_000, 'missing trie node', undefined);
				expect(second).toEqual({ blockHash: hashOf(Number(state.indexed)) });
				const { functionName, args } = decodeFunctionData({ abi, data: (first as { data: Hex }).data });
				const [id] = args ?? [];
				const errorName = functionName === 'getJob' ? 'UnknownJob' : 'UnknownListing';
				if (Number(id ?? 0) > Math.max(2, state.listings))
					throw new RpcError(3, 'execution reverted', encodeErrorResult({ abi, errorName, args: [id] } as never));
				return encodeFunctionResult({ abi, functionName, result: results[functionName]?.(id) } as never);
			},
		],
		{ tries: 1, retryMs: 0, now: () => state.now },
	);
	const tables = {
		head: async () => state.indexed,
		rows: async (turn: Turn) => {
			state.reading();
			const older = state.older.filter(({ id }) => turn.listings.includes(id));
			return { ...state.rows, comparedListings: [...state.rows.comparedListings, ...older] };
		},
	};
	const check = new HealthCheck(rpc, new ChainCounts(rpc, deployment), tables, async () => state.stands());
	return { state, check };
}

describe('SYS-05 health of the index', () => {
	test('is good when the tables hold what the contracts count at the same block', async () => {
		const { check } = world();
		expect(await check.look()).toMatchObject({
			...{ ok: true, block: '100', head: '100', behindBlocks: 0, behindSeconds: 0 },
			...{ differences: [], turned: false, problem: null, hash: pad('0x64', { size: 32 }) },
		});
	});

	test.each([
		['jobs', { jobs: 1 }, '1', '2'],
		['listings', { listings: 2 }, '2', '1'],
		['providers', { providers: 2 }, '2', '3'],
		['teams', { teams: 0 }, '0', '4'],
		['status of job 1', { comparedJobs: [{ id: 1n, status: 'requested' }] }, 'requested', 'routed'],
		['version of listing 1', { comparedListings: [{ id: 1, version: 4, reserved: 0 }] }, '4', '5'],
		['status of job 3', { comparedJobs: [{ id: 3n, status: 'requested' }] }, 'requested', 'nothing'],
		['reserved GPUs of listing 1', { comparedListings: [{ id: 1, version: 5, reserved: 2 }] }, '2', '0'],
		['version of listing 3', { comparedListings: [{ id: 3, version: 1, reserved: 0 }] }, '1', 'nothing'],
	])('names what differs: %s', async (what, change, indexed, chain) => {
		const { state, check } = world();
		state.rows = { ...state.rows, ...change };
		const health = await check.look();
		expect(health).toMatchObject({ ok: false, differences: [{ what, indexed, chain }] });
		expect(health.problem).toBe(`The tables differ from the contracts: ${what} ${indexed} instead of ${chain}.`);
	});

	test('older rows take turns: a lost change of any of them is found, and named in every look until it is put right', async () => {
		const { state, check } = world();
		const count = 3 * WINDOW + 7;
		state.listings = count;
		const all = (version: (id: number) => number) =>
			Array.from({ length: count }, (_, index) => ({ id: index + 1, version: version(index + 1), reserved: 0 }));
		for (const lost of [2, WINDOW + 1, count - 1]) {
			state.rows = { ...state.rows, listings: count, comparedListings: [{ id: count, version: 5, reserved: 0 }] };
			state.older = all((id) => (id === lost ? 4 : 5));
			const looks = [];
			for (let look = 0; look < 4; look++) looks.push(await check.look());
			const found = looks.findIndex(({ ok }) => !ok);
			expect(found).toBeGreaterThanOrEqual(0);
			for (let look = 0; look < 2; look++) {
				const difference = { what: `version of listing ${lost}`, indexed: '4', chain: '5' };
				expect(await check.look()).toMatchObject({ ok: false, differences: [difference] });
			}
			state.older = all(() => 5);
			expect(await check.look()).toMatchObject({ ok: true, differences: [] });
		}
	});

	test('a look that could compare nothing is not a turn', async () => {
		const { state, check } = world();
		state.listings = 2 * WINDOW;
		state.rows = { ...state.rows, listings: 2 * WINDOW };
		state.older = [{ id: 2, version: 4, reserved: 0 }];
		state.isPruned = true;
		expect(await check.look()).toMatchObject({ differences: null });
		state.isPruned = false;
		expect(await check.look()).toMatchObject({ differences: [{ what: 'version of listing 2' }] });
	});

	test('compares with the state of the block that the rows are of, and reads them again when another one went by', async () => {
		const { state, check } = world();
		let readings = 0;
		state.reading = () => {
			readings++;
			if (readings < 3) {
				state.indexed++;
				state.head++;
			}
		};
		expect(await check.look()).toMatchObject({ ok: true, block: '102', differences: [] });
		expect(readings).toBe(3);
	});

	test('compares nothing where each reading has another block go by, or no node has the state', async () => {
		const busy = world();
		busy.state.reading = () => {
			busy.state.indexed++;
			busy.state.head++;
		};
		expect(await busy.check.look()).toMatchObject({ ok: true, differences: null });
		const pruned = world();
		pruned.state.isPruned = true;
		expect(await pruned.check.look()).toMatchObject({ ok: true, differences: null });
	});

	test('says how far the tables are behind; up to a minute is good', async () => {
		const { state, check } = world();
		state.head = 103;
		expect(await check.look()).toMatchObject({ ok: true, behindBlocks: 3, behindSeconds: 60 });
		state.head = 104;
		expect(await check.look()).toMatchObject({ ok: false, problem: 'The index is 80 seconds behind the chain.' });
	});

	test('says that all nodes have been behind a block that was shown for more than half a minute', async () => {
		const { state, check } = world();
		state.indexed = 99n;
		await check.look();
		state.head = 99;
		expect(await check.look()).toMatchObject({ ok: true, head: '100', nodesBehindSeconds: 0 });
		state.now = 30_000;
		expect(await check.look()).toMatchObject({ ok: true, head: '100', nodesBehindSeconds: 30 });
		state.now = 31_000;
		expect(await check.look()).toMatchObject({
			ok: false,
			problem:
				'All RPC nodes have been behind the newest known block for 31 seconds. Add another RPC URL to ADI_RPC_URL.',
		});
	});

	test('says that a block which the rows were made of is not on the chain', async () => {
		const { state, check } = world();
		state.stands = () => false;
		expect(await check.look()).toMatchObject({ ok: false, turned: true, problem: expect.stringContaining('rebuilt') });
	});
});

describe('SYS-05 what kept the index from being checked is named as it is', () => {
	const coded = (message: string, code: string) => Object.assign(new Error(message), { code });
	const denied = coded('permission denied for schema necto_index', '42501');

	test.each([
		[
			'a right that the role lacks',
			denied,
			/^The database role of this process lacks a right: permission denied for schema necto_index\. Grant it/,
		],
		['the same inside the error of a query builder', new Error('Failed query', { cause: denied }), /lacks a right/],
		[
			'a refused query',
			coded('relation "x" does not exist', '42P01'),
			/^The database refused a query: relation "x" does not exist\.$/,
		],
		['a database that is away', coded('connect ECONNREFUSED', 'ECONNREFUSED'), /^The database does not answer\.$/],
		['one that shuts down', coded('terminating connection', '57P01'), /^The database does not answer\.$/],
		['one that is silent', new Error('timeout expired'), /^The database does not answer\.$/],
	])('%s', async (_, error, sentence) => {
		await expect(from('database', Promise.reject(error))).rejects.toThrow(sentence);
	});

	test('the chain, also where only the kept hash is compared with it', async () => {
		const { check, state } = world();
		state.stands = () => {
			throw new LookFailure('chain', new Error('no node'));
		};
		await expect(check.look()).rejects.toMatchObject({
			source: 'chain',
			message: expect.stringContaining('RPC does not answer'),
		});
	});
});
