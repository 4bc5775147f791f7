import { afterEach, describe, expect, it } from 'vitest';
import { SourceRunner } from '../../src/sources/runner.ts';
import { readDatedTokenPrices, TokenPriceSource } from '../../src/sources/tokenPrices.ts';
import { type Fake, fakeServer, sendJson } from '../support/http.ts';
import { NOW } from '../support/source.ts';

const stop = new AbortController().signal;
const fakes: Fake[] = [];

afterEach(async () => {
	for (const fake of fakes.splice(0)) await fake.close();
});

describe('AGT-03 token prices', () => {
	const dated = readDatedTokenPrices(new URL('../../data/token-prices.json', import.meta.url));

	async function prices(answer: unknown, key: string | null = null) {
		const fake = await fakeServer((_, response) => sendJson(response, answer));
		fakes.push(fake);
		const source = new TokenPriceSource(fake.url, key, dated);
		const runner = new SourceRunner(source, { timeoutMs: 3_000, now: () => NOW });
		await runner.refresh(stop);
		return { source, fake, failing: runner.reading.failing };
	}

	it('come with their source and time, one for each token', async () => {
		const { source } = await prices({
			'akash-network': { usd: 0.512, last_updated_at: NOW - 40 },
			nosana: { usd: 3e-7, last_updated_at: NOW - 5 },
		});
		expect(source.prices.find((price) => price.symbol === 'AKT')).toEqual({
			symbol: 'AKT',
			usd: '0.512',
			source: 'coingecko',
			observedAt: NOW - 40,
		});
		expect(source.prices.find((price) => price.symbol === 'NOS')?.usd).toBe('0.0000003');
		expect(new Set(source.prices.map((price) => price.symbol)).size).toBe(source.prices.length);
	});

	it('fall back to dated figures that are marked and keep their date', async () => {
		const { source, failing } = await prices({ error: 'throttled' });
		expect(failing?.failure).toBe('shape');
		for (const price of source.prices) {
			expect(price.source).toBe('snapshot');
			expect(price.observedAt).toBeLessThan(NOW - 86_400);
		}
		expect(source.prices.map((price) => price.symbol)).toContain('AKT');
	});

	it.each([
		['zero', 0],
		['negative', -1],
		['in words', '0.5'],
		['beyond reason', 1e12],
	])('leave out a price that is %s', async (_, usd) => {
		const { source } = await prices({ io: { usd, last_updated_at: NOW }, golem: { usd: 0.2, last_updated_at: NOW } });
		expect(source.prices.map((price) => price.symbol)).not.toContain('IO');
		expect(source.prices.map((price) => price.symbol)).toContain('GLM');
	});

	it('do not look younger than the answer', async () => {
		const { source } = await prices({ io: { usd: 1, last_updated_at: NOW + 9_999 } });
		expect(source.prices.find((price) => price.symbol === 'IO')?.observedAt).toBe(NOW);
	});

	it('send the key in a header and never in the address', async () => {
		const { fake } = await prices({ io: { usd: 1, last_updated_at: NOW } }, 'secret-key');
		expect(fake.requests[0]?.headers['x-cg-demo-api-key']).toBe('secret-key');
		expect(fake.requests[0]?.url).not.toContain('secret-key');
	});
});
