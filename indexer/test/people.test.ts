import { beforeEach, describe, expect, test } from 'vitest';
import * as schema from '../ponder.schema.ts';
import {
	buyer,
	owner,
	requestedArgs,
	router,
	START,
	stranger,
	teammate,
	World,
	zeroAddress,
	zeroHash,
} from './support/world.ts';

/** Whom a listing serves, who acts for whom, and what each may spend. */

let world: World;
beforeEach(() => {
	world = new World();
});

const NO_LIMIT = 2n ** 64n - 1n;
const DAY = 86_400;

describe('PROV-09 whom a listing serves', () => {
	beforeEach(async () => {
		await world.addProvider();
		await world.addListing();
	});

	test('rules and tiers are in the listing and in its history', async () => {
		const tiers = [
			{ hour: 0, multiplier: 8_000 },
			{ hour: 40, multiplier: 12_000 },
		];
		await world.emit('ProviderRegistry:TiersChanged', { listing: 1, version: 2, tiers });
		const rules = { attestations: 0b101, allowListOnly: true };
		await world.emit('ProviderRegistry:AccessRulesChanged', { listing: 1, version: 3, rules });
		const text = '[{"hour":0,"multiplier":8000},{"hour":40,"multiplier":12000}]';
		expect(await world.db.find(schema.listing, { id: 1 })).toMatchObject({
			tiers: text,
			ruleAttestations: 0b101,
			allowListOnly: true,
			version: 3,
			touchedAt: world.timestamp,
		});
		expect(
			world.db.rows(schema.listingChange).map((row) => [row.kind, row.tiers, row.ruleAttestations, row.allowListOnly]),
		).toEqual([
			['added', '[]', 0, false],
			['tiers', text, 0, false],
			['access-rules', text, 0b101, true],
		]);
	});

	test('PROV-08 price terms that cannot have tiers take them away in the same version', async () => {
		const pricing = {
			model: 2,
			rate: 0n,
			floor: 1n,
			ceiling: 9n,
			tokenAmount: 5n,
			token: '0x414b540000000000',
		} as const;
		await world.emit('ProviderRegistry:TiersChanged', { listing: 1, version: 2, tiers: [{ hour: 1, multiplier: 1 }] });
		await world.emit('ProviderRegistry:PricingChanged', { listing: 1, version: 3, pricing });
		await world.also('ProviderRegistry:TiersChanged', { listing: 1, version: 3, tiers: [] });
		expect(await world.db.find(schema.listing, { id: 1 })).toMatchObject({ tiers: '[]', version: 3 });
		expect(world.db.rows(schema.listingChange).map(({ version, kind }) => [version, kind])).toEqual([
			[1, 'added'],
			[2, 'tiers'],
			[3, 'pricing'],
			[3, 'tiers'],
		]);
	});

	test('reservations touch it and are no version', async () => {
		await world.emit('ProviderRegistry:CapacityReserved', { listing: 1, gpuCount: 1, reserved: 1 });
		expect(await world.db.find(schema.listing, { id: 1 })).toMatchObject({ touchedAt: world.timestamp, version: 1 });
	});

	test('buyers and delegates come and go, and saying it twice changes nothing', async () => {
		for (const allowed of [true, true]) {
			await world.emit('ProviderRegistry:BuyerAllowed', { provider: 1, buyer, allowed });
			await world.emit('ProviderRegistry:DelegateSet', { provider: 1, delegate: teammate, allowed });
		}
		expect(world.db.rows(schema.allowedBuyer)).toEqual([{ providerId: 1, buyer }]);
		expect(world.db.rows(schema.delegate)).toEqual([{ providerId: 1, delegate: teammate }]);
		for (const allowed of [false, false]) {
			await world.emit('ProviderRegistry:BuyerAllowed', { provider: 1, buyer, allowed });
			await world.emit('ProviderRegistry:DelegateSet', { provider: 1, delegate: teammate, allowed });
		}
		expect(world.db.rows(schema.allowedBuyer)).toEqual([]);
		expect(world.db.rows(schema.delegate)).toEqual([]);
	});

	test('a provider changes hands when the other one accepts, and its delegates lose their power', async () => {
		await world.addProvider(2);
		await world.emit('ProviderRegistry:CapacityChanged', { listing: 1, version: 2, total: 12, offline: false });
		const touchedAt = world.timestamp;
		for (const provider of [1, 2]) {
			await world.emit('ProviderRegistry:DelegateSet', { provider, delegate: teammate, allowed: true });
			await world.emit('ProviderRegistry:BuyerAllowed', { provider, buyer, allowed: true });
		}
		const offer = (to: typeof owner) =>
			world.emit('ProviderRegistry:ProviderOffered', { provider: 1, from: owner, to });
		const held = () => world.db.find(schema.provider, { id: 1 });
		await offer(stranger);
		expect(await held()).toMatchObject({ owner, offeredTo: stranger });
		await offer(zeroAddress);
		expect(await held()).toMatchObject({ owner, offeredTo: null });
		await offer(stranger);
		await world.emit('ProviderRegistry:ProviderTransferred', { provider: 1, from: owner, to: stranger });
		expect(await held()).toMatchObject({ owner: stranger, offeredTo: null, generation: 1 });
		// Its listings are another version each, also those that it makes from now on.
		expect(await world.db.find(schema.listing, { id: 1 })).toMatchObject({ version: 3, touchedAt });
		expect(world.db.rows(schema.listingChange).at(-1)).toMatchObject({ listingId: 1, version: 3, kind: 'owner' });
		await world.addListing(2);
		expect(await world.db.find(schema.listing, { id: 2 })).toMatchObject({ version: 2 });
		expect(world.db.rows(schema.delegate)).toEqual([{ providerId: 2, delegate: teammate }]);
		// Whom it serves stays.
		expect(world.db.rows(schema.allowedBuyer)).toHaveLength(2);
	});

	test('COMP-02 attestations are renewed and revoked, each kind by itself', async () => {
		const attest = (kind: number, expiresAt: number) =>
			world.emit('ProviderRegistry:Attested', {
				subject: owner,
				kind,
				issuer: router,
				evidenceHash: zeroHash,
				expiresAt,
			});
		await attest(0, 1_800_000_000);
		await attest(2, 1_800_000_000);
		await attest(0, 1_900_000_000);
		const issuedAt = world.timestamp;
		expect(world.db.rows(schema.attestation)).toMatchObject([
			{ subject: owner, kind: 'kyc', issuer: router, issuedAt, expiresAt: 1_900_000_000n },
			{ kind: 'soc2', issuedAt: issuedAt - 10n, expiresAt: 1_800_000_000n },
		]);
		await world.emit('ProviderRegistry:AttestationRevoked', { subject: owner, kind: 0, by: router });
		expect(world.db.rows(schema.attestation)).toMatchObject([{ kind: 'soc2' }]);
	});
});

describe('SET-04 budgets', () => {
	beforeEach(async () => {
		await world.emit('AccessControl:TeamCreated', { team: 1, admin: buyer, name: 'Lab' });
		await world.also('AccessControl:MemberSet', { team: 1, member: buyer, role: 3, by: buyer });
		await world.also('AccessControl:TeamBudgetSet', { team: 1, limit: NO_LIMIT, period: 30 * DAY, by: buyer });
		await world.also('AccessControl:MemberBudgetSet', { team: 1, member: buyer, limit: NO_LIMIT, by: buyer });
	});

	const team = () => world.db.find(schema.team, { id: 1 });
	const member = (address = teammate) => world.db.find(schema.member, { team: 1, address });
	const use = (memberSpent: bigint, teamSpent: bigint, who = teammate) =>
		world.emit('AccessControl:BudgetUsed', { team: 1, member: who, memberSpent, teamSpent });
	const join = async () => {
		await world.emit('AccessControl:MemberSet', { team: 1, member: teammate, role: 2, by: buyer });
		await world.also('AccessControl:MemberBudgetSet', { team: 1, member: teammate, limit: NO_LIMIT, by: buyer });
	};

	test('a new team has no limit and a month that begins now', async () => {
		expect(await team()).toEqual({
			id: 1,
			name: 'Lab',
			members: 1,
			limit: NO_LIMIT,
			period: 30 * DAY,
			periodStart: world.timestamp,
			spent: 0n,
			createdAt: world.timestamp,
		});
		expect(await member(buyer)).toMatchObject({ role: 'admin', limit: NO_LIMIT, spent: 0n });
	});

	test('what is spent is that of the period in which it was spent', async () => {
		const start = world.timestamp;
		await join();
		await world.emit('AccessControl:MemberBudgetSet', { team: 1, member: teammate, limit: 50n, by: buyer });
		await use(20n, 20n);
		expect(await team()).toMatchObject({ spent: 20n, periodStart: start });
		expect(await member()).toMatchObject({ spent: 20n, limit: 50n, periodStart: start });

		world.timestamp = start + BigInt(65 * DAY);
		await use(5n, 5n, buyer);
		const later = start + BigInt(60 * DAY);
		expect(await team()).toMatchObject({ spent: 5n, periodStart: later });
		expect(await member(buyer)).toMatchObject({ spent: 5n, periodStart: later });
		// Of the first period: nothing in this one.
		expect(await member()).toMatchObject({ spent: 20n, periodStart: start });
	});

	test('another limit goes on with what was spent, another period begins anew', async () => {
		const start = world.timestamp;
		await use(20n, 20n, buyer);
		await world.emit('AccessControl:TeamBudgetSet', { team: 1, limit: 30n, period: 30 * DAY, by: buyer });
		expect(await team()).toMatchObject({ limit: 30n, spent: 20n, periodStart: start });
		await world.emit('AccessControl:TeamBudgetSet', { team: 1, limit: 30n, period: DAY, by: buyer });
		expect(await team()).toMatchObject({ period: DAY, spent: 0n, periodStart: world.timestamp });
		await use(7n, 7n, buyer);
		const begun = (await team())?.periodStart;
		world.timestamp += BigInt(3 * DAY);
		await world.emit('AccessControl:TeamBudgetSet', { team: 1, limit: 40n, period: DAY, by: buyer });
		expect(await team()).toMatchObject({ limit: 40n, spent: 0n, periodStart: BigInt(String(begun)) + BigInt(3 * DAY) });
	});

	test('who leaves and comes back has spent what it had, less what came back meanwhile', async () => {
		await join();
		await use(20n, 20n);
		await world.emit('AccessControl:MemberSet', { team: 1, member: teammate, role: 0, by: teammate });
		expect(await member()).toBeNull();
		await use(12n, 12n);
		await join();
		expect(await member()).toMatchObject({ role: 'user', limit: NO_LIMIT, spent: 12n });
		expect(world.db.rows(schema.formerMember)).toEqual([]);
		expect(await team()).toMatchObject({ members: 2, spent: 12n });
	});
});

describe('AGT-09 session keys', () => {
	const limits = { total: 100_000_000n, perPeriod: 40_000_000n, period: DAY, expiresAt: 2_000_000_000, team: 0 };
	const grant = (key = teammate, by = buyer) =>
		world.emit('AccessControl:SessionGranted', { owner: by, key, limits }, by);
	const held = (key = teammate, by = buyer) => world.db.find(schema.session, { owner: by, key });
	const use = async (job: bigint) => {
		await world.emit('JobRegistry:JobRequested', requestedArgs(job), teammate);
		// The handler counts by itself: see src/sessions.ts.
		await world.also('AccessControl:SessionUsed', { owner: buyer, key: teammate, spent: 0n, periodSpent: 0n });
	};

	test('are granted with their limits, count what they lock, by period too, and begin anew when granted again', async () => {
		await grant();
		expect(await held()).toEqual({
			owner: buyer,
			key: teammate,
			total: 100_000_000n,
			spent: 0n,
			perPeriod: 40_000_000n,
			periodSpent: 0n,
			periodStart: world.timestamp,
			period: DAY,
			grantedAt: world.timestamp,
			expiresAt: 2_000_000_000n,
			team: 0,
			revoked: false,
		});
		const granted = world.timestamp;
		await use(1n);
		await use(2n);
		expect(await held()).toMatchObject({ spent: 32_000_000n, periodSpent: 32_000_000n, periodStart: granted });
		world.timestamp = granted + BigInt(2 * DAY);
		await use(3n);
		expect(await held()).toMatchObject({
			spent: 48_000_000n,
			periodSpent: 16_000_000n,
			periodStart: granted + BigInt(2 * DAY),
		});
		await world.emit('AccessControl:SessionRevoked', { owner: buyer, key: teammate });
		expect(await held()).toMatchObject({ revoked: true });
		await grant();
		expect(await held()).toMatchObject({ revoked: false, spent: 0n, periodSpent: 0n, grantedAt: world.timestamp });
	});

	test('are all revoked at once, and only their owner’s', async () => {
		await grant();
		await grant(router);
		await grant(teammate, stranger);
		await world.emit('AccessControl:AllSessionsRevoked', { owner: buyer, epoch: 1 }, buyer);
		expect([await held(), await held(router), await held(teammate, stranger)].map((row) => row?.revoked)).toEqual([
			true,
			true,
			false,
		]);
		await grant(owner);
		expect(await held(owner)).toMatchObject({ revoked: false });
	});

	test('limits that no column could hold stop nothing', async () => {
		const odd = { ...limits, period: 4_294_967_295, team: 4_294_967_295, total: NO_LIMIT };
		await world.emit('AccessControl:SessionGranted', { owner: buyer, key: teammate, limits: odd });
		expect(await held()).toMatchObject({ period: 2_147_483_647, team: 2_147_483_647, total: NO_LIMIT });
	});
});

test('the fee and who gets it are known, beside the pause', async () => {
	await world.emit('JobRegistry:FeeChanged', { fee: 250, treasury: stranger, by: router });
	await world.emit('JobRegistry:Paused', { by: router });
	expect(world.db.rows(schema.platform)).toEqual([
		{ id: 'platform', paused: true, fee: 250, treasury: stranger, updatedAt: START + 20n },
	]);
});
