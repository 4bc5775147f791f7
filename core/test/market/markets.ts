import fc from 'fast-check';
import {
	CONTINENTS,
	type Collapse,
	EVIDENCES,
	FORM_FACTORS,
	gpuModelKey,
	type MarketQuery,
	MEANINGS,
	marketQuerySchema,
	OFFER_SORTS,
	type OfferKey,
	offerKey,
	PRICING_MODELS,
	type Quote,
	type Resold,
	sourceId,
	type TokenPrice,
	unixSeconds,
} from '../../src/index.ts';
import { listed, NOW, price, quote } from '../build.ts';

/** Small worlds, so that ties, matches and duplicates are common. */
const SOURCES = ['aws', 'gcp', 'lambda', 'vast', 'akash', 'shadeform'] as const;
const MODELS = ['h100', 'a100', 'l40s'] as const;
const COUNTRIES = ['DE', 'US', 'SG', null] as const;
const maybe = <Value>(value: fc.Arbitrary<Value>) => fc.option(value, { nil: undefined });

export const TOKENS: TokenPrice[] = [
	{ symbol: 'AKT', usd: '0.8', source: 'test', observedAt: unixSeconds(NOW - 10) },
	{ symbol: 'OLD', usd: '0.8', source: 'test', observedAt: unixSeconds(NOW - 10_000) },
];

const anyOffer = (id: number) =>
	fc
		.record({
			source: fc.constantFrom(...SOURCES),
			model: fc.constantFrom(...MODELS),
			formFactor: fc.constantFrom(...FORM_FACTORS),
			memoryGiB: fc.constantFrom(null, 40, 80),
			amount: fc.constantFrom('0', 'N/A', '0.001', '1', '2', '2', '2.000001', '3', '24', '999', '99999999999999999'),
			currency: fc.constantFrom('USD', 'USD', 'USD', 'AKT', 'OLD'),
			per: fc.constantFrom('gpu' as const, 'instance' as const),
			gpus: fc.constantFrom(
				{ numerator: 1, denominator: 1 },
				{ numerator: 8, denominator: 1 },
				{ numerator: 1, denominator: 6 },
				{ numerator: 3, denominator: 1 },
			),
			pricing: fc.constantFrom(...PRICING_MODELS),
			meaning: fc.constantFrom(...MEANINGS),
			evidence: fc.constantFrom(...EVIDENCES),
			continent: fc.constantFrom(...CONTINENTS.slice(3, 6)),
			country: fc.constantFrom(...COUNTRIES),
			widest: fc.constantFrom(null, 1, 8),
			state: fc.constantFrom('available' as const, 'none' as const, 'unknown' as const),
			uptimeBps: fc.constantFrom(null, 9_900, 9_990),
			minSeconds: fc.constantFrom(undefined, null, 0, 3_600, 2_592_000),
			term: fc.constantFrom(undefined, undefined, undefined, 'reserved' as const, 'prepaid' as const),
			monthlyBps: fc.constantFrom(undefined, 500, 2_000, 10_000),
			age: fc.integer({ min: 0, max: 3 }),
			routable: fc.integer({ min: 0, max: 3 }),
		})
		.map((one): Quote => {
			const source = sourceId(one.source);
			const common = {
				gpu: {
					model: gpuModelKey(one.model),
					formFactor: one.formFactor,
					memoryGiB: one.memoryGiB,
					rawName: one.model,
				},
				region: { continent: one.continent, country: one.country, raw: one.country === 'DE' ? 'Frankfurt' : 'zone-1' },
				quality: { uptimeBps: one.uptimeBps, latencyMs: null, ratingBps: null, riskBps: null },
				observedAt: unixSeconds(NOW - one.age),
			};
			if (one.routable === 0) return listed(id + 1, 2_000_000n, common);
			return quote({
				...common,
				key: offerKey(source, `${id}`),
				source,
				network: one.source,
				evidence: one.evidence,
				meaning: one.meaning,
				gpus: one.gpus,
				price: price({ amount: one.amount, currency: one.currency, per: one.per, model: one.pricing }),
				availability: { state: one.state, gpus: null, widest: one.widest },
				upstream:
					one.source === 'shadeform' ? { cloud: id % 2 === 0 ? 'Hyperstack' : 'lambda-labs', type: 'n3-H100x8' } : null,
				...(one.minSeconds === undefined && one.term === undefined
					? {}
					: {
							rental: {
								minSeconds: one.minSeconds ?? null,
								prepaid: null,
								...(one.term === undefined ? {} : { term: { kind: one.term, words: `${one.term} for a year` } }),
							},
						}),
				...(one.monthlyBps === undefined
					? {}
					: {
							interruption: {
								monthlyBps: one.monthlyBps,
								bound: 'about' as const,
								noticeSeconds: 120,
								source: 'test',
								observedAt: NOW,
							},
						}),
			});
		});

/** A market of offers with different keys. */
export const anyOffers = fc
	.integer({ min: 0, max: 40 })
	.chain((count) => fc.tuple(...Array.from({ length: count }, (_, id) => anyOffer(id))));

const basket = fc
	.uniqueArray(fc.constantFrom(...MODELS), { minLength: 1 })
	.chain((models) => fc.tuple(...models.map((model) => fc.constantFrom(model, `${model}:0.45`, `${model}:1.7`))));
const some = (...words: string[]) => fc.uniqueArray(fc.constantFrom(...words), { minLength: 1, maxLength: 3 });

/** Any question, as its address has it. */
export const anyQuery: fc.Arbitrary<MarketQuery> = fc
	.record({
		gpu: maybe(basket.map(String)),
		memory: maybe(fc.constantFrom('0', '48', '80')),
		form: maybe(some(...FORM_FACTORS).map(String)),
		region: maybe(some('europe', 'de', 'asia', 'us').map(String)),
		prefer: maybe(some('de', 'north-america', 'sg').map(String)),
		source: maybe(some(...SOURCES, 'necto').map(String)),
		network: maybe(some(...SOURCES).map(String)),
		exclude: maybe(some(...SOURCES).map(String)),
		pricing: maybe(some(...PRICING_MODELS).map(String)),
		evidence: maybe(some(...EVIDENCES).map(String)),
		terms: maybe(some('on-demand', 'spot', 'reserved', 'prepaid', 'any').map(String)),
		maxUsd: maybe(fc.constantFrom('0.5', '2', '2.000001', '1000')),
		width: maybe(fc.constantFrom('1', '3', '8', '16')),
		minUptime: maybe(fc.constantFrom('0', '99.9')),
		routable: maybe(fc.constantFrom('true', 'false')),
		available: maybe(fc.constantFrom('true', 'false')),
		estimates: maybe(fc.constantFrom('true', 'false')),
		q: maybe(fc.constantFrom('', 'frank', 'H100 lambda', 'germany', 'hyperstack h100', 'nothing')),
		gpus: maybe(fc.constantFrom('1', '3', '8', '16')),
		hours: maybe(fc.constantFrom('0.5', '72', '1000')),
		restartMinutes: maybe(fc.constantFrom('0', '40')),
		sort: fc.constantFrom(...OFFER_SORTS, 'best'),
		limit: maybe(fc.constantFrom('1', '5', '100')),
		offset: maybe(fc.constantFrom('0', '3', '50')),
	})
	// Most questions ask few things: of all at once nothing is ever left.
	.chain((all) => {
		const asked = Object.entries(all).filter(([, value]) => value !== undefined);
		return fc
			.subarray(asked, { maxLength: Math.min(asked.length, 6) })
			.map((entries) => marketQuerySchema.parse(Object.fromEntries(entries)));
	});

/** Offers of one model at Shadeform and Vast stand behind the first of that model that comes from Lambda. */
export const collapseSome: Collapse = (offers) => {
	const behind = new Map<OfferKey, Resold[]>();
	for (const { quote: one, usdPerGpuHour } of offers) {
		if (usdPerGpuHour === null || (one.source !== 'shadeform' && one.source !== 'vast')) continue;
		const original = offers.find(
			(other) =>
				other.quote.source === 'lambda' && other.quote.gpu.model === one.gpu.model && other.usdPerGpuHour !== null,
		);
		if (original === undefined) continue;
		const { key } = original.quote;
		behind.set(key, [...(behind.get(key) ?? []), { key: one.key, source: one.source, usdPerGpuHour }]);
	}
	return behind;
};
