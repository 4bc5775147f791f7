import { describe, expect, test } from 'vitest';
import { type OfferShape, offerViews } from '../../../test/offer.ts';
import { compareRows } from './compare.ts';
import { offerOf } from './offer.ts';

const rows = (...shapes: OfferShape[]) => compareRows(offerViews(...shapes).map(offerOf));
const row = (name: string, ...shapes: OfferShape[]) => rows(...shapes).find((each) => each.name === name);

describe('DISC-03 offers side by side', () => {
	test('the lowest price is named as such, also when two share it', () => {
		const price = row('USD per GPU-hour', { usd: '2000000' }, { usd: '1500000' }, { usd: '1500000' });
		expect(price?.best).toEqual({ places: new Set([1, 2]), word: 'lowest' });
		expect(price?.differs).toBe(true);
	});

	test('a price that is doubted, estimated or refused is never the lowest', () => {
		const doubt = { code: 'far-below' as const, message: 'A tenth of the others.' };
		const shapes = [
			{ usd: '100000', doubt },
			{ usd: '200000', meaning: 'estimate' },
			{ usd: null },
			{ usd: '2000000' },
			{ usd: '3000000' },
		];
		expect(row('USD per GPU-hour', ...shapes)?.best?.places).toEqual(new Set([3]));
		expect(row('Doubt', ...shapes)?.values[0]).toBe('A tenth of the others.');
	});

	test('more memory is better, later is better, and equal facts have no best', () => {
		expect(row('Memory', { memoryGiB: 80 }, { memoryGiB: 94 })?.best).toEqual({ places: new Set([1]), word: 'most' });
		expect(row('Seen', { observedAt: 100 }, { observedAt: 200 })?.best?.places).toEqual(new Set([1]));
		expect(row('Memory', {}, {})?.best).toBeNull();
		expect(row('Memory', {}, {})?.differs).toBe(false);
	});

	test('what is not known is said so, wins nothing, and is left out when nobody knows it', () => {
		expect(row('Memory', { memoryGiB: null }, { memoryGiB: 80 })).toMatchObject({
			values: ['Not known', '80 GiB'],
			best: null,
		});
		expect(row('Taken back', {}, {})).toBeUndefined();
		expect(row('Your job, whole', {}, {})).toBeUndefined();
	});

	test('terms and fees are said in words', () => {
		expect(row('Terms', { rental: { minSeconds: 3_600, prepaid: true } })?.values).toEqual([
			'at least 1 h is paid, in advance, not given back',
		]);
		expect(row('Terms', { rental: { minSeconds: 0, prepaid: null } })?.values).toEqual(['paid by the second']);
	});
});
