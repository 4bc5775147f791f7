import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
	collapseSupply,
	defaultPolicy,
	gpuModelKey,
	MarketIndex,
	marketQuerySchema,
	offerKey,
	offerViewSchema,
	orderOf,
	type Pricing,
	type Quote,
	quoteJson,
	sourceId,
} from '../../src/index.ts';
import { listed, NOW, price, quote } from '../build.ts';
import { anyOffers, anyQuery, collapseSome, TOKENS } from './markets.ts';
import { naiveQuery } from './naive.ts';

const pricing: Pricing = { tokenPrices: TOKENS, takenAt: NOW, policy: defaultPolicy };
const marketOf = (...quotes: Quote[]) => new MarketIndex(quotes, pricing);
const ask = (index: MarketIndex, query: Record<string, string> = {}) =>
	index.query(marketQuerySchema.parse(query)).offers.map((view) => view.quote.key.split(':')[1]);
const at = (id: string, amount: string, parts: Partial<Quote> = {}) =>
	quote({ id, price: price({ amount }), ...parts });

describe('DISC-03, DISC-04 the market index', () => {
	it('gives what pricing, filtering and sorting everything gives', () => {
		fc.assert(
			fc.property(
				anyOffers,
				fc.array(anyQuery, { minLength: 8, maxLength: 8 }),
				fc.boolean(),
				(quotes, queries, resold) => {
					const collapse = resold ? collapseSome : collapseSupply;
					const index = new MarketIndex(quotes, pricing, collapse);
					for (const query of queries) expect(index.query(query)).toEqual(naiveQuery(quotes, pricing, collapse, query));
				},
			),
			{ numRuns: 600 },
		);
	});

	it('gives views that the wire takes', () => {
		fc.assert(
			fc.property(anyOffers, anyQuery, (quotes, query) => {
				for (const view of new MarketIndex(quotes, pricing).query(query).offers) {
					expect(offerViewSchema.parse(view)).toEqual(view);
				}
			}),
			{ numRuns: 50 },
		);
	});

	it('does not depend on the order in which offers came', () => {
		const shuffled = anyOffers.chain((quotes) =>
			fc.tuple(fc.constant(quotes), fc.shuffledSubarray(quotes, { minLength: quotes.length }), anyQuery),
		);
		fc.assert(
			fc.property(shuffled, ([quotes, others, query]) => {
				expect(new MarketIndex(others, pricing).query(query)).toEqual(new MarketIndex(quotes, pricing).query(query));
			}),
			{ numRuns: 100 },
		);
	});
});

describe('AGT-05 the order of offers', () => {
	it('is the same for rows at hand as in the index, and total', () => {
		fc.assert(
			fc.property(anyOffers, anyQuery, (quotes, query) => {
				const { offers } = new MarketIndex(quotes, pricing).query({ ...query, offset: 0, limit: undefined });
				const order = orderOf(query);
				expect(offers.toReversed().sort(order)).toEqual(offers);
				offers.forEach((a, i) => {
					offers.forEach((b, j) => {
						expect(Math.sign(order(a, b))).toBe(Math.sign(i - j));
					});
				});
			}),
			{ numRuns: 200 },
		);
	});

	it('breaks equal prices by known uptime, then by key', () => {
		const uptime = (uptimeBps: number | null) => ({
			quality: { uptimeBps, latencyMs: null, ratingBps: null, riskBps: null },
		});
		const index = marketOf(
			at('c', '2', uptime(null)),
			at('b', '2', uptime(9_000)),
			at('a', '2', uptime(null)),
			at('d', '2', uptime(9_900)),
		);
		expect(ask(index)).toEqual(['d', 'b', 'a', 'c']);
	});

	it('puts preferred places first, whatever their price, and offers without a price last of all', () => {
		const berlin = { region: { continent: 'europe' as const, country: 'DE', raw: 'Berlin' } };
		const index = marketOf(at('us', '1'), at('de', '9', berlin), at('none', 'N/A', berlin));
		expect(ask(index, { prefer: 'de' })).toEqual(['de', 'us', 'none']);
		expect(ask(index, { prefer: 'europe', sort: 'price' })).toEqual(['us', 'de', 'none']);
		expect(ask(index, { sort: '-price' })).toEqual(['de', 'us', 'none']);
	});

	it('never puts a floor or an estimate before a price that somebody asks', () => {
		const index = marketOf(
			at('floor', '0.1', { meaning: 'floor' }),
			at('estimate', '0.2', { meaning: 'estimate' }),
			at('asked', '2'),
		);
		expect(ask(index)).toEqual(['asked', 'floor']);
		expect(ask(index, { estimates: 'true' })).toEqual(['asked', 'floor', 'estimate']);
		expect(ask(index, { sort: 'price' })).toEqual(['floor', 'asked']);
	});

	it('ranks by what the job costs when one is named', () => {
		// One GPU for an hour: $8 of the cheaper machine of eight, $3 of the GPU alone.
		const whole = at('whole', '8', {
			gpus: { numerator: 8, denominator: 1 },
			price: price({ amount: '8', per: 'instance' }),
		});
		const index = marketOf(whole, at('single', '3'));
		expect(ask(index)).toEqual(['whole', 'single']);
		expect(ask(index, { gpus: '1' })).toEqual(['single', 'whole']);
		expect(ask(index, { gpus: '8' })).toEqual(['whole', 'single']);
	});
});

describe('AGT-05 a machine that is sold twice', () => {
	const lambda = at('own', '2.10');
	const resold = at('resold', '2', {
		key: offerKey(sourceId('spheron'), 'resold'),
		source: sourceId('spheron'),
		network: 'spheron',
		upstream: { cloud: 'Lambda Labs', type: 'gpu_1x_h100' },
		rental: { minSeconds: 720 * 3_600, prepaid: null },
	});

	it('stands once, unless the job costs less where it is dearer by the hour', () => {
		const index = marketOf(lambda, resold);
		expect(ask(index)).toEqual(['resold']);
		expect(ask(index, { hours: '1000' })).toEqual(['resold']);
		// Whoever resells it takes a month at the least.
		expect(ask(index, { hours: '2' })).toEqual(['own', 'resold']);
	});
});

describe('DISC-04 filters', () => {
	const sold = (id: string, numerator: number, denominator: number, widest: number | null) =>
		quote({
			id,
			gpus: { numerator, denominator },
			price: price({ per: 'instance' }),
			availability: { state: 'unknown', gpus: null, widest },
		});

	it('knows how many GPUs can be had in one machine', () => {
		const index = marketOf(
			sold('eight', 8, 1, null),
			sold('one', 1, 1, null),
			sold('one-of-eight', 1, 1, 8),
			sold('sixth', 1, 6, null),
			quote({ id: 'single', availability: { state: 'unknown', gpus: null, widest: null } }),
		);
		const keys = (width: string) => ask(index, { width }).toSorted();
		expect(keys('8')).toEqual(['eight', 'one-of-eight', 'single']);
		expect(keys('1')).toEqual(['one', 'one-of-eight', 'single']);
	});

	it('takes a basket of models, and each once', () => {
		const model = (name: string) => ({ gpu: { ...quote().gpu, model: gpuModelKey(name) } });
		const index = marketOf(at('h', '3', model('h100')), at('a', '1', model('a100')), at('l', '2', model('l40s')));
		expect(ask(index, { gpu: 'h100,a100:0.5,h100' })).toEqual(['a', 'h']);
		// An A100 that does a quarter of the work costs $4 for an hour of it.
		expect(ask(index, { gpu: 'h100,a100:0.25', hours: '1' })).toEqual(['h', 'a']);
	});

	it('puts what nobody can take behind what may be had, however cheap', () => {
		const availability = { state: 'none' as const, gpus: 0, widest: null };
		expect(ask(marketOf(at('gone', '1', { availability }), at('there', '2')))).toEqual(['there', 'gone']);
		expect(ask(marketOf(at('gone', '1', { availability }), at('there', '2')), { sort: 'price' })).toEqual([
			'gone',
			'there',
		]);
	});

	it('shows a resold machine only where the original is not in the answer', () => {
		const from = (source: string, amount: string) =>
			quote({
				key: offerKey(sourceId(source), source),
				source: sourceId(source),
				network: source,
				price: price({ amount }),
			});
		const index = new MarketIndex([from('lambda', '2'), from('vast', '3')], pricing, collapseSome);
		expect(ask(index)).toEqual(['lambda']);
		expect(ask(index, { exclude: 'lambda' })).toEqual(['vast']);
		const [view] = index.query(marketQuerySchema.parse({})).offers;
		expect(view?.alternatives).toEqual([{ key: 'vast:vast', source: 'vast', usdPerGpuHour: '3000000' }]);
	});
});

describe('AGT-02 prices of a market', () => {
	it('keep their arithmetic at hand, line by line', () => {
		const eight = quote({ gpus: { numerator: 8, denominator: 1 }, price: price({ amount: '24', per: 'instance' }) });
		const index = marketOf(eight);
		expect(index.offer(eight.key)?.usdPerGpuHour).toBe('3000000');
		expect(index.steps(eight.key).map(({ formula }) => formula)).toEqual(['24', '24 ÷ 8 GPUs']);
		expect(index.offer(offerKey(sourceId('lambda'), 'other'))).toBeNull();
		expect(index.steps(offerKey(sourceId('lambda'), 'other'))).toEqual([]);
	});

	it('make a listing JSON with its money as text', () => {
		expect(quoteJson(listed(1, 2_000_000n)).listing).toMatchObject({ floor: '0', ceiling: '0' });
	});
});
