import { describe, expect, it } from 'vitest';
import {
	defaultPolicy,
	gpuModelKey,
	MarketIndex,
	microUsd,
	offerKey,
	type Quote,
	referenceFor,
	referenceSchema,
	savingsAgainst,
	sourceId,
	unixSeconds,
} from '../../src/index.ts';
import { NOW, price, quote } from '../build.ts';

/** 2026-11-18 and two days before. */
const [LATER, EARLIER] = [NOW, unixSeconds(NOW - 172_800)];

function cloud(source: string, id: string, amount: string, parts: Partial<Quote> = {}): Quote {
	return quote({
		key: offerKey(sourceId(source), id),
		source: sourceId(source),
		meaning: 'list-price',
		gpus: { numerator: 8, denominator: 1 },
		price: price({ amount, per: 'instance' }),
		observedAt: EARLIER,
		...parts,
	});
}
const referencesOf = (...quotes: Quote[]) =>
	new MarketIndex(quotes, { tokenPrices: [], takenAt: LATER, policy: defaultPolicy }).references;
const gpu = quote().gpu;
const offer = (micro: bigint, parts: Partial<typeof gpu> = {}) => ({
	gpu: { ...gpu, ...parts },
	usdPerGpuHour: microUsd(micro),
	observedAt: LATER,
});

describe('DISC-02 what offers are held against', () => {
	it("is each cloud's cheapest on-demand price of a GPU, with its machine, place and date", () => {
		const references = referencesOf(
			cloud('aws', 'p5', '55.04'),
			cloud('aws', 'p5-dear', '60'),
			cloud('azure', 'nd', '98.32'),
			cloud('aws-spot', 'p5', '20'),
			cloud('aws', 'moving', '20', { price: price({ amount: '20', per: 'instance', model: 'dynamic' }) }),
			cloud('aws', 'offer', '20', { meaning: 'offer' }),
			cloud('lambda', 'gpu_8x', '20'),
			cloud('aws', 'pcie', '16', { gpu: { ...gpu, formFactor: 'pcie' } }),
			cloud('aws', 'nothing', 'N/A', { gpu: { ...gpu, model: gpuModelKey('a100') } }),
		);
		expect(references.map(({ key, usdPerGpuHour }) => [key, usdPerGpuHour])).toEqual([
			['aws:pcie', '2000000'],
			['aws:p5', '6880000'],
			['azure:nd', '12290000'],
		]);
		expect(references[1]).toEqual({
			cloud: 'aws',
			gpuModel: 'h100',
			formFactor: 'sxm',
			memoryGiB: 80,
			key: 'aws:p5',
			gpus: '8',
			region: 'us-east-1',
			usdPerGpuHour: '6880000',
			observedAt: EARLIER,
		});
		for (const reference of references) expect(referenceSchema.parse(reference)).toEqual(reference);
	});

	it('is nothing that is not believed', () => {
		const others = ['lambda', 'vast', 'akash'].map((source) => cloud(source, 'x', '16'));
		expect(referencesOf(...others, cloud('aws', 'typo', '1600'))).toEqual([]);
	});
});

describe('DISC-02 savings', () => {
	const references = referencesOf(cloud('aws', 'p5', '55.04'), cloud('azure', 'nd', '98.32'));

	it('are computed against the cheapest cloud, with both figures, their dates and the machine', () => {
		// (6.88 − 2) ÷ 6.88 = 70.93…%
		const savings = savingsAgainst(offer(2_000_000n), references);
		expect(savings).toMatchObject({ saved: 4_880_000n, bps: 7_093, reference: { key: 'aws:p5' } });
		expect(savings?.text).toBe(
			'($6.88 − $2.00) ÷ $6.88 = 70.93% less per GPU-hour: $2.00 on 2026-11-18 against aws on demand, $6.88 on 2026-11-16, sold by 8 GPUs in us-east-1',
		);
	});

	it('say when an offer is dearer, and never less dear than it is', () => {
		// (6.88 − 7) ÷ 6.88 = −1.744…%
		const savings = savingsAgainst(offer(7_000_000n), references);
		expect(savings).toMatchObject({ saved: -120_000n, bps: -175 });
		expect(savings?.text).toContain('1.75% dearer');
	});

	it('say when nothing is saved', () => {
		expect(savingsAgainst(offer(6_880_000n), references)?.text).toContain('= the same');
	});

	it('are none where no cloud sells the like', () => {
		expect(savingsAgainst(offer(1n, { model: gpuModelKey('a100') }), references)).toBeNull();
		expect(savingsAgainst(offer(1n, { formFactor: 'pcie' }), references)).toBeNull();
		expect(savingsAgainst(offer(1n, { memoryGiB: 94 }), references)).toBeNull();
	});

	it('are against the cheapest of what an offer could be, where it does not say', () => {
		expect(referenceFor({ ...gpu, formFactor: 'unknown', memoryGiB: null }, references)?.key).toBe('aws:p5');
	});
});
