import { unixSeconds } from '@necto/core';
import { describe, expect, test } from 'vitest';
import { type OfferShape, offerView, offerViews } from '../../../test/offer.ts';
import { cheapestOf, interruptionOf, nativePrice, offerOf, seenAt } from './offer.ts';

const published = (shape: OfferShape) => nativePrice(offerView(shape));

describe('a price as it was published', () => {
	test('per GPU', () => {
		expect(published({ price: { amount: '1.290' } })).toBe('1.29 USD / GPU-hour');
	});

	test('of a machine of eight', () => {
		expect(published({ price: { amount: '31.92', per: 'instance' }, gpus: { numerator: 8, denominator: 1 } })).toBe(
			'31.92 USD / h for 8 GPUs',
		);
	});

	test('of a sixth of a card', () => {
		expect(published({ price: { amount: '0.1', per: 'instance' }, gpus: { numerator: 1, denominator: 6 } })).toBe(
			'0.1 USD / h for 1/6 GPU',
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

	test('says of how many GPUs the priced machine is', () => {
		expect(offerOf(offerView({ gpus: { numerator: 8, denominator: 1 } })).build).toBe('SXM · 80 GiB · 8 GPUs');
		expect(offerOf(offerView({ formFactor: 'unknown', memoryGiB: null })).build).toBe('Build unknown');
	});

	test('names a country once', () => {
		const place = (raw: string) => {
			const view = offerView({ country: 'DE' });
			return offerOf({ ...view, quote: { ...view.quote, region: { ...view.quote.region, raw } } }).place;
		};
		expect([place('Germany, DE'), place('eu-central-1'), place('')]).toEqual(['Germany, DE', 'DE, eu-central-1', 'DE']);
	});

	test('confirmed again, only its times are others', () => {
		const offer = offerOf(offerView({ observedAt: 100 }));
		const later = seenAt(offer, unixSeconds(200));
		expect(later.view.quote.observedAt).toBe(200);
		expect({ ...later, observedAt: 100, pricedAt: 100, view: null }).toEqual({ ...offer, view: null });
	});
});

describe('NET-03 how often a machine is taken back', () => {
	const interruption = {
		monthlyBps: 2_000,
		bound: 'at-least',
		noticeSeconds: 120,
		source: 'AWS Spot Instance Advisor',
		observedAt: 1,
	};

	test('a class without an upper end is said to be more than its lower end, never a certainty', () => {
		const { quote } = offerView({ interruption });
		expect(interruptionOf(quote)).toBe('more than 20 % a month, 2 min notice');
		const view = offerView({ interruption });
		const worst = { ...view, quote: { ...view.quote, quality: { ...view.quote.quality, riskBps: 10_000 } } };
		expect(offerOf(worst).quality).toBe('Taken back more than 20 % a month, 2 min notice, 99.9 % uptime');
	});

	test('without a published chance the end of the scale is a class, not a certainty', () => {
		const view = offerView();
		const worst = { ...view, quote: { ...view.quote, quality: { ...view.quote.quality, riskBps: 10_000 } } };
		expect(offerOf(worst).quality).toBe('99.9 % uptime, Highest class of risk');
	});

	test('a class with an upper end is said to be at most that', () => {
		const { quote } = offerView({
			interruption: { ...interruption, monthlyBps: 500, bound: 'at-most', noticeSeconds: null },
		});
		expect(interruptionOf(quote)).toBe('at most 5 % a month');
	});
});

describe('AGT-10 the cheapest', () => {
	const cheapest = (...shapes: OfferShape[]) => cheapestOf(offerViews(...shapes).map(offerOf))?.key;

	test('is never a price that is doubted, refused, or no machine for rent', () => {
		const doubt = { code: 'far-below' as const, message: 'A tenth of the others.' };
		expect(cheapest({ usd: '1', doubt }, { usd: null }, { usd: '2', meaning: 'estimate' }, { usd: '2000000' })).toBe(
			's:3',
		);
		expect(cheapest({ usd: '1', doubt })).toBeUndefined();
	});

	test('is one of today before a lower one of a dated file, which stands in where there is no other', () => {
		const dated = { usd: '100000', evidence: 'snapshot' };
		expect(cheapest(dated, { usd: '2000000' }, { usd: '1900000' }, dated)).toBe('s:2');
		expect(cheapest(dated)).toBe('s:0');
	});
});
