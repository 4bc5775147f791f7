import { accountOf, accountOfTeam, decodeBytes16, decodeToken, jobStatus, nameOf, teamRole } from '@necto/contracts';
import {
	ATTESTATION_KINDS,
	CONTINENTS,
	FORM_FACTORS,
	hashTerms,
	LISTING_KINDS,
	NOT_ROUTED,
	PRICING_MODELS,
	type Terms,
	wordOf,
} from '@necto/core';
import { type Address, type Hex, zeroAddress } from 'viem';
import { expect } from 'vitest';
import type { Marketplace } from './marketplace.ts';
import type { Indexer } from './network.ts';

type Row = Record<string, unknown>;
const big = (value: unknown) => BigInt(String(value));

/**
 * The promise of an index: its tables are what the contracts say, at the same block. Compares every view of the contracts that has a table.
 *
 * @returns the block that was compared
 */
export async function expectTablesEqualChain(indexer: Indexer, market: Marketplace): Promise<bigint> {
	const { number: block, timestamp: now } = await market.client.getBlock();
	await indexer.reach(block);
	await expectProviders(indexer, market, block);
	await expectListings(indexer, market, block);
	await expectJobs(indexer, market, block);
	await expectPeople(indexer, market, block);
	await expectTeams(indexer, market, block, now);
	await expectSessions(indexer, market, block, now);
	await expectPlatform(indexer, market, block);
	// Nothing was mined meanwhile, or other blocks were compared than asked for.
	expect(await market.client.getBlockNumber()).toBe(block);
	return block;
}

async function expectProviders(indexer: Indexer, { client, providers }: Marketplace, blockNumber: bigint) {
	const rows = await indexer.rows(
		'providers',
		'id owner offeredTo generation listings jobsCompleted jobsFailed jobsDisputed',
	);
	const count = await client.readContract({ ...providers, functionName: 'providerCount', blockNumber });
	expect(rows).toHaveLength(count);
	for (const { id, listings: _, ...row } of rows) {
		const args = [Number(id)] as const;
		const held = await client.readContract({ ...providers, functionName: 'getProvider', args, blockNumber });
		const offeredTo = await client.readContract({ ...providers, functionName: 'offeredTo', args, blockNumber });
		expect(row, `provider ${id}`).toEqual({
			owner: held.owner.toLowerCase(),
			offeredTo: offeredTo === zeroAddress ? null : offeredTo.toLowerCase(),
			generation: held.generation,
			jobsCompleted: held.completed,
			jobsFailed: held.failed,
			jobsDisputed: held.disputed,
		});
	}
}

async function expectListings(indexer: Indexer, { client, providers }: Marketplace, blockNumber: bigint) {
	const rows = await indexer.rows('listings', LISTING_FIELDS);
	const count = await client.readContract({ ...providers, functionName: 'listingCount', blockNumber });
	expect(rows).toHaveLength(count);
	for (const { id, ...row } of rows) {
		const args = [Number(id)] as const;
		const held = await client.readContract({ ...providers, functionName: 'getListing', args, blockNumber });
		const tiers = await client.readContract({ ...providers, functionName: 'getTiers', args, blockNumber });
		const rules = await client.readContract({ ...providers, functionName: 'getAccessRules', args, blockNumber });
		expect(held.tiered).toBe(tiers.length > 0);
		expect(held.restricted).toBe(rules.allowListOnly || rules.attestations !== 0);
		expect(row, `listing ${id}`).toEqual({
			providerId: held.provider,
			version: held.version,
			touchedAt: `${held.touchedAt}`,
			rate: `${held.rate}`,
			total: held.total,
			reserved: held.reserved,
			memoryGiB: held.memoryGiB,
			widest: held.widest,
			formFactor: wordOf(FORM_FACTORS, held.formFactor),
			kind: wordOf(LISTING_KINDS, held.kind),
			pricingModel: wordOf(PRICING_MODELS, held.model),
			continent: wordOf(CONTINENTS, held.continent),
			offline: held.offline,
			gpuModel: decodeBytes16(held.gpuModel),
			availableFrom: `${held.availableFrom}`,
			availableUntil: `${held.availableUntil}`,
			floor: `${held.floor}`,
			ceiling: `${held.ceiling}`,
			tokenAmount: `${held.tokenAmount}`,
			token: decodeToken(held.token),
			tiers: JSON.stringify(tiers),
			ruleAttestations: rules.attestations,
			allowListOnly: rules.allowListOnly,
		});
	}
}

/** The terms that a job's row gives. */
function termsOf(row: Row, requester: Address): Terms {
	const asked = {
		requester,
		team: Number(row.team),
		requestedAt: Number(row.requestedAt),
		routeDeadline: Number(row.routeDeadline),
		gpuCount: Number(row.gpuCount),
		duration: Number(row.duration),
		locked: big(row.locked),
		requestHash: row.requestHash as Hex,
	};
	if (row.commitment === null) return { ...asked, ...NOT_ROUTED };
	return {
		...asked,
		provider: row.provider as Address,
		listing: Number(row.listingId),
		pricePerGpuHour: big(row.pricePerGpuHour),
		fee: Number(row.fee),
		router: row.router as Address,
		routedAt: Number(row.routedAt),
		commitment: row.commitment as Hex,
	};
}

const OPEN = ['requested', 'routed', 'running', 'disputed'];

async function expectJobs(indexer: Indexer, market: Marketplace, blockNumber: bigint) {
	const { client, jobs } = market;
	const rows = await indexer.rows('jobs', JOB_FIELDS);
	const count = await client.readContract({ ...jobs, functionName: 'jobCount', blockNumber });
	expect(rows).toHaveLength(Number(count));
	const locked = new Map<bigint, bigint>();
	for (const row of rows) {
		const id = big(row.id);
		const held = await client.readContract({ ...jobs, functionName: 'getJob', args: [id], blockNumber });
		const status = nameOf(jobStatus, held.status);
		expect(row.status, `status of job ${id}`).toBe(status);
		// An untracked job's requester is in no table: it is known here from the lock.
		const { requester } = market.agreements.of(id).terms;
		expect(row.requester).toBe(row.tracked ? requester.toLowerCase() : null);
		expect(hashTerms(termsOf(row, requester)), `terms of job ${id}, ${status}`).toBe(held.termsHash);
		const times = {
			requested: row.routeDeadline,
			routed: row.startDeadline,
			running: row.startedAt,
			disputed: row.disputedAt,
		};
		const time = status in times ? times[status as keyof typeof times] : row.endedAt;
		expect(time, `time of job ${id}`).toBe(`${held.time}`);
		const meter = await client.readContract({ ...jobs, functionName: 'meterOf', args: [id], blockNumber });
		expect(big(row.due ?? 0), `due of job ${id}`).toBe(meter.due);

		if (OPEN.includes(status)) {
			const payer = row.team === 0 ? accountOf(requester) : accountOfTeam(Number(row.team));
			locked.set(payer, (locked.get(payer) ?? 0n) + big(row.locked));
			expect([row.paid, row.refunded]).toEqual([null, null]);
		} else if (status !== 'split') {
			expect(big(row.paid) + big(row.refunded), `money of job ${id}`).toBe(big(row.locked));
		}
	}
	for (const row of rows.filter(({ status }) => status === 'split')) {
		const parts = rows.filter(({ parent }) => parent === row.id);
		expect(parts.length).toBeGreaterThan(1);
		// What its parts locked at first is what was left of the whole's lock; extensions came on top.
		const left = big(row.locked) - big(row.refunded);
		expect(parts.reduce((sum, part) => sum + big(part.locked), 0n)).toBeGreaterThanOrEqual(left);
	}
	for (const [payer, amount] of locked) {
		const balance = await client.readContract({
			...market.escrow,
			functionName: 'balanceOf',
			args: [payer],
			blockNumber,
		});
		expect(balance.locked).toBe(amount);
	}
	await expectMoney(indexer, market, rows, blockNumber);
}

/** Entries add up, job by job, to what was locked, paid and given back, and in all to what the Escrow's tokens are. */
async function expectMoney(indexer: Indexer, market: Marketplace, jobs: Row[], blockNumber: bigint) {
	const entries = await indexer.rows('escrowEntrys', 'kind jobId amount');
	const sum = (rows: Row[]) => rows.reduce((all, { amount }) => all + big(amount), 0n);
	for (const row of jobs) {
		const of = (kind: string) => sum(entries.filter((entry) => entry.jobId === row.id && entry.kind === kind));
		expect(of('payment') + of('fee'), `paid for job ${row.id}`).toBe(big(row.paid ?? 0));
		expect(of('fee')).toBe(big(row.feePaid ?? 0));
		expect(of('refund'), `refunded of job ${row.id}`).toBe(big(row.refunded ?? 0));
		if (row.parent === null) expect(of('lock'), `locked for job ${row.id}`).toBe(big(row.locked));
	}
	const kind = (name: string) => sum(entries.filter((entry) => entry.kind === name));
	const tokens = await market.client.readContract({
		address: market.chain.deployment.usdc,
		abi: [
			{
				type: 'function',
				name: 'balanceOf',
				stateMutability: 'view',
				inputs: [{ type: 'address' }],
				outputs: [{ type: 'uint256' }],
			},
		],
		functionName: 'balanceOf',
		args: [market.escrow.address],
		blockNumber,
	});
	expect(kind('deposit') - kind('withdrawal')).toBe(tokens);
}

async function expectPeople(indexer: Indexer, { client, providers, chain }: Marketplace, blockNumber: bigint) {
	const everybody = Object.values(chain.accounts).map(({ address }) => address);
	const count = await client.readContract({ ...providers, functionName: 'providerCount', blockNumber });
	const pairs = Array.from({ length: count }, (_, index) => index + 1).flatMap((provider) =>
		everybody.map((address) => [provider, address] as const),
	);
	const delegates = await indexer.rows('delegates', 'providerId delegate');
	const buyers = await indexer.rows('allowedBuyers', 'providerId buyer');
	const texts = (found: (readonly [number, Address])[]) =>
		found.map(([id, who]) => `${id} ${who.toLowerCase()}`).sort();
	const trueOf = async (functionName: 'isDelegate' | 'isBuyerAllowed') => {
		const call = { ...providers, functionName, blockNumber };
		const held = await Promise.all(pairs.map((args) => client.readContract({ ...call, args })));
		return texts(pairs.filter((_, index) => held[index]));
	};
	expect(delegates.map((row) => `${row.providerId} ${row.delegate}`).sort()).toEqual(await trueOf('isDelegate'));
	expect(buyers.map((row) => `${row.providerId} ${row.buyer}`).sort()).toEqual(await trueOf('isBuyerAllowed'));

	const rows = await indexer.rows('attestations', 'subject kind issuer evidenceHash issuedAt expiresAt');
	const held = await Promise.all(
		everybody.flatMap((subject) =>
			ATTESTATION_KINDS.map(async (word, kind) => {
				const args = [subject, kind] as const;
				const found = await client.readContract({ ...providers, functionName: 'getAttestation', args, blockNumber });
				const { issuer, evidenceHash, issuedAt, expiresAt } = found;
				return issuer === zeroAddress
					? []
					: [
							{
								subject: subject.toLowerCase(),
								kind: word,
								issuer: issuer.toLowerCase(),
								evidenceHash,
								issuedAt: `${issuedAt}`,
								expiresAt: `${expiresAt}`,
							},
						];
			}),
		),
	);
	const byText = (list: Row[]) => list.map((row) => JSON.stringify(row, Object.keys(row).sort())).sort();
	expect(byText(rows)).toEqual(byText(held.flat()));
}

async function expectTeams(indexer: Indexer, { client, access, chain }: Marketplace, blockNumber: bigint, now: bigint) {
	const teams = await indexer.rows('teams', 'id members limit period periodStart spent');
	const members = await indexer.rows('members', 'team address role limit spent periodStart');
	expect(teams).toHaveLength(await client.readContract({ ...access, functionName: 'teamCount', blockNumber }));
	for (const row of teams) {
		const id = Number(row.id);
		const [budget, period, start] = await client.readContract({
			...access,
			functionName: 'teamBudget',
			args: [id],
			blockNumber,
		});
		const since = now - big(row.periodStart);
		const isCurrent = since < big(row.period);
		expect(
			{
				limit: big(row.limit),
				period: row.period,
				start: isCurrent ? big(row.periodStart) : now - (since % big(row.period)),
				spent: isCurrent ? big(row.spent) : 0n,
			},
			`budget of team ${id}`,
		).toEqual({ limit: budget.limit, period, start: BigInt(start), spent: budget.spent });

		const mine = members.filter(({ team }) => team === id);
		expect(mine).toHaveLength(Number(row.members));
		for (const { address } of Object.values(chain.accounts)) {
			const args = [id, address] as const;
			const role = await client.readContract({ ...access, functionName: 'roleOf', args, blockNumber });
			const member = mine.find((each) => each.address === address.toLowerCase());
			expect(member?.role ?? 'none', `${address} in team ${id}`).toBe(nameOf(teamRole, role));
			if (member === undefined) continue;
			const held = await client.readContract({ ...access, functionName: 'memberBudget', args, blockNumber });
			const spent = big(member.periodStart) === BigInt(start) ? big(member.spent) : 0n;
			expect({ limit: big(member.limit), spent }, `budget of ${address} in team ${id}`).toEqual(held);
		}
	}
}

async function expectSessions(indexer: Indexer, market: Marketplace, blockNumber: bigint, now: bigint) {
	const { client, access } = market;
	const fields = 'owner key total spent perPeriod period grantedAt expiresAt team revoked';
	for (const row of await indexer.rows('sessions', fields)) {
		const [owner, key] = [row.owner as Address, row.key as Address];
		const held = await client.readContract({ ...access, functionName: 'sessionOf', args: [owner, key], blockNumber });
		expect(
			{
				total: big(row.total),
				// The tables know of tracked jobs only.
				spent: big(row.spent) + (market.agreements.hidden.get(`${owner} ${key}`) ?? 0n),
				perPeriod: big(row.perPeriod),
				period: row.period,
				grantedAt: Number(row.grantedAt),
				expiresAt: Number(row.expiresAt),
				team: row.team,
			},
			`session of ${owner} for ${key}`,
		).toEqual({
			total: held.total,
			spent: held.spent,
			perPeriod: held.perPeriod,
			period: held.period,
			grantedAt: held.grantedAt,
			expiresAt: held.expiresAt,
			team: held.team,
		});
		const args = [owner, key, held.team] as const;
		const isLive = await client.readContract({ ...access, functionName: 'isSession', args, blockNumber });
		expect(!row.revoked && now < big(row.expiresAt)).toBe(isLive);
	}
}

async function expectPlatform(indexer: Indexer, { client, jobs, escrow }: Marketplace, blockNumber: bigint) {
	for (const row of await indexer.rows('bonds', 'router amount leaving leavesAt')) {
		const args = [row.router as Address] as const;
		const held = await client.readContract({ ...escrow, functionName: 'bondOf', args, blockNumber });
		expect([big(row.amount), big(row.leaving), Number(row.leavesAt)]).toEqual([
			held.amount,
			held.leaving,
			held.leavesAt,
		]);
	}
	const [platform] = await indexer.rows('platforms', 'paused fee treasury');
	const [fee, treasury] = await client.readContract({ ...jobs, functionName: 'currentFee', blockNumber });
	expect(platform ?? { paused: false, fee: 0, treasury: null }).toEqual({
		paused: await client.readContract({ ...jobs, functionName: 'paused', blockNumber }),
		fee,
		treasury: treasury === zeroAddress ? null : treasury.toLowerCase(),
	});
}

const LISTING_FIELDS = `id providerId version touchedAt rate total reserved memoryGiB widest formFactor kind pricingModel continent offline
	gpuModel availableFrom availableUntil floor ceiling tokenAmount token tiers ruleAttestations allowListOnly`;
const JOB_FIELDS = `id status tracked requester team requestedAt routeDeadline gpuCount duration locked requestHash provider listingId
	pricePerGpuHour fee router routedAt commitment parent startDeadline startedAt disputedAt endedAt due paid feePaid refunded`;
