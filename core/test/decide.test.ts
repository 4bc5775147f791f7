import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
	buildRecord,
	decide,
	defaultPolicy,
	type JobRequest,
	jobId,
	listingId,
	offerKey,
	type Quote,
	recordToBytes,
	sourceId,
	ZERO_HASH,
} from '../src/index.ts';
import { BUYER, listed, NOW, price, quote, REGISTRY, request, snapshot } from './build.ts';
import { anyLimits, anyMarket } from './markets.ts';

const job = { chainId: 31337, registry: REGISTRY, id: jobId(1n), requester: BUYER };
const choose = (quotes: Quote[], wanted: Partial<JobRequest> = {}) =>
	decide({ job, request: request(wanted), snapshot: snapshot(quotes), policy: defaultPolicy });
const outside = (id: string, amount: string) => quote({ id, price: price({ amount }) });

describe('RES-02 a decision', () => {
	test('takes the cheapest offer that somebody fulfils through Necto', () => {
		const decision = choose([listed(1, 2_000_000n), listed(2, 1_800_000n), outside('a', '2.50')]);
		expect(decision.outcome).toBe('routed');
		expect(decision.chosen).toEqual({
			key: 'necto:2',
			listing: 2,
			listingVersion: 1,
			provider: listed(2, 1n).listing?.provider,
			pricePerGpuHour: 1_800_000n,
			score: 1_800_000n,
		});
		expect(decision.ranking.map(({ key, routable }) => [key, routable])).toEqual([
			['necto:2', true],
			['necto:1', true],
			['lambda:a', false],
		]);
		expect(decision.cheapestCompareOnly).toBeNull();
	});

	test('says so when something cheaper exists that Necto cannot route to', () => {
		const decision = choose([listed(1, 2_000_000n), outside('a', '1.70'), outside('b', '1.60')]);
		expect(decision.chosen?.key).toBe('necto:1');
		expect(decision.ranking[0]).toMatchObject({ key: 'lambda:b', routable: false, listing: 0, listingVersion: 0 });
		expect(decision.cheapestCompareOnly).toEqual({ key: 'lambda:b', price: 1_600_000n });
		expect(decision.summary).toContain('Cheaper, but nobody fulfils it through Necto: lambda:b at $1.60');
	});

	test('names the cheapest compare-only by price, also when weights rank another first', () => {
		const sound = { uptimeBps: 10_000, latencyMs: 0, ratingBps: 10_000, riskBps: 0 };
		const decision = choose(
			[listed(1, 2_000_000n), { ...outside('a', '1.90'), quality: sound }, outside('b', '1.60')],
			{ weights: { uptime: 5_000, latency: 0, rating: 0, risk: 0 } },
		);
		expect(decision.ranking.map(({ key }) => key)).toEqual(['lambda:a', 'necto:1', 'lambda:b']);
		expect(decision.cheapestCompareOnly?.key).toBe('lambda:b');
	});

	test('AGT-02 names no floor of an auction and no figure that nobody else confirms as cheaper', () => {
		const at = (source: string, amount: string, parts: Partial<Quote> = {}) =>
			quote({
				key: offerKey(sourceId(source), 'h100'),
				source: sourceId(source),
				network: source,
				price: price({ amount }),
				...parts,
			});
		const honest = ['lambda', 'azure', 'gcp'].map((source) => at(source, '2.10'));
		const decision = choose([
			...honest,
			listed(1, 2_200_000n),
			at('vast', '0.80', { meaning: 'floor' }),
			at('liar', '0.002'),
		]);
		expect(decision.ranking.map(({ key }) => key).slice(0, 2)).toEqual(['liar:h100', 'vast:h100']);
		expect(decision.cheapestCompareOnly).toEqual({ key: 'azure:h100', price: 2_100_000n });
	});

	test('AGT-12 is unservable when nothing routable fits, and keeps the comparison', () => {
		const decision = choose([outside('a', '1.70'), listed(1, 9_000_000n)]);
		expect(decision.outcome).toBe('unservable');
		expect(decision.chosen).toBeNull();
		expect(decision.cheapestCompareOnly?.key).toBe('lambda:a');
		expect(decision.exclusions).toMatchObject([{ key: 'necto:1', rule: 'max-price' }]);
		expect(decision.summary).toContain('stays open until its deadline');
	});

	test('of an empty market is unservable and commits to nothing', () => {
		expect(choose([])).toMatchObject({ outcome: 'unservable', offers: [], ranking: [], candidatesRoot: ZERO_HASH });
	});

	test('VER-04 accounts for every offer: ranked, or excluded by a rule', () => {
		const quotes = [listed(1, 2_000_000n), listed(2, 9_000_000n), outside('a', '0'), outside('b', '3')];
		const decision = choose(quotes);
		const accounted = [...decision.ranking.map(({ key }) => key), ...decision.exclusions.map(({ key }) => key)];
		expect(accounted.toSorted()).toEqual(quotes.map(({ key }) => key).toSorted());
		expect(decision.offers.map(({ key }) => key)).toEqual(['lambda:a', 'lambda:b', 'necto:1', 'necto:2']);
		expect(decision.offers[0]).toMatchObject({ usdPerGpuHour: null, refusal: { code: 'zero-price' } });
	});

	test('marks what is unknown and would matter', () => {
		const blind = quote({ availability: { state: 'unknown', gpus: null, widest: null } });
		expect(choose([blind]).ranking[0]?.unknowns).toEqual(['capacity', 'widest']);
		const weights = { uptime: 1, latency: 0, rating: 1, risk: 0 };
		expect(choose([blind], { weights }).ranking[0]?.unknowns).toEqual(['uptime', 'rating', 'capacity', 'widest']);
		expect(choose([listed(1, 1n)], { weights }).ranking[0]?.unknowns).toEqual([]);
	});

	test('AGT-06 does not depend on who asks', () => {
		const input = { request: request(), snapshot: snapshot([listed(1, 2_000_000n)]), policy: defaultPolicy };
		expect(decide({ job: { ...job, requester: null, id: null }, ...input })).toEqual(decide({ job, ...input }));
	});

	test('PROV-09 takes a restricted listing only for a buyer that it admits, and says to which it does', () => {
		const quotes = [listed(1, 2_000_000n), listed(2, 1_500_000n, { terms: { restricted: true } })];
		const input = { job, snapshot: snapshot(quotes), policy: defaultPolicy };
		const closed = decide({ ...input, request: request() });
		expect(closed).toMatchObject({ admitted: [], chosen: { listing: 1 } });
		expect(closed.exclusions).toMatchObject([{ key: 'necto:2', rule: 'access' }]);
		const admitted = [9, 2, 9].map(listingId);
		const open = decide({ ...input, request: request(), admitted });
		expect(open).toMatchObject({ admitted: [2, 9], chosen: { listing: 2 } });
		expect(open.summary).toContain('Admitted to listings 2, 9');
	});

	test('PROV-09 of an untracked job is made as if nothing admitted its buyer', () => {
		const quotes = [listed(1, 2_000_000n), listed(2, 1_500_000n, { terms: { restricted: true } })];
		const input = { job, snapshot: snapshot(quotes), policy: defaultPolicy, request: request({ tracked: false }) };
		expect(decide({ ...input, admitted: [listingId(2)] })).toEqual(decide(input));
		expect(decide(input)).toMatchObject({ admitted: [], chosen: { listing: 1 } });
	});

	test('refuses a snapshot that says two things of one offer', () => {
		expect(() => choose([listed(1, 1n), listed(1, 2n)])).toThrow('two quotes "necto:1"');
		const akt = { symbol: 'AKT', usd: '1', source: 's', observedAt: NOW };
		expect(() =>
			decide({ job, request: request(), snapshot: snapshot([], { tokenPrices: [akt, akt] }), policy: defaultPolicy }),
		).toThrow('two prices of AKT');
	});
});

describe('for any market and limits', () => {
	const bytes = (quotes: Quote[], wanted: Partial<JobRequest>) => {
		const decision = choose(quotes, wanted);
		const snapshotRef = { root: ZERO_HASH, hash: ZERO_HASH, bytes: 1 };
		return recordToBytes(
			buildRecord({ decision, job, request: request(wanted), snapshotRef, takenAt: NOW, policy: defaultPolicy }),
		);
	};

	test('AGT-05 the order of the quotes does not change a byte of the record', () => {
		fc.assert(
			fc.property(anyMarket, anyLimits, ([quotes, shuffled], limits) => {
				expect(bytes(shuffled, limits)).toEqual(bytes(quotes, limits));
			}),
		);
	});

	test('the choice is the best routable of the ranking, inside the limits', () => {
		fc.assert(
			fc.property(anyMarket, anyLimits, ([quotes], limits) => {
				const decision = choose(quotes, limits);
				const routable = decision.ranking.filter((offer) => offer.routable);
				expect(decision.chosen?.key).toBe(routable[0]?.key);
				for (const offer of routable) expect(decision.chosen?.score).toBeLessThanOrEqual(offer.score);
				if (decision.chosen !== null) {
					expect(decision.chosen.pricePerGpuHour).toBeLessThanOrEqual(limits.maxPricePerGpuHour);
				}
			}),
		);
	});

	test('without weights the choice is the cheapest routable that fits', () => {
		fc.assert(
			fc.property(anyMarket, anyLimits, ([quotes], limits) => {
				const weights = { uptime: 0, latency: 0, rating: 0, risk: 0 };
				const decision = choose(quotes, { ...limits, weights });
				const prices = decision.ranking.filter(({ routable }) => routable).map((offer) => offer.price);
				const least = prices.reduce<bigint | undefined>(
					(best, one) => (best === undefined || one < best ? one : best),
					undefined,
				);
				expect(decision.chosen?.pricePerGpuHour).toBe(least);
			}),
		);
	});

	test('an offer that does not fit can be taken away without changing the choice', () => {
		fc.assert(
			fc.property(anyMarket, anyLimits, ([quotes], limits) => {
				const decision = choose(quotes, limits);
				const fitting = new Set(decision.ranking.map(({ key }) => key));
				const left = choose(
					quotes.filter(({ key }) => fitting.has(key)),
					limits,
				);
				expect(left.chosen).toEqual(decision.chosen);
				expect(left.candidatesRoot).toBe(decision.candidatesRoot);
			}),
		);
	});
});
