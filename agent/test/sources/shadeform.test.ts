/** Figures of the fixture: the example in Shadeform's documentation, shape as documented. */
import { describe, expect, it } from 'vitest';
import { shadeform } from '../../src/sources/shadeform.ts';
import { ask, closeFakes, hostile, NOW, serve } from '../support/source.ts';

closeFakes();

const CONFIGURATION = {
	memory_in_gb: 48,
	storage_in_gb: 256,
	vcpus: 6,
	num_gpus: 1,
	gpu_type: 'A6000',
	interconnect: 'pcie',
	nvlink: false,
	vram_per_gpu_in_gb: 48,
	gpu_manufacturer: 'nvidia',
};

function type(changes: Record<string, unknown> = {}, configuration: Record<string, unknown> = {}) {
	return {
		cloud: 'massedcompute',
		shade_instance_type: 'A6000',
		cloud_instance_type: 'gpu_1x_a6000',
		configuration: { ...CONFIGURATION, ...configuration },
		hourly_price: 57,
		availability: [{ region: 'kansascity-usa-1', available: true, display_name: 'US, Kansas City, KS' }],
		deployment_type: 'vm',
		...changes,
	};
}

const good = { instance_types: [type()] };
const read = (...types: unknown[]) => {
	const answer = shadeform.read?.({ instance_types: types }, NOW);
	if (answer === undefined) throw new Error('Shadeform reads files');
	return answer;
};

describe('NET-05 Shadeform', () => {
	it('turns cents for a machine into an offer that names who owns it', async () => {
		const { quotes, failing, fake } = await ask(shadeform, serve({ '/v1/instances/types': good }));
		expect(failing).toBeNull();
		expect(fake.requests[0]?.headers['x-api-key']).toBe('secret-SHADEFORM_API_KEY');
		expect(quotes[0]).toMatchObject({
			key: 'shadeform:massedcompute%2FA6000%2Fkansascity-usa-1',
			network: 'shadeform',
			upstream: { cloud: 'massedcompute', type: 'gpu_1x_a6000' },
			gpu: { model: 'rtxa6000', formFactor: 'pcie', memoryGiB: 48 },
			price: { amount: '57', exponent: 2, per: 'instance', model: 'fixed' },
			region: { country: 'US', raw: 'kansascity-usa-1' },
			availability: { state: 'available' },
		});
	});

	it('gives an offer for each region, those without capacity too', () => {
		const { quotes } = read(
			type({
				availability: [
					{ region: 'kansascity-usa-1', available: false, display_name: 'US, Kansas City, KS' },
					{ region: 'site-9', available: true, display_name: 'Helsinki, Finland' },
				],
			}),
		);
		expect(quotes.map(({ region, availability }) => [region.country, availability.state])).toEqual([
			['US', 'none'],
			['FI', 'available'],
		]);
	});

	it('shows a type without any region as none available', () => {
		expect(read(type({ availability: [] })).quotes[0]?.availability.state).toBe('none');
	});

	it('keeps spot apart from on demand', () => {
		const { quotes } = read(
			type(),
			type({ rental_type: 'spot', hourly_price: 30 }),
			type({ rental_type: 'on_demand' }),
		);
		expect(quotes.map(({ price }) => [price.model, price.amount])).toEqual([
			['fixed', '57'],
			['dynamic', '30'],
		]);
	});

	it('keeps rows apart whose names are longer than a key', () => {
		const shade_instance_type = 'A6000/'.repeat(60);
		const regions = ['kansascity-usa-1', 'helsinki-finland-1'].map((region) => ({ region, available: true }));
		expect(read(type({ shade_instance_type, availability: regions })).quotes).toHaveLength(2);
	});

	it('divides nothing itself: the price stays that of the machine', () => {
		const [quote] = read(
			type(
				{ shade_instance_type: 'H100_sxm5x8', cloud_instance_type: 'gpu_8x_h100_sxm5', hourly_price: 1992 },
				{ gpu_type: 'H100', interconnect: 'sxm5', num_gpus: 8, vram_per_gpu_in_gb: 80 },
			),
		).quotes;
		expect(quote).toMatchObject({
			gpus: { numerator: 8, denominator: 1 },
			gpu: { model: 'h100', formFactor: 'sxm', memoryGiB: 80 },
			price: { amount: '1992' },
		});
	});

	it.each([
		['a price of zero', type({ hourly_price: 0 }), 'no price'],
		['no GPU', type({}, { num_gpus: 0, gpu_type: 'CPU' }), 'not a GPU'],
		['an accelerator that is no GPU', type({}, { gpu_type: 'GAUDI2' }), 'not a GPU'],
		['no availability', type({ availability: null }), 'not of the documented shape'],
	])('makes no offer of a type with %s, and keeps the others', (_, bad, reason) => {
		expect(read(bad, type({ shade_instance_type: 'other' }))).toMatchObject({ quotes: [{}], left: { [reason]: 1 } });
	});
});

hostile(shadeform, good);
