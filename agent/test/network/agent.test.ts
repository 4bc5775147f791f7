/** The real agent as a process, on a real local network. Slow, and worth it: nothing here is a stand-in. */
import { encodeBytes16 } from '@necto/contracts';
import { describe, expect, inject, it } from 'vitest';
import { z } from 'zod';
import { useAgents } from '../support/agents.ts';
import { until } from '../support/network.ts';

const REQUESTED = 1;
const ROUTED = 2;
const SETTLED = 4;
const EXPIRED = 6;

const network = inject('network');
const { agent, buyer, crashing, kept, pass, publicApi, rows, stateOf, titles, verified } = useAgents();

describe('the agent on a network', () => {
	it('AGT-01 AGT-02 VER-01 VER-02 routes a job, and everyone can verify why', async () => {
		await agent();
		const { url } = await publicApi();
		const job = await buyer.request();
		await until(async () => (await stateOf(job)) === 'routed');
		expect(await buyer.status(job)).toBe(ROUTED);
		const { routes, result, record } = await verified(job);
		expect(routes).toHaveLength(1);
		expect(result.checks.filter((check) => check.status !== 'passed')).toEqual([]);
		expect(result.ok).toBe(true);
		expect(record.job.requester).toBe(network.ready.accounts.buyer?.address.toLowerCase());

		// AGT-07: the steps can be read, and the record from the agent is the one on 0G.
		const answer = await fetch(`${url}/jobs/${job}/activity`);
		const { events } = z.object({ events: z.array(z.object({ step: z.string() })) }).parse(await answer.json());
		for (const step of [
			'observed',
			'collecting',
			'source',
			'normalised',
			'filtered',
			'ranked',
			'chosen',
			'uploaded',
			'routed',
		]) {
			expect(events.map((event) => event.step)).toContain(step);
		}
	});

	it('AGT-06 an untracked job names its buyer nowhere', async () => {
		const { lines } = await agent({ LOG_LEVEL: 'trace' });
		const job = await buyer.request({ tracked: false });
		await until(async () => (await stateOf(job)) === 'routed');
		const { result, record, recordBytes, snapshotBytes } = await verified(job);
		expect(result.ok).toBe(true);
		expect(record.job.requester).toBeUndefined();
		const buyerAddress = (network.ready.accounts.buyer?.address ?? '').slice(2).toLowerCase();
		expect(buyerAddress).toHaveLength(40);
		const { transactionHash } = await buyer.requested(job);
		for (const place of [
			await kept(job),
			Buffer.from(recordBytes).toString(),
			Buffer.from(snapshotBytes).toString(),
			lines.join('\n'),
		]) {
			expect(place.toLowerCase()).not.toContain(buyerAddress);
			// A transaction names its sender.
			expect(place.toLowerCase()).not.toContain(transactionHash.slice(2));
		}
		// The chain itself has to be told.
		expect((await buyer.terms(job)).terms.requester.toLowerCase()).toBe(`0x${buyerAddress}`);
	});

	it('AGT-12 a ceiling a cent too low waits, says why, and is served when the price falls', async () => {
		const listing = await buyer.list({ gpuModel: encodeBytes16('a30'), total: 4, rate: 1_000_000n });
		await agent();
		const job = await buyer.request({
			gpuModel: 'a30' as never,
			maxPricePerGpuHour: '990000',
			continents: ['europe'],
		});
		await until(async () => (await stateOf(job)) === 'waiting');
		expect(await buyer.status(job)).toBe(REQUESTED);
		await until(async () => (await titles(job)).includes('max-price'));
		await buyer.setRate(listing, 980_000n);
		await until(async () => (await stateOf(job)) === 'routed');
		const { route, result } = await verified(job);
		expect(route.args.listing).toBe(listing);
		expect(route.args.pricePerGpuHour).toBe(980_000n);
		expect(result.ok).toBe(true);
	});

	it('PROV-03 two jobs for the last GPU: one is routed, the other is told', async () => {
		await buyer.list({ gpuModel: encodeBytes16('a40'), total: 1, rate: 500_000n });
		const first = await buyer.request({ gpuModel: 'a40' as never });
		const second = await buyer.request({ gpuModel: 'a40' as never });
		// Two agents on one database and one key, both awake: neither routes what the other does.
		await Promise.all([agent(), agent()]);
		await until(async () => {
			const states = [await stateOf(first), await stateOf(second)];
			return states.includes('routed') && states.includes('waiting');
		});
		expect((await buyer.routes(first)).length + (await buyer.routes(second)).length).toBe(1);
		const loser = (await stateOf(first)) === 'waiting' ? first : second;
		// The story is told a moment after the state is kept.
		await until(async () => /waiting: .*capacity/s.test(await titles(loser)));
	});

	it('SET-02 a job that nothing served goes back to its buyer after the deadline', async () => {
		await agent();
		// The chain's clock may have been moved before: a quiet chain tells its time only by a new block.
		await pass(1);
		const { timestamp } = await buyer.reader.getBlock();
		const deadline = Math.max(Number(timestamp), Math.floor(Date.now() / 1000)) + 8;
		const job = await buyer.request({
			gpuModel: 'b300' as never,
			maxPricePerGpuHour: '1',
			routeDeadline: deadline as never,
		});
		await pass(9);
		await until(async () => (await buyer.status(job)) === EXPIRED);
		await until(async () => (await stateOf(job)) === 'dead' || (await stateOf(job)) === 'superseded');
	});

	it('stops on SIGTERM, starts again and goes on', async () => {
		const first = await agent();
		await first.stop('SIGTERM');
		expect(await first.ended).toBe(0);
		const job = await buyer.request();
		await agent();
		await until(async () => (await stateOf(job)) === 'routed');
		expect((await verified(job)).result.ok).toBe(true);
	});

	it('refuses to start on another chain than its deployment, in one sentence', async () => {
		const wrong = await agent({ ADI_RPC_URL: network.ready.zerog.rpc });
		expect(await wrong.ended).toBe(1);
		expect(wrong.lines.join('\n')).toMatch(
			/ADI_RPC_URL serves chain 16602, but the deployment file is for chain 31337/,
		);
	});
});

describe('killed at any moment, the agent routes each job exactly once', () => {
	const points: [name: string, point: string][] = [
		['before a job is written down', 'sql|before|INSERT INTO agent.job'],
		['while a job is written down', 'sql|after|INSERT INTO agent.job'],
		['before a decision is stored', "sql|before|state = 'decided'"],
		['while a decision is stored', "sql|after|state = 'decided'"],
		['before the upload', 'sql|before|"uploading'],
		['in the middle of the upload', 'sql|after|uploading|900'],
		['after the upload, before it is written down', "sql|before|state = 'uploaded'"],
		['before the transaction is stored', 'sql|before|INSERT INTO agent.transaction'],
		['after the transaction is stored, before it is sent', 'rpc|before|eth_sendRawTransaction'],
		['after the transaction is sent, before anybody knows', 'rpc|after|eth_sendRawTransaction'],
		['before the route is written down', 'sql|before|state = \\$4, reason = \\$5'],
	];

	it.each(points)('%s', async (_, point) => {
		const job = await buyer.request();
		await crashing(point);
		await agent();
		await until(async () => (await stateOf(job)) === 'routed');

		const { routes, result } = await verified(job);
		expect(routes).toHaveLength(1);
		expect(result.ok).toBe(true);
		const records = await rows(
			`SELECT root FROM agent.file WHERE kind = 'record' AND convert_from(bytes, 'UTF8')::jsonb -> 'job' ->> 'id' = $1::text`,
			job,
		);
		expect(records).toHaveLength(1);
		const mined = await rows(
			"SELECT hash FROM agent.transaction WHERE job = $1 AND purpose = 'route' AND state = 'mined'",
			job,
		);
		expect(mined).toHaveLength(1);
	});
});

// Last, as it moves the chain's clock.
describe('SET-02 the ways out that anyone may open', () => {
	it('are opened for a provider who does not start, and for parties who stay silent', async () => {
		await agent();
		const unstarted = await buyer.request();
		await until(async () => (await stateOf(unstarted)) === 'routed');
		// Its start deadline and its route deadline are both over.
		await pass(3_700);
		await until(async () => (await buyer.status(unstarted)) === EXPIRED);

		const silent = await buyer.request({ duration: 60 });
		await until(async () => (await stateOf(silent)) === 'routed');
		await buyer.act(silent, 'start');
		await pass(60 + 30 * 86_400);
		await until(async () => (await buyer.status(silent)) === SETTLED);
		// The chain is first; the agent's word on it follows.
		await until(async () => (await titles(silent)).includes('the provider was paid for the whole duration'));
	});
});
