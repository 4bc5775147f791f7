/** Prices of the fixture: machine 143692 as its market showed it in 2026 (0.83 on demand, bids from 0.13); the rest is made up in the documented shape. */
import { defaultPolicy, normalise } from '@necto/core';
import { describe, expect, it } from 'vitest';
import { vast } from '../../src/sources/vast.ts';
import { sendJson } from '../support/http.ts';
import { ask, closeFakes, hostile, NOW } from '../support/source.ts';

closeFakes();

function machine(changes: Record<string, unknown> = {}): Record<string, unknown> {
	return {
		id: 143_692,
		machine_id: 143_692,
		gpu_name: 'RTX 4090',
		num_gpus: 2,
		gpu_ram: 24_564,
		dph_base: 0.826667,
		dph_total: 0.83,
		min_bid: 0.13,
		storage_cost: 0.3,
		search: { gpuCostPerHour: 0.826667, diskHour: 0.003333, totalHour: 0.83 },
		cpu_cores_effective: 16,
		cpu_ram: 64_000,
		inet_up_cost: 0.002,
		inet_down_cost: 0.002,
		reliability2: 0.9987,
		verification: 'verified',
		geolocation: 'Japan, JP',
		rentable: true,
		is_bid: false,
		...changes,
	};
}

const good = { offers: [machine()] };
const two = { options: { VAST_GPUS: 'RTX 4090,H100 SXM' } };
const read = (changes: Record<string, unknown>) => {
	const answer = vast.read?.({ offers: [machine(changes)] }, NOW);
	if (answer === undefined) throw new Error('Vast reads files');
	return answer;
};
const usd = (changes: Record<string, unknown> = {}) =>
	read(changes).quotes.map((quote) => {
		const price = normalise(quote, [], NOW as typeof quote.observedAt, defaultPolicy);
		return price.ok ? price.usdPerGpuHour : null;
	});

describe('NET-05 Vast.ai', () => {
	it('reads the list that Vast’s own command line writes', () => {
		expect(vast.read?.([machine()], NOW).quotes).toHaveLength(2);
	});

	it.each([
		['A10', 23_028, 24],
		['L4', 23_034, 24],
		['A16', 15_356, 16],
		['RTX 4090', 49_140, 48],
		['B200', 183_359, 180],
		['RTX 5090', 0, 32],
	])('knows the memory of an %s that shows %d MiB', (gpu_name, gpu_ram, memoryGiB) => {
		expect(read({ gpu_name, gpu_ram }).quotes[0]?.gpu.memoryGiB).toBe(memoryGiB);
	});

	it('calls the total of an offer for bids the floor that it is', () => {
		const bid = { is_bid: true, dph_base: 0.13, dph_total: 0.133_334 };
		expect(read(bid).quotes.map(({ key, meaning, price }) => [key, meaning, price.amount])).toEqual([
			['vast:143692%2Fbid', 'floor', '0.133334'],
		]);
	});

	it('asks for one GPU after the other, with the key in a header, and reads each answer', async () => {
		const { quotes, failing, incomplete, fake } = await ask(
			vast,
			(_, response, body) => {
				const h100 = body.includes('H100 SXM');
				sendJson(response, {
					offers: [machine(h100 ? { id: 2, gpu_name: 'H100 SXM', gpu_ram: 81_559 } : {})],
				});
			},
			two,
		);
		expect([failing, incomplete]).toEqual([null, null]);
		expect(fake.requests.map(({ method, url }) => `${method} ${url}`)).toEqual(Array(2).fill('POST /api/v0/bundles/'));
		expect(JSON.parse(fake.requests[0]?.body ?? '')).toMatchObject({
			gpu_name: { eq: 'RTX 4090' },
			rentable: { eq: true },
			verified: { eq: true },
			limit: 64,
			order: [['dph_total', 'asc']],
		});
		expect(fake.requests[0]?.headers.authorization).toBe('Bearer secret-VAST_API_KEY');
		expect(quotes.map(({ key }) => key)).toEqual(['vast:143692', 'vast:143692%2Fbid', 'vast:2', 'vast:2%2Fbid']);
	});

	it('asks without a key when there is none, and for unverified machines when they are wanted', async () => {
		const { fake } = await ask(vast, (_, response) => sendJson(response, good), {
			keys: null,
			options: { VAST_GPUS: 'RTX 4090', VAST_UNVERIFIED: 'yes' },
		});
		expect(fake.requests[0]?.headers.authorization).toBeUndefined();
		expect(JSON.parse(fake.requests[0]?.body ?? '')).not.toHaveProperty('verified');
	});

	it('keeps what came for some GPUs when others fail, and says which are missing', async () => {
		const { quotes, failing, incomplete } = await ask(
			vast,
			(_, response, body) => (body.includes('H100') ? sendJson(response, {}, 500) : sendJson(response, good)),
			two,
		);
		expect(failing).toBeNull();
		expect(quotes).toHaveLength(2);
		expect(incomplete).toBe('H100 SXM did not come whole: Vast.ai answers with status 500.');
	});

	it('asks for nothing more once it is told that it asks too often', async () => {
		let asked = 0;
		const { fake, quotes, incomplete } = await ask(vast, (_, response) =>
			asked++ === 0 ? sendJson(response, good) : sendJson(response, {}, 429),
		);
		expect(fake.requests).toHaveLength(2);
		expect(quotes).toHaveLength(2);
		expect(incomplete).toContain('limits the rate');
	});

	it('asks no further after three failures in a row, and says how much is missing', async () => {
		let asked = 0;
		const { fake, quotes, incomplete } = await ask(vast, (_, response) =>
			asked++ === 0 ? sendJson(response, good) : sendJson(response, {}, 500),
		);
		expect(fake.requests).toHaveLength(4);
		expect(quotes).toHaveLength(2);
		expect(incomplete).toMatch(/^25 of 26 parts \(H200, H100 SXM, H100 NVL and 22 more\) did not come whole/);
	});

	it('asks for no more GPUs than it may', async () => {
		const names = Array.from({ length: 41 }, (_, index) => `GPU ${index}`).join(',');
		const { fake, failing } = await ask(vast, (_, response) => sendJson(response, good), {
			options: { VAST_GPUS: names },
		});
		expect(failing?.message).toContain('at most 40');
		expect(fake.requests).toHaveLength(0);
	});

	it('reads the whole machine’s price, its place, memory in MiB and reliability', () => {
		const [quote] = read({}).quotes;
		expect(quote).toMatchObject({
			meaning: 'offer',
			gpu: { model: 'rtx4090', memoryGiB: 24 },
			gpus: { numerator: 2, denominator: 1 },
			host: { vcpus: 16, ramGiB: 62 },
			region: { country: 'JP' },
			price: { amount: '0.83', per: 'instance', model: 'fixed', excludes: ['storage', 'bandwidth'] },
			quality: { uptimeBps: 9_987 },
			availability: { state: 'available', widest: 2 },
		});
	});

	it('shows a bid as a floor with the disk on it, exact to the last digit', () => {
		const [, floor] = read({}).quotes;
		expect(floor).toMatchObject({ meaning: 'floor', price: { amount: '0.133333', model: 'dynamic', per: 'instance' } });
		expect(usd()).toEqual([415_000n, 66_667n]);
		// Binary fractions would make 0.13 + 0.0033330000000000526 of it.
		expect(read({ search: null }).quotes[1]?.price.amount).toBe('0.133333');
	});

	it('shows no floor when nobody says what the disk costs', () => {
		expect(read({ search: null, dph_base: null }).quotes).toHaveLength(1);
		expect(read({ min_bid: 0 }).quotes).toHaveLength(1);
	});

	it('takes a B200 of 183,359 MiB for what it is', () => {
		const [quote] = read({ gpu_name: 'B200', gpu_ram: 183_359, num_gpus: 1 }).quotes;
		expect(quote?.gpu).toMatchObject({ model: 'b200', memoryGiB: 180 });
	});

	it('tells the two cards apart that one name has', () => {
		const memory = (gpu_ram: number) => read({ gpu_name: 'A100 SXM4', gpu_ram }).quotes[0]?.gpu.memoryGiB;
		expect([memory(40_960), memory(81_920)]).toEqual([40, 80]);
	});

	it('understands a place without a city, and shows what cannot be rented', () => {
		const [quote] = read({ geolocation: ', US', rentable: false }).quotes;
		expect(quote?.region).toMatchObject({ country: 'US' });
		expect(quote?.availability.state).toBe('none');
	});

	it.each([
		['a price of zero', { dph_total: 0, min_bid: null }, 'no price'],
		['a host that lost its verification', { verification: 'deverified' }, 'host lost its verification'],
		['a GPU that nobody knows', { gpu_name: 'Warpdrive 9', min_bid: null }, 'GPU not known'],
	])('makes no offer of a machine with %s', (_, changes, reason) => {
		expect(read(changes)).toMatchObject({ quotes: [], left: { [reason]: 1 } });
	});
});

hostile(vast, good);
