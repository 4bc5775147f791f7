import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
	cloudName,
	collapseSupply,
	gpuModelKey,
	microUsd,
	offerKey,
	type Quote,
	type SupplyOffer,
	sourceId,
} from '../src/index.ts';
import { listed, price, quote } from './build.ts';

let made = 0;

function offer(source: string, usd: bigint | null, parts: Partial<Quote> = {}): SupplyOffer {
	const id = sourceId(source);
	const { key = offerKey(id, `${made++}`), ...rest } = parts;
	return {
		quote: quote({ source: id, network: source, ...rest, key }),
		usdPerGpuHour: usd === null ? null : microUsd(usd),
	};
}

const resold = (source: string, cloud: string, usd: bigint, parts: Partial<Quote> = {}) =>
	offer(source, usd, { upstream: { cloud, type: 'gpu_1x_h100_sxm5' }, ...parts });

/** Which sources stand, each with those behind it. */
function shown(offers: readonly SupplyOffer[]): string[][] {
	const behind = collapseSupply(offers);
	const resold = new Set([...behind.values()].flat().map(({ key }) => key));
	return offers
		.filter(({ quote: { key } }) => !resold.has(key))
		.map(({ quote: { key, source } }) => [
			source,
			...(behind.get(key) ?? []).map((other) => `${other.source} ${other.usdPerGpuHour}`),
		]);
}

describe('DISC-03 resold supply', () => {
	test('stands once, at its cheapest, with the other ways to it', () => {
		const offers = [
			offer('lambda', 4_290_000n),
			resold('shadeform', 'lambdalabs', 4_290_000n),
			resold('prime-intellect', 'lambda-labs', 4_100_000n),
		];
		expect(shown(offers)).toEqual([['prime-intellect', 'lambda 4290000', 'shadeform 4290000']]);
	});

	test('at one price stands with its own cloud, whatever the keys', () => {
		const own = offer('lambda', 1n, { key: offerKey(sourceId('lambda'), 'z') });
		const broker = resold('aaa-broker', 'lambda', 1n);
		expect(shown([broker, own])).toEqual([['lambda', 'aaa-broker 1']]);
	});

	test.each([
		['GPU', { gpu: { ...quote().gpu, model: gpuModelKey('a100') } }],
		['memory', { gpu: { ...quote().gpu, memoryGiB: 94 } }],
		['form factor', { gpu: { ...quote().gpu, formFactor: 'pcie' as const } }],
		['size of machine', { gpus: { numerator: 8, denominator: 1 } }],
		['country', { region: { continent: 'europe' as const, country: 'DE', raw: 'europe-central-1' } }],
		['place of no country', { region: { continent: 'unknown' as const, country: null, raw: 'dc-7' } }],
		['pricing', { price: price({ model: 'dynamic' }) }],
		['evidence', { evidence: 'snapshot' as const }],
		[
			'stock: what is gone does not hide what can be had',
			{ availability: { state: 'none' as const, gpus: 0, widest: 1 } },
		],
		['cloud', { upstream: { cloud: 'hyperstack', type: 'n3-H100x1' } }],
	])('is not one with another %s', (_, parts) => {
		const offers = [offer('lambda', 2n), resold('shadeform', 'lambda', 1n, parts)];
		expect(shown(offers)).toEqual([['lambda'], ['shadeform']]);
	});

	test('is one in two regions of one country, as sources name regions differently', () => {
		const west = { continent: 'north-america' as const, country: 'US', raw: 'us-west-1' };
		expect(shown([offer('lambda', 1n), resold('shadeform', 'lambda', 2n, { region: west })])).toHaveLength(1);
	});

	test('leaves the machines of one source apart: the second of each are another supply', () => {
		const offers = [
			offer('lambda', 5n),
			offer('lambda', 3n),
			resold('shadeform', 'lambda', 6n),
			resold('shadeform', 'lambda', 2n),
			resold('shadeform', 'lambda', 9n),
		];
		expect(shown(offers)).toEqual([['lambda', 'shadeform 6'], ['shadeform', 'lambda 3'], ['shadeform']]);
	});

	test.each([
		['without a price', offer('lambda', null)],
		['that is a floor', offer('lambda', 1n, { meaning: 'floor' })],
		['that is an estimate', offer('lambda', 1n, { meaning: 'estimate' })],
		['of past bids', offer('lambda', 1n, { meaning: 'bid-history' })],
		['of Necto’s registry', { quote: listed(1, 1n, { network: 'lambda' }), usdPerGpuHour: microUsd(1n) }],
	])('takes in no offer %s', (_, alone) => {
		expect(shown([alone, resold('shadeform', 'lambda', 2n)])).toHaveLength(2);
	});

	test.each([
		['lambda', ['lambda-labs', 'LambdaLabs', 'Lambda Labs', 'lambda']],
		['verda', ['datacrunch', 'DataCrunch', 'data-crunch', 'verda']],
		['aws', ['amazon', 'AWS']],
		['gcp', ['google', 'google-cloud', 'GCP']],
		['ionet', ['io.net', 'io-net', 'ionet']],
		['massedcompute', ['massed-compute', 'massedcompute', 'massed_compute']],
	])('knows %s by its names', (name, names) => {
		expect(names.map(cloudName)).toEqual(names.map(() => name));
	});
});

const anyOffer = fc.record({
	source: fc.constantFrom('lambda', 'shadeform', 'prime-intellect', 'spheron'),
	usd: fc.option(fc.bigInt({ min: 1n, max: 9n })),
	cloud: fc.constantFrom('lambda', 'lambda-labs', 'verda'),
	gpus: fc.constantFrom(1, 8),
	country: fc.constantFrom('US', null),
	meaning: fc.constantFrom('offer' as const, 'offer' as const, 'floor' as const),
});

/** A market, and the same in another order. */
const anyMarket = fc
	.array(anyOffer, { maxLength: 30 })
	.map((all) =>
		all.map(({ source, usd, cloud, gpus, country, meaning }, index) =>
			offer(source, usd, {
				key: offerKey(sourceId(source), `${index}`),
				upstream: source === 'lambda' ? null : { cloud, type: 'any' },
				gpus: { numerator: gpus, denominator: 1 },
				region: { continent: 'unknown', country, raw: country ?? 'dc-1' },
				meaning,
			}),
		),
	)
	.chain((all) => fc.tuple(fc.constant(all), fc.shuffledSubarray(all, { minLength: all.length })));

describe('DISC-03 collapsing any market', () => {
	test('gives the same whatever the order', () => {
		const sorted = (offers: readonly SupplyOffer[]) =>
			[...collapseSupply(offers)].toSorted(([a], [b]) => (a < b ? -1 : 1));
		fc.assert(
			fc.property(anyMarket, ([one, other]) => {
				expect(sorted(one)).toEqual(sorted(other));
			}),
		);
	});

	test('names no offer twice, none dearer in front of a cheaper one, and no two of one source together', () => {
		fc.assert(
			fc.property(anyMarket, ([market]) => {
				const behind = collapseSupply(market);
				const byKey = new Map(market.map((one) => [one.quote.key, one]));
				const named = [...behind].flatMap(([key, others]) => [key, ...others.map((other) => other.key)]);
				expect(new Set(named).size).toBe(named.length);
				for (const [key, others] of behind) {
					const all = [key, ...others.map((other) => other.key)].map((one) => byKey.get(one));
					const sources = all.map((one) => one?.quote.source);
					expect(new Set(sources).size).toBe(sources.length);
					const prices = all.map((one) => one?.usdPerGpuHour ?? 0n);
					expect(prices).toEqual(prices.toSorted((a, b) => (a < b ? -1 : a > b ? 1 : 0)));
				}
			}),
		);
	});

	test('leaves of each identity as many as the source with the most has there', () => {
		fc.assert(
			fc.property(fc.array(fc.constantFrom('lambda', 'shadeform', 'spheron'), { maxLength: 30 }), (sources) => {
				const market = sources.map((source) => resold(source, 'lambda', 5n));
				const most = Math.max(
					0,
					...['lambda', 'shadeform', 'spheron'].map((s) => sources.filter((one) => one === s).length),
				);
				expect(shown(market)).toHaveLength(most);
			}),
		);
	});
});
