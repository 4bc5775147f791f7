import { describe, expect, test } from 'vitest';
import { canonicalGpu, gpuModelKey, microUsd, quoteJsonSchema } from '../../src/index.ts';
import { quote } from '../build.ts';
import { decideOn, idsOf, offerOf, rulesOf } from './offers.ts';

/** What other comparisons of GPU prices test of themselves, asked of this one. */
describe('what the others pass too', () => {
	test('AGT-04 inclusive bounds', () => {
		const rows = [
			{ id: 'below', gpu: 'A100 40GB', usd: '1.999999' },
			{ id: 'at', gpu: 'A100 80GB', usd: '2.00' },
			{ id: 'above', gpu: 'A100 80GB', usd: '2.000001' },
		];
		const wanted = { gpuModel: gpuModelKey('a100'), minMemoryGiB: 80, maxPricePerGpuHour: microUsd(2_000_000n) };
		expect(idsOf(decideOn(rows, wanted))).toEqual(['at']);
		expect(rulesOf(decideOn(rows, wanted))).toEqual({ below: 'memory', above: 'max-price' });
	});

	test('DISC-03 case-insensitive name', () => {
		const rows = ['h100 sxm', 'H100 SXM', 'Nvidia H100 Sxm5', 'NVIDIA H100-SXM'].map((gpu, index) => ({
			id: `${index}`,
			gpu,
		}));
		expect(idsOf(decideOn(rows, { formFactors: ['sxm'] }))).toHaveLength(4);
	});

	test('DISC-03 A10 ≠ A100', () => {
		const rows = ['A10', 'A100', 'A10G', 'NVIDIA A10', 'A100-80GB'].map((gpu) => ({ id: gpu.replace(' ', '-'), gpu }));
		expect(idsOf(decideOn(rows, { gpuModel: gpuModelKey('a10') }))).toEqual(['A10', 'NVIDIA-A10']);
		expect(idsOf(decideOn(rows, { gpuModel: gpuModelKey('a100') }))).toEqual(['A100', 'A100-80GB']);
	});

	test('DISC-03 CPU rows pass only when min GPU = 0: a job has one at least, so never', () => {
		expect(
			['CPU_NODE', 'AMD EPYC 7402', 'E2 Instance Core running in Americas'].flatMap((gpu) =>
				offerOf({ id: 'cpu', gpu }),
			),
		).toEqual([]);
		const json = { ...quote(), gpus: { numerator: 0, denominator: 1 } };
		expect(quoteJsonSchema.safeParse(json).success).toBe(false);
		expect(quoteJsonSchema.safeParse(quote()).success).toBe(true);
	});

	test('AGT-04 spot yes/no/any', () => {
		const rows = [
			{ id: 'spot', gpu: 'H100', usd: '1.00', priced: { model: 'dynamic' as const } },
			{ id: 'on-demand', gpu: 'H100', usd: '3.00' },
		];
		expect(idsOf(decideOn(rows, { excludedPricing: ['fixed', 'token'] }))).toEqual(['spot']);
		expect(idsOf(decideOn(rows, { excludedPricing: ['dynamic'] }))).toEqual(['on-demand']);
		expect(idsOf(decideOn(rows))).toEqual(['spot', 'on-demand']);
	});

	test('AGT-05 cheapest zone inside a region', () => {
		const rows = [
			{ id: 'use1-az1', gpu: 'H100', region: 'use1-az1', usd: '2.31' },
			{ id: 'use1-az6', gpu: 'H100', region: 'use1-az6', usd: '2.29' },
			{ id: 'use1-az2', gpu: 'H100', region: 'use1-az2', usd: '2.30' },
			{ id: 'euc1-az1', gpu: 'H100', region: 'euc1-az1', usd: '1.10' },
		];
		expect(idsOf(decideOn(rows, { countries: ['US'] }))).toEqual(['use1-az6', 'use1-az2', 'use1-az1']);
	});

	test('DISC-03 ambiguous name refused with candidates', () => {
		expect(canonicalGpu('RTX 6000')).toMatchObject({
			refused: 'ambiguous',
			candidates: ['rtx6000ada', 'quadrortx6000'],
		});
		expect(canonicalGpu('4000')).toMatchObject({ candidates: ['rtx4000ada', 'quadrortx4000', 'rtxa4000'] });
		expect(canonicalGpu('A100 or H100')).toMatchObject({ refused: 'ambiguous', candidates: ['a100', 'h100'] });
		expect(offerOf({ id: 'which', gpu: 'RTX 6000' })).toEqual([]);
		expect(offerOf({ id: 'ada', gpu: 'RTX 6000', hints: { memoryGiB: 48 } })).toHaveLength(1);
	});

	test('AGT-02 every price > 0', () => {
		const rows = ['0', '0.00', '-1', '0e0', '0.0000001', '2.5'].map((usd, index) => ({
			id: `${index}`,
			gpu: 'H100',
			usd,
		}));
		const decision = decideOn(rows);
		expect(decision.ranking.map(({ price }) => price)).toEqual([1n, 2_500_000n]);
		expect(Object.values(rulesOf(decision))).toEqual(Array(4).fill('price-refused'));
	});

	test('AGT-04 over-max refused after re-quote', () => {
		const wanted = { maxPricePerGpuHour: microUsd(2_000_000n) };
		expect(idsOf(decideOn([{ id: 'a', gpu: 'H100', usd: '1.99' }], wanted))).toEqual(['a']);
		const again = decideOn([{ id: 'a', gpu: 'H100', usd: '2.01' }], wanted);
		expect(again.outcome).toBe('unservable');
		expect(rulesOf(again)).toEqual({ a: 'max-price' });
	});
});
