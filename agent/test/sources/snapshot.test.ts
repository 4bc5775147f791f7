import { describe, expect, it } from 'vitest';
import { readDatedMarket } from '../../src/sources/snapshot.ts';
import { usdPerGpuHour } from '../support/price.ts';

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

	it('COMP-04 says how often spot machines are taken back, and of the class without an end no more than its beginning', () => {
		const spot = market.sources.find(({ id }) => id === 'aws-spot')?.quotes ?? [];
		expect(spot.length).toBeGreaterThan(0);
		for (const { interruption, quality } of spot) {
			expect(interruption).toMatchObject({ noticeSeconds: 120, source: 'AWS Spot Instance Advisor' });
			expect(quality.riskBps).toBe(interruption?.monthlyBps);
			expect(quality.riskBps).toBeLessThanOrEqual(2_000);
		}
		expect(new Set(spot.map(({ interruption }) => interruption?.bound))).toEqual(new Set(['at-most', 'at-least']));
	});

	it('DISC-02 has Google’s price of each main GPU with its host', () => {
		const google = market.sources.find(({ id }) => id === 'gcp')?.quotes ?? [];
		const hourly = google
			.filter(({ region }) => region.raw === 'us-central1')
			.map((quote) => [decodeURIComponent(quote.key), usdPerGpuHour(quote)]);
		expect(Object.fromEntries(hourly)).toEqual({
			'gcp:a2-highgpu-1g/us-central1': 3.67339,
			'gcp:a2-highgpu-8g/us-central1': 3.673385,
			'gcp:a2-ultragpu-1g/us-central1': 5.0277,
			'gcp:a2-ultragpu-8g/us-central1': 5.027703,
			'gcp:a3-highgpu-8g/us-central1': 10.979058,
			'gcp:g2-standard-4/us-central1': 0.70683,
			'gcp:n1-standard-8+1xt4/us-central1': 0.729998,
			'gcp:n1-standard-8+1xv100/us-central1': 2.859998,
			'gcp:n1-standard-64+8xv100/us-central1': 2.859998,
		});
	});
});
