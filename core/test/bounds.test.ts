import { describe, expect, test } from 'vitest';
import {
	boundedPrice,
	defaultPolicy,
	GPU_MODELS,
	gpuModelKey,
	HIGHEST_MICRO_USD,
	lowestMicroUsd,
	microUsd,
	pricedQuotes,
} from '../src/index.ts';
import { NOW, price, quote } from './build.ts';

const gpu = (model: string, memoryGiB: number | null = null) => ({
	model: gpuModelKey(model),
	formFactor: 'unknown' as const,
	memoryGiB,
	rawName: model,
});
const priceOf = (model: string, micro: bigint, memoryGiB: number | null = null) =>
	boundedPrice(
		{ gpu: gpu(model, memoryGiB), listing: null, meaning: 'offer' },
		{ ok: true, usdPerGpuHour: microUsd(micro) },
	);

describe('PRC-01 bounds of a GPU-hour’s price', () => {
	test('lie under every price that was ever recorded, and not by much', () => {
		// Model, GiB, the lowest recorded micro-USD per GPU-hour.
		const recorded = [
			['t4g', 16, 47_200n],
			['t4', 16, 52_600n],
			['l4', 24, 81_100n],
			['k80', 12, 90_000n],
			['rtx5090m', 24, 150_000n],
			['rtx4090', 24, 239_993n],
			['v100', 16, 306_000n],
			['a100', 40, 409_662n],
			['h100', 80, 2_406_800n],
		] as const;
		for (const [model, memoryGiB, lowest] of recorded) {
			expect(priceOf(model, lowest, memoryGiB).ok).toBe(true);
			expect(priceOf(model, lowest / 100n, memoryGiB)).toMatchObject({ ok: false, reason: 'below-any-price' });
		}
	});

	test('refuse what is below and above, with a sentence', () => {
		expect(lowestMicroUsd(gpu('h100', 80))).toBe(80_000n);
		expect(priceOf('h100', 79_999n, 80)).toEqual({
			ok: false,
			reason: 'below-any-price',
			message: '$0.079999 per GPU-hour is below $0.08, under which no such GPU is sold.',
		});
		expect(priceOf('h100', 80_000n, 80).ok).toBe(true);
		expect(priceOf('b200', 10_000n).ok).toBe(false);
		expect(priceOf('h100', HIGHEST_MICRO_USD).ok).toBe(true);
		expect(priceOf('h100', HIGHEST_MICRO_USD + 1n)).toMatchObject({ reason: 'above-any-price' });
	});

	test('hold for figures in tokens when the market converts them', () => {
		const quotes = ['0.5', '0.01'].map((amount) => ({
			...quote({ id: `akash:${amount}`, gpu: gpu('h100', 80), listing: null }),
			price: price({ amount, currency: 'AKT', model: 'token' }),
		}));
		const tokenPrices = [{ symbol: 'AKT', usd: '0.4', source: 'test', observedAt: NOW }];
		const priced = pricedQuotes(quotes, { tokenPrices, takenAt: NOW, policy: defaultPolicy });
		expect(priced.map(({ usdPerGpuHour, refusal }) => [usdPerGpuHour, refusal?.code ?? null])).toEqual([
			[200_000n, null],
			[null, 'below-any-price'],
		]);
	});

	test('are above zero for every model, with its memory or without', () => {
		for (const { key } of GPU_MODELS) expect(lowestMicroUsd(gpu(key))).toBeGreaterThan(0n);
	});
});
