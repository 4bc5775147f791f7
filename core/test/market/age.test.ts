/** The age of a price is that of the oldest figure in it. */
import { describe, expect, it } from 'vitest';
import {
	isDated,
	MarketIndex,
	marketQuerySchema,
	offerKey,
	offlinePolicy,
	oldestInput,
	sourceId,
	unixSeconds,
} from '../../src/index.ts';
import { NOW, price, quote } from '../build.ts';

const DAY = 86_400;
const YEAR_OLD = { symbol: 'NOS', usd: '0.3', source: 'snapshot', observedAt: unixSeconds(NOW - 364 * DAY) };

describe('AGT-03 the age of an offer', () => {
	const nos = quote({
		key: offerKey(sourceId('nosana'), 'n'),
		source: sourceId('nosana'),
		network: 'nosana',
		observedAt: NOW,
		price: price({ model: 'token', currency: 'NOS', amount: '1' }),
	});
	const usd = quote({ id: 'usd', observedAt: unixSeconds(NOW - DAY), price: price({ amount: '3' }) });

	it("is that of its token's price where that is older", () => {
		expect(oldestInput(nos, [YEAR_OLD])).toBe(YEAR_OLD.observedAt);
		expect(oldestInput(nos, [{ ...YEAR_OLD, observedAt: unixSeconds(NOW + 5) }])).toBe(NOW);
		expect(oldestInput(nos, [{ ...YEAR_OLD, symbol: 'AKT' }])).toBe(NOW);
		expect(oldestInput(usd, [YEAR_OLD])).toBe(NOW - DAY);
	});

	it('makes a price a dated one that is live by its quote alone', () => {
		expect(isDated({ quote: nos, pricedAt: YEAR_OLD.observedAt })).toBe(true);
		expect(isDated({ quote: nos, pricedAt: unixSeconds(NOW - 900) })).toBe(false);
		expect(isDated({ quote: usd, pricedAt: usd.observedAt })).toBe(false);
		expect(isDated({ quote: { ...usd, evidence: 'snapshot' }, pricedAt: usd.observedAt })).toBe(true);
	});

	it("stands in the market's rows, and they are ordered by it", () => {
		const index = new MarketIndex([nos, usd], { tokenPrices: [YEAR_OLD], takenAt: NOW, policy: offlinePolicy });
		const { offers } = index.query(marketQuerySchema.parse({ sort: 'age' }));
		expect(offers.map((view) => [view.quote.key, view.pricedAt])).toEqual([
			[usd.key, NOW - DAY],
			[nos.key, YEAR_OLD.observedAt],
		]);
	});
});
