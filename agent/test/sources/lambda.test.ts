/** Figures of the fixture: Lambda's own answer of 2026-08-20, shape as documented. */
import { defaultPolicy, normalise } from '@necto/core';
import { describe, expect, it } from 'vitest';
import { lambda } from '../../src/sources/lambda.ts';
import { ask, closeFakes, hostile, NOW, serve } from '../support/source.ts';

closeFakes();

const CALIFORNIA = { name: 'us-west-1', description: 'California, USA' };
const GERMANY = { name: 'europe-central-1', description: 'Germany' };

function type(name: string, gpu: string, cents: number, gpus: number, changes: Record<string, unknown> = {}) {
	return {
		instance_type: {
			name,
			description: `${gpus}x ${gpu}`,
			gpu_description: gpu,
			price_cents_per_hour: cents,
			architecture: 'x86_64',
			specs: { vcpus: 26 * gpus, memory_gib: 225 * gpus, storage_gib: 2816, gpus },
		},
		regions_with_capacity_available: [CALIFORNIA],
		...changes,
	};
}

const good = {
	data: {
		gpu_1x_h100_sxm5: type('gpu_1x_h100_sxm5', 'H100 (80 GB SXM5)', 429, 1, {
			regions_with_capacity_available: [CALIFORNIA, GERMANY],
		}),
		gpu_8x_h100_sxm5: type('gpu_8x_h100_sxm5', 'H100 (80 GB SXM5)', 3192, 8, { regions_with_capacity_available: [] }),
		gpu_1x_a100_sxm4: type('gpu_1x_a100_sxm4', 'A100 (40 GB SXM4)', 199, 1),
		cpu_4x_general: type('cpu_4x_general', 'N/A', 20, 0),
	},
};

const answered = (data: Record<string, unknown>) => ask(lambda, serve({ '/api/v1/instance-types': { data } }));

describe('AGT-01 Lambda', () => {
	it('gives an offer for each region with capacity, and shows what has none', async () => {
		const { quotes, left, failing, fake } = await ask(lambda, serve({ '/api/v1/instance-types': good }));
		expect(failing).toBeNull();
		expect(fake.requests[0]?.headers.authorization).toBe('Bearer secret-LAMBDA_API_KEY');
		expect(quotes.map(({ key, region, availability }) => [key, region.country, availability.state])).toEqual([
			['lambda:gpu_1x_h100_sxm5%2Fus-west-1', 'US', 'available'],
			['lambda:gpu_1x_h100_sxm5%2Feurope-central-1', 'DE', 'available'],
			['lambda:gpu_8x_h100_sxm5', null, 'none'],
			['lambda:gpu_1x_a100_sxm4%2Fus-west-1', 'US', 'available'],
		]);
		expect(left).toEqual({ 'not a GPU': 1 });
	});

	it('keeps cents for an instance as they are, and each size has a price of its own', async () => {
		const { quotes } = await ask(lambda, serve({ '/api/v1/instance-types': good }));
		expect(quotes[2]).toMatchObject({
			price: { amount: '3192', exponent: 2, per: 'instance', currency: 'USD', model: 'fixed' },
			gpus: { numerator: 8, denominator: 1 },
			host: { vcpus: 208, ramGiB: 1800, diskGiB: 2816 },
			availability: { widest: 8 },
			meaning: 'offer',
		});
		const usd = quotes.map((quote) => normalise(quote, [], quote.observedAt, defaultPolicy));
		expect(usd.map((one) => one.ok && one.usdPerGpuHour)).toEqual([4_290_000n, 4_290_000n, 3_990_000n, 1_990_000n]);
	});

	it('reads the memory out of the description: the A100 SXM4 alone is the 40 GB card', async () => {
		const { quotes } = await ask(lambda, serve({ '/api/v1/instance-types': good }));
		expect(quotes[3]?.gpu).toMatchObject({ model: 'a100', formFactor: 'sxm', memoryGiB: 40 });
	});

	it('says of a GH200 that it is an ARM machine', async () => {
		const gh200 = type('gpu_1x_gh200', 'GH200 (96 GB)', 229, 1);
		const { quotes } = await answered({
			gpu_1x_gh200: { ...gh200, instance_type: { ...gh200.instance_type, architecture: 'arm64' } },
		});
		expect(quotes[0]?.gpu).toMatchObject({ model: 'gh200', formFactor: 'superchip', rawName: 'GH200 (96 GB), arm64' });
	});

	it.each([
		['a price of zero', { price_cents_per_hour: 0 }],
		['a price in words', { price_cents_per_hour: '429' }],
		['no count of GPUs', { specs: { vcpus: 26 } }],
		['a GPU that nobody knows', { gpu_description: 'Warpdrive 9' }],
	])('makes no offer of a type with %s, and keeps the others', async (_, changes) => {
		const bad = type('bad', 'H100 (80 GB SXM5)', 429, 1);
		const { quotes, failing } = await answered({
			bad: { ...bad, instance_type: { ...bad.instance_type, ...changes } },
			gpu_1x_a10: type('gpu_1x_a10', 'A10 (24 GB PCIe)', 129, 1),
		});
		expect(failing).toBeNull();
		expect(quotes.map(({ gpu }) => gpu.model)).toEqual(['a10']);
	});

	it('takes a file without a word on capacity for a price list', () => {
		const { regions_with_capacity_available: _, ...listed } = type('gpu_1x_a10', 'A10 (24 GB PCIe)', 129, 1);
		const [quote] = lambda.read?.({ gpu_1x_a10: listed }, NOW).quotes ?? [];
		expect(quote).toMatchObject({ meaning: 'list-price', availability: { state: 'unknown' } });
	});
});

hostile(lambda, good);
