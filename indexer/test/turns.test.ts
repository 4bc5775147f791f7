import { beforeEach, describe, expect, test } from 'vitest';
import * as schema from '../ponder.schema.ts';
import { buyer, owner, requestedArgs, routedArgs, router, stranger, World, zeroHash } from './support/world.ts';

/** The turns that a job's life can take between its request and its end. */

let world: World;
beforeEach(async () => {
	world = new World();
	await world.addProvider();
	await world.addListing();
});

const job = (id = 1n) => world.db.find(schema.job, { id });
const provider = () => world.db.find(schema.provider, { id: 1 });
const lastData = () => JSON.parse(String(world.db.rows(schema.jobEvent).at(-1)?.data));
const settle = (paid: bigint, by = buyer) =>
	world.emit('JobRegistry:JobSettled', { job: 1n, provider: owner, elapsed: 60, paid, fee: 0n, refunded: 9n }, by);

describe('RES-04 a job that loses its place', () => {
	const reopen = (reason: number, by = owner) =>
		world.emit('JobRegistry:JobReopened', { job: 1n, listing: 1, provider: owner, reason }, by);

	test('waits for another one, with nothing left of the first', async () => {
		await world.request(1n);
		const requested = await job();
		await world.emit('JobRegistry:JobRouted', routedArgs(1n), router);
		await reopen(0);
		const { timestamp, block } = world;
		expect(await job()).toEqual({ ...requested, reopened: 1, updatedAt: timestamp, updatedBlock: block });
		expect(lastData()).toEqual({ reason: 'declined', listing: 1, provider: owner });

		await world.emit('JobRegistry:JobRouted', { ...routedArgs(1n), pricePerGpuHour: 7n, fee: 5 }, router);
		expect(await job()).toMatchObject({ status: 'routed', pricePerGpuHour: 7n, fee: 5, reopened: 1 });
		expect(world.db.rows(schema.routing)).toHaveLength(2);
	});

	test('counts against the provider who declined or did not start it, not against one whose place was overturned', async () => {
		await world.route(1n);
		await reopen(0);
		expect(await provider()).toMatchObject({ jobsFailed: 1, jobsExpired: 0 });
		await world.emit('JobRegistry:JobRouted', routedArgs(1n), router);
		await reopen(1, router);
		expect(await provider()).toMatchObject({ jobsFailed: 2, jobsExpired: 1 });
		await world.emit('JobRegistry:JobRouted', routedArgs(1n), router);
		await reopen(2, stranger);
		expect(await provider()).toMatchObject({ jobsFailed: 2, jobsExpired: 1, jobsRouted: 3, jobsCompleted: 0 });
		expect(await job()).toMatchObject({ reopened: 3 });
		expect(world.db.rows(schema.jobEvent).flatMap(({ kind, by }) => (kind === 'reopened' ? [by] : []))).toEqual([
			owner,
			router,
			stranger,
		]);
	});
});

describe('RES-01 a job in parts', () => {
	const part = { gpuCount: 4 };
	async function split(refunded: bigint) {
		await world.request(1n, { maxParts: 2 });
		await world.emit('JobRegistry:JobRequested', requestedArgs(2n, part, 8_000_000n), router);
		await world.also('JobRegistry:JobRequested', requestedArgs(3n, part, 8_000_000n - refunded), router);
		await world.also('JobRegistry:JobSplit', { job: 1n, firstPart: 2n, parts: 2, refunded }, router);
	}

	test('is over, and its parts know it and when it was requested', async () => {
		await split(2n);
		const whole = await job();
		expect(whole).toMatchObject({ status: 'split', paid: 0n, refunded: 2n, locked: 16_000_000n, parent: null });
		for (const id of [2n, 3n]) {
			expect(await job(id)).toMatchObject({
				status: 'requested',
				parent: 1n,
				gpuCount: 4,
				requestedAt: whole?.requestedAt,
				requestedBlock: world.block,
			});
		}
		expect(lastData()).toEqual({ firstPart: '2', parts: 2, refunded: '2' });
	});

	test('moves money as the Escrow does: one lock, and what is left of it back', async () => {
		await split(2n);
		await world.emit('JobRegistry:JobCancelled', { job: 2n, refunded: 8_000_000n }, buyer);
		expect(world.db.rows(schema.escrowEntry).map(({ kind, jobId, amount }) => [kind, jobId, amount])).toEqual([
			['lock', 1n, 16_000_000n],
			['refund', 1n, 2n],
			['refund', 2n, 8_000_000n],
		]);
		expect(world.db.rows(schema.dailyTotal)).toMatchObject([
			{ requested: 3, locked: 16_000_000n, refunded: 8_000_002n },
		]);
	});

	test('gives nothing back when nothing is left', async () => {
		await split(0n);
		expect(world.db.rows(schema.escrowEntry).map(({ kind }) => kind)).toEqual(['lock']);
	});
});

describe('a running job', () => {
	beforeEach(async () => {
		await world.route(1n);
		await world.start(1n);
	});

	const extend = (duration: number, locked: bigint) =>
		world.emit('JobRegistry:JobExtended', { job: 1n, duration, locked, endsAt: 1_800_000_000 }, buyer);
	const dispute = () =>
		world.emit(
			'JobRegistry:JobDisputed',
			{ job: 1n, provider: owner, elapsed: 60, due: 253_333n, evidenceHash: zeroHash },
			buyer,
		);

	test('SET-02 runs longer, on more money if the lock was too small for it', async () => {
		const before = await job();
		await extend(5_400, 16_000_000n);
		expect(world.db.rows(schema.escrowEntry)).toHaveLength(1);
		await extend(7_200, 30_400_000n);
		expect(await job()).toMatchObject({
			status: 'running',
			duration: 7_200,
			locked: 30_400_000n,
			endsAt: 1_800_000_000n,
			requestJson: before?.requestJson,
			requestHash: before?.requestHash,
		});
		expect(world.db.rows(schema.escrowEntry).at(-1)).toMatchObject({
			kind: 'lock',
			jobId: 1n,
			account: buyer,
			amount: 14_400_000n,
		});
		expect(world.db.rows(schema.dailyTotal)).toMatchObject([{ requested: 1, locked: 30_400_000n }]);
		expect(lastData()).toEqual({ duration: 7200, locked: '30400000', endsAt: '1800000000' });
	});

	test('SET-02 is disputed, with evidence of both, ruled and settled', async () => {
		await dispute();
		expect(await job()).toMatchObject({ status: 'disputed', disputedAt: world.timestamp, due: 253_333n });
		expect(await provider()).toMatchObject({ jobsDisputed: 1, jobsCompleted: 0 });
		await world.emit('JobRegistry:EvidenceSubmitted', { job: 1n, by: buyer, evidenceHash: zeroHash }, buyer);
		expect(lastData()).toEqual({ by: buyer, evidenceHash: zeroHash });
		await world.emit(
			'JobRegistry:DisputeRuled',
			{ job: 1n, arbiter: stranger, paid: 5n, reasonHash: zeroHash },
			stranger,
		);
		expect(await job()).toMatchObject({ status: 'disputed' });
		await settle(5n, stranger);
		expect(await job()).toMatchObject({ status: 'settled', paid: 5n, due: 253_333n });
		expect(await provider()).toMatchObject({ jobsDisputed: 1, jobsCompleted: 1, jobsFailed: 0, jobsSettled: 1 });
	});

	test('SET-02 a dispute that ends with nothing paid of what was due is a failure; where nothing was due, nothing counts', async () => {
		await settle(0n);
		expect(await provider()).toMatchObject({ jobsCompleted: 0, jobsFailed: 0, jobsSettled: 1 });
		await world.route(2n);
		await world.emit('JobRegistry:JobDisputed', {
			job: 2n,
			provider: owner,
			elapsed: 0,
			due: 1n,
			evidenceHash: zeroHash,
		});
		await world.emit('JobRegistry:JobSettled', {
			job: 2n,
			provider: owner,
			elapsed: 0,
			paid: 0n,
			fee: 0n,
			refunded: 9n,
		});
		expect(await provider()).toMatchObject({ jobsCompleted: 0, jobsFailed: 1, jobsDisputed: 1, jobsSettled: 2 });
		await world.route(3n);
		const dispute = { job: 3n, provider: owner, elapsed: 0, due: 0n, evidenceHash: zeroHash };
		await world.emit('JobRegistry:JobDisputed', dispute);
		const settled = { job: 3n, provider: owner, elapsed: 0, paid: 0n, fee: 0n, refunded: 9n };
		await world.emit('JobRegistry:JobSettled', settled);
		expect(await provider()).toMatchObject({ jobsCompleted: 0, jobsFailed: 1, jobsDisputed: 2, jobsSettled: 3 });
	});

	test('SET-02 a provider gives up in a dispute', async () => {
		await dispute();
		await world.emit('JobRegistry:JobFailed', { job: 1n, provider: owner, refunded: 16_000_000n }, owner);
		expect(await job()).toMatchObject({ status: 'failed' });
		expect(await provider()).toMatchObject({ jobsFailed: 1, jobsDisputed: 1, jobsCompleted: 0 });
	});
});

describe('VER-05 challenges', () => {
	test('upheld and rejected are in the story of the job, with who and why', async () => {
		await world.route(1n);
		const rejected = { job: 1n, challenger: stranger, router, reason: 1 };
		await world.emit('Challenge:ChallengeRejected', rejected, stranger);
		expect(lastData()).toEqual({ challenger: stranger, router, reason: 'not-routable' });
		const upheld = { job: 1n, challenger: stranger, router, better: 4, chosenScore: 2n, betterScore: 1n };
		await world.emit('Challenge:ChallengeUpheld', upheld, stranger);
		expect(lastData()).toEqual({ challenger: stranger, router, better: 4, chosenScore: '2', betterScore: '1' });
		expect(world.db.rows(schema.jobEvent).map(({ kind }) => kind)).toEqual([
			'requested',
			'routed',
			'challenge-rejected',
			'challenge-upheld',
		]);
	});

	test('a bond is posted, announced, slashed beyond what stays, and taken out', async () => {
		const held = () => world.db.find(schema.bond, { router });
		await world.emit('Escrow:BondPosted', { router, amount: 60n, total: 60n });
		await world.emit('Escrow:BondPosted', { router, amount: 40n, total: 100n });
		await world.emit('Escrow:BondLeaving', { router, leaving: 80n, leavesAt: 1_800_000_000 });
		expect(await held()).toEqual({ router, amount: 100n, leaving: 80n, leavesAt: 1_800_000_000n });
		await world.route(1n);
		const slashed = { router, job: 1n, challenger: 1n, reward: 1n, buyer: 2n };
		await world.emit('Escrow:BondSlashed', { ...slashed, amount: 10n });
		expect(await held()).toMatchObject({ amount: 90n, leaving: 80n });
		await world.emit('Escrow:BondSlashed', { ...slashed, amount: 30n });
		expect(await held()).toMatchObject({ amount: 60n, leaving: 60n });
		await world.emit('Escrow:BondWithdrawn', { router, amount: 60n, total: 0n });
		expect(await held()).toEqual({ router, amount: 0n, leaving: 0n, leavesAt: 0n });
	});
});
