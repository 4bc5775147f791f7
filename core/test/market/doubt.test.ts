import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
	defaultPolicy,
	doubtsOf,
	MarketIndex,
	type Meaning,
	marketQuerySchema,
	microUsd,
	offerKey,
	type PricedQuote,
	sourceId,
} from '../../src/index.ts';
import { NOW, price, quote } from '../build.ts';

interface Said {
	source: string;
	usd: number;
	memoryGiB?: number | null;
	meaning?: Meaning;
}

function said({ source, usd, memoryGiB = 80, meaning = 'offer' }: Said, at: number): PricedQuote {
	const id = sourceId(source);
	const micro = microUsd(BigInt(Math.round(usd * 1_000_000)));
	const one = quote({
		key: offerKey(id, `${at}`),
		source: id,
		network: source,
		meaning,
		gpu: { ...quote().gpu, memoryGiB },
		price: price({ amount: `${micro}`, exponent: 6 }),
	});
	return { quote: one, usdPerGpuHour: micro, refusal: null };
}

/** Key → code. */
const codes = (...figures: Said[]) =>
	Object.fromEntries([...doubtsOf(figures.map(said))].map(([key, { code }]) => [key, code]));
const from = (source: string, ...prices: number[]): Said[] => prices.map((usd) => ({ source, usd }));

describe('DISC-03 figures that are not believed at first sight', () => {
	const honest = [...from('a', 2), ...from('b', 2.5), ...from('c', 3)];

	it('are those below an eighth or above eight times of what the others ask', () => {
		// The median of a, b and c is $2.50: an eighth is $0.3125, eight times are $20.
		expect(codes(...honest, ...from('d', 0.312499))).toEqual({ 'd:3': 'far-below' });
		expect(codes(...honest, ...from('d', 0.3125))).toEqual({});
		expect(codes(...honest, ...from('d', 20))).toEqual({});
		expect(codes(...honest, ...from('d', 20.000001))).toEqual({ 'd:3': 'far-above' });
	});

	it('say both figures', () => {
		const doubt = doubtsOf([...honest, ...from('d', 0.01)].map(said)).get(offerKey(sourceId('d'), '3'));
		expect(doubt?.message).toBe(
			'$0.01 per GPU-hour is less than an eighth of $2.50, the median of 3 other sources for this GPU.',
		);
	});

	it('need three others to be held against', () => {
		expect(codes(...from('a', 2), ...from('b', 2.5), ...from('d', 0.01))).toEqual({});
	});

	it('count a source once, however many offers it has', () => {
		const many = Array.from({ length: 50 }, () => 100);
		expect(codes(...honest, ...from('d', ...many))).toEqual(
			Object.fromEntries(many.map((_, at) => [`d:${at + 3}`, 'far-above'])),
		);
	});

	it('are held against cards of the same memory, and against all of the model where those are too few', () => {
		const small = (source: string, usd: number): Said => ({ source, usd, memoryGiB: 40 });
		const cheap = [small('a', 0.1), small('b', 0.1), small('c', 0.1)];
		// $0.10 is right for the small ones, and wrong for a large one.
		expect(codes(...honest, ...cheap, small('d', 0.1), ...from('d', 0.1))).toEqual({ 'd:7': 'far-below' });
		expect(codes(...honest, { source: 'd', usd: 0.01, memoryGiB: 81 })).toEqual({ 'd:3': 'far-below' });
		expect(codes(...honest, { source: 'd', usd: 0.01, memoryGiB: null })).toEqual({ 'd:3': 'far-below' });
	});

	it('keep floors and estimates apart', () => {
		const floors = ['a', 'b', 'c', 'd'].map((source): Said => ({ source, usd: 0.1, meaning: 'floor' }));
		expect(codes(...honest, ...floors, ...from('d', 0.1))).toEqual({ 'd:7': 'far-below' });
		expect(codes(...honest, { source: 'd', usd: 0.01, meaning: 'estimate' })).toEqual({});
	});

	it('do not change for the others when one source lies', () => {
		const market = fc.array(fc.array(fc.integer({ min: 1_000, max: 2_800 }), { minLength: 1, maxLength: 4 }), {
			minLength: 5,
			maxLength: 8,
		});
		fc.assert(
			fc.property(market, fc.constantFrom(1_000, 1 / 1_000), (sources, factor) => {
				const told = (lie: number) =>
					codes(
						...sources.flatMap((prices, at) =>
							from(`s${at}`, ...prices.map((milli) => (milli / 1_000) * (at === 0 ? lie : 1))),
						),
					);
				expect(told(1)).toEqual({});
				const lied = told(factor);
				expect(Object.keys(lied).every((key) => key.startsWith('s0:'))).toBe(true);
				expect(Object.keys(lied)).toHaveLength(sources[0]?.length ?? 0);
			}),
		);
	});

	it('stay in the list, marked, behind the others, and never first', () => {
		const figures = [...honest, ...from('d', 0.01)].map((one, at) => said(one, at).quote);
		const index = new MarketIndex(figures, { tokenPrices: [], takenAt: NOW, policy: defaultPolicy });
		const { offers, total } = index.query(marketQuerySchema.parse({}));
		expect(total).toBe(4);
		expect(offers.map(({ quote: { source }, doubt }) => [source, doubt?.code])).toEqual([
			['a', undefined],
			['b', undefined],
			['c', undefined],
			['d', 'far-below'],
		]);
	});

	it('hide no honest offer of the same machine', () => {
		const figures = [...honest, ...from('d', 0.01)].map((one, at) => ({
			...said(one, at).quote,
			upstream: { cloud: 'lambda', type: 'gpu_1x_h100' },
		}));
		const index = new MarketIndex(figures, { tokenPrices: [], takenAt: NOW, policy: defaultPolicy });
		const { offers } = index.query(marketQuerySchema.parse({}));
		expect(offers.map(({ quote: { source }, doubt }) => [source, doubt?.code])).toEqual([
			['a', undefined],
			['d', 'far-below'],
		]);
		expect(offers[0]?.alternatives.map(({ source }) => source)).toEqual(['b', 'c']);
	});
});
