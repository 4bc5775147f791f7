/** What the agent believes of a node, one protection at a time; `simulation/` has them all at once. */
import { describe, expect, it } from 'vitest';
import { confirmedLogs } from '../src/chain/blockLogs.ts';
import { JobRegistry } from '../src/chain/jobs.ts';
import { ChainNodes, NodeBehindError } from '../src/chain/nodes.ts';
import { ChainModel, type ModelBlock, REGISTRY } from './simulation/model.ts';
import { clientOf, FaultyNode, HONEST } from './simulation/node.ts';
import { Random } from './simulation/random.ts';

/** A chain with a block of two jobs at its head, and one node. */
function world({ bloom = true, change = (answer: unknown, _method: string): unknown => answer } = {}) {
	const random = new Random(1);
	const model = new ChainModel(random, 1_790_000_000, bloom);
	const node = new FaultyNode(model, random);
	const asked: { method: string; params: unknown[] }[] = [];
	const request = async (body: { method: string; params?: unknown }) => {
		asked.push({ method: body.method, params: Array.isArray(body.params) ? body.params : [] });
		return change(await node.request(body), body.method);
	};
	const clock = { now: 0 };
	const nodes = new ChainNodes([clientOf([{ request }], random)], { retryMs: 0, now: () => clock.now });
	model.request(2);
	/** The ids of the jobs that were requested in a block; null when nothing is known about it. */
	const jobsIn = async (block: ModelBlock): Promise<number | null> => {
		const logs = await confirmedLogs(nodes, await nodes.latest(BigInt(block.number)), REGISTRY);
		return logs?.length ?? null;
	};
	return { model, node, nodes, asked, clock, jobsIn };
}

describe('SYS-05 all logs of a block, or none', () => {
	it('no logs of a block whose header has some: its receipts are asked for', async () => {
		const { model, node, jobsIn } = world();
		node.faults = { ...HONEST, empty: 1 };
		expect(await jobsIn(model.head)).toBe(2);
	});

	it('no logs, and receipts without them: nothing is known', async () => {
		const { model, node, jobsIn } = world();
		expect(await jobsIn(model.head)).toBe(2);
		node.faults = { ...HONEST, forgets: 1 };
		expect(await jobsIn(model.head)).toBeNull();
	});

	it('one log less, or one of another block: nothing is known', async () => {
		type Logs = { logIndex: string; blockHash: string }[];
		const changes: ((logs: Logs) => unknown)[] = [
			(logs) => logs.slice(1),
			(logs) => logs.slice(0, -1),
			(logs) => logs.map((log, index) => (index === 0 ? { ...log, blockHash: `0x${'1'.repeat(64)}` } : log)),
		];
		for (const changed of changes) {
			let isLying = false;
			const { model, node, jobsIn } = world({
				change: (answer, method) => (isLying && method === 'eth_getLogs' ? changed(answer as Logs) : answer),
			});
			expect(await jobsIn(model.head)).toBe(2);
			isLying = true;
			// The receipts are no way out here.
			node.faults = { ...HONEST, forgets: 1 };
			expect(await jobsIn(model.head)).toBeNull();
		}
	});

	it('headers without a filter: receipts and logs have to agree', async () => {
		const { model, node, jobsIn } = world({ bloom: false });
		expect(await jobsIn(model.head)).toBe(2);
		node.faults = { ...HONEST, empty: 1 };
		expect(await jobsIn(model.head)).toBeNull();
	});

	it('a receipt that is missing, or of another block: nothing is known', async () => {
		type Receipts = { blockHash: string }[];
		const changes: ((receipts: Receipts) => unknown)[] = [
			(receipts) => receipts.slice(1),
			(receipts) => receipts.map((receipt) => ({ ...receipt, blockHash: `0x${'1'.repeat(64)}` })),
			() => null,
		];
		for (const changed of changes) {
			const { model, jobsIn } = world({
				bloom: false,
				change: (answer, method) => (method === 'eth_getBlockReceipts' ? changed(answer as Receipts) : answer),
			});
			expect(await jobsIn(model.head)).toBeNull();
		}
	});

	it('a header that rules them out answers the question', async () => {
		const { model, asked, jobsIn } = world();
		while (model.head.logs.length > 0) model.mine();
		const busy = model.head;
		expect(await jobsIn(busy)).toBe(0);
		expect(asked.map(({ method }) => method)).not.toContain('eth_getLogs');
	});
});

describe('SYS-05 the newest block', () => {
	it('is never below one that was shown, or that is known to exist, until a minute has passed', async () => {
		const { model, node, nodes, clock } = world();
		for (let block = 0; block < 9; block++) model.mine();
		expect((await nodes.latest()).number).toBe(10n);
		node.faults = { ...HONEST, lag: 4 };
		await expect(nodes.latest()).rejects.toThrow(NodeBehindError);
		clock.now += 59_000;
		expect(nodes.behindMs).toBe(59_000);
		await expect(nodes.latest()).rejects.toThrow('block 10 is already known');
		clock.now += 1_000;
		expect((await nodes.latest()).number).toBe(6n);
		await expect(nodes.latest(7n)).rejects.toThrow(NodeBehindError);
	});

	it('is the state that jobs are read and counted at, by its hash', async () => {
		const { nodes, asked } = world();
		const registry = new JobRegistry(nodes, REGISTRY);
		const block = await nodes.latest();
		expect(await registry.count(block)).toBe(2n);
		expect(await registry.read(1n, block.number)).toMatchObject({ status: 'requested', head: block.number });
		const calls = asked.filter(({ method }) => method === 'eth_call').map(({ params }) => params[1]);
		expect(calls).toEqual([{ blockHash: block.hash }, { blockHash: block.hash }]);
	});
});
