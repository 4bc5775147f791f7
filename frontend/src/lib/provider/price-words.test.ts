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
	tiers: [],
} as const;
/** Saturday, 21 November 2026, 12:00 UTC. */
const NOW = 1_795_262_400;

describe('PROV-02 price terms in words', () => {
	it('fixed', () => expect(priceWords(terms, NOW)).toEqual({ now: '$2.49', how: 'Fixed' }));

	it('PROV-08 tiers: the rate of this hour, and how it comes about', () => {
		const tiers = [
			{ hour: 0, multiplier: 10_000 },
			{ hour: 120, multiplier: 8_000 },
		];
		expect(priceWords({ ...terms, tiers }, NOW)).toEqual({ now: '$1.992', how: 'Fixed: $2.49 × 80 % at this hour' });
		expect(priceWords({ ...terms, tiers }, NOW - 86_400).now).toBe('$2.49');
	});

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
		expect(priceWords(dynamic, NOW).now).toBe('$1.333333');
		expect(priceWords({ ...dynamic, reserved: 0, total: 0 }, NOW).now).toBe('$1.00');
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
		expect(priceWords(token, NOW)).toEqual({ now: '1.5 AKT', how: 'Token, between $1.00 and $3.00' });
	});

	it('come back unchanged from the form', () => {
		expect(readPricing(pricingFormOf(terms), 'own')).toMatchObject({
			ok: true,
			pricing: { rate: terms.rate, floor: 0n },
		});
	});
});
