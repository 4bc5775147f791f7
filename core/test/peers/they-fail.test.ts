import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
	decide,
	defaultPolicy,
	gpuModelKey,
	normalise,
	type Quote,
	regionOf,
	type TokenPrice,
	unixSeconds,
} from '../../src/index.ts';
import { NOW, price, quote, REGISTRY, request, snapshot } from '../build.ts';
import { anyLimits, anyMarket } from '../markets.ts';
import { decideOn, idsOf, type Row, rulesOf } from './offers.ts';

const AKT: TokenPrice = { symbol: 'AKT', usd: '0.8123', source: 'coingecko', observedAt: NOW };
const job = { chainId: 31337, registry: REGISTRY, id: null, requester: null };

/** What no other comparison of GPU prices can show of itself. */
describe('what the others fail', () => {
	test('AGT-05 strict global order by effective USD per GPU-hour, ties broken deterministically', () => {
		const rows: Row[] = [
			// 8 × 2.00 for the machine is dearer than 1.99 for a card, whatever the figures look like.
			{
				id: 'machine',
				gpu: 'H100',
				usd: '16.00',
				priced: { per: 'instance' },
				parts: { gpus: { numerator: 8, denominator: 1 } },
			},
			{ id: 'card', gpu: 'H100', usd: '1.99' },
			{ id: 'second', gpu: 'H100', usd: '0.0005', priced: { time: 'second' } },
			{ id: 'token', gpu: 'H100', usd: '1', priced: { model: 'token', currency: 'AKT' } },
			{ id: 'tie-b', gpu: 'H100', usd: '1.990' },
			{ id: 'tie-a', gpu: 'H100', usd: '199', priced: { exponent: 2 } },
		];
		const order = ['token', 'second', 'card', 'tie-a', 'tie-b', 'machine'];
		const wide = { gpuCount: 8 };
		expect(idsOf(decideOn(rows, wide, [AKT]))).toEqual(order);
		expect(idsOf(decideOn(rows.toReversed(), wide, [AKT]))).toEqual(order);

		fc.assert(
			fc.property(anyMarket, anyLimits, ([quotes, shuffled], limits) => {
				const none = { uptime: 0, latency: 0, rating: 0, risk: 0 };
				const rank = (market: Quote[]) =>
					decide({
						job,
						request: request({ ...limits, weights: none }),
						snapshot: snapshot(market),
						policy: defaultPolicy,
					}).ranking;
				const ranking = rank(quotes);
				for (const [index, next] of ranking.slice(1).entries())
					expect((ranking[index]?.price ?? 0n) <= next.price).toBe(true);
				expect(rank(shuffled)).toEqual(ranking);
			}),
			{ seed: 20_261_126, numRuns: 200 },
		);
	});

	test('DISC-04 region filter across dialects (`us-east-1`, `, US, NA`, `kansascity-usa-1`, `FIN-03`)', () => {
		const places = [
			'us-east-1',
			', US, NA',
			'kansascity-usa-1',
			'FIN-03',
			'EU-RO-1',
			'US-KS-2',
			'Japan, JP',
			'europe-west4-b',
			'westus3',
			'Georgia',
		];
		const rows = places.map((region, index) => ({ id: `${index}`, gpu: 'H100', region }));
		const found = (...parts: Parameters<typeof decideOn>) => idsOf(decideOn(...parts)).map((id) => places[Number(id)]);
		expect(found(rows, { countries: ['US'] })).toEqual([
			'us-east-1',
			', US, NA',
			'kansascity-usa-1',
			'US-KS-2',
			'westus3',
		]);
		expect(found(rows, { continents: ['europe'] })).toEqual(['FIN-03', 'EU-RO-1', 'europe-west4-b']);
		expect(found(rows, { countries: ['FI', 'JP'] })).toEqual(['FIN-03', 'Japan, JP']);
		expect(regionOf('Georgia')).toEqual({ continent: 'unknown', country: null, raw: 'Georgia' });
	});

	test('DISC-03 form factor and memory kept (H100 NVL ≠ SXM ≠ PCIe; A100 40 ≠ 80; RTX 4090 48 GB flagged)', () => {
		const cards = (...names: string[]) => names.map((gpu) => ({ id: gpu.replaceAll(' ', '-'), gpu }));
		const h100 = cards('H100 NVL', 'H100 SXM5', 'H100 PCIe', 'H100');
		expect(idsOf(decideOn(h100, { formFactors: ['nvl'] }))).toEqual(['H100-NVL']);
		expect(idsOf(decideOn(h100, { formFactors: ['sxm'] }))).toEqual(['H100-SXM5']);
		expect(idsOf(decideOn(h100, { formFactors: ['pcie'] }))).toEqual(['H100-PCIe']);
		expect(idsOf(decideOn(h100, { minMemoryGiB: 94 }))).toEqual(['H100-NVL']);
		const a100 = { gpuModel: gpuModelKey('a100'), minMemoryGiB: 80 };
		expect(idsOf(decideOn(cards('A100-40GB', 'A100-80GB', 'A100'), a100))).toEqual(['A100-80GB']);
		const decision = decideOn(cards('RTX 4090', 'RTX 4090 48GB', 'RTX 4090 D'), {
			gpuModel: gpuModelKey('rtx4090'),
			minMemoryGiB: 48,
		});
		expect(idsOf(decision)).toEqual(['RTX-4090-48GB']);
		expect(rulesOf(decision)).toEqual({ 'RTX-4090': 'memory', 'RTX-4090-D': 'gpu-model' });
	});

	// Lambda 2026-08, Azure 2026-06, AWS 2026-07, Akash and Nosana 2025-12 to 2026-09, RunPod and Prime Intellect as their documentation and answers have it.
	test.each<[string, Partial<Quote['price']>, [number, number], bigint]>([
		['Lambda, cents per node of 8 H100', { amount: '3192', exponent: 2, per: 'instance' }, [8, 1], 3_990_000n],
		['Lambda, cents per node of 1 H100', { amount: '429', exponent: 2, per: 'instance' }, [1, 1], 4_290_000n],
		['Shadeform, cents per node', { amount: '57', exponent: 2, per: 'instance' }, [1, 1], 570_000n],
		['Azure, USD per node with a sixth of an A10', { amount: '0.454', per: 'instance' }, [1, 6], 2_724_000n],
		['Prime Intellect, USD per node', { amount: '1.6568', per: 'instance' }, [1, 1], 1_656_800n],
		['RunPod, USD per GPU', { amount: '0.44' }, [8, 1], 440_000n],
		['Nosana, what the host gets', { amount: '0.218175', feeBps: 1000 }, [1, 1], 239_993n],
		[
			'Akash, uact per block',
			{ amount: '3398.93', exponent: 6, per: 'instance', time: 'block', blockMilliseconds: 5883 },
			[1, 1],
			2_079_917n,
		],
		['a token per second', { model: 'token', amount: '0.0001', currency: 'AKT', time: 'second' }, [1, 1], 292_428n],
	])(
		'AGT-02 per-block, per-second, cents, node, GPU units exact: %s',
		(_what, parts, [numerator, denominator], expected) => {
			const one = quote({ price: price(parts), gpus: { numerator, denominator } });
			expect(normalise(one, [AKT], NOW, defaultPolicy)).toMatchObject({ ok: true, usdPerGpuHour: expected });
		},
	);

	test('AGT-04 price without capacity excluded or marked', () => {
		const free = (state: 'available' | 'none' | 'unknown', gpus: number | null) => ({
			availability: { state, gpus, widest: 8 },
		});
		const decision = decideOn([
			{ id: 'hired-out', gpu: 'H100', usd: '1.19', parts: free('none', 0) },
			{ id: 'one-left', gpu: 'H100', usd: '1.29', parts: free('available', 1) },
			{ id: 'not-said', gpu: 'H100', usd: '1.39', parts: free('unknown', null) },
		]);
		expect(rulesOf(decision)).toEqual({ 'hired-out': 'capacity' });
		expect(decision.ranking.map(({ key, unknowns }) => [key, unknowns])).toEqual([
			['lambda:one-left', []],
			['lambda:not-said', ['capacity']],
		]);
	});

	test('AGT-03 stale FX refuses a token offer', () => {
		const rows = [
			{ id: 'token', gpu: 'H100', usd: '1', priced: { model: 'token' as const, currency: 'AKT' } },
			{ id: 'dollar', gpu: 'H100', usd: '3.00' },
		];
		const aged = (seconds: number) => [{ ...AKT, observedAt: unixSeconds(NOW - seconds) }];
		expect(idsOf(decideOn(rows, {}, aged(defaultPolicy.tokenPriceMaxAge)))).toEqual(['token', 'dollar']);
		const stale = decideOn(rows, {}, aged(defaultPolicy.tokenPriceMaxAge + 1));
		expect(idsOf(stale)).toEqual(['dollar']);
		expect(stale.exclusions).toMatchObject([{ rule: 'price-refused', found: 'stale-token-price' }]);
		expect(idsOf(decideOn(rows))).toEqual(['dollar']);
	});

	test('AGT-02 no NaN/Infinity/0-price from `N/A*`, `9.0E-4`, `0.00`, blank', () => {
		const texts = [
			'N/A*',
			'9.0E-4',
			'0.00',
			'',
			' ',
			'0',
			'-0',
			'NaN',
			'Infinity',
			'-Infinity',
			'1e999',
			'1,29',
			'$2',
			'null',
			'2.29',
		];
		const decision = decideOn(texts.map((usd, index) => ({ id: `${index}`, gpu: 'H100', usd })));
		expect(decision.ranking.map(({ price }) => price)).toEqual([900n, 2_290_000n]);
		expect(Object.keys(rulesOf(decision))).toHaveLength(texts.length - 2);
		for (const { usdPerGpuHour } of decision.offers) expect(usdPerGpuHour === null || usdPerGpuHour > 0n).toBe(true);
	});
});
