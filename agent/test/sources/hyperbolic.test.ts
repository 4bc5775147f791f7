/** Figures of the fixture: Hyperbolic's row in SkyPilot's catalogue of 2025 (1x-H100-75-722 at 1.29), shape as its fetcher requires it. */
import { describe, expect, it } from 'vitest';
import { hyperbolic } from '../../src/sources/hyperbolic.ts';
import { ask, closeFakes, hostile, NOW, serve } from '../support/source.ts';

closeFakes();

function instance(changes: Record<string, unknown> = {}): Record<string, unknown> {
	return {
		InstanceType: '1x-H100-75-722',
		AcceleratorName: 'H100',
		AcceleratorCount: 1,
		vCPUs: 75,
		MemoryGiB: 722,
		StorageGiB: 1000,
		Price: 1.29,
		Region: 'default',
		GpuInfo: {
			Gpus: [{ Name: 'NVIDIA-H100-80GB-HBM3', Manufacturer: 'NVIDIA', Count: 1, MemoryInfo: { SizeInMiB: 81_559 } }],
			TotalGpuMemoryInMiB: 81_559,
		},
		SpotPrice: '',
		...changes,
	};
}

const good = { vms: [instance()] };

describe('NET-05 Hyperbolic', () => {
	it('reads its catalogue as prices of whole instances that nobody promises', async () => {
		const { quotes, failing, fake } = await ask(hyperbolic, serve({ '/v2/skypilot/catalog': good }));
		expect(failing).toBeNull();
		expect(fake.requests[0]?.headers.authorization).toBe('Bearer secret-HYPERBOLIC_API_KEY');
		expect(quotes[0]).toMatchObject({
			meaning: 'list-price',
			gpu: { model: 'h100', formFactor: 'sxm', memoryGiB: 80 },
			price: { amount: '1.29', per: 'instance' },
			region: { country: null, raw: '' },
			availability: { state: 'unknown' },
		});
	});

	it.each([
		['a blank price', { Price: '' }, 'no price'],
		['a price of zero', { Price: '0.00' }, 'no price'],
		['no GPU', { AcceleratorCount: 0 }, 'not a GPU'],
		['a count that is none', { AcceleratorCount: 'N/A' }, 'not of the documented shape'],
	])('makes no offer of a row with %s, and keeps the others', (_, changes, reason) => {
		const vms = [instance({ InstanceType: '8x-H100', AcceleratorCount: '8.0', Price: '10.32' }), instance(changes)];
		const answer = hyperbolic.read?.({ vms }, NOW);
		expect(answer).toMatchObject({ quotes: [{ gpus: { numerator: 8 } }], left: { [reason]: 1 } });
	});
});

hostile(hyperbolic, good);
