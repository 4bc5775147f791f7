import fc from 'fast-check';
import {
	type AttestationKind,
	gpuModelKey,
	listingId,
	microUsd,
	offerKey,
	type Quote,
	type QuoteAttestation,
	sourceId,
	type Tier,
	unixSeconds,
} from '../src/index.ts';
import { listed, NOW } from './build.ts';

const bps = fc.option(fc.integer({ min: 0, max: 10_000 }));
const anyQuote = (id: number) =>
	fc
		.record({
			routable: fc.boolean(),
			rate: fc.bigInt({ min: 0n, max: 6_000_000n }),
			model: fc.constantFrom('h100', 'h100', 'h100', 'a100').map(gpuModelKey),
			memoryGiB: fc.constantFrom(null, 40, 80),
			continent: fc.constantFrom('europe', 'asia', 'unknown' as const),
			reserved: fc.integer({ min: 0, max: 16 }),
			uptimeBps: bps,
			latencyMs: bps,
			ratingBps: bps,
			riskBps: bps,
			tiers: fc.constantFrom<Tier[]>([], [{ hour: 40, multiplier: 7_777 }]),
			attestations: fc.constantFrom<QuoteAttestation[]>([], [{ kind: 'kyc', expiresAt: unixSeconds(NOW + 4200) }]),
			restricted: fc.boolean(),
			age: fc.integer({ min: 0, max: 5_000 }),
		})
		.map((one): Quote => {
			const { reserved, tiers, attestations, restricted } = one;
			const base = listed(id + 1, one.rate, { terms: { reserved, tiers, attestations, restricted } });
			const { uptimeBps, latencyMs, ratingBps, riskBps } = one;
			return {
				...base,
				key: one.routable ? base.key : offerKey(sourceId('vast'), `${id}`),
				network: one.routable ? base.network : 'vast',
				source: one.routable ? base.source : sourceId('vast'),
				meaning: one.routable ? 'listing' : 'offer',
				evidence: one.routable ? 'listing' : 'live',
				observedAt: unixSeconds(NOW - one.age),
				gpu: { ...base.gpu, model: one.model, memoryGiB: one.memoryGiB },
				region: { continent: one.continent, country: null, raw: '' },
				quality: { uptimeBps, latencyMs, ratingBps, riskBps },
				listing: one.routable ? base.listing : null,
			};
		});
/** A market of different offers, and the same market in another order. */
export const anyMarket = fc
	.integer({ min: 0, max: 15 })
	.chain((count) => fc.tuple(...Array.from({ length: count }, (_, id) => anyQuote(id))))
	.chain((quotes) => fc.tuple(fc.constant(quotes), fc.shuffledSubarray(quotes, { minLength: quotes.length })));
/** Which listings of such a market admit a buyer. */
export const anyAdmissions = fc.uniqueArray(fc.integer({ min: 1, max: 16 }).map(listingId), { maxLength: 8 });
export const anyLimits = fc.record({
	maxPricePerGpuHour: fc.bigInt({ min: 1n, max: 6_000_000n }).map(microUsd),
	gpuCount: fc.integer({ min: 1, max: 9 }),
	minMemoryGiB: fc.constantFrom(0, 80),
	continents: fc.subarray(['europe' as const, 'asia' as const]),
	attestations: fc.constantFrom<AttestationKind[]>([], [], ['kyc']),
	weights: fc.record({
		uptime: fc.integer({ min: 0, max: 10_000 }),
		latency: fc.integer({ min: 0, max: 10_000 }),
		rating: fc.integer({ min: 0, max: 10_000 }),
		risk: fc.integer({ min: 0, max: 10_000 }),
	}),
	tracked: fc.boolean(),
});
