/** One protection of the scanner at a time, against the one fault that the others do not find. */
import type { Pool } from 'pg';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { JobRegistry } from '../../src/chain/jobs.ts';
import { ChainNodes } from '../../src/chain/nodes.ts';
import { migrate, openPool } from '../../src/journal/database.ts';
import { Journal } from '../../src/journal/jobs.ts';
import { createLogger } from '../../src/logger.ts';
import { Scanner } from '../../src/worker/scanner.ts';
import { freshDatabase } from '../support/database.ts';
import { ChainModel, REGISTRY } from './model.ts';
import { clientOf, FaultyNode, HONEST } from './node.ts';
import { Random } from './random.ts';

const { signal } = new AbortController();
const logger = createLogger('silent');
let pool: Pool;
let deployments = 0;

beforeAll(async () => {
	pool = openPool(await freshDatabase(inject('database'), 'agent_scanner'), logger);
	await migrate(pool);
});

afterAll(() => pool?.end());

type Change = (answer: unknown, method: string, params: readonly unknown[]) => unknown;

function world({ bloom = true } = {}) {
	const random = new Random(1);
	const model = new ChainModel(random, 1_790_000_000, bloom);
	const node = new FaultyNode(model, random);
	const lies: { change: Change | null } = { change: null };
	const asked: string[] = [];
	const request = async (body: { method: string; params?: unknown }) => {
		asked.push(body.method);
		const answer = await node.request(body);
		return lies.change === null ? answer : lies.change(answer, body.method, body.params as unknown[]);
	};
	const nodes = new ChainNodes([clientOf([{ request }], random)], { retryMs: 0 });
	const journal = new Journal(pool, `scanner:${deployments++}`);
	const registry = new JobRegistry(nodes, REGISTRY);
	const scanner = new Scanner({ nodes, journal, registry, startBlock: 1n, logger });
	const mine = (blocks: number) => {
		for (let block = 0; block < blocks; block++) model.mine();
	};
	return { model, node, lies, asked, journal, scanner, mine, scan: () => scanner.scan(signal) };
}

/** Takes the registry's logs from every answer, from receipts as well. */
const withoutLogs: Change = (answer, method) => {
	if (method === 'eth_getLogs') return [];
	if (method !== 'eth_getBlockReceipts') return answer;
	return (answer as { logs: unknown[] }[]).map((receipt) => ({ ...receipt, logs: [] }));
};

describe('SYS-05 a scanner whose node leaves something out', () => {
	it('does not move past a block whose logs are not confirmed', async () => {
		const { model, node, lies, scanner, mine, scan } = world();
		model.request(1);
		await scan();
		mine(1);
		model.request(1);
		lies.change = withoutLogs;
		node.faults = { ...HONEST, forgets: 1 };
		await scan();
		expect(scanner.lastBlock).toBe(BigInt(model.head.number - 1));
		expect(scanner.trouble.unconfirmed?.block).toBe(BigInt(model.head.number));
		lies.change = null;
		node.faults = HONEST;
		expect(await scan()).toEqual([2n]);
		expect(scanner.trouble.unconfirmed).toBeNull();
	});

	it('finds an event that both answers about its block left out, by asking for the last blocks again', async () => {
		const { model, lies, journal, scanner, scan } = world({ bloom: false });
		model.request(1);
		await scan();
		const held = model.jobs[0];
		if (held === undefined) throw new Error('There is no job.');
		const routing = {
			...{ listing: 1 as never, listingVersion: 1, pricePerGpuHour: 1n as never },
			...{ candidatesRoot: model.head.hash, recordRoot: model.head.hash, recordHash: model.head.hash },
		};
		model.route(1n, held.terms, routing as never);
		lies.change = withoutLogs;
		await scan();
		expect(scanner.lastBlock).toBe(BigInt(model.head.number));
		expect(await journal.changes(1n)).toEqual([]);
		lies.change = null;
		await scan();
		expect(await journal.changes(1n)).toMatchObject([{ kind: 'routed' }]);
		expect(scanner.late).toBe(1);
	});

	it('finds a job that is further back than that, by the count of jobs, and names it until then', async () => {
		const { model, lies, journal, scanner, mine, scan } = world({ bloom: false });
		model.request(1);
		lies.change = withoutLogs;
		await scan();
		mine(40);
		await scan();
		expect(scanner.lastBlock).toBe(41n);
		expect(scanner.trouble.missing).toEqual([1n]);
		lies.change = null;
		expect(await scan()).toEqual([1n]);
		expect(await journal.get(1n)).not.toBeNull();
		expect(scanner.trouble.missing).toEqual([]);
	});

	it('finds a job that only the indexer knows of, while its node counts too few', async () => {
		const { model, lies, journal, scanner, mine, scan } = world({ bloom: false });
		mine(1);
		model.request(1);
		mine(40);
		const zero = `0x${'0'.repeat(64)}`;
		let isBlind = true;
		lies.change = (answer, method, params) => {
			if (method === 'eth_call') return zero;
			return isBlind ? withoutLogs(answer, method, params) : answer;
		};
		await scan();
		isBlind = false;
		await scan();
		expect(await journal.get(1n)).toBeNull();
		scanner.expect(1n);
		expect(await scan()).toEqual([1n]);
	});

	it('takes no event of a block that is not on the chain', async () => {
		const { model, lies, journal, mine, scan } = world();
		model.request(1);
		mine(2);
		const [log] = model.at(1)?.logs.filter(({ address }) => address === REGISTRY) ?? [];
		lies.change = (answer, method, [filter]) => {
			const isRange = method === 'eth_getLogs' && (filter as { blockHash?: string }).blockHash === undefined;
			return isRange ? [{ ...log, blockHash: `0x${'7'.repeat(64)}` }] : answer;
		};
		model.reorganise(3);
		mine(4);
		await scan();
		expect(await journal.get(1n)).toBeNull();
	});

	it('reads blocks that follow on each other, and none of a chain that is gone', async () => {
		const { model, node, scanner, mine, scan } = world();
		mine(5);
		await scan();
		mine(3);
		model.reorganise(2);
		mine(4);
		node.faults = { ...HONEST, stale: 1 };
		await scan();
		expect(scanner.lastBlock).toBeLessThan(BigInt(model.head.number));
		expect(scanner.trouble.unconfirmed).not.toBeNull();
		node.faults = HONEST;
		await scan();
		expect(scanner.lastBlock).toBe(BigInt(model.head.number));
	});
});

describe('SYS-05 a scanner that begins far behind', () => {
	const isRange = (method: string, [filter]: readonly unknown[]) =>
		method === 'eth_getLogs' && (filter as { blockHash?: string }).blockHash === undefined;

	it('does not move past a range of which two answers differ', async () => {
		const { model, lies, journal, scanner, mine, scan } = world();
		model.request(2);
		mine(600);
		let ranges = 0;
		lies.change = (answer, method, params) => (isRange(method, params) && ranges++ === 0 ? [] : answer);
		await scan();
		expect(scanner.lastBlock).toBe(0n);
		expect(scanner.trouble.unconfirmed?.block).toBe(1n);
		// What one of them showed is worked on all the same.
		expect(await journal.get(1n)).not.toBeNull();
		await scan();
		expect(scanner.lastBlock).toBe(BigInt(model.head.number));
	});

	it('asks for few headers of what is far back', async () => {
		const { asked, mine, scan } = world();
		mine(3_000);
		await scan();
		expect(asked.filter((method) => method === 'eth_getBlockByNumber').length).toBeLessThan(600);
	});

	it('finds a job that both answers left out, by the count of jobs', async () => {
		const { model, lies, scanner, mine, scan } = world();
		model.request(2);
		mine(600);
		let ranges = 0;
		lies.change = (answer, method, params) => (isRange(method, params) && ranges++ < 2 ? [] : answer);
		expect((await scan()).sort()).toEqual([1n, 2n]);
		expect(scanner.lastBlock).toBe(BigInt(model.head.number));
	});
});
