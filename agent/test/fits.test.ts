/** Which offers may tell a watch. */
import { unixSeconds } from '@necto/core';
import { describe, expect, it } from 'vitest';
import { isRecent, isStanding } from '../src/watches/fits.ts';
import { NOW, offer } from './support/market.ts';

describe('DISC-07 an offer that a watch is told of', () => {
	it('AGT-02 has a price on demand or spot', () => {
		const now = unixSeconds(NOW);
		const rental = { minSeconds: null, prepaid: null };
		expect(isStanding(offer('aws', 'a', '2', { rental }), null, now)).toBe(true);
		const reserved = offer('aws', 'a', '1', { rental: { ...rental, term: { kind: 'reserved', words: '1yr RI' } } });
		expect(isStanding(reserved, null, now)).toBe(false);
	});

	it('AGT-03 has no figure in its price that is old', () => {
		const now = unixSeconds(NOW);
		const quote = offer('nosana', 'a', '2', { observedAt: now });
		expect(isRecent({ quote, pricedAt: now }, now)).toBe(true);
		expect(isRecent({ quote, pricedAt: unixSeconds(NOW - 364 * 86_400) }, now)).toBe(false);
		expect(isRecent({ quote: { ...quote, evidence: 'listing' }, pricedAt: unixSeconds(NOW - 364 * 86_400) }, now)).toBe(
			false,
		);
	});
});
