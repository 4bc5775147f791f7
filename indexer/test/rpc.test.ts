/** What Ponder gets to see of nodes that lag, lie, forget and fail. `SIMULATION_ROUNDS` plays more rounds, `SIMULATION_SEED` begins with another one. */
import type { Hex } from 'viem';
import { expect, test } from 'vitest';
import { ChainModel, REGISTRY } from '../../agent/test/simulation/model.ts';
import { type Faults, FaultyNode, HONEST } from '../../agent/test/simulation/node.ts';
import { Random } from '../../agent/test/simulation/random.ts';
import { CheckedRpc } from '../rpc/checked.ts';
import { relayRpc } from '../rpc/relay.ts';
import { RpcError } from '../rpc/upstream.ts';

const ROUNDS = Number(process.env.SIMULATION_ROUNDS ?? 200);
const SEED = Number(process.env.SIMULATION_SEED ?? 1);

function world(seed: number, bloom = seed % 4 !== 0) {
	const random = new Random(seed);
	const model = new ChainModel(random, 1_790_000_000, bloom);
	const nodes = Array.from({ length: 1 + random.below(3) }, () => new FaultyNode(model, random));
	const clock = { now: 0 };
	const rpc = new CheckedRpc(
		nodes.map((node) => (question) => node.request(question)),
		{ tries: 2, retryMs: 0, now: () => clock.now },
	);
	return { random, model, nodes, rpc, clock };
}

function anyFaults(random: Random): Faults {
	return {
		lag: random.below(6),
		empty: random.pick([0, 0.3, 0.8]),
		// Where headers have no bloom filter, a node that lost a log from its receipts as well cannot be told from an honest one.
		forgets: random.pick([0, 2, 5]),
		fails: random.pick([0, 0.1, 0.4]),
		stale: 0,
	};
}

/** What is asked for: the registry's logs of all blocks, by range and block by block, as Ponder does. */
async function index(rpc: CheckedRpc, model: ChainModel): Promise<{ rows: Map<string, string[]>; newest: number }> {
	const rows = new Map<string, string[]>();
	const seen = (await rpc.latest()).number;
	const filter = { address: REGISTRY, fromBlock: '0x1', toBlock: seen };
	const keys = (answer: unknown) =>
		(answer as { blockHash: Hex; logIndex: Hex }[]).map((log) => `${log.blockHash}:${log.logIndex}`);
	rows.set('range', keys(await rpc.request({ method: 'eth_getLogs', params: [filter] })));
	for (let number = 1; number <= Number(seen); number++) {
		const hash = model.at(number)?.hash ?? '0x';
		rows.set(hash, keys(await rpc.request({ method: 'eth_getLogs', params: [{ blockHash: hash }] })));
	}
	return { rows, newest: Number(seen) };
}

test(`SYS-05 whatever nodes do, an answer is whole or an error (${ROUNDS} rounds)`, { timeout: 120_000 }, async () => {
	const failures: string[] = [];
	let answered = 0;
	let refused = 0;
	for (let seed = SEED; seed < SEED + ROUNDS; seed++) {
		const { random, model, nodes, rpc } = world(seed);
		// Once a filter has fitted, the chain's filters are known to be those of its logs.
		model.request(1);
		await index(rpc, model);
		for (let tick = 0; tick < 6; tick++) {
			if (random.chance(0.6)) model.request(1 + random.below(3));
			else model.mine();
			for (const node of nodes) {
				node.faults = random.chance(0.4) ? HONEST : anyFaults(random);
				if (!model.withBloom) node.faults = { ...node.faults, forgets: 0 };
			}
			try {
				const { rows, newest } = await index(rpc, model);
				answered++;
				for (const [asked, found] of rows) {
					const blocks = asked === 'range' ? model.upTo(newest) : [model.byHash(asked as Hex)];
					const logs = blocks.flatMap((block) => block?.logs ?? []);
					const wanted = logs
						.filter(({ address }) => asked !== 'range' || address === REGISTRY)
						.map((log) => `${log.blockHash}:${log.logIndex}`);
					if (found.join() !== wanted.join())
						failures.push(`SIMULATION_SEED=${seed} SIMULATION_ROUNDS=1: tick ${tick}, ${asked}`);
				}
			} catch {
				refused++;
			}
		}
		for (const node of nodes) node.faults = HONEST;
		await index(rpc, model).catch((error: unknown) =>
			failures.push(`SIMULATION_SEED=${seed}: honest nodes: ${String(error)}`),
		);
	}
	expect(failures).toEqual([]);
	expect(answered).toBeGreaterThan(ROUNDS);
	expect(refused).toBeGreaterThan(0);
});

test('SYS-05 the newest block does not go back because a node is behind; after a minute a shorter chain is believed', async () => {
	const { model, nodes, rpc, clock } = world(1);
	for (let block = 0; block < 9; block++) model.mine();
	expect((await rpc.latest()).number).toBe('0x9');
	for (const node of nodes) node.faults = { ...HONEST, lag: 4 };
	expect((await rpc.latest()).number).toBe('0x9');
	clock.now += 30_000;
	expect((await rpc.latest()).number).toBe('0x9');
	expect(rpc.behindMs).toBe(30_000);
	clock.now += 31_000;
	expect((await rpc.latest()).number).toBe('0x5');
});

const allLogs = (to: Hex) => ({
	method: 'eth_getLogs',
	params: [{ address: REGISTRY, fromBlock: '0x1', toBlock: to }],
});
const count = (answer: unknown) => (answer as unknown[]).length;

/** A node of a chain with one job at its beginning, whose answers the test changes. */
function liar(blocks: number, bloom: boolean) {
	const { model, nodes } = world(1, bloom);
	model.request(1);
	for (let block = 0; block < blocks; block++) model.mine();
	const lies: { change: (answer: unknown, method: string, params: readonly unknown[]) => unknown } = {
		change: (answer) => answer,
	};
	const [node] = nodes;
	const rpc = new CheckedRpc(
		[async (question) => lies.change(await node?.request(question), question.method, question.params)],
		{
			tries: 2,
			retryMs: 0,
		},
	);
	return { model, node, lies, rpc };
}

test('SYS-05 far back, where no headers are compared, two answers have to agree', async () => {
	const { model, lies, rpc } = liar(2_100, true);
	await rpc.latest();
	let asked = 0;
	lies.change = (answer, method) => (method === 'eth_getLogs' && asked++ % 2 === 0 ? [] : answer);
	const far = allLogs(`0x${(50).toString(16)}`);
	await expect(rpc.request(far)).rejects.toThrow('that the chain confirms');
	expect(asked).toBe(2);
	lies.change = (answer) => answer;
	expect(count(await rpc.request(far))).toBe(1);
	expect(count(await rpc.request(allLogs(`0x${model.head.number.toString(16)}`)))).toBe(1);
});

test.each([1, 90, 99, 100, 101, 102, 1_900])(
	'SYS-05 a range from block %i across the edge of the headers that are compared is whole where they are',
	async (from) => {
		const { model, lies, rpc } = liar(2_098, true);
		model.request(2);
		await rpc.latest();
		expect(model.head.number).toBe(2_100);
		// It leaves out of every range what is near its end, the same each time, and answers right about one block.
		lies.change = (answer, method, [filter]) =>
			method === 'eth_getLogs' && !Object.hasOwn(filter as object, 'blockHash')
				? (answer as { blockNumber: Hex }[]).filter(({ blockNumber }) => blockNumber === '0x1')
				: answer;
		const range = { address: REGISTRY, fromBlock: `0x${from.toString(16)}`, toBlock: '0x834' };
		const logs = await rpc.request({ method: 'eth_getLogs', params: [range] });
		expect(count(logs)).toBe(from === 1 ? 3 : 2);
	},
);

test('SYS-05 a node that has not got the end of a range is not asked about it', async () => {
	const { model, node, rpc } = liar(2_100, true);
	if (node === undefined) throw new Error('There is no node.');
	await rpc.latest();
	node.faults = { ...HONEST, lag: 3_000 };
	await expect(rpc.request(allLogs(`0x${(50).toString(16)}`))).rejects.toThrow();
	node.faults = HONEST;
	expect(count(await rpc.request(allLogs(`0x${model.head.number.toString(16)}`)))).toBe(1);
});

test('SYS-05 without filters in the headers, logs and receipts have to agree', async () => {
	const { model, lies, rpc } = liar(0, false);
	const block = { method: 'eth_getLogs', params: [{ blockHash: model.head.hash }] };
	lies.change = (answer, method) =>
		method === 'eth_getBlockReceipts'
			? (answer as { logs: unknown[] }[]).map((receipt) => ({ ...receipt, logs: [] }))
			: answer;
	await expect(rpc.request(block)).rejects.toThrow('that the chain confirms');
	lies.change = (answer) => answer;
	expect(count(await rpc.request(block))).toBe(model.head.logs.length);
});

test('SYS-05 a chain that turned is told at once', async () => {
	const { model, rpc } = world(1);
	for (let block = 0; block < 9; block++) {
		model.mine();
		await rpc.latest();
	}
	model.reorganise(3);
	model.mine();
	expect((await rpc.latest()).hash).toBe(model.head.hash);
});

test('the relay gives each address a lane of its own and passes errors on as the nodes say them', async () => {
	const asked: unknown[] = [];
	const rpc = new CheckedRpc([
		async ({ method }) => {
			asked.push(method);
			if (method === 'eth_chainId') return '0x7a69';
			throw new RpcError(3, 'execution reverted', '0x01');
		},
	]);
	const urls = await relayRpc(rpc, 2);
	expect(new Set(urls).size).toBe(2);
	const ask = async (method: string) => {
		const body = JSON.stringify({ jsonrpc: '2.0', id: 7, method, params: [] });
		return (await fetch(urls[1] ?? '', { method: 'POST', body })).json();
	};
	expect(await ask('eth_chainId')).toEqual({ jsonrpc: '2.0', id: 7, result: '0x7a69' });
	expect(await ask('eth_call')).toMatchObject({
		id: 7,
		error: { code: 3, message: 'execution reverted', data: '0x01' },
	});
	expect(asked).toEqual(['eth_chainId', 'eth_call']);
});
