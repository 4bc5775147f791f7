import { decodeBytes16, decodeCountry, decodeToken } from '@necto/contracts';
import { describe, expect, it } from 'vitest';
import { emptyListing, instant, instantText, type ListingForm, readListing } from './listing-form.ts';
import { emptyPricing, readPricing } from './pricing-form.ts';

const NOW = 1_800_000_000;
const filled = (more: Partial<ListingForm> = {}): ListingForm => ({
	...emptyListing(),
	name: 'Rack 4',
	region: 'Frankfurt, DE',
	country: 'de',
	pricing: { ...emptyPricing, rate: '2.49' },
	...more,
});
const errorsOf = (form: ListingForm) => {
	const read = readListing(form, NOW);
	return read.ok ? {} : read.errors;
};

describe('PROV-01 a listing from the form', () => {
	it('becomes the structs of the contract', () => {
		const read = readListing(filled(), NOW);
		if (!read.ok) throw new Error(JSON.stringify(read.errors));
		const { kind, hardware, description, pricing } = read.listing;
		expect(kind).toBe(0);
		expect(decodeBytes16(hardware.gpuModel)).toBe('h100');
		expect(decodeCountry(hardware.country)).toBe('DE');
		expect(hardware).toMatchObject({
			formFactor: 2,
			total: 8,
			widest: 8,
			continent: 4,
			availableFrom: 0,
			availableUntil: 0,
		});
		expect(description).toEqual({
			name: 'Rack 4',
			region: 'Frankfurt, DE',
			network: '',
			vcpus: 16,
			ramGiB: 128,
			diskGiB: 500,
		});
		expect(pricing.rate).toBe(2_490_000n);
	});

	it.each([
		[{ name: ' ' }, 'name'],
		[{ region: '' }, 'region'],
		[{ total: '0' }, 'total'],
		[{ total: '2.5' }, 'total'],
		[{ total: '4', widest: '8' }, 'widest'],
		[{ country: 'DEU' }, 'country'],
		[{ continent: 'unknown' }, 'continent'],
		[{ kind: 'network', network: '' }, 'network'],
		[{ availableUntil: '2001-01-01T00:00' }, 'availableUntil'],
		[{ memoryGiB: '99999' }, 'memoryGiB'],
		[{ ramGiB: '99999999999' }, 'ramGiB'],
		[{ ramGiB: '4294967295' }, 'ramGiB'],
		[{ diskGiB: '99999999999' }, 'diskGiB'],
		[{ country: 'XX' }, 'country'],
		[{ country: 'US', continent: 'europe' }, 'country'],
	] as const)('says what is wrong with %j', (change, field) => {
		expect(Object.keys(errorsOf(filled(change)))).toContain(field);
	});
});

it.each([
	['0', 'A whole number from 1 to 65,535.'],
	['1000000000', 'A whole number from 1 to 65,535.'],
	['1e3', 'A whole number from 1 to 65,535.'],
])('a total of %j is told the limits', (total, message) => {
	expect(errorsOf(filled({ total, widest: '1' })).total).toBe(message);
});

describe('a time in the form', () => {
	it.each([0, 1_790_000_037, 1_790_000_040, 1_790_000_099])('%i is read back to the second', (at) => {
		expect(instant(instantText(at))).toBe(at);
	});

	it('shows seconds only where there are any', () => {
		expect(instantText(1_790_000_037)).toMatch(/T\d\d:\d\d:\d\d$/);
		expect(instantText(1_790_000_040)).toMatch(/T\d\d:\d\d$/);
	});
});

describe('PROV-02 price terms', () => {
	it('are exact to the micro-dollar', () => {
		expect(readPricing({ ...emptyPricing, rate: '0.000001' }, 'own')).toMatchObject({ pricing: { rate: 1n } });
	});

	it('are at most what a request can pay, in each model', () => {
		expect(readPricing({ ...emptyPricing, rate: '1000000' }, 'own').ok).toBe(true);
		expect(readPricing({ ...emptyPricing, rate: '1000000000' }, 'own')).toMatchObject({
			errors: { rate: 'At most $1,000,000 per GPU-hour: no request can pay more.' },
		});
		const band = { ...emptyPricing, model: 'dynamic', floor: '1', ceiling: '1000000.000001' } as const;
		expect(readPricing(band, 'own')).toMatchObject({ errors: { ceiling: expect.stringContaining('At most') } });
	});

	it.each(['', '0', '0.0', '-1', '1,5', '1e3', '1.0000001', 'free', '18446744073710'])(
		'refuse %j as a rate',
		(rate) => {
			expect(readPricing({ ...emptyPricing, rate }, 'own')).toMatchObject({
				ok: false,
				errors: { rate: expect.any(String) },
			});
		},
	);

	it('dynamic: a band and no rate, whatever stands in the hidden inputs', () => {
		const form = { ...emptyPricing, model: 'dynamic', rate: '9', floor: '1', ceiling: '2' } as const;
		expect(readPricing(form, 'own')).toMatchObject({
			pricing: { model: 1, rate: 0n, floor: 1_000_000n, ceiling: 2_000_000n, tokenAmount: 0n },
		});
		expect(readPricing({ ...form, ceiling: '0.5' }, 'own')).toMatchObject({
			ok: false,
			errors: { ceiling: expect.any(String) },
		});
	});

	it('token: an amount, a symbol and a band', () => {
		const read = readPricing(
			{ ...emptyPricing, model: 'token', tokenAmount: '1.5', token: 'akt', floor: '1', ceiling: '3' },
			'own',
		);
		if (!read.ok) throw new Error(JSON.stringify(read.errors));
		expect(read.pricing.tokenAmount).toBe(1_500_000n);
		expect(decodeToken(read.pricing.token)).toBe('AKT');
	});

	it('network listings always need the band; their rate is optional but inside it', () => {
		const form = { ...emptyPricing, floor: '1', ceiling: '2' };
		expect(readPricing(form, 'network').ok).toBe(true);
		expect(readPricing({ ...form, rate: '3' }, 'network')).toMatchObject({
			ok: false,
			errors: { rate: expect.any(String) },
		});
		expect(readPricing({ ...form, floor: '' }, 'network')).toMatchObject({
			ok: false,
			errors: { floor: expect.any(String) },
		});
	});
});
