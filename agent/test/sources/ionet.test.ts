/**
 * Figures of the cards: an H100 in io.net's market snapshot as two readers saw it, all 512 hired. Figures of the machines: the example of io.net's
 * documentation (io.net/docs/reference/vmaas); shapes as documented.
 */
import { describe, expect, it } from 'vitest';
import { ionet } from '../../src/sources/ionet.ts';
import { sendJson } from '../support/http.ts';
import { priceOf } from '../support/price.ts';
import { ask, closeFakes, hostile, NOW, serve } from '../support/source.ts';

closeFakes();

function card(changes: Record<string, unknown> = {}): Record<string, unknown> {
	return {
		id: 101,
		brand_name: 'NVIDIA',
		hardware_name: 'H100 80GB HBM3',
		price: 1.19,
		baremetal_price: 1.79,
		kubernetes_price: 1.89,
		caas_price: 2.09,
		vmaas_price: 1.99,
		type: 'GPU',
		total: 512,
		hired: 512,
		idle: 0,
		...changes,
	};
}

function machine(changes: Record<string, unknown> = {}): Record<string, unknown> {
	return {
		id: '12__2',
		deploy_id: 12,
		name: 'GeForce RTX 4090',
		num_cards: 2,
		supplier: 'internal',
		sold_out: false,
		price: 0.6,
		vram_per_card: 24,
		interconnect: null,
		nvlink: false,
		storage: 1_000,
		vcpu: 39,
		memory: 125,
		location: 'US',
		...changes,
	};
}

const b200 = machine({
	id: 'B200_sxm6x8__AU',
	deploy_id: 'B200_sxm6x8',
	name: 'B200',
	num_cards: 8,
	price: 39.92,
	vram_per_card: 192,
	interconnect: 'sxm6',
	location: 'AU',
});

const price = (changes: Record<string, unknown> = {}) => ({
	data: {
		replica_count: 1,
		gpus_per_vm: 2,
		available_replica_count: [3],
		discount: 0,
		ionet_fee: 0.0123,
		ionet_fee_percent: 2.05,
		currency_conversion_fee: 0,
		currency_conversion_fee_percent: 0,
		total_cost_usdc: 0.6123,
		...changes,
	},
});

const snapshot = { status: 'succeeded', data: [card()] };
const keyless = (...cards: unknown[]) =>
	ask(ionet, serve({ 'market-snapshot': { status: 'succeeded', data: cards } }), { keys: null });
const keyed = (files: Record<string, unknown>, quotes = '1') =>
	ask(ionet, serve({ 'market-snapshot': snapshot, ...files }), { options: { IONET_QUOTES: quotes } });
const machines = ({ quotes }: Awaited<ReturnType<typeof keyed>>) => quotes.filter(({ key }) => key.includes('vm%2F'));

describe('AGT-01 io.net without a key', () => {
	it('lists a card in each product that has a price, for what can be had', async () => {
		const { quotes, fake } = await keyless(card({ idle: 7 }));
		expect(quotes.map(({ key, price: { amount } }) => [key, amount])).toEqual([
			['io-net:101%2Fcluster', '1.19'],
			['io-net:101%2Fbare-metal', '1.79'],
			['io-net:101%2Fkubernetes', '1.89'],
			['io-net:101%2Fcontainer', '2.09'],
			['io-net:101%2Fvm', '1.99'],
		]);
		expect(quotes[0]).toMatchObject({
			meaning: 'list-price',
			gpu: { model: 'h100', formFactor: 'sxm', memoryGiB: 80 },
			price: { model: 'fixed', currency: 'USD', per: 'gpu' },
			availability: { state: 'available', gpus: 7 },
			region: { continent: 'unknown' },
			rental: { minSeconds: 3_600, prepaid: true },
		});
		expect(priceOf(quotes[4])).toBe(1_990_000n);
		expect(fake.requests.map(({ url }) => url)).toEqual(['/v1/io-explorer/network/market-snapshot?hardware_type=gpu']);
		expect(fake.requests[0]?.headers['x-api-key']).toBeUndefined();
	});

	it('shows a price that nobody can take as such', async () => {
		const { quotes } = await keyless(card());
		for (const { availability } of quotes) expect(availability).toMatchObject({ state: 'none', gpus: 0 });
	});

	it('knows nothing of what is free when it is not told', async () => {
		const { quotes } = await keyless(card({ idle: null }));
		expect(quotes[0]?.availability).toMatchObject({ state: 'unknown', gpus: null });
	});

	it.each([
		['a processor', { type: 'CPU', hardware_name: 'EPYC 7513' }, 'not a GPU'],
		[
			'a card that is not sold',
			{ price: 0, baremetal_price: null, kubernetes_price: 0, caas_price: null, vmaas_price: undefined },
			'no price',
		],
		[
			'a card that nobody knows',
			{ hardware_name: 'Warpdrive 9', price: null, caas_price: null, vmaas_price: null, kubernetes_price: null },
			'GPU not known',
		],
		['a price in words', { price: '1.19' }, 'not of the documented shape'],
	])('makes no offer of %s', async (_, changes, reason) => {
		const { quotes, left } = await keyless(card(), card({ id: 102, ...changes }));
		expect(quotes).toHaveLength(5);
		expect(left).toEqual({ [reason]: 1 });
	});
});

describe('AGT-01 io.net with a key', () => {
	it('lists whole machines before fees, and asks what the cheapest card costs with all of them', async () => {
		const reading = await keyed({
			'vmaas/hardware': { data: { hardware: [b200, machine()] } },
			'vmaas/price': price(),
		});
		expect(reading.incomplete).toBeNull();
		const [list, quote] = machines(reading);
		expect(list).toMatchObject({
			meaning: 'list-price',
			gpu: { model: 'b200', formFactor: 'sxm', memoryGiB: 180 },
			gpus: { numerator: 8, denominator: 1 },
			region: { continent: 'oceania', country: 'AU' },
			price: { amount: '39.92', per: 'instance', excludes: ['fee'] },
			availability: { state: 'available' },
		});
		expect(priceOf(list)).toBe(4_990_000n);
		expect(quote).toMatchObject({
			meaning: 'offer',
			gpu: { model: 'rtx4090' },
			gpus: { numerator: 2, denominator: 1 },
			host: { vcpus: 39, ramGiB: 125, diskGiB: null },
			price: { amount: '0.6123', currency: 'USD', per: 'instance', includes: ['cpu', 'ram', 'disk', 'fee'] },
			availability: { state: 'available' },
		});
		expect(priceOf(quote)).toBe(306_150n);
		const asked = reading.fake.requests.filter(({ url }) => url.includes('vmaas/price'));
		expect(asked).toHaveLength(1);
		expect(Object.fromEntries(new URL(asked[0]?.url ?? '', 'http://x').searchParams)).toEqual({
			hardware_id: '12',
			location_ids: '["US"]',
			gpus_per_vm: '2',
			replica_count: '1',
			duration_hours: '1',
			currency: 'usdc',
		});
		expect(asked[0]?.headers['x-api-key']).toBe('secret-IONET_API_KEY');
	});

	it('reads the list as it was first documented too', async () => {
		expect(machines(await keyed({ 'vmaas/hardware': [machine()] }, '0'))).toHaveLength(1);
	});

	it('asks for as many full prices as it was told to, one of each GPU', async () => {
		const list = { data: { hardware: [machine(), machine({ id: '12__1', num_cards: 1, price: 0.3 }), b200] } };
		for (const [quotes, times] of [
			['0', 0],
			['1', 1],
			['9', 2],
			['many', 0],
		] as const) {
			const { fake } = await keyed({ 'vmaas/hardware': list, 'vmaas/price': price() }, quotes);
			expect(fake.requests.filter(({ url }) => url.includes('vmaas/price'))).toHaveLength(times);
		}
	});

	it.each([
		['for another machine', price({ gpus_per_vm: 8 })],
		['for nothing', price({ total_cost_usdc: 0 })],
		['in another shape', { total_cost_usdc: 0.6 }],
	])('keeps the list price when it is quoted a price %s', async (_, body) => {
		const reading = await keyed({ 'vmaas/hardware': [machine()], 'vmaas/price': body });
		expect(machines(reading).map(({ meaning }) => meaning)).toEqual(['list-price']);
	});

	it('says none of a machine that is quoted but not there', async () => {
		const body = price({ available_replica_count: [0] });
		const reading = await keyed({ 'vmaas/hardware': [machine()], 'vmaas/price': body });
		expect(machines(reading)[0]).toMatchObject({ meaning: 'offer', availability: { state: 'none' } });
	});

	it('stops asking at the first refusal, and keeps what it has', async () => {
		const reading = await keyed({ 'vmaas/hardware': [machine(), b200] }, '9');
		expect(machines(reading)).toHaveLength(2);
		expect(reading.incomplete).toContain('The full price of GeForce RTX 4090 did not come');
		expect(reading.fake.requests.filter(({ url }) => url.includes('vmaas/price'))).toHaveLength(1);
	});

	it('never asks for what is sold out, and shows it as none', async () => {
		const reading = await keyed({ 'vmaas/hardware': [machine({ sold_out: true })], 'vmaas/price': price() });
		expect(machines(reading)[0]?.availability.state).toBe('none');
		expect(reading.fake.requests.some(({ url }) => url.includes('vmaas/price'))).toBe(false);
	});

	it.each([
		['a processor', { num_cards: 0, name: '' }, 'not a GPU'],
		['a price of zero', { price: 0 }, 'no price'],
	])('makes no offer of a machine with %s', async (_, changes, reason) => {
		const reading = await keyed({ 'vmaas/hardware': [b200, machine({ id: 'other', ...changes })] }, '0');
		expect(machines(reading)).toHaveLength(1);
		expect(reading.left).toEqual({ [reason]: 1 });
	});

	it('lets either of its two answers stand alone, and says which is missing', async () => {
		const cards = await keyed({});
		expect(cards.quotes).toHaveLength(5);
		expect(cards.incomplete).toContain('The machines did not come');
		const list = await ask(ionet, serve({ 'vmaas/hardware': [machine()] }), { options: { IONET_QUOTES: '0' } });
		expect(list.quotes).toHaveLength(1);
		expect(list.incomplete).toContain('The prices of cards did not come');
	});

	it('fails when neither comes', async () => {
		const { failing } = await ask(ionet, (_, response) => sendJson(response, {}, 404));
		expect(failing).toMatchObject({ failure: 'status', since: NOW });
	});
});

describe('AGT-01 io.net in a file', () => {
	it('is read in either shape', () => {
		expect(ionet.read?.(snapshot, NOW).quotes).toHaveLength(5);
		expect(ionet.read?.({ data: { hardware: [machine()] } }, NOW).quotes).toHaveLength(1);
	});
});

hostile(ionet, snapshot);
