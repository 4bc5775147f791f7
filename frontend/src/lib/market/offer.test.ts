import { describe, expect, test } from 'vitest';
import { type OfferShape, offerView } from '../../../test/offer.ts';
import { nativePrice, offerOf } from './offer.ts';

const published = (shape: OfferShape) => nativePrice(offerView(shape));

describe('a price as it was published', () => {
	test('per GPU', () => {
		expect(published({ price: { amount: '1.290' } })).toBe('1.29 USD / GPU-hour');
	});

	test('of a machine of eight', () => {
		expect(published({ price: { amount: '31.92', per: 'instance' }, gpus: { numerator: 8, denominator: 1 } })).toBe(
			'31.92 USD / hour for 8 GPUs',
		);
	});

	test('of a sixth of a card', () => {
		expect(published({ price: { amount: '0.1', per: 'instance' }, gpus: { numerator: 1, denominator: 6 } })).toBe(
			'0.1 USD / hour for 1/6 GPU',
		);
	});

	test('in small units the point moves without a float', () => {
		expect(published({ price: { amount: '199', exponent: 2 } })).toBe('1.99 USD / GPU-hour');
		expect(published({ price: { amount: '5', exponent: 6, currency: 'AKT' } })).toBe('0.000005 AKT / GPU-hour');
		expect(published({ price: { amount: '3398.93', exponent: 6, currency: 'ACT', time: 'block' } })).toBe(
			'0.00339893 ACT / GPU-block',
		);
		expect(published({ price: { amount: '9007199254740993', exponent: 6 } })).toBe('9007199254.740993 USD / GPU-hour');
	});

	test('a listing that moves with demand has no one amount', () => {
		expect(published({ price: { model: 'dynamic' }, routable: true })).toBe('moves with demand');
	});
});

describe('a row', () => {
	test('a refused price is no price, not zero', () => {
		expect(offerOf(offerView({ usd: null })).price).toBeNull();
	});

	test('a dated figure is marked, a live one is not', () => {
		expect(offerOf(offerView({ evidence: 'snapshot' })).dated).toBe(true);
		expect(offerOf(offerView({ evidence: 'live' })).dated).toBe(false);
	});

	test('who offers it is the provider of a listing, otherwise the network', () => {
		expect(offerOf(offerView({ routable: true })).provider).toBe('Nordlicht Compute (demo)');
		expect(offerOf(offerView({})).provider).toBe('Akash');
	});
});
