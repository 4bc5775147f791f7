import { describe, expect, it } from 'vitest';
import { readDatedMarket } from '../../src/sources/snapshot.ts';

describe('SYS-04 the dated market', () => {
	const market = readDatedMarket(new URL('../../data/market-snapshot.json', import.meta.url));

	it('covers the networks of AGT-01, each figure with its date and marked', () => {
		const ids = [...market.sources, ...market.notConfigured].map((source) => source.id);
		for (const id of ['akash', 'io-net', 'lambda', 'aws-spot', 'render', 'aethir']) expect(ids).toContain(id);
		const quotes = market.sources.flatMap((source) => source.quotes);
		expect(quotes.length).toBeGreaterThan(100);
		for (const quote of quotes) {
			expect(quote.evidence).toBe('snapshot');
			expect(quote.listing).toBeNull();
			expect(quote.observedAt).toBeGreaterThan(Date.UTC(2024, 0, 1) / 1000);
		}
		expect(new Set(quotes.map((quote) => quote.key)).size).toBe(quotes.length);
	});

	it('invents nothing for networks without a public price', () => {
		for (const source of market.notConfigured) expect(source.note.length).toBeGreaterThan(40);
	});
});
