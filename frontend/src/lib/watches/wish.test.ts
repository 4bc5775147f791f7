import { describe, expect, test } from 'vitest';
import { viewFrom } from '../market/filters.ts';
import { draftFrom, wishOf, wishWords } from './wish.ts';

const draft = (query: string) => draftFrom(viewFrom(new URLSearchParams(query)).filters);

describe('DISC-04 an alert from what the market is filtered by', () => {
	test('takes GPU, price, places, memory and count from the filters', () => {
		const made = wishOf(draft('gpu=h100,a100&maxUsd=2.5&region=europe,us&memory=80&width=8&routable=true'));
		expect(made).toEqual({
			wish: {
				gpuModel: 'h100',
				continents: ['europe'],
				countries: ['US'],
				minMemoryGiB: 80,
				gpuCount: 8,
				maxPricePerGpuHour: '2500000',
				routableOnly: true,
			},
		});
		if (!('wish' in made)) throw new Error('no wish');
		expect(wishWords(made.wish)).toBe('8 × H100 from 80 GiB in Europe or United States, at or below $2.5000, routable');
	});

	test('says by field what is missing', () => {
		expect(wishOf(draft(''))).toEqual({ errors: { gpu: 'Choose a GPU', max: 'An amount such as 2.50' } });
		expect(wishOf({ ...draft('gpu=h100&maxUsd=2'), count: '0' })).toEqual({
			errors: { count: 'A whole number from 1 to 65,535.' },
		});
	});

	test('nothing is free: a limit of zero is no limit', () => {
		expect(wishOf(draft('gpu=h100&maxUsd=0'))).toEqual({ errors: { max: 'An amount such as 2.50' } });
	});
});
