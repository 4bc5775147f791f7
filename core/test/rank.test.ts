import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
	compare,
	compareOnChain,
	distancesOf,
	microUsd,
	offerKey,
	penaltiesOf,
	type Quote,
	type Ranked,
	scoreOf,
	sourceId,
	type Weights,
} from '../src/index.ts';

const unknown: Quote['quality'] = { uptimeBps: null, latencyMs: null, ratingBps: null, riskBps: null };
const perfect: Quote['quality'] = { uptimeBps: 10_000, latencyMs: 0, ratingBps: 10_000, riskBps: 0 };
const none: Weights = { uptime: 0, latency: 0, rating: 0, risk: 0 };

function ranked(id: string, price: bigint, quality: Quote['quality'] = perfect, weights: Weights = none): Ranked {
	const distances = distancesOf(quality);
	const penalties = penaltiesOf(distances, weights);
	const key = offerKey(sourceId('s'), id);
	return { key, price: microUsd(price), quality, distances, penalties, score: scoreOf(price, penalties) };
}

const order = (...offers: Ranked[]) => offers.toSorted(compare).map(({ key }) => key.slice(2));

describe('AGT-05 the score', () => {
	test('counts each quality from perfect to worst', () => {
		expect(distancesOf(perfect)).toEqual({ uptime: 0, latency: 0, rating: 0, risk: 0 });
		expect(distancesOf(unknown)).toEqual({ uptime: 10_000, latency: 10_000, rating: 10_000, risk: 10_000 });
		expect(distancesOf({ uptimeBps: 9_990, latencyMs: 25, ratingBps: 8_000, riskBps: 150 })).toEqual({
			uptime: 10,
			latency: 250,
			rating: 2_000,
			risk: 150,
		});
		expect(distancesOf({ ...perfect, latencyMs: 60_000 }).latency).toBe(10_000);
	});

	test('rounds the penalties once and the score once, both down', () => {
		const distances = { uptime: 3, latency: 3, rating: 3, risk: 3 };
		expect(penaltiesOf(distances, { uptime: 1_000, latency: 1_000, rating: 1_000, risk: 1_000 })).toBe(1n);
		expect(scoreOf(1_999_999n, 1n)).toBe(2_000_198n);
	});

	test('is the price when no weight is set', () => {
		fc.assert(
			fc.property(fc.bigInt({ min: 1n, max: 2n ** 64n - 1n }), (price) => {
				expect(scoreOf(price, penaltiesOf(distancesOf(unknown), none))).toBe(price);
			}),
		);
	});

	test('at most quintuples a price, so it fits 128 bits', () => {
		const all: Weights = { uptime: 10_000, latency: 10_000, rating: 10_000, risk: 10_000 };
		const score = scoreOf(2n ** 64n - 1n, penaltiesOf(distancesOf(unknown), all));
		expect(score).toBe((2n ** 64n - 1n) * 5n);
		expect(score < 2n ** 128n).toBe(true);
	});
});

describe('AGT-05 the order', () => {
	test('is by price when no weight is set, whatever the quality', () => {
		expect(order(ranked('good', 2n, perfect), ranked('cheap', 1n, unknown))).toEqual(['cheap', 'good']);
	});

	test('lets a weight outbid a price', () => {
		const weights = { ...none, uptime: 1_000 };
		const shaky = { ...perfect, uptimeBps: 5_000 };
		expect(order(ranked('shaky', 1_000_000n, shaky, weights), ranked('sound', 1_040_000n, perfect, weights))).toEqual([
			'sound',
			'shaky',
		]);
	});

	test('breaks ties by price, uptime, latency, rating, and last by key in code units', () => {
		expect(order(ranked('b', 10_001n), { ...ranked('a', 10_002n), score: 10_001n })).toEqual(['b', 'a']);
		expect(order(ranked('a', 1n, { ...perfect, uptimeBps: 9_999 }), ranked('b', 1n))).toEqual(['b', 'a']);
		expect(order(ranked('a', 1n, { ...perfect, latencyMs: 1 }), ranked('b', 1n))).toEqual(['b', 'a']);
		expect(order(ranked('a', 1n, { ...perfect, ratingBps: 9_999 }), ranked('b', 1n))).toEqual(['b', 'a']);
		expect(order(ranked('a', 1n), ranked('B', 1n), ranked('10', 1n), ranked('9', 1n))).toEqual(['10', '9', 'B', 'a']);
	});

	test('puts unknown behind known, even behind known as bad as it gets', () => {
		expect(
			order(ranked('a', 1n, { ...perfect, uptimeBps: null }), ranked('b', 1n, { ...perfect, uptimeBps: 0 })),
		).toEqual(['b', 'a']);
	});

	test('VER-05 asks what is known only after all that the chain compares', () => {
		const worst = { ...perfect, uptimeBps: 0 };
		// The one whose uptime is unknown is the better one by latency, by rating: the chain would say so, and so must this.
		expect(
			order(ranked('b', 1n, { ...perfect, uptimeBps: null }), ranked('a', 1n, { ...worst, latencyMs: 1 })),
		).toEqual(['b', 'a']);
		expect(
			order(ranked('b', 1n, { ...perfect, uptimeBps: null }), ranked('a', 1n, { ...worst, ratingBps: 9_999 })),
		).toEqual(['b', 'a']);
		// Risk has no place of its own in the order.
		expect(
			order(ranked('b', 1n, { ...perfect, uptimeBps: null }), ranked('a', 1n, { ...worst, riskBps: 10_000 })),
		).toEqual(['a', 'b']);
		expect(compareOnChain(ranked('a', 1n, unknown), ranked('b', 1n, { ...worst, latencyMs: 1000, ratingBps: 0 }))).toBe(
			0,
		);
	});

	const bps = fc.option(fc.integer({ min: 0, max: 3 }).map((value) => value * 3_333));
	const offers = fc.uniqueArray(
		fc.record({
			id: fc.stringMatching(/^[a-c0-2]{1,2}$/),
			price: fc.bigInt({ min: 1n, max: 4n }),
			quality: fc.record({ uptimeBps: bps, latencyMs: bps, ratingBps: bps, riskBps: bps }),
		}),
		{ selector: ({ id }) => id, minLength: 3, maxLength: 12 },
	);
	const weight = fc.constantFrom(0, 1, 5_000, 10_000);
	const weights = fc.record({ uptime: weight, latency: weight, rating: weight, risk: weight });

	test('is total: antisymmetric, transitive, and never a tie between two keys', () => {
		fc.assert(
			fc.property(offers, weights, (list, weighting) => {
				const all = list.map(({ id, price, quality }) => ranked(id, price, quality, weighting));
				for (const a of all) {
					expect(compare(a, a)).toBe(0);
					for (const b of all) {
						expect(Math.sign(compare(a, b))).toBe(-Math.sign(compare(b, a)) || 0);
						if (a !== b) expect(compare(a, b)).not.toBe(0);
						for (const c of all) if (compare(a, b) < 0 && compare(b, c) < 0) expect(compare(a, c)).toBeLessThan(0);
					}
				}
			}),
			{ numRuns: 50 },
		);
	});

	test('VER-05 never contradicts what the chain compares', () => {
		fc.assert(
			fc.property(offers, weights, (list, weighting) => {
				const all = list.map(({ id, price, quality }) => ranked(id, price, quality, weighting)).sort(compare);
				for (const [index, a] of all.entries()) {
					for (const b of all.slice(index)) expect(compareOnChain(a, b)).toBeLessThanOrEqual(0);
				}
			}),
		);
	});

	test('does not depend on where it started', () => {
		fc.assert(
			fc.property(
				offers.chain((list) => fc.tuple(fc.constant(list), fc.shuffledSubarray(list, { minLength: list.length }))),
				weights,
				([list, shuffled], weighting) => {
					const keys = (some: typeof list) =>
						order(...some.map((one) => ranked(one.id, one.price, one.quality, weighting)));
					expect(keys(shuffled)).toEqual(keys(list));
				},
			),
		);
	});

	test('more of a weight never helps the worse of two equal prices', () => {
		fc.assert(
			fc.property(fc.integer({ min: 0, max: 10_000 }), fc.integer({ min: 0, max: 10_000 }), (uptimeBps, uptime) => {
				const weighting = { ...none, uptime };
				const worse = ranked('a', 5_000_000n, { ...perfect, uptimeBps }, weighting);
				const best = ranked('b', 5_000_000n, perfect, weighting);
				expect(best.score <= worse.score).toBe(true);
			}),
		);
	});
});
