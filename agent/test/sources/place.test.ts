import { describe, expect, it } from 'vitest';
import { placeOf } from '../../src/sources/reading/place.ts';

describe('DISC-04 a place in two fields', () => {
	it.each([
		['US-KS-2', 'US', 'US-KS-2'],
		['hall-2', 'FI', 'FI, hall-2'],
		['CA-2', 'US', 'US, CA-2'],
		[null, 'US', 'US'],
		['us-west-1', null, 'us-west-1'],
		['', '', ''],
	])('%s in %s is %s', (place, wider, whole) => {
		expect(placeOf(place, wider)).toBe(whole);
	});
});
