import { accountOf } from '@necto/contracts';
import { beforeEach, expect, test } from 'vitest';
import * as schema from '../ponder.schema.ts';
import {
	buyer,
	jobRequest,
	owner,
	requestedArgs,
	routedArgs,
	router,
	stranger,
	teammate,
	World,
	zeroHash,
} from './support/world.ts';

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
	world.emit('JobRegistry:JobSettled', { job: 1n, provider: owner, elapsed: 1, paid: 100n, fee: 1n, refunded: 2n }, by);

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
		['fee', null, null],
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
		['fee', settlement],
		['refund', settlement],
	]);
});

test('AGT-06 a dispute over an untracked job names the provider and the arbiter, and not the buyer', async () => {
	sent.push(await world.request(1n, { tracked: false }));
	await routed();
	await world.start(1n);
	sent.push(
		await world.emit('JobRegistry:JobExtended', { job: 1n, duration: 7_200, locked: 17_000_000n, endsAt: 9 }, buyer),
	);
	const dispute = { job: 1n, provider: owner, elapsed: 60, due: 100n, evidenceHash: zeroHash };
	sent.push(await world.emit('JobRegistry:JobDisputed', dispute, buyer));
	sent.push(await world.emit('JobRegistry:EvidenceSubmitted', { job: 1n, by: buyer, evidenceHash: zeroHash }, buyer));
	await world.emit('JobRegistry:EvidenceSubmitted', { job: 1n, by: owner, evidenceHash: zeroHash }, owner);
	await world.emit(
		'JobRegistry:DisputeRuled',
		{ job: 1n, arbiter: teammate, paid: 100n, reasonHash: zeroHash },
		teammate,
	);
	await settled(teammate);
	expectNoTrace();
	const events = world.db.rows(schema.jobEvent).map(({ kind, by }) => [kind, by]);
	expect(events.slice(3)).toEqual([
		['extended', null],
		['disputed', null],
		['evidence', null],
		['evidence', owner],
		['ruled', teammate],
		['settled', null],
	]);
	expect(world.db.rows(schema.escrowEntry)).toMatchObject([
		{ kind: 'lock', amount: 16_000_000n },
		{ kind: 'lock', amount: 1_000_000n, account: null, txHash: null },
		{ kind: 'payment' },
		{ kind: 'fee' },
		{ kind: 'refund' },
	]);
});

test('AGT-06 whoever challenges the decision for an untracked job may be its requester', async () => {
	await world.emit('Escrow:BondPosted', { router, amount: 100n, total: 100n }, router);
	sent.push(await world.request(1n, { tracked: false }));
	await routed();
	const rejected = { job: 1n, challenger: buyer, router, reason: 0 };
	sent.push(await world.emit('Challenge:ChallengeRejected', rejected, buyer));
	const upheld = { job: 1n, challenger: buyer, router, better: 1, chosenScore: 2n, betterScore: 1n };
	sent.push(await world.emit('Challenge:ChallengeUpheld', upheld, buyer));
	const account = accountOf(buyer);
	const slashed = { router, job: 1n, amount: 50n, challenger: account, reward: 25n, buyer: account };
	await world.also('Escrow:BondSlashed', slashed, buyer);
	await world.also('JobRegistry:JobReopened', { job: 1n, listing: 1, provider: owner, reason: 2 }, buyer);
	expectNoTrace();
	expect(
		world.db
			.rows(schema.jobEvent)
			.map(({ kind, by }) => [kind, by])
			.slice(2),
	).toEqual([
		['challenge-rejected', null],
		['challenge-upheld', null],
		['reopened', null],
	]);
	expect(await world.db.find(schema.bond, { router })).toMatchObject({ amount: 50n });
});

test('AGT-06 the parts of an untracked job name its requester as little as the whole', async () => {
	sent.push(await world.request(1n, { tracked: false, maxParts: 2 }));
	const part = { tracked: false, gpuCount: 4 };
	await world.emit('JobRegistry:JobRequested', requestedArgs(2n, part, 8_000_000n), router);
	await world.also('JobRegistry:JobRequested', requestedArgs(3n, part, 7_999_999n), router);
	const split = await world.also('JobRegistry:JobSplit', { job: 1n, firstPart: 2n, parts: 2, refunded: 1n }, router);
	sent.push(await world.emit('JobRegistry:JobCancelled', { job: 2n, refunded: 8_000_000n }, buyer));
	expectNoTrace();
	expect(world.db.rows(schema.jobEvent).map(({ kind, by, txHash }) => [kind, by, txHash])).toEqual([
		['requested', null, null],
		['requested', router, split],
		['requested', router, split],
		['split', router, split],
		['cancelled', null, null],
	]);
	expect(world.db.rows(schema.escrowEntry).every(({ account }) => account === null)).toBe(true);
});

test('AGT-06 a deposit in the transaction of an untracked request names nobody; one before, or for a tracked job, is public', async () => {
	const deposit = { account: accountOf(buyer), from: buyer, amount: 16_000_000n };
	await world.emit('Escrow:Deposited', deposit, buyer);
	await world.emit('Escrow:Deposited', deposit, buyer);
	await world.also('JobRegistry:JobRequested', requestedArgs(1n), buyer);
	expect(world.db.rows(schema.escrowEntry).map(({ kind, account }) => [kind, account])).toEqual([
		['deposit', buyer],
		['deposit', buyer],
		['lock', buyer],
	]);
	world = new World();
	await world.emit('Escrow:Deposited', deposit, buyer);
	// Other events may lie between the two.
	world.logIndex += 2;
	sent.push(await world.also('JobRegistry:JobRequested', requestedArgs(1n, { tracked: false }), buyer));
	expectNoTrace();
	expect(world.db.rows(schema.escrowEntry)).toMatchObject([
		{ kind: 'deposit', account: null, txHash: null, amount: 16_000_000n },
		{ kind: 'lock', account: null, txHash: null },
	]);
});

test('AGT-06 somebody else’s deposit in the same block keeps its name', async () => {
	const deposit = { account: accountOf(stranger), from: stranger, amount: 16_000_000n };
	await world.emit('Escrow:Deposited', deposit, stranger);
	world.transactionIndex += 1;
	await world.also('JobRegistry:JobRequested', requestedArgs(1n, { tracked: false }), buyer);
	expect(world.db.rows(schema.escrowEntry)[0]).toMatchObject({ kind: 'deposit', account: stranger });
});

test('AGT-06 a session key’s sums do not move by an untracked job, so they name no owner', async () => {
	const limits = { total: 100_000_000n, perPeriod: 50_000_000n, period: 86_400, expiresAt: 2_000_000_000, team: 0 };
	await world.emit('AccessControl:SessionGranted', { owner: buyer, key: teammate, limits }, buyer);
	const held = () => world.db.find(schema.session, { owner: buyer, key: teammate });
	const before = await held();
	const used = { owner: buyer, key: teammate, spent: 16_000_000n, periodSpent: 16_000_000n };
	const hash = await world.emit('JobRegistry:JobRequested', requestedArgs(1n, { tracked: false }), teammate);
	await world.also('AccessControl:SessionUsed', used, teammate);
	expect(await held()).toEqual(before);

	await world.emit('JobRegistry:JobRequested', requestedArgs(2n), teammate);
	const both = { spent: 32_000_000n, periodSpent: 32_000_000n };
	await world.also('AccessControl:SessionUsed', { ...used, ...both }, teammate);
	// Not 32: the difference would tell of the first job.
	expect(await held()).toMatchObject({ spent: 16_000_000n, periodSpent: 16_000_000n });
	expect(JSON.stringify(world.db.rows(schema.jobEvent).map(({ by, txHash }) => [by, txHash])[0])).not.toContain(hash);
});

test('AGT-06 a tracked job names its requester', async () => {
	const hash = await world.request(1n);
	await world.emit('JobRegistry:JobExpired', { job: 1n, from: 1, refunded: 16_000_000n }, stranger);
	expect(world.db.rows(schema.jobEvent).map(({ by }) => by)).toEqual([buyer, stranger]);
	expect(world.db.rows(schema.jobEvent)[0]).toMatchObject({ txHash: hash });
});
