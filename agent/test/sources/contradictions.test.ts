/** What of one source cannot all be true, and answers that can be read in two ways. */
import { describe, expect, it } from 'vitest';
import { parseJson } from '../../src/sources/reading/json.ts';
import { Offers, type RawOffer } from '../../src/sources/reading/offers.ts';
import { readOffers } from '../../src/tools/reading.ts';
import { NOW } from '../support/source.ts';

function read(...rows: Partial<RawOffer>[]) {
	const offers = new Offers({ id: 'lambda', network: 'lambda' }, NOW);
	for (const row of rows) {
		offers.add({ id: 'a', gpu: 'H100 SXM', amount: 16, gpus: 8, per: 'instance', meaning: 'list-price', ...row });
	}
	const { quotes, left } = offers.answer();
	return { shown: quotes.map(({ key, price }) => [key.slice(7), price.amount]), left };
}

describe('PRC-02 two prices for one thing', () => {
	it('leave none of them standing, whatever comes first and however many there are', () => {
		expect(read({ amount: 16 }, { amount: 12 })).toEqual({ shown: [], left: { 'two prices for one thing': 2 } });
		expect(read({ amount: 12 }, { amount: 16 }, { amount: 16 }, { id: 'b', amount: 15 })).toEqual({
			shown: [['b', '15']],
			left: { 'two prices for one thing': 3 },
		});
	});

	it('are not the same price said twice', () => {
		expect(read({}, {})).toEqual({ shown: [['a', '16']], left: { 'named twice': 1 } });
	});

	it('nor are two things by one name an offer', () => {
		expect(read({}, { gpu: 'A100 SXM' }).left).toEqual({ 'two offers by one name': 2 });
		expect(read({}, { gpus: 4 }).left).toEqual({ 'two offers by one name': 2 });
	});

	it('of two terms stand beside each other', () => {
		expect(read({}, { id: 'a/reserved', term: '1 year reserved', amount: 10 }).left).toEqual({});
	});
});

describe('PRC-02 a price that does not grow with the number of GPUs', () => {
	const sizes = (totals: Record<number, number>, more: Partial<RawOffer> = {}) =>
		read(
			...Object.entries(totals).map(([gpus, amount]) => ({
				id: `${gpus}x_h100`,
				gpus: Number(gpus),
				vcpus: Number(gpus) * 16,
				ramGiB: Number(gpus) * 128,
				amount,
				...more,
			})),
		);
	const LEFT = 'price does not grow with the number of GPUs';

	it('is that of the smallest machine: only that one stands', () => {
		expect(sizes({ 1: 2, 2: 2, 4: 2, 8: 2 })).toEqual({ shown: [['1x_h100', '2']], left: { [LEFT]: 3 } });
		expect(sizes({ 8: 1.9, 1: 2 })).toEqual({ shown: [['1x_h100', '2']], left: { [LEFT]: 1 } });
		expect(sizes({ 2: 5, 4: 4.5, 8: 18 }).left).toEqual({ [LEFT]: 1 });
	});

	it('is not one with a discount for many', () => {
		expect(sizes({ 1: 3, 2: 5.5, 4: 9, 8: 12 }).left).toEqual({});
		expect(sizes({ 1: 3, 8: 3.01 }).left).toEqual({});
	});

	it('is not a larger machine with less of the rest, nor another place, model or term', () => {
		// AWS's g4dn.16xlarge and g4dn.12xlarge.
		expect(
			read(
				{ id: 'g4dn.16xlarge', gpu: 'T4', gpus: 1, vcpus: 64, ramGiB: 256, amount: 4.352 },
				{ id: 'g4dn.12xlarge', gpu: 'T4', gpus: 4, vcpus: 48, ramGiB: 192, amount: 3.912 },
			).left,
		).toEqual({});
		expect(read({ id: '1', gpus: 1, region: 'us' }, { id: '8', region: 'eu' }).left).toEqual({});
		expect(read({ id: '1', gpus: 1 }, { id: '8', gpu: 'A100 SXM' }).left).toEqual({});
		expect(read({ id: '1', gpus: 1 }, { id: '8', term: 'monthly' }).left).toEqual({});
	});

	it('is not that of another line of machines that is on sale, unless it is the same to the last digit', () => {
		const promo = (amount: number) =>
			read({ id: 'NC6', gpu: 'K80', gpus: 1, amount: 0.9 }, { id: 'NC12_Promo', gpu: 'K80', gpus: 2, amount });
		expect(promo(0.792).left).toEqual({});
		expect(promo(0.9).left).toEqual({ [LEFT]: 1 });
	});

	it('may be lower as spot, where supply and demand make it, and not the same', () => {
		const spot = { pricing: 'dynamic', meaning: 'observation' } as const;
		expect(sizes({ 1: 1, 8: 0.9 }, spot).left).toEqual({});
		expect(sizes({ 1: 1, 8: 1 }, spot).left).toEqual({ [LEFT]: 1 });
	});

	it('is nothing on an open market, where each machine has an owner, and something among an upstream cloud’s machines', () => {
		expect(sizes({ 1: 2, 8: 2 }, { meaning: 'offer' }).left).toEqual({});
		expect(sizes({ 1: 2, 8: 2 }, { meaning: 'offer', upstream: { cloud: 'x', type: 'h' } }).left).toEqual({
			[LEFT]: 1,
		});
	});
});

describe('PRC-01 a price below any real one', () => {
	it.each([
		['H100', 0.01],
		['H100', 1e-9],
		['B200', 0.1],
		['RTX 4090', 0.02],
		['T4', 0.01],
	])('of a %s at $%d is left out with its reason', (gpu, amount) => {
		expect(read({ gpu, gpus: 1, amount })).toEqual({ shown: [], left: { 'price below any real one': 1 } });
	});

	it('is none of a bid’s floor', () => {
		expect(read({ gpus: 1, amount: 0.01, meaning: 'floor', pricing: 'dynamic' }).shown).toHaveLength(1);
	});
});

describe('DISC-03 two names of one GPU', () => {
	const model = (gpu: string, otherName: string, memoryGiB?: number) => {
		const offers = new Offers({ id: 'runpod', network: 'runpod' }, NOW);
		offers.add({ id: 'a', gpu, otherName, memoryGiB, amount: 2, per: 'gpu', meaning: 'offer' });
		const { quotes, left } = offers.answer();
		return quotes[0]?.gpu.model ?? Object.keys(left)[0];
	};
	it.each([
		['RTX PRO 6000', 'NVIDIA RTX PRO 6000 Blackwell Server Edition', 'rtxpro6000s'],
		['RTX PRO 6000 MaxQ', 'NVIDIA RTX PRO 6000', 'rtxpro6000mq'],
		['H100 SXM', 'NVIDIA H100 80GB HBM3', 'h100'],
		['RTX 4090', 'gpu-type-17', 'rtx4090'],
		['unknown', 'NVIDIA L40S', 'l40s'],
		['A100', 'NVIDIA H100 PCIe', 'GPU name of several models'],
		['A10', 'NVIDIA A100 80GB PCIe', 'GPU name of several models'],
		['H100', 'H100 MIG 1g.10gb', 'part of a GPU'],
		['RTX 5090 Pro', 'RTX 5090', 'GPU not known'],
	])('%s and %s: %s', (gpu, otherName, expected) => {
		expect(model(gpu, otherName)).toBe(expected);
	});
});

describe('AGT-02 JSON that can be read in two ways', () => {
	it.each([
		['{"a":1,"a":2}', 'a'],
		['[{"b":[{"price":1,"x":{"price":2},"price":3}]}]', 'price'],
		['{"dph":1, "\\u0064ph" : 2}', 'dph'],
		['{"a":{"__proto__":1,"__proto__":2}}', '__proto__'],
		['{"k\\"":1,"k\\"":1}', 'k"'],
	])('is refused: %s', (text, name) => {
		expect(() => parseJson(text)).toThrow(`with the member "${name}" twice`);
	});

	it.each([
		'{"a":1,"b":{"a":1},"c":[{"a":1},{"a":1}]}',
		'{"a":"a\\":","b":"{\\"a\\":1,\\"a\\":2}"}',
		'["a","a"]',
		'{"a\\\\":1,"a":2}',
		'"a"',
		'{}',
	])('is read otherwise, with a byte order mark and without: %s', (text) => {
		expect(parseJson(text)).toEqual(JSON.parse(text));
		expect(parseJson(`\ufeff${text}`)).toEqual(JSON.parse(text));
	});

	it('says so of a file', () => {
		const row = '"id":1,"gpu_name":"H100 SXM","num_gpus":8,"gpu_ram":81559,"dph_total":16.0,"rentable":true';
		const rest = '"verification":"verified","geolocation":"US","min_bid":null,"is_bid":false,"dph_base":15';
		expect(readOffers(`\ufeff{"offers":[{${row},${rest}}]}`, NOW, 'vast').answer.quotes).toHaveLength(1);
		expect(() => readOffers(`{"offers":[{${row},${rest},"gpu_ram":40960}]}`, NOW)).toThrow(/"gpu_ram" twice/);
	});
});
