import { beforeEach, expect, test } from 'vitest';
import * as schema from '../ponder.schema.ts';
import { buyer, jobRequest, owner, routedArgs, router, stranger, World } from './support/world.ts';

let world: World;
/** Hashes of the transactions that the buyer sent: each of them names the buyer to whoever asks the chain. */
let sent: string[];
beforeEach(async () => {
	world = new World();
	sent = [];
	await world.addProvider();
	await world.addListing();
});

function expectNoTrace(): void {
	const everything = world.db.dump();
	expect(everything).not.toContain(buyer.slice(2));
	for (const hash of sent) expect(everything).not.toContain(hash);
}

const routed = () => world.emit('JobRegistry:JobRouted', routedArgs(1n), router);
const settled = (by: typeof buyer) =>
	world.emit('JobRegistry:JobSettled', { job: 1n, provider: owner, elapsed: 1, paid: 1n, refunded: 2n }, by);

test('AGT-06 an untracked job that runs to its end names its requester nowhere', async () => {
	sent.push(await world.request(1n, { tracked: false }));
	await routed();
	const startedAt = Number(world.timestamp);
	await world.emit('JobRegistry:JobStarted', { job: 1n, provider: owner, startedAt, endsAt: startedAt + 1 }, owner);
	sent.push(await settled(buyer));
	expectNoTrace();
	expect(await world.db.find(schema.job, { id: 1n })).toMatchObject({
		tracked: false,
		requester: null,
		status: 'settled',
	});
	expect(world.db.rows(schema.escrowEntry).map(({ kind, account, txHash }) => [kind, account, txHash])).toEqual([
		['lock', null, null],
		['payment', owner, null],
		['refund', null, null],
	]);
});

test('AGT-06 cancelled, expired and failed untracked jobs name their requester nowhere', async () => {
	sent.push(await world.request(2n, { tracked: false }));
	sent.push(await world.emit('JobRegistry:JobCancelled', { job: 2n, refunded: 16_000_000n }, buyer));
	sent.push(await world.request(3n, { tracked: false }));
	sent.push(await world.emit('JobRegistry:JobExpired', { job: 3n, from: 1, refunded: 16_000_000n }, buyer));
	sent.push(await world.request(1n, { tracked: false }));
	await routed();
	await world.emit('JobRegistry:JobFailed', { job: 1n, provider: owner, refunded: 16_000_000n }, owner);
	expectNoTrace();
	expect(world.db.rows(schema.escrowEntry).filter(({ account }) => account !== null)).toEqual([]);
});

test('AGT-06 what counts is the request, even if the event came with an address', async () => {
	const request = jobRequest({ tracked: false });
	const args = { job: 1n, requester: buyer, team: 0, gpuModel: 'h100', locked: 16_000_000n, request };
	sent.push(await world.emit('JobRegistry:JobRequested', args, buyer));
	expect(await world.db.find(schema.job, { id: 1n })).toMatchObject({ requester: null });
	expectNoTrace();
});

test('AGT-06 what agent and provider do for an untracked job can still be looked up', async () => {
	await world.request(1n, { tracked: false });
	const routing = await routed();
	const settlement = await settled(owner);
	expect(world.db.rows(schema.jobEvent).map(({ kind, by, txHash }) => [kind, by, txHash])).toEqual([
		['requested', null, null],
		['routed', router, routing],
		['settled', owner, settlement],
	]);
	expect(world.db.rows(schema.escrowEntry).map(({ kind, txHash }) => [kind, txHash])).toEqual([
		['lock', null],
		['payment', settlement],
		['refund', settlement],
	]);
});

test('AGT-06 a tracked job names its requester', async () => {
	const hash = await world.request(1n);
	await world.emit('JobRegistry:JobExpired', { job: 1n, from: 1, refunded: 16_000_000n }, stranger);
	expect(world.db.rows(schema.jobEvent).map(({ by }) => by)).toEqual([buyer, stranger]);
	expect(world.db.rows(schema.jobEvent)[0]).toMatchObject({ txHash: hash });
});
