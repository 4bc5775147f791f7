import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
	extremes,
	gpuModelKey,
	type HistoryPoint,
	PriceSummaries,
	type Quote,
	reliabilityBps,
	type Stretch,
	squareRoot,
	thinned,
	unixSeconds,
	volatilityBps,
} from '../src/index.ts';
import { NOW, price, quote } from './build.ts';

const DAY = 86_400;
const daily = (prices: readonly bigint[]): Stretch[] =>
	prices.map((price, day) => ({ from: day * DAY + 60, until: day * DAY + 120, price }));

describe('AGT-10 how much a price moves', () => {
	test('is nothing for a price that stands still, and not known under ten days', () => {
		expect(volatilityBps(daily(Array(10).fill(5n)))).toBe(0);
		expect(volatilityBps(daily(Array(9).fill(5n)))).toBeNull();
		expect(volatilityBps([{ from: 0, until: 9 * DAY, price: 7n }])).toBe(0);
		expect(volatilityBps([])).toBeNull();
	});

	test('is the standard deviation of the daily changes, in basis points', () => {
		// Up by 1 % and down again: changes of +100 and −99.0099 basis points. Σx² = 5·100² + 4·99.0099², Σx = 103.96; √((Σx² − Σx²/9)/8) = 104.87.
		const prices = Array.from({ length: 10 }, (_, day) => (day % 2 === 0 ? 1_000_000n : 1_010_000n));
		expect(volatilityBps(daily(prices))).toBe(105);
	});

	test('goes by the lowest price of a day', () => {
		const high = daily(Array(10).fill(100n));
		const low = daily(Array(10).fill(10n)).map(({ from, ...rest }) => ({ ...rest, from: from - 1 }));
		expect(volatilityBps([...high, ...low])).toBe(0);
	});

	test('makes no change of days that do not follow each other', () => {
		const prices = daily([...Array(12)].map((_, day) => (day < 6 ? 10n : 20n)));
		// The doubling falls into a gap.
		const gapped = prices.map((stretch, day) =>
			day < 6 ? stretch : { ...stretch, from: stretch.from + 2 * DAY, until: stretch.until + 2 * DAY },
		);
		expect(volatilityBps(prices)).toBeGreaterThan(0);
		expect(volatilityBps(gapped)).toBe(0);
	});

	test('is never more than all of it, whatever the prices', () => {
		fc.assert(
			fc.property(fc.array(fc.bigInt({ min: 0n, max: 2n ** 64n }), { maxLength: 40 }), (prices) => {
				const found = volatilityBps(daily(prices));
				expect(found === null || (Number.isInteger(found) && found >= 0 && found <= 10_000)).toBe(true);
			}),
		);
	});

	test('takes roots in integers', () => {
		fc.assert(
			fc.property(fc.bigInt({ min: 0n, max: 2n ** 256n }), (value) => {
				const root = squareRoot(value);
				expect(root * root <= value && (root + 1n) * (root + 1n) > value).toBe(true);
			}),
		);
		expect(() => squareRoot(-1n)).toThrow(RangeError);
	});
});

describe('AGT-10 what a look at a source comes to', () => {
	const h100 = gpuModelKey('h100');
	const summarise = (quotes: readonly Quote[]) => {
		const summaries = new PriceSummaries([], NOW);
		for (const one of quotes) summaries.add(one);
		return summaries.all;
	};
	const at = (id: string, amount: string, changes: Parameters<typeof quote>[0] = {}) =>
		quote({ id, price: price({ amount }), ...changes });

	test('lowest, median and highest of each GPU and pricing model', () => {
		const quotes = [at('a', '3'), at('b', '1'), at('c', '2'), at('d', '2.5')];
		expect(summarise(quotes)).toMatchObject([
			{ gpuModel: h100, pricing: 'fixed', low: 1_000_000n, median: 2_250_000n, high: 3_000_000n, offers: 4 },
		]);
		const token = quote({ id: 's', price: price({ model: 'token', currency: 'USD', amount: '0.5' }) });
		expect(summarise([...quotes, token]).map(({ pricing }) => pricing)).toEqual(['fixed', 'token']);
	});

	test('leaves out dated figures, floors, estimates and what has no price', () => {
		const quotes = [
			at('a', '1', { evidence: 'snapshot' }),
			at('b', '1', { meaning: 'floor' }),
			at('c', '1', { meaning: 'estimate' }),
			at('d', '0'),
			quote({ id: 'e', price: price({ model: 'token', amount: '1', currency: 'AKT' }) }),
		];
		expect(summarise(quotes)).toEqual([]);
	});

	test('counts free GPUs only where they are known', () => {
		const free = (gpus: number | null) => ({ state: 'available' as const, gpus, widest: null });
		expect(summarise([at('a', '1', { availability: free(null) })])[0]?.free).toBeNull();
		const both = [at('a', '1', { availability: free(null) }), at('b', '1', { availability: free(3) })];
		expect(summarise(both)[0]?.free).toBe(3);
		// Two that claim all that a field holds: no answer that names more could be read.
		const most = ['a', 'b'].map((id) => at(id, '1', { availability: free(0xffff_ffff) }));
		expect(summarise(most)[0]?.free).toBeNull();
	});
});

describe('AGT-10 a long line is made short', () => {
	const line = fc
		.array(fc.tuple(fc.bigInt({ min: 1n, max: 1_000n }), fc.bigInt({ min: 0n, max: 50n })), {
			minLength: 1,
			maxLength: 300,
		})
		.map((rows) =>
			rows.map(
				([low, more], index): HistoryPoint => ({
					from: unixSeconds(index * 10),
					until: unixSeconds(index * 10 + 5),
					low,
					median: low + more / 2n,
					high: low + more,
					offers: 1,
					free: null,
				}),
			),
		);
	const sorted = (amounts: bigint[]) => amounts.toSorted((a, b) => Number(a - b));
	const lowest = (points: readonly HistoryPoint[]) => sorted(points.map(({ low }) => low))[0];
	const highest = (points: readonly HistoryPoint[]) => sorted(points.map(({ high }) => high)).at(-1);

	test('keeping its lows and highs, its ends and its order', () => {
		fc.assert(
			fc.property(line, fc.integer({ min: 1, max: 60 }), (points, most) => {
				const thin = thinned(points, most);
				expect(thin.length).toBeLessThanOrEqual(Math.max(most, 1));
				expect([lowest(thin), highest(thin)]).toEqual([lowest(points), highest(points)]);
				expect([thin[0]?.from, thin.at(-1)?.until]).toEqual([points[0]?.from, points.at(-1)?.until]);
				for (const [index, point] of thin.entries()) {
					expect(point.from).toBeGreaterThan(thin[index - 1]?.until ?? -1);
					expect(point.low <= point.median && point.median <= point.high).toBe(true);
				}
			}),
		);
	});

	test('and of one figure only points that were there', () => {
		fc.assert(
			fc.property(line, fc.integer({ min: 2, max: 60 }), (points, most) => {
				const priced = points.map((point) => ({ ...point, price: point.low }));
				const kept = extremes(priced, most);
				expect(kept.length).toBeLessThanOrEqual(most);
				expect(priced.filter((point) => kept.includes(point))).toEqual(kept);
				expect(lowest(kept)).toBe(lowest(points));
			}),
		);
	});
});

describe('COMP-04 how a provider’s jobs went', () => {
	test.each([
		[{ completed: 0, failed: 0 }, null],
		[{ completed: 2, failed: 0 }, null],
		[{ completed: 3, failed: 0 }, 8_000],
		[{ completed: 0, failed: 3 }, 2_000],
		[{ completed: 98, failed: 0 }, 9_900],
		[{ completed: 1, failed: 2 }, 4_000],
		[{ completed: 4_294_967_295, failed: 1 }, 9_999],
	])('%o is %s', (counts, expected) => {
		expect(reliabilityBps(counts)).toBe(expected);
	});

	test('more jobs that went well never make it worse, more failed ones never better', () => {
		fc.assert(
			fc.property(fc.nat(10_000), fc.nat(10_000), (completed, failed) => {
				const found = reliabilityBps({ completed: completed + 3, failed }) ?? 0;
				expect(reliabilityBps({ completed: completed + 4, failed })).toBeGreaterThanOrEqual(found);
				expect(reliabilityBps({ completed: completed + 3, failed: failed + 1 })).toBeLessThanOrEqual(found);
			}),
		);
	});
});
