import { decodeBytes16, decodeToken, escrowAbi, jobStatus, nameOf, providerRegistryAbi } from '@necto/contracts';
import { CONTINENTS, FORM_FACTORS, LISTING_KINDS, PRICING_MODELS, wordOf } from '@necto/core';
import { expect } from 'vitest';
import type { Marketplace } from './marketplace.ts';
import type { Indexer } from './network.ts';

/**
 * The promise of an index: its tables are what the contracts say, at the same block. Compares every provider, listing and job, and the
 * locks that the entries leave.
 *
 * @returns the block that was compared
 */
export async function expectTablesEqualChain(indexer: Indexer, market: Marketplace): Promise<bigint> {
	const block = await market.client.getBlockNumber();
	await indexer.reach(block);
	const at = { blockNumber: block };
	const { client, chain } = market;

	const providers = await indexer.rows('providers', 'id owner listings');
	const providerCount = await client.readContract({ ...market.providers, functionName: 'providerCount', ...at });
	expect(providers).toHaveLength(providerCount);
	for (const row of providers) {
		const held = await client.readContract({
			...market.providers,
			functionName: 'getProvider',
			args: [Number(row.id)],
			...at,
		});
		expect(row.owner).toBe(held.owner.toLowerCase());
	}

	const listings = await indexer.rows('listings', LISTING_FIELDS);
	const listingCount = await client.readContract({ ...market.providers, functionName: 'listingCount', ...at });
	expect(listings).toHaveLength(listingCount);
	for (const { id, ...row } of listings) {
		const held = await client.readContract({
			address: chain.deployment.providerRegistry,
			abi: providerRegistryAbi,
			functionName: 'getListing',
			args: [Number(id)],
			...at,
		});
		expect(row, `listing ${id}`).toEqual({
			providerId: held.provider,
			version: held.version,
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
		});
	}

	const jobs = await indexer.rows('jobs', JOB_FIELDS);
	const jobCount = await client.readContract({ ...market.jobs, functionName: 'jobCount', ...at });
	expect(jobs).toHaveLength(Number(jobCount));
	for (const row of jobs) {
		const id = BigInt(String(row.id));
		const held = await client.readContract({ ...market.jobs, functionName: 'getJob', args: [id], ...at });
		const isRouted = held.listing !== 0;
		const time = { requested: row.routeDeadline, routed: row.startDeadline, running: row.startedAt };
		const status = nameOf(jobStatus, held.status);
		expect(row, `job ${id}`).toMatchObject({
			status,
			gpuCount: held.gpuCount,
			listingId: isRouted ? held.listing : null,
			provider: isRouted ? held.provider.toLowerCase() : null,
			pricePerGpuHour: isRouted ? `${held.pricePerGpuHour}` : null,
			requester: row.tracked ? held.requester.toLowerCase() : null,
		});
		expect(status in time ? time[status as keyof typeof time] : row.endedAt, `time of job ${id}`).toBe(`${held.time}`);
		const lock = await client.readContract({
			address: chain.deployment.escrow,
			abi: escrowAbi,
			functionName: 'lockOf',
			args: [id],
			...at,
		});
		const isOver = row.paid !== null;
		expect(isOver ? 0n : BigInt(String(row.locked)), `lock of job ${id}`).toBe(lock.amount);
		if (isOver) expect(BigInt(String(row.paid)) + BigInt(String(row.refunded))).toBe(BigInt(String(row.locked)));
	}
	// Nothing was mined meanwhile, or other blocks were compared than asked for.
	expect(await client.getBlockNumber()).toBe(block);
	return block;
}

const LISTING_FIELDS = `id providerId version rate total reserved memoryGiB widest formFactor kind pricingModel continent offline gpuModel
	availableFrom availableUntil floor ceiling tokenAmount token`;
const JOB_FIELDS = `id status gpuCount listingId provider pricePerGpuHour requester tracked routeDeadline startDeadline startedAt endedAt locked
	paid refunded`;
