/** The terms under which a price holds: an allow list of what is on demand or spot. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import {
	defaultPolicy,
	gpuModelKey,
	isBelievable,
	isOnOtherTerms,
	MarketIndex,
	marketQuerySchema,
	offerKey,
	PriceSummaries,
	type Quote,
	quoteSchema,
	rentalTermOf,
	sourceId,
	termNamedIn,
	termOf,
} from '../src/index.ts';
import { listed, NOW, price, quote } from './build.ts';

describe("AGT-02 a rental term in a vendor's words", () => {
	it.each([
		...[
			undefined,
			null,
			'',
			'  ',
			'OnDemand',
			'On-Demand',
			'on demand',
			'ON_DEMAND',
			'on_demand',
			'PAYG',
			'Pay as you go',
		],
		...['PAY_AS_YOU_GO', 'Consumption', 'PayAsYouGo', 'hourly', 'POSTPAID_BY_HOUR', ' On  Demand '],
	])('%j is on demand', (words) => {
		expect(termOf(words).kind).toBe('on-demand');
	});

	it.each([
		'spot',
		'Spot',
		'SPOT_INSTANCE',
		'Preemptible',
		'Spot Preemptible',
		'interruptible',
		'Low Priority',
		'low-priority',
		'bid',
	])('%j is spot', (words) => {
		expect(termOf(words).kind).toBe('spot');
	});

	it.each([
		['Reserved', 'reserved'],
		['reserved_1y', 'reserved'],
		['RI', 'reserved'],
		['On-Demand Capacity Reservation', 'reserved'],
		['1yr All Upfront Reserved', 'reserved'],
		['CUD', 'committed'],
		['Commit1Yr', 'committed'],
		['Savings Plan', 'committed'],
		['1 year', 'committed'],
		['3yr', 'committed'],
		['36 months', 'committed'],
		['No Upfront', 'committed'],
		['prepaid', 'prepaid'],
		['PrePaid', 'prepaid'],
		['All Upfront', 'prepaid'],
		['monthly', 'monthly'],
		['on demand (monthly)', 'monthly'],
		['variable', 'variable'],
		['isVariable', 'variable'],
		['Capacity Block', 'capacity-block'],
		['CapacityBlock', 'capacity-block'],
		['capacity_blocks', 'capacity-block'],
		['DWS', 'other'],
		['Dynamic Workload Scheduler', 'other'],
		['flex-start', 'other'],
		['not on demand', 'other'],
		['non-spot', 'other'],
		['on demand?', 'on-demand'],
		['early access', 'other'],
		['自动续费', 'other'],
	])('%j is %s, with the words kept', (words, kind) => {
		expect(termOf(words)).toEqual({ kind, words });
	});

	it('is on demand or spot for known spellings alone, whatever else is written', () => {
		fc.assert(
			fc.property(fc.string({ minLength: 1, maxLength: 200 }), (text) => {
				const { kind, words } = termOf(text);
				expect(words.length).toBeLessThanOrEqual(60);
				if (text.trim() !== '' && !/^\W*(?:on\W*demand|spot|bid|hourly|payg)\W*$/i.test(text))
					expect(['on-demand', 'spot']).not.toContain(kind);
			}),
		);
	});
});

describe('AGT-02 offers under other terms', () => {
	const stated = (id: string, amount: string, kind: 'reserved' | 'prepaid' | 'other', parts: Partial<Quote> = {}) =>
		quote({
			key: offerKey(sourceId('lambda'), id),
			price: price({ amount }),
			rental: { minSeconds: null, prepaid: null, term: { kind, words: `${kind} 1y` } },
			...parts,
		});
	const pricing = { tokenPrices: [], takenAt: NOW, policy: defaultPolicy };
	const plain = quote({ id: 'plain', price: price({ amount: '3' }) });
	const spot = quote({ id: 'spot', price: price({ amount: '1.5', model: 'dynamic' }) });
	const index = new MarketIndex([stated('r', '1', 'reserved'), plain, spot, stated('p', '0.9', 'prepaid')], pricing);
	const ask = (query: Record<string, string>) => {
		const { total, offers, otherTerms } = index.query(marketQuerySchema.parse(query));
		return { total, keys: offers.map(({ quote: { key } }) => key.split(':')[1]), otherTerms };
	};

	it('rank only when they are asked for, and are counted otherwise', () => {
		const without = { total: 2, keys: ['spot', 'plain'], otherTerms: { reserved: 1, prepaid: 1 } };
		expect(ask({})).toEqual(without);
		expect(ask({ sort: 'price' })).toEqual(without);
		expect(ask({ terms: 'reserved' })).toEqual({
			total: 1,
			keys: ['r'],
			otherTerms: { 'on-demand': 1, spot: 1, prepaid: 1 },
		});
		expect(ask({ terms: 'any', sort: 'price' })).toEqual({
			total: 4,
			keys: ['p', 'r', 'spot', 'plain'],
			otherTerms: {},
		});
		expect(() => marketQuerySchema.parse({ terms: 'whenever' })).toThrow();
	});

	it('are never the cheapest, nor a reference for others, nor in the history', () => {
		expect(
			index
				.query(marketQuerySchema.parse({ terms: 'any' }))
				.offers.filter(isBelievable)
				.map((view) => view.quote.key),
		).toEqual([spot.key, plain.key]);
		const aws = { source: sourceId('aws'), network: 'aws', meaning: 'list-price' as const };
		const cloud = (id: string, amount: string) =>
			quote({ ...aws, key: offerKey(aws.source, id), price: price({ amount }) });
		const reserved = stated('r', '1', 'reserved', { ...aws, key: offerKey(aws.source, 'r') });
		const { references } = new MarketIndex([cloud('o', '6'), reserved], pricing);
		expect(references.map(({ key }) => key)).toEqual(['aws:o']);
		const summaries = new PriceSummaries([], NOW);
		for (const each of [plain, stated('r', '1', 'reserved')]) summaries.add(each);
		expect(summaries.all.map(({ low, offers }) => [low, offers])).toEqual([[3_000_000n, 1]]);
	});

	it("move nobody else's doubt, and stand for nobody else's machine", () => {
		const others = ['aws', 'gcp', 'azure', 'vast'].map((source) =>
			stated('cheap', '0.01', 'other', {
				source: sourceId(source),
				network: source,
				key: offerKey(sourceId(source), 'cheap'),
			}),
		);
		const market = new MarketIndex([plain, ...others], pricing);
		expect(market.offer(plain.key)?.doubt).toBeNull();
		const broker = stated('b', '1', 'reserved', {
			source: sourceId('shadeform'),
			network: 'shadeform',
			key: offerKey(sourceId('shadeform'), 'b'),
			upstream: { cloud: 'lambda', type: 'x' },
		});
		expect(new MarketIndex([plain, broker], pricing).offer(broker.key)?.alternatives).toEqual([]);
	});

	it('keep their term in JSON, while quotes without one keep their bytes', () => {
		const one = stated('r', '1', 'reserved');
		expect(quoteSchema.parse(z.encode(quoteSchema, one))).toEqual(one);
		const old = { ...z.encode(quoteSchema, plain), rental: { minSeconds: 3_600, prepaid: null } };
		expect(JSON.stringify(z.encode(quoteSchema, quoteSchema.parse(old)).rental)).toBe(
			'{"minSeconds":3600,"prepaid":null}',
		);
		expect(
			quoteSchema.safeParse({ ...old, rental: { ...old.rental, term: { kind: 'on-demand', words: 'x' } } }).success,
		).toBe(false);
		expect(
			quoteSchema.safeParse({ ...old, rental: { ...old.rental, term: { kind: 'other', words: '' } } }).success,
		).toBe(false);
	});

	it('have a word for every offer', () => {
		expect(rentalTermOf(plain)).toBe('on-demand');
		expect(rentalTermOf(spot)).toBe('spot');
		expect(rentalTermOf(stated('r', '1', 'other'))).toBe('other');
		const dynamic = listed(1, 2_000_000n, {
			gpu: { ...plain.gpu, model: gpuModelKey('h100') },
			price: price({ model: 'dynamic' }),
		});
		expect(rentalTermOf(dynamic)).toBe('on-demand');
		expect([plain, spot, stated('r', '1', 'other')].map(isOnOtherTerms)).toEqual([false, false, true]);
	});
});

describe('AGT-02 a term that a text names', () => {
	it.each([
		['h100-spot', 'spot'],
		['PreemptibleH100', 'spot'],
		['gpu_1x_h100_reserved_1yr', 'reserved'],
		['Spot or 12 months', 'committed'],
		['H100 Savings Plan', 'committed'],
		['leased by the week', 'committed'],
	])('%j: %s', (text, kind) => {
		expect(termNamedIn(text)?.kind).toBe(kind);
	});

	it.each(['', 'gpu_1x_h100_sxm5', 'non-interruptible', 'no commitment', 'on demand', 'hotspot', 'uninterruptible'])(
		'%j names none',
		(text) => {
			expect(termNamedIn(text)).toBeNull();
		},
	);
});
