import { describe, expect, it } from 'vitest';
import { priceWords, pricingFormOf } from './price-words.ts';
import { readPricing } from './pricing-form.ts';

const terms = {
	kind: 'own',
	pricingModel: 'fixed',
	rate: 2_490_000n,
	floor: 0n,
	ceiling: 0n,
	tokenAmount: 0n,
	token: '',
	reserved: 0,
	total: 8,
} as const;

describe('PROV-02 price terms in words', () => {
	it('fixed', () => expect(priceWords(terms)).toEqual({ now: '$2.49', how: 'Fixed' }));

	it('dynamic: what the next job would pay, rounded down as on chain', () => {
		const dynamic = {
			...terms,
			pricingModel: 'dynamic',
			rate: 0n,
			floor: 1_000_000n,
			ceiling: 2_000_000n,
			reserved: 1,
			total: 3,
		} as const;
		expect(priceWords(dynamic).now).toBe('$1.333333');
		expect(priceWords({ ...dynamic, reserved: 0, total: 0 }).now).toBe('$1.00');
	});

	it('token: in tokens, with its band', () => {
		const token = {
			...terms,
			pricingModel: 'token',
			rate: 0n,
			floor: 1_000_000n,
			ceiling: 3_000_000n,
			tokenAmount: 1_500_000n,
			token: 'AKT',
		} as const;
		expect(priceWords(token)).toEqual({ now: '1.5 AKT', how: 'Token, between $1.00 and $3.00' });
	});

	it('come back unchanged from the form', () => {
		expect(readPricing(pricingFormOf(terms), 'own')).toMatchObject({
			ok: true,
			pricing: { rate: terms.rate, floor: 0n },
		});
	});
});
