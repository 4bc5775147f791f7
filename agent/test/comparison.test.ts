import { afterEach, describe, expect, it } from 'vitest';
import { ChainNodes } from '../src/chain/nodes.ts';
import { IndexerComparison } from '../src/worker/indexerComparison.ts';
import { ChainModel } from './simulation/model.ts';
import { clientOf, FaultyNode } from './simulation/node.ts';
import { Random } from './simulation/random.ts';
import { type Fake, fakeServer, sendJson } from './support/http.ts';

let indexer: Fake | null = null;
afterEach(async () => {
	await indexer?.close();
	indexer = null;
});

/** An indexer with some jobs, and a chain that counts more of them or less. */
async function world({ jobs = 5, newest = 5, open = [] as number[], counted = 5n }) {
	const state = { block: 3, moves: false };
	const fake = await fakeServer((request, response) => {
		if (request.url === '/status') {
			if (state.moves) state.block++;
			sendJson(response, { adi: { id: 31_337, block: { number: state.block, timestamp: 1 } } });
			return;
		}
		sendJson(response, {
			data: {
				newest: { totalCount: jobs, items: [{ id: `${newest}` }] },
				open: { items: open.map((id) => ({ id: `${id}` })) },
			},
		});
	});
	indexer = fake;
	const random = new Random(1);
	const model = new ChainModel(random, 1_790_000_000, true);
	for (let block = 0; block < 9; block++) model.mine();
	const expected: bigint[] = [];
	const askedAgain: bigint[][] = [];
	const comparison = new IndexerComparison({
		indexerUrl: fake.url,
		chainId: 31_337,
		nodes: new ChainNodes([clientOf([new FaultyNode(model, random)], random)]),
		registry: {
			count: async ({ number }) => {
				if (number !== 3n) throw new Error('The node keeps no state of that block.');
				return counted;
			},
		},
		journal: {
			askAgain: async (ids) => {
				askedAgain.push([...ids]);
				return [...ids];
			},
		},
		expect: (count) => expected.push(count),
	});
	const round = () => comparison.round(new AbortController().signal);
	return { state, comparison, round, expected, askedAgain };
}

describe('SYS-05 the indexer as a second source', () => {
	it('its newest job is searched for, and its open ones are processed again', async () => {
		const { round, expected, askedAgain } = await world({ newest: 7, open: [7, 4] });
		expect(await round()).toEqual([7n, 4n]);
		expect(expected).toEqual([7n]);
		expect(askedAgain).toEqual([[7n, 4n]]);
	});

	it('jobs that the chain counts at its block and it lacks are told', async () => {
		const { comparison, round } = await world({ jobs: 3, counted: 5n });
		expect(comparison.indexerLacks).toBe(0n);
		await round();
		expect(comparison.indexerLacks).toBe(2n);
		expect(comparison.last).toEqual({ block: 3n, indexed: 3n, counted: 5n });
	});

	it('more than the chain counts is none that it lacks', async () => {
		const { comparison, round } = await world({ jobs: 6, counted: 5n });
		await round();
		expect(comparison.indexerLacks).toBe(0n);
	});

	it('rows read while a block went by are compared with nothing', async () => {
		const { state, comparison, round, expected } = await world({ jobs: 3, counted: 5n });
		state.moves = true;
		await round();
		expect(comparison.last).toBeNull();
		expect(expected).toEqual([5n]);
	});

	it('a block whose state no node has says nothing', async () => {
		const { state, comparison, round } = await world({ jobs: 3, counted: 5n });
		state.block = 4;
		await round();
		expect(comparison.indexerLacks).toBe(0n);
	});
});
