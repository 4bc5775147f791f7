import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { TABLES } from '../../src/api/tables.ts';
import { expectTablesEqualChain } from './equality.ts';
import { Follower } from './live.ts';
import { Marketplace } from './marketplace.ts';
import { Indexer, type LocalChain, startChain } from './network.ts';

/** Ten dollars and a hundred, in micro-USD. */
const TEN = 10_000_000n;
const HUNDRED = 100_000_000n;

let chain: LocalChain;
let market: Marketplace;
let indexer: Indexer;
/** An H100 listing with a price of its own, and who may answer for it. */
let listing: number;
let owner: string;

beforeAll(async () => {
	chain = await startChain();
	market = new Marketplace(chain);
	indexer = await Indexer.start(chain, 'real');
	await indexer.reach(await market.client.getBlockNumber());
	const rows = await indexer.rows('listings', 'id gpuModel pricingModel widest provider { owner }');
	const found = rows.find((row) => row.gpuModel === 'h100' && row.pricingModel === 'fixed');
	if (found === undefined) throw new Error('The demo has no H100 at a fixed price.');
	listing = Number(found.id);
	const held = await market.client.readContract({ ...market.providers, functionName: 'getListing', args: [listing] });
	const { owner: address } = await market.client.readContract({
		...market.providers,
		functionName: 'getProvider',
		args: [held.provider],
	});
	owner = market.ownerOf(address);
});

// A test that failed after it had killed the indexer must not fail the ones that follow.
beforeEach(async () => {
	if (indexer.program.hasEnded) indexer = await Indexer.start(chain, 'real');
});

afterAll(async () => {
	await indexer?.stop();
	await chain?.stop();
});

describe('a running indexer', () => {
	test('starts on a chain that stands still, with all its blocks', async () => {
		expect(await indexer.rows('providers', 'id')).not.toHaveLength(0);
		await expectTablesEqualChain(indexer, market);
	});

	test('SYS-05 follows a job through its life and tells each step', async () => {
		const follower = await Follower.connect(`${indexer.url}/live?tables=job,listing`);
		const { id, receipt } = await market.request('buyer');
		await expect.poll(() => follower.jobsSince(receipt.blockNumber)).toContain(`${id}`);
		await expectTablesEqualChain(indexer, market);

		const routed = await market.route(id, listing);
		await expect.poll(() => follower.jobsSince(routed.blockNumber)).toContain(`${id}`);
		expect(follower.changes.at(-1)?.tables).toEqual(['listing', 'job']);
		await expectTablesEqualChain(indexer, market);

		await market.step(owner, 'start', id);
		await expectTablesEqualChain(indexer, market);
		await market.test.increaseTime({ seconds: 600 });
		const settled = await market.step('buyer', 'complete', id);
		await expect.poll(() => follower.jobsSince(settled.blockNumber)).toContain(`${id}`);
		const block = await expectTablesEqualChain(indexer, market);
		follower.close();

		const events = (await indexer.rows('jobEvents', 'jobId kind txHash')).filter((row) => row.jobId === `${id}`);
		expect(events.map(({ kind }) => kind)).toEqual(['requested', 'routed', 'started', 'settled']);
		expect(events[0]?.txHash).toBe(receipt.transactionHash);
		expect(events[3]?.txHash).toBe(settled.transactionHash);
		const [job] = (await indexer.rows('jobs', 'id elapsed updatedBlock routings { items { commitment } }')).filter(
			(row) => row.id === `${id}`,
		);
		const { commitment } = market.agreements.of(id).terms;
		expect(job).toMatchObject({ updatedBlock: `${block}`, routings: { items: [{ commitment }] } });
		expect(Number(job?.elapsed)).toBeGreaterThanOrEqual(600);
	});

	test('AGT-06 an untracked job leaves its requester in no table', async () => {
		const { address } = market.account('stranger');
		await market.fund('stranger', 3n * HUNDRED);
		const hashes: string[] = [];
		const settled = await market.request('stranger', { tracked: false });
		await market.route(settled.id, listing);
		await market.step(owner, 'start', settled.id);
		hashes.push(
			settled.receipt.transactionHash,
			(await market.step('stranger', 'complete', settled.id)).transactionHash,
		);
		const cancelled = await market.request('stranger', { tracked: false });
		hashes.push(cancelled.receipt.transactionHash);
		hashes.push((await market.step('stranger', 'cancel', cancelled.id)).transactionHash);
		await expectTablesEqualChain(indexer, market);

		const entries = await indexer.rows('escrowEntrys', 'kind account jobId txHash');
		// The deposit names the account that it was for, and no job: it is public and came before.
		const everything = JSON.stringify([
			entries.filter(({ kind }) => kind !== 'deposit'),
			await indexer.rows('jobs', 'id requester provider requestJson'),
			await indexer.rows('jobEvents', 'jobId by txHash data'),
			await indexer.rows('routings', 'jobId provider txHash'),
			await indexer.rows('members', 'address'),
			await indexer.rows('listingChanges', 'txHash'),
			await indexer.rows('providers', 'owner'),
		]).toLowerCase();
		expect(everything).not.toContain(address.slice(2).toLowerCase());
		for (const hash of hashes) expect(everything).not.toContain(hash.slice(2));
		const mine = entries.filter(({ jobId }) => jobId === `${settled.id}` || jobId === `${cancelled.id}`);
		expect(mine.filter(({ kind }) => kind !== 'payment').every(({ account }) => account === null)).toBe(true);
	});

	test('PROV-02 PROV-03 a listing that changes is in the history, version by version', async () => {
		const price = {
			model: 0,
			rate: TEN,
			floor: 0n,
			ceiling: 0n,
			tokenAmount: 0n,
			token: '0x0000000000000000',
		} as const;
		const before = await market.client.readContract({
			...market.providers,
			functionName: 'getListing',
			args: [listing],
		});
		await market.send(owner, { ...market.providers, functionName: 'setPricing', args: [listing, price] });
		await market.send(owner, { ...market.providers, functionName: 'setCapacity', args: [listing, before.total, true] });
		await market.send(owner, { ...market.providers, functionName: 'setAvailability', args: [listing, 5, 0] });
		await market.send(owner, {
			...market.providers,
			functionName: 'setCapacity',
			args: [listing, before.total, false],
		});
		await expectTablesEqualChain(indexer, market);
		const rows = await indexer.rows('listingChanges', 'listingId version kind rate offline availableFrom');
		const after = rows.filter((row) => row.listingId === listing && Number(row.version) > before.version);
		expect(after.map(({ kind, rate, offline, availableFrom }) => [kind, rate, offline, availableFrom])).toEqual([
			['pricing', `${TEN}`, false, `${before.availableFrom}`],
			['capacity', `${TEN}`, true, `${before.availableFrom}`],
			['availability', `${TEN}`, true, '5'],
			['capacity', `${TEN}`, false, '5'],
		]);
	});

	test('killed between two blocks, it goes on and loses or doubles nothing', async () => {
		const first = await market.request('buyer');
		await indexer.reach(first.receipt.blockNumber);
		const lastSeen = first.receipt.blockNumber;
		await indexer.kill();
		const second = await market.request('buyer');
		await market.route(first.id, listing);
		await market.step('buyer', 'cancel', first.id);

		indexer = await Indexer.start(chain, 'real');
		await expectTablesEqualChain(indexer, market);
		const events = await indexer.rows('jobEvents', 'jobId kind');
		const of = (id: bigint) => events.filter((row) => row.jobId === `${id}`).map(({ kind }) => kind);
		expect(of(first.id)).toEqual(['requested', 'routed', 'cancelled']);
		expect(of(second.id)).toEqual(['requested']);

		// A page that was open all the time comes back and is told what it missed.
		const follower = await Follower.connect(`${indexer.url}/live`, `${lastSeen}`);
		await expect.poll(() => follower.changes).not.toHaveLength(0);
		expect(follower.changes[0]?.tables).toEqual(TABLES);
		expect(follower.changes[0]?.jobs).toEqual(expect.arrayContaining([`${first.id}`, `${second.id}`]));
		follower.close();
	});

	test('a reorganisation takes its rows back, and says so', async () => {
		const kept = await market.request('buyer');
		await indexer.reach(kept.receipt.blockNumber);
		const follower = await Follower.connect(`${indexer.url}/live?tables=job`);
		const lost = await market.request('buyer');
		await expect.poll(() => follower.jobsSince(lost.receipt.blockNumber)).toContain(`${lost.id}`);
		const told = follower.changes.length;

		await market.reorganise(1);
		await market.test.mine({ blocks: 1 });
		await expect.poll(() => follower.changes.slice(told).flatMap(({ jobs }) => jobs)).toContain(`${lost.id}`);
		const count = await market.client.readContract({ ...market.jobs, functionName: 'jobCount' });
		expect(count).toBe(kept.id);
		await expectTablesEqualChain(indexer, market);
		follower.close();
	});

	test('totals are the sums of the tables', async () => {
		const totals = z.looseObject({}).parse(await (await fetch(`${indexer.url}/totals`)).json());
		const jobs = await indexer.rows('jobs', 'status locked paid refunded');
		const listings = await indexer.rows('listings', 'total offline');
		const sum = (values: unknown[]) => values.reduce((all: bigint, value) => all + BigInt(String(value ?? 0)), 0n);
		expect(totals).toMatchObject({
			listings: listings.length,
			gpus: { total: Number(sum(listings.filter(({ offline }) => !offline).map(({ total }) => total))) },
			locked: `${sum(jobs.map(({ locked }) => locked))}`,
			paid: `${sum(jobs.map(({ paid }) => paid))}`,
			refunded: `${sum(jobs.map(({ refunded }) => refunded))}`,
		});
		const withStatus = (wanted: string) => jobs.filter(({ status }) => status === wanted).length;
		const settled = withStatus('settled');
		expect(totals).toMatchObject({ jobs: { settled, running: withStatus('running') } });
		const days = await indexer.rows('dailyTotals', 'requested settled');
		expect(sum(days.map(({ requested }) => requested))).toBe(BigInt(jobs.length));
		expect(sum(days.map((day) => day.settled))).toBe(BigInt(settled));
	});
});

describe('bad input', () => {
	const sql = (query: unknown) => `${indexer.url}/sql/db?sql=${encodeURIComponent(JSON.stringify(query))}`;

	test.each([
		['nothing', undefined],
		['no JSON', '?sql=select'],
		['no parameters', `?sql=${encodeURIComponent('{"json":{"sql":"select 1"}}')}`],
	])('SQL over HTTP with %s', async (_, query) => {
		const response = await fetch(`${indexer.url}/sql/db${query ?? ''}`);
		expect(response.status).toBe(400);
		expect(await response.json()).toMatchObject({ code: 'MALFORMED_QUERY', suggestion: expect.any(String) });
	});

	test('SQL over HTTP reads the tables and nothing else', async () => {
		const good = await fetch(sql({ json: { sql: 'select id from listing where id = $1', params: ['1'] } }));
		expect(await good.json()).toMatchObject({ rows: [{ id: 1 }] });
		for (const statement of [
			'select * from ponder_sync.transactions',
			'select * from pg_user',
			"select pg_read_file('/etc/passwd')",
			'delete from job',
			'select 1; select 2',
		]) {
			const response = await fetch(sql({ json: { sql: statement, params: [] } }));
			expect(response.ok, statement).toBe(false);
		}
	});

	test('GraphQL names the field that does not exist', async () => {
		await expect(indexer.rows('jobs', 'nonsense')).rejects.toThrow('nonsense');
	});

	test('an address that does not exist, and a table that does not', async () => {
		const nothing = await fetch(`${indexer.url}/nothing`);
		expect(nothing.status).toBe(404);
		expect(await nothing.json()).toMatchObject({ code: 'NOT_FOUND', requestId: expect.any(String) });
		expect((await fetch(`${indexer.url}/live?tables=balance`)).status).toBe(400);
	});

	test('without settings it ends and says which', async () => {
		const program = await Indexer.fail({ PATH: process.env.PATH });
		expect(program.exitCode).not.toBe(0);
		const [first, ...variables] = program.output.trim().split('\n');
		// The sentence alone, without a stack trace or an excerpt of the source.
		expect(first).toBe("The indexer can't start. Set in its environment:");
		expect(variables.map((line) => line.trim().split(' is missing: ')[0])).toEqual([
			'NECTO_DEPLOYMENT',
			'ADI_RPC_URL',
			'DATABASE_URL',
		]);
	});
});
