import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
	decide,
	decideBatch,
	defaultPolicy,
	type JobRef,
	type JobRequest,
	microUsd,
	type Quote,
} from '../src/index.ts';
import { listed, price, quote, REGISTRY, request, snapshot } from './build.ts';
import { anyLimits, anyMarket } from './markets.ts';

const job: JobRef = { chainId: 31337, registry: REGISTRY, id: null, requester: null };
const batch = (quotes: Quote[], ...requests: JobRequest[]) =>
	decideBatch(
		requests.map((each) => ({ job, request: each })),
		snapshot(quotes),
		defaultPolicy,
	);

const hall = (id: number, rate: bigint, free: number) =>
	listed(id, rate, { terms: { total: free }, availability: { state: 'available', gpus: free, widest: 8 } });

describe('AGT-10 related jobs decided in one go', () => {
	it('never count on the same GPUs', () => {
		const decided = batch(
			[hall(1, 2_000_000n, 8), hall(2, 2_500_000n, 4)],
			request({ gpuCount: 6 }),
			request({ gpuCount: 4 }),
			request({ gpuCount: 2 }),
			request({ gpuCount: 1 }),
		);
		expect(decided.map(({ decision }) => decision.chosen?.listing ?? null)).toEqual([1, 2, 1, null]);
	});

	it('raise the price of a dynamic listing for those that come after', () => {
		const dynamic = listed(1, 0n, {
			price: price({ model: 'dynamic', amount: '0' }),
			terms: { total: 8, floor: microUsd(1_000_000n), ceiling: microUsd(3_000_000n) },
		});
		// $1 + $2 × reserved ÷ 8: nothing, then four reserved.
		const decided = batch([dynamic], request({ gpuCount: 4 }), request({ gpuCount: 4 }));
		expect(decided.map(({ decision }) => decision.chosen?.pricePerGpuHour)).toEqual([1_000_000n, 2_000_000n]);
	});

	it('take nothing from offers that are for comparison only', () => {
		const decided = batch([quote()], request({ gpuCount: 8 }), request({ gpuCount: 8 }));
		expect(decided.map(({ decision }) => decision.ranking.length)).toEqual([1, 1]);
	});

	it('are the decisions that are made one by one, each after the one before was routed', () => {
		fc.assert(
			fc.property(anyMarket, fc.array(anyLimits, { maxLength: 6 }), ([quotes], limits) => {
				const requests = limits.map((each) => request(each));
				const decided = batch(quotes, ...requests);
				// The chain: GPUs reserved by listing, and nothing else moves.
				const reserved = new Map<number, number>();
				requests.forEach((each, at) => {
					const now = quotes.map((one): Quote => {
						const more = one.listing === null ? 0 : (reserved.get(one.listing.id) ?? 0);
						if (one.listing === null || more === 0) return one;
						const listing = { ...one.listing, reserved: one.listing.reserved + more };
						const gpus = listing.total - listing.reserved;
						const { state } = one.availability;
						return { ...one, listing, availability: { ...one.availability, gpus, state: gpus === 0 ? 'none' : state } };
					});
					const alone = decide({ job, request: each, snapshot: snapshot(now), policy: defaultPolicy });
					expect(decided[at]).toEqual({ decision: alone, snapshot: snapshot(now) });
					const { chosen } = alone;
					if (chosen !== null) reserved.set(chosen.listing, (reserved.get(chosen.listing) ?? 0) + each.gpuCount);
				});
				for (const { listing } of quotes) {
					if (listing === null) continue;
					expect(listing.reserved + (reserved.get(listing.id) ?? 0)).toBeLessThanOrEqual(listing.total);
				}
			}),
			{ numRuns: 150 },
		);
	});
});
