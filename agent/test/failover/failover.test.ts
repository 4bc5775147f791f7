/** RES-04, RES-01 and what stands around them, with the real agent on a real local network. Moves the chain's clock. */
import { encodeBytes16 } from '@necto/contracts';
import { describe, expect, inject, it, onTestFinished } from 'vitest';
import { z } from 'zod';
import { useAgents } from '../support/agents.ts';
import { until } from '../support/network.ts';

const SETTLED = 4;
const DISPUTED = 8;
const SPLIT = 9;
const DAY = 86_400;

const { ready } = inject('network');
const { agent, buyer, crashing, kept, pass, rows, stateOf, titles, verified } = useAgents();

const routed = (job: bigint) => until(async () => (await stateOf(job)) === 'routed');
const routedTimes = (job: bigint, times: number) =>
	until(async () => (await buyer.routes(job)).length === times && (await stateOf(job)) === 'routed');

/** Seconds of the chain's clock. */
async function chainTime(): Promise<number> {
	return Number((await buyer.reader.getBlock()).timestamp);
}

/** Asks for a job that is gone when the test is over: the next one moves the clock, and would have this one routed again. */
async function requested(changes: Parameters<typeof buyer.request>[0]): Promise<bigint> {
	const job = await buyer.request(changes);
	onTestFinished(() => buyer.giveUp(job));
	return job;
}

/** Takes listings, each with its GPUs in all, off the market after the test. */
function putAway(...listings: [id: number, total: number][]): void {
	onTestFinished(async () => {
		for (const [id, total] of listings) await buyer.takeOffline(id, total);
	});
}

async function transactions(job: bigint, purpose: string): Promise<unknown[]> {
	return rows(`SELECT hash FROM agent.transaction WHERE job = $1 AND purpose = '${purpose}' AND state = 'mined'`, job);
}

describe('RES-04 a provider that does not take a job', () => {
	it('declines: the next best gets it, and the record says who was passed over', async () => {
		const first = await buyer.list({ gpuModel: encodeBytes16('l4'), total: 2, rate: 300_000n });
		const second = await buyer.list({ gpuModel: encodeBytes16('l4'), total: 2, rate: 310_000n });
		await agent();
		const job = await requested({ gpuModel: 'l4' as never });
		await routed(job);
		expect((await verified(job)).route.args.listing).toBe(first);

		await buyer.act(job, 'decline');
		await routedTimes(job, 2);
		const again = await verified(job);
		expect(again.route.args.listing).toBe(second);
		expect(again.record.passedOver).toEqual([first]);
		expect(again.result.checks.filter((check) => check.status !== 'passed')).toEqual([]);
		expect(await titles(job)).toContain('reopened: The provider declined the job');

		// Nobody is left: it waits, and says why.
		await buyer.act(job, 'decline');
		await until(async () => (await stateOf(job)) === 'waiting');
		await until(async () => (await titles(job)).includes('passed-over: 2'));
	});

	it('AGT-06 declines an untracked job, which still names nobody', async () => {
		await buyer.list({ gpuModel: encodeBytes16('t4'), total: 2, rate: 200_000n });
		const second = await buyer.list({ gpuModel: encodeBytes16('t4'), total: 2, rate: 210_000n });
		const { lines } = await agent({ LOG_LEVEL: 'trace' });
		const job = await requested({ gpuModel: 't4' as never, tracked: false });
		await routed(job);
		await buyer.act(job, 'decline');
		await routedTimes(job, 2);
		const { route, result, recordBytes } = await verified(job);
		expect(route.args.listing).toBe(second);
		expect(result.ok).toBe(true);
		const name = (await buyer.terms(job)).terms.requester.slice(2).toLowerCase();
		for (const place of [await kept(job), Buffer.from(recordBytes).toString(), lines.join('\n')]) {
			expect(place.toLowerCase()).not.toContain(name);
		}
	});

	const points: [name: string, point: string][] = [
		['before the job is taken up again', "sql|before|state = 'observed', reason"],
		['after the job is taken up again', "sql|after|state = 'observed', reason"],
		['before the new decision is stored', "sql|before|state = 'decided'"],
		['after the new upload, before it is written down', "sql|before|state = 'uploaded'"],
		['before the new transaction is stored', 'sql|before|INSERT INTO agent.transaction'],
		['after the new transaction is stored, before it is sent', 'rpc|before|eth_sendRawTransaction'],
		['after the new transaction is sent, before anybody knows', 'rpc|after|eth_sendRawTransaction'],
		['before the new route is written down', 'sql|before|state = \\$4, reason = \\$5'],
	];

	it.each(points)('is not started in time: routed again exactly once, killed %s', async (_, point) => {
		const model = encodeBytes16('v100');
		const cheap = await buyer.list({ gpuModel: model, total: 1, rate: 400_000n });
		const dear = await buyer.list({ gpuModel: model, total: 1, rate: 410_000n });
		putAway([cheap, 1], [dear, 1]);
		const healthy = await agent();
		const job = await requested({
			gpuModel: 'v100' as never,
			startWindow: 600,
			routeDeadline: ((await chainTime()) + 2 * DAY) as never,
		});
		await routed(job);
		expect((await verified(job)).route.args.listing).toBe(cheap);
		await healthy.stop('SIGTERM');
		await pass(700);

		await crashing(point);
		await agent();
		await routedTimes(job, 2);
		const { route, record, result } = await verified(job);
		expect(route.args.listing).toBe(dear);
		expect(record.passedOver).toEqual([cheap]);
		expect(result.ok).toBe(true);
		expect(await transactions(job, 'route')).toHaveLength(2);
	});
});

describe('RES-01 a job that no machine has room for', () => {
	/** The parts' ids. */
	async function partsOf(job: bigint): Promise<bigint[]> {
		const found = await rows('SELECT id FROM agent.job WHERE parent = $1 ORDER BY id', job);
		return found.map(({ id }) => BigInt(String(id)));
	}

	it.each([
		['tracked', true, null],
		['untracked', false, null],
		['tracked, its agent killed in the middle', true, 'rpc|after|eth_sendRawTransaction'],
		['untracked, its agent killed in the middle', false, 'rpc|before|eth_sendRawTransaction'],
	] as const)('is split, and each part routed and proven by itself: %s', async (_, tracked, point) => {
		const model = encodeBytes16('a10');
		const cheap = await buyer.list({ gpuModel: model, total: 4, rate: 600_000n });
		const dear = await buyer.list({ gpuModel: model, total: 4, rate: 610_000n });
		putAway([cheap, 4], [dear, 4]);
		const whole = { gpuModel: 'a10' as never, gpuCount: 6, maxParts: 3, tracked };
		const job = await requested(whole);
		if (point !== null) await crashing(point);
		const { lines } = await agent();
		await until(async () => (await stateOf(job)) === 'split');
		expect(await buyer.status(job)).toBe(SPLIT);

		await until(async () => (await partsOf(job)).length > 0);
		const parts = await partsOf(job);
		onTestFinished(async () => {
			for (const part of parts) await buyer.giveUp(part);
		});
		expect(parts).toHaveLength(2);
		for (const part of parts) await routed(part);
		// A transaction whose sender was killed is known to be in a block when the next one is sent.
		expect(await transactions(job, 'split')).toHaveLength(1);
		const places = await Promise.all(parts.map(verified));
		expect(places.map(({ route }) => route.args.listing)).toEqual([cheap, dear]);
		expect(places.map(({ record }) => record.request.gpuCount)).toEqual([4, 2]);
		expect(places.every(({ result }) => result.ok)).toBe(true);
		const name = (ready.accounts.buyer?.address ?? '').slice(2).toLowerCase();
		if (!tracked) {
			for (const each of [job, ...parts]) expect(await kept(each)).not.toContain(name);
			expect(lines.join('\n').toLowerCase()).not.toContain(name);
		}
	});

	it('RES-04 is split when the one that had room declined it, which is passed over for its parts, too', async () => {
		const model = encodeBytes16('p40');
		const whole = await buyer.list({ gpuModel: model, total: 6, rate: 500_000n });
		const cheap = await buyer.list({ gpuModel: model, total: 4, rate: 600_000n });
		const dear = await buyer.list({ gpuModel: model, total: 4, rate: 610_000n });
		putAway([whole, 6], [cheap, 4], [dear, 4]);
		await agent();
		const job = await requested({ gpuModel: 'p40' as never, gpuCount: 6, maxParts: 2 });
		await routed(job);
		expect((await verified(job)).route.args.listing).toBe(whole);

		await buyer.act(job, 'decline');
		await until(async () => (await partsOf(job)).length === 2);
		const parts = await partsOf(job);
		onTestFinished(async () => {
			for (const part of parts) await buyer.giveUp(part);
		});
		for (const part of parts) await routed(part);
		const places = await Promise.all(parts.map(verified));
		expect(places.map(({ route }) => route.args.listing)).toEqual([cheap, dear]);
		expect(places.map(({ record }) => record.passedOver)).toEqual([[whole], [whole]]);
		expect(places.every(({ result }) => result.ok)).toBe(true);
	});

	it('waits as it is when its buyer forbids parts', async () => {
		await buyer.list({ gpuModel: encodeBytes16('l40'), total: 2, rate: 700_000n });
		await buyer.list({ gpuModel: encodeBytes16('l40'), total: 2, rate: 700_000n });
		await agent();
		const job = await requested({ gpuModel: 'l40' as never, gpuCount: 4 });
		await until(async () => (await stateOf(job)) === 'waiting');
		expect(await partsOf(job)).toEqual([]);
	});
});

describe('PROV-09 a listing that serves some buyers only', () => {
	it('gets the tracked jobs of those, and no untracked one', async () => {
		const listing = await buyer.list({ gpuModel: encodeBytes16('a16'), total: 4, rate: 250_000n });
		await buyer.restrict(listing, 'buyer');
		await agent();
		const tracked = await requested({ gpuModel: 'a16' as never });
		const untracked = await requested({ gpuModel: 'a16' as never, tracked: false });
		await routed(tracked);
		const { record, result } = await verified(tracked);
		expect(record.admitted).toEqual([listing]);
		expect(result.ok).toBe(true);
		await until(async () => (await stateOf(untracked)) === 'waiting');
		await until(async () => (await titles(untracked)).includes('access: '));
	});
});

describe('the bond', () => {
	it('is asked for in plain words where it is missing', async () => {
		const { url, lines } = await agent({ ROUTER_PRIVATE_KEY: ready.accounts.stranger?.privateKey ?? '' });
		const answer = await fetch(`${url}/ready`);
		expect(answer.status).toBe(503);
		const checks = z.object({ checks: z.array(z.object({ name: z.string(), detail: z.string().nullable() })) });
		const { detail } = checks.parse(await answer.json()).checks.find(({ name }) => name === 'bond') ?? {};
		expect(detail).toMatch(/^Post a bond: router 0x\w+ has \$0\.00 of USDC standing and needs \$100\.00 to route\./);
		expect(lines.join('\n')).toContain('Post a bond');
		const metrics = await (await fetch(`${url}/metrics`)).text();
		expect(metrics).toContain('necto_agent_bond_usdc{kind="standing"} 0');
		expect(metrics).toContain('necto_agent_bond_usdc{kind="required"} 100');
	});
});

describe('SET-02 a dispute that nobody rules on', () => {
	it('is resolved after the arbiter’s time', async () => {
		await buyer.list({ gpuModel: encodeBytes16('p100'), total: 2, rate: 100_000n });
		const running = await agent();
		const job = await requested({ gpuModel: 'p100' as never, duration: 7_200 });
		await routed(job);
		await buyer.act(job, 'start');
		await pass(3_600);
		await buyer.dispute(job);
		expect(await buyer.status(job)).toBe(DISPUTED);
		await pass(7 * DAY + 60);
		await until(async () => (await buyer.status(job)) === SETTLED);
		await until(async () => (await titles(job)).includes('half of the amount due was paid'));
		await running.stop();
	});
});
