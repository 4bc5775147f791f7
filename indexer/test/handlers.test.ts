import {
	accessControlAbi,
	accountOf,
	accountOfTeam,
	challengeAbi,
	encodeToken,
	escrowAbi,
	jobRegistryAbi,
	providerRegistryAbi,
} from '@necto/contracts';
import { hashChainRequest } from '@necto/core';
import { beforeEach, describe, expect, test } from 'vitest';
import * as schema from '../ponder.schema.ts';
import { handlers } from './support/registry.ts';
import {
	buyer,
	jobRequest,
	listingArgs,
	owner,
	routedArgs,
	router,
	START,
	stranger,
	teammate,
	World,
} from './support/world.ts';

let world: World;
beforeEach(() => {
	world = new World();
});

describe('the handlers', () => {
	test('cover every event, save those that name payers and those that are not about tables', () => {
		const abis = {
			AccessControl: accessControlAbi,
			ProviderRegistry: providerRegistryAbi,
			JobRegistry: jobRegistryAbi,
			Escrow: escrowAbi,
			Challenge: challengeAbi,
		};
		const unhandled = Object.entries(abis)
			.flatMap(([contract, abi]) => abi.flatMap((item) => (item.type === 'event' ? [`${contract}:${item.name}`] : [])))
			.filter((event) => !handlers.has(event));
		// Of the Escrow: see src/escrow.ts and src/bonds.ts. A nonce is told right before the untracked request that it signed. The others are OpenZeppelin's: who administers the platform is no table, signatures' names neither.
		const administration = /^AccessControl:(Role|Default)|:EIP712DomainChanged$/;
		expect(unhandled.filter((event) => !administration.test(event)).sort()).toEqual([
			'AccessControl:NonceUsed',
			'Escrow:Locked',
			'Escrow:Released',
			'Escrow:StakeLost',
			'JobRegistry:NonceUsed',
		]);
	});
});

describe('providers and listings', () => {
	test('PROV-01 a provider and its listing are there with their words', async () => {
		await world.addProvider();
		await world.addListing();
		expect(await world.db.find(schema.provider, { id: 1 })).toMatchObject({
			owner,
			name: 'Nordlicht',
			listings: 1,
			earned: 0n,
		});
		expect(await world.db.find(schema.listing, { id: 1 })).toMatchObject({
			providerId: 1,
			kind: 'own',
			gpuModel: 'h100',
			formFactor: 'sxm',
			continent: 'europe',
			country: 'DE',
			region: 'Frankfurt',
			network: '',
			pricingModel: 'fixed',
			rate: 2_000_000n,
			token: '',
			total: 16,
			reserved: 0,
			offline: false,
			availableFrom: 0n,
			availableUntil: 2_000_000_000n,
			version: 1,
			createdBlock: world.block,
		});
	});

	test('PROV-01 a provider changes its words and its owner', async () => {
		await world.addProvider();
		await world.emit('ProviderRegistry:ProviderUpdated', { provider: 1, name: 'Südlicht', uri: '' });
		await world.emit('ProviderRegistry:ProviderTransferred', { provider: 1, from: owner, to: stranger });
		expect(await world.db.find(schema.provider, { id: 1 })).toMatchObject({
			name: 'Südlicht',
			uri: '',
			owner: stranger,
			createdAt: START + 10n,
			updatedAt: world.timestamp,
		});
	});

	test('PROV-02 PROV-03 every change is in the history with the values after it', async () => {
		await world.addProvider();
		await world.addListing();
		const pricing = { model: 2, rate: 0n, floor: 1n, ceiling: 9n, tokenAmount: 5n, token: encodeToken('AKT') };
		await world.emit('ProviderRegistry:PricingChanged', { listing: 1, version: 2, pricing });
		await world.emit('ProviderRegistry:CapacityChanged', { listing: 1, version: 3, total: 12, offline: true });
		await world.emit('ProviderRegistry:AvailabilityChanged', {
			listing: 1,
			version: 4,
			availableFrom: 7,
			availableUntil: 0,
		});
		const history = world.db.rows(schema.listingChange);
		expect(
			history.map(({ version, kind, pricingModel, total, offline }) => [version, kind, pricingModel, total, offline]),
		).toEqual([
			[1, 'added', 'fixed', 16, false],
			[2, 'pricing', 'token', 16, false],
			[3, 'capacity', 'token', 12, true],
			[4, 'availability', 'token', 12, true],
		]);
		expect(history.at(-1)).toMatchObject({
			token: 'AKT',
			tokenAmount: 5n,
			availableFrom: 7n,
			availableUntil: 0n,
			txHash: world.hash(),
		});
		expect(await world.db.find(schema.listing, { id: 1 })).toMatchObject({ version: 4, ceiling: 9n, offline: true });
	});

	test('PROV-03 reserving and releasing move what is reserved and not the version', async () => {
		await world.addProvider();
		await world.addListing();
		await world.emit('ProviderRegistry:CapacityReserved', { listing: 1, gpuCount: 8, reserved: 8 });
		expect(await world.db.find(schema.listing, { id: 1 })).toMatchObject({
			reserved: 8,
			version: 1,
			updatedBlock: world.block,
		});
		await world.emit('ProviderRegistry:CapacityReleased', { listing: 1, gpuCount: 8, reserved: 0 });
		expect(await world.db.find(schema.listing, { id: 1 })).toMatchObject({ reserved: 0, version: 1 });
		expect(world.db.rows(schema.listingChange)).toHaveLength(1);
	});

	test("a provider's words and numbers cannot stop the indexer", async () => {
		await world.addProvider();
		const args = listingArgs(1, 1);
		const description = {
			...args.description,
			name: `a\0${'x'.repeat(10_000)}`,
			ramGiB: 4_294_967_295,
			diskGiB: 4_294_967_295,
		};
		const hardware = { ...args.hardware, country: '0x0000' as const };
		await world.emit('ProviderRegistry:ListingAdded', { ...args, hardware, description });
		const row = await world.db.find(schema.listing, { id: 1 });
		expect(row).toMatchObject({ ramGiB: 2_147_483_647, diskGiB: 2_147_483_647, country: null });
		expect(row?.name).toBe(`a${'x'.repeat(254)}…`);
	});
});

describe('the life of a job', () => {
	beforeEach(async () => {
		await world.addProvider();
		await world.addListing();
	});

	test('a request is kept with all its limits', async () => {
		const txHash = await world.request(1n);
		expect(await world.db.find(schema.job, { id: 1n })).toMatchObject({
			status: 'requested',
			tracked: true,
			requester: buyer,
			team: 0,
			formFactors: 0b100,
			continents: 0b10000,
			countries: 'DE,FR',
			excludedPricing: 0b100,
			maxParts: 0,
			attestations: 0b1,
			requestHash: hashChainRequest(jobRequest()),
			reopened: 0,
			parent: null,
			fee: null,
			riskWeight: 4,
			routeDeadline: START + 3_600n,
			locked: 16_000_000n,
			listingId: null,
			provider: null,
			endedAt: null,
			requestedAt: world.timestamp,
		});
		expect(world.db.rows(schema.escrowEntry)).toMatchObject([
			{ kind: 'lock', leg: 0, account: buyer, jobId: 1n, amount: 16_000_000n, txHash },
		]);
	});

	test('the request can be brought along to route as it stands', async () => {
		await world.request(1n);
		const row = await world.db.find(schema.job, { id: 1n });
		const request = jobRequest();
		expect(JSON.parse(String(row?.requestJson))).toEqual({ ...request, maxPricePerGpuHour: '2000000' });
	});

	test('requested, routed, started, settled, with the fee of its routing', async () => {
		await world.emit('JobRegistry:FeeChanged', { fee: 100, treasury: stranger, by: router });
		await world.route(1n);
		expect(await world.db.find(schema.job, { id: 1n })).toMatchObject({
			status: 'routed',
			listingId: 1,
			provider: owner,
			fee: 100,
			router,
			commitment: routedArgs(1n).commitment,
			routedAt: world.timestamp,
		});
		expect(world.db.rows(schema.routing)).toMatchObject([
			{ jobId: 1n, block: world.block, recordRoot: routedArgs(1n).recordRoot },
		]);
		const startedAt = Number(world.timestamp);
		await world.emit(
			'JobRegistry:JobStarted',
			{ job: 1n, provider: owner, startedAt, endsAt: startedAt + 3_600 },
			owner,
		);
		expect(await world.db.find(schema.job, { id: 1n })).toMatchObject({
			status: 'running',
			endsAt: BigInt(startedAt + 3_600),
		});
		await world.emit(
			'JobRegistry:JobSettled',
			{ job: 1n, provider: owner, elapsed: 1_800, paid: 7_600_000n, fee: 76_000n, refunded: 8_400_000n },
			buyer,
		);
		expect(await world.db.find(schema.job, { id: 1n })).toMatchObject({
			status: 'settled',
			paid: 7_600_000n,
			feePaid: 76_000n,
			refunded: 8_400_000n,
			elapsed: 1_800,
			endedAt: world.timestamp,
			updatedBlock: world.block,
		});
		expect(world.db.rows(schema.jobEvent).map(({ kind, by }) => [kind, by])).toEqual([
			['requested', buyer],
			['routed', router],
			['started', owner],
			['settled', buyer],
		]);
		expect(world.db.rows(schema.escrowEntry).map(({ kind, account, amount }) => [kind, account, amount])).toEqual([
			['lock', buyer, 16_000_000n],
			['payment', owner, 7_524_000n],
			['fee', stranger, 76_000n],
			['refund', buyer, 8_400_000n],
		]);
		expect(await world.db.find(schema.provider, { id: 1 })).toMatchObject({
			jobsRouted: 1,
			jobsSettled: 1,
			jobsCompleted: 1,
			jobsFailed: 0,
			earned: 7_524_000n,
		});
	});

	test('cancelled: all comes back', async () => {
		await world.request(1n);
		await world.emit('JobRegistry:JobCancelled', { job: 1n, refunded: 16_000_000n }, buyer);
		expect(await world.db.find(schema.job, { id: 1n })).toMatchObject({
			status: 'cancelled',
			paid: 0n,
			refunded: 16_000_000n,
		});
		expect(world.db.rows(schema.escrowEntry).at(-1)).toMatchObject({
			kind: 'refund',
			account: buyer,
			amount: 16_000_000n,
		});
	});

	test('expired unrouted counts against nobody; not started in time counts against the provider', async () => {
		await world.request(1n);
		await world.emit('JobRegistry:JobExpired', { job: 1n, from: 1, refunded: 16_000_000n });
		expect(await world.db.find(schema.job, { id: 1n })).toMatchObject({ status: 'expired' });
		expect(await world.db.find(schema.provider, { id: 1 })).toMatchObject({ jobsExpired: 0, jobsFailed: 0 });
		await world.route(2n);
		await world.emit('JobRegistry:JobExpired', { job: 2n, from: 2, refunded: 16_000_000n });
		expect(await world.db.find(schema.provider, { id: 1 })).toMatchObject({
			jobsRouted: 1,
			jobsExpired: 1,
			jobsFailed: 1,
		});
		expect(JSON.parse(String(world.db.rows(schema.jobEvent).at(-1)?.data))).toEqual({
			from: 'routed',
			refunded: '16000000',
		});
	});

	test('PROV-06 given up counts against the provider', async () => {
		await world.route(1n);
		await world.emit('JobRegistry:JobFailed', { job: 1n, provider: owner, refunded: 16_000_000n }, owner);
		expect(await world.db.find(schema.job, { id: 1n })).toMatchObject({ status: 'failed' });
		expect(await world.db.find(schema.provider, { id: 1 })).toMatchObject({ jobsFailed: 1, jobsSettled: 0 });
	});

	test("a provider's earnings stay with it when its address changes", async () => {
		await world.route(1n);
		await world.emit('ProviderRegistry:ProviderTransferred', { provider: 1, from: owner, to: stranger });
		await world.emit(
			'JobRegistry:JobSettled',
			{ job: 1n, provider: owner, elapsed: 1, paid: 5n, fee: 0n, refunded: 0n },
			owner,
		);
		expect(await world.db.find(schema.provider, { id: 1 })).toMatchObject({ owner: stranger, earned: 5n });
		// Nothing came back, so there is no entry about it.
		expect(world.db.rows(schema.escrowEntry).map(({ kind }) => kind)).toEqual(['lock', 'payment']);
	});

	test("a team's job is paid by the team and names who asked", async () => {
		await world.request(1n, { team: 3 });
		await world.emit('JobRegistry:JobCancelled', { job: 1n, refunded: 16_000_000n }, teammate);
		expect(await world.db.find(schema.job, { id: 1n })).toMatchObject({ team: 3, requester: buyer });
		expect(world.db.rows(schema.escrowEntry).map(({ account }) => account)).toEqual(['team:3', 'team:3']);
	});

	test('days are added up by the time of the block', async () => {
		await world.route(1n);
		await world.emit(
			'JobRegistry:JobSettled',
			{ job: 1n, provider: owner, elapsed: 100, paid: 5n, fee: 0n, refunded: 15_999_995n },
			owner,
		);
		world.timestamp += 86_400n;
		await world.request(2n);
		await world.emit('JobRegistry:JobCancelled', { job: 2n, refunded: 16_000_000n }, buyer);
		const day = Number(START / 86_400n);
		expect(world.db.rows(schema.dailyTotal)).toEqual([
			{
				day,
				requested: 1,
				routed: 1,
				started: 0,
				settled: 1,
				cancelled: 0,
				expired: 0,
				failed: 0,
				locked: 16_000_000n,
				paid: 5n,
				refunded: 15_999_995n,
				gpuSeconds: 800n,
			},
			{
				day: day + 1,
				requested: 1,
				routed: 0,
				started: 0,
				settled: 0,
				cancelled: 1,
				expired: 0,
				failed: 0,
				locked: 16_000_000n,
				paid: 0n,
				refunded: 16_000_000n,
				gpuSeconds: 0n,
			},
		]);
	});
});

describe('money and teams', () => {
	test('deposits and withdrawals of people and teams', async () => {
		await world.emit('Escrow:Deposited', { account: accountOf(buyer), from: stranger, amount: 5n });
		await world.emit('Escrow:Withdrawn', { account: accountOfTeam(3), to: stranger, amount: 4n, by: buyer });
		expect(world.db.rows(schema.escrowEntry)).toMatchObject([
			{ kind: 'deposit', account: buyer, amount: 5n, jobId: null },
			{ kind: 'withdrawal', account: 'team:3', amount: 4n, txHash: world.hash() },
		]);
	});

	test('a team counts its members through joining, changing roles and leaving', async () => {
		await world.emit('AccessControl:TeamCreated', { team: 1, admin: buyer, name: 'Lab' });
		await world.emit('AccessControl:MemberSet', { team: 1, member: buyer, role: 3, by: buyer });
		await world.emit('AccessControl:MemberSet', { team: 1, member: teammate, role: 1, by: buyer });
		const since = world.timestamp;
		await world.emit('AccessControl:MemberSet', { team: 1, member: teammate, role: 2, by: buyer });
		await world.emit('AccessControl:TeamRenamed', { team: 1, name: 'Lab North' });
		expect(await world.db.find(schema.team, { id: 1 })).toMatchObject({ name: 'Lab North', members: 2 });
		expect(await world.db.find(schema.member, { team: 1, address: teammate })).toMatchObject({ role: 'user', since });
		await world.emit('AccessControl:MemberSet', { team: 1, member: teammate, role: 0, by: teammate });
		await world.emit('AccessControl:MemberSet', { team: 1, member: stranger, role: 0, by: buyer });
		expect(await world.db.find(schema.team, { id: 1 })).toMatchObject({ members: 1 });
		expect(world.db.rows(schema.member)).toHaveLength(1);
	});

	test('the pause is known', async () => {
		await world.emit('JobRegistry:Paused', { by: router });
		expect(world.db.rows(schema.platform)).toMatchObject([{ id: 'platform', paused: true }]);
		await world.emit('JobRegistry:Unpaused', { by: router });
		expect(world.db.rows(schema.platform)).toMatchObject([
			{ id: 'platform', paused: false, updatedAt: world.timestamp },
		]);
	});
});

describe('a wrong order stops the indexer instead of writing nonsense', () => {
	test('an event about something that was never made', async () => {
		await world.addProvider();
		const settled = { job: 1n, provider: owner, elapsed: 1, paid: 1n, fee: 0n, refunded: 1n };
		await expect(world.emit('JobRegistry:JobSettled', settled)).rejects.toThrow('No row found in job');
		await expect(
			world.emit('ProviderRegistry:CapacityReserved', { listing: 1, gpuCount: 1, reserved: 1 }),
		).rejects.toThrow('No row found in listing');
		await expect(world.emit('ProviderRegistry:ListingAdded', listingArgs(1, 2))).rejects.toThrow(
			'No row found in provider',
		);
		await expect(world.emit('AccessControl:MemberSet', { team: 1, member: buyer, role: 3, by: buyer })).rejects.toThrow(
			'No row found in team',
		);
	});

	test('a job that ended without having been routed', async () => {
		await world.request(1n);
		const settled = { job: 1n, provider: owner, elapsed: 1, paid: 1n, fee: 0n, refunded: 1n };
		await expect(world.emit('JobRegistry:JobSettled', settled)).rejects.toThrow('no JobRouted was seen');
	});

	test('an event that is told twice', async () => {
		await world.addProvider();
		await world.addListing();
		await expect(world.replay('ProviderRegistry:ListingAdded', listingArgs(1, 1))).rejects.toThrow(
			'unique constraint of listing',
		);
		await world.route(1n);
		await expect(world.replay('JobRegistry:JobRouted', routedArgs(1n))).rejects.toThrow('unique constraint of routing');
		await world.emit('Escrow:Deposited', { account: accountOf(buyer), from: buyer, amount: 5n });
		const again = world.replay('Escrow:Deposited', { account: accountOf(buyer), from: buyer, amount: 5n });
		await expect(again).rejects.toThrow('unique constraint of escrow_entry');
	});
});
