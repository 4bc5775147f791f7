import { describe, expect, it } from 'vitest';
import { checkListing, checkListingPrices, HIGHEST_PRICE, type ListingFacts, readWhole } from '../src/index.ts';

const facts: ListingFacts = {
	memoryGiB: 80,
	total: 8,
	widest: 8,
	vcpus: 16,
	ramGiB: 128,
	diskGiB: 500,
	continent: 'europe',
	country: 'DE',
};

describe('PROV-01 a listing', () => {
	it('may leave its country out', () => {
		expect(checkListing(facts)).toEqual([]);
		expect(checkListing({ ...facts, country: '' })).toEqual([]);
	});

	it.each([
		[{ total: 0, widest: 0 }, ['total', 'widest']],
		[{ widest: 9 }, ['widest']],
		[{ ramGiB: 65_537 }, ['ramGiB']],
		[{ diskGiB: 1_048_577 }, ['diskGiB']],
		[{ continent: 'unknown' }, ['continent']],
		[{ country: 'XX' }, ['country']],
		[{ country: 'DEU' }, ['country']],
		[{ country: 'US' }, ['country']],
	] as const)('that can never work is refused: %j', (change, fields) => {
		expect(checkListing({ ...facts, ...change }).map(({ field }) => field)).toEqual(fields);
	});

	it('costs at most what a request can pay', () => {
		const prices = { rate: HIGHEST_PRICE, floor: 0n, ceiling: 0n };
		expect(checkListingPrices(prices)).toEqual([]);
		expect(checkListingPrices({ ...prices, rate: HIGHEST_PRICE + 1n }).map(({ field }) => field)).toEqual(['rate']);
	});
});

describe('a whole number as typed', () => {
	it.each(['-1', 'abc', '1e9', '0', '65536', '1.5', '', '99999999999999999999'])('%j is told the limits', (text) => {
		expect(readWhole(text, { min: 1, max: 65_535 })).toBe('A whole number from 1 to 65,535.');
	});

	it('is read', () => {
		expect(readWhole(' 65535 ', { min: 1, max: 65_535 })).toBe(65_535);
	});
});
