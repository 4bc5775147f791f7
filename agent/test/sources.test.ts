/**
 * Sources against an outside world that is slow, broken or hostile. Figures of the Akash fixture: its Console API in August 2026, shape as documented.
 */
import type { ServerResponse } from 'node:http';
import { afterEach, describe, expect, it } from 'vitest';
import { akashSource } from '../src/sources/akash.ts';
import { SourceRunner } from '../src/sources/runner.ts';
import { readDatedMarket } from '../src/sources/snapshot.ts';
import { SourceError } from '../src/sources/source.ts';
import { readDatedTokenPrices, TokenPriceSource } from '../src/sources/tokenPrices.ts';
import { type Fake, fakeServer, sendJson } from './support/http.ts';

const NOW = 1_790_000_000;
const stop = new AbortController().signal;
const fakes: Fake[] = [];

afterEach(async () => {
	for (const fake of fakes.splice(0)) await fake.close();
});

function model(changes: Record<string, unknown> = {}): Record<string, unknown> {
	return {
		vendor: 'nvidia',
		model: 'a100',
		ram: '80Gi',
		interface: 'SXM4',
		availability: { total: 222, available: 116 },
		providerAvailability: { total: 7, available: 6 },
		price: { currency: 'USD', min: 1.07, max: 1.83, avg: 1.54, weightedAverage: 1.67, med: 1.83 },
		priceUakt: {
			currency: 'uakt',
			min: 2_190_754.36,
			max: 3_857_617.18,
			avg: 3_023_692.2,
			weightedAverage: 3_232_939.02,
			med: 3_376_447.42,
		},
		...changes,
	};
}

async function akash(answer: (response: ServerResponse) => void, timeoutMs = 3_000) {
	const fake = await fakeServer((_, response) => answer(response));
	fakes.push(fake);
	const runner = new SourceRunner(akashSource(fake.url, 300), { timeoutMs, now: () => NOW });
	await runner.refresh(stop);
	return { fake, runner, ...runner.reading };
}

const good = { availability: { total: 419, available: 215 }, models: [model()] };

describe('AGT-01 Akash', () => {
	it('turns the history of bids into quotes that say so', async () => {
		const { quotes, failing, bodyHash } = await akash((response) => sendJson(response, good));
		expect(failing).toBeNull();
		expect(bodyHash).toMatch(/^0x[0-9a-f]{64}$/);
		expect(quotes).toHaveLength(1);
		expect(quotes[0]).toMatchObject({
			source: 'akash',
			evidence: 'live',
			meaning: 'bid-history',
			observedAt: NOW,
			gpu: { model: 'a100', formFactor: 'sxm', memoryGiB: 80 },
			price: { model: 'token', amount: '1.07', currency: 'USD', exponent: 0, per: 'gpu', time: 'hour' },
			availability: { state: 'available', gpus: 116 },
			listing: null,
		});
	});

	it.each([
		['no price', { price: null }],
		['a price of zero', { price: { currency: 'USD', min: 0 } }],
		['a negative price', { price: { currency: 'USD', min: -1 } }],
		['a price in another unit', { price: { currency: 'uakt', min: 2_190_754.36 } }],
		['a price that only a wrong unit explains', { price: { currency: 'USD', min: 2_190_754 } }],
		['a price in words', { price: { currency: 'USD', min: 'NaN' } }],
		['a GPU that nobody knows', { model: 'warpdrive9' }],
		['no availability', { availability: null }],
	])('makes no offer of a row with %s, and keeps the others', async (_, changes) => {
		const models = [model({ model: 'h100', interface: 'SXM5', price: { currency: 'USD', min: 2.04 } }), model(changes)];
		const { quotes, failing } = await akash((response) => sendJson(response, { models }));
		expect(failing).toBeNull();
		expect(quotes.map((quote) => quote.gpu.model)).toEqual(['h100']);
	});

	it('shows a price without a free GPU as none available', async () => {
		const models = [model({ availability: { total: 9, available: 0 } })];
		const { quotes } = await akash((response) => sendJson(response, { models }));
		expect(quotes[0]?.availability).toMatchObject({ state: 'none', gpus: 0 });
	});

	it('keeps one of two equal rows', async () => {
		const { quotes, failing } = await akash((response) => sendJson(response, { models: [model(), model()] }));
		expect(failing).toBeNull();
		expect(quotes).toHaveLength(1);
	});

	it.each<[string, string, (response: ServerResponse) => void]>([
		[
			'a page instead of data',
			'not-json',
			(r) => r.writeHead(200, { 'content-type': 'text/html' }).end('<html>sorry</html>'),
		],
		['JSON that is cut off', 'not-json', (r) => sendJson(r, JSON.stringify(good).slice(0, -9))],
		[
			'bytes that are no text',
			'not-json',
			(r) => r.writeHead(200, { 'content-type': 'application/json' }).end(Buffer.from([0xff, 0xfe])),
		],
		['another shape', 'shape', (r) => sendJson(r, { error: 'maintenance' })],
		['rows of another shape', 'shape', (r) => sendJson(r, { models: [{ name: 'a100' }, 7, null] })],
		['being asked too often', 'rate-limited', (r) => sendJson(r, {}, 429)],
		['an error', 'status', (r) => sendJson(r, {}, 500)],
		['a redirect in a circle', 'redirects', (r) => r.writeHead(302, { location: '/v1/gpu-prices' }).end()],
		['a redirect to a file', 'redirects', (r) => r.writeHead(302, { location: 'file:///etc/passwd' }).end()],
		['silence', 'timeout', () => undefined],
		[
			'half an answer, then silence',
			'timeout',
			(r) => r.writeHead(200, { 'content-type': 'application/json' }).write('{"models":['),
		],
		['a line that breaks', 'unreachable', (r) => r.destroy()],
	])('says why when the answer is %s', async (_, failure, answer) => {
		const { quotes, failing, fetchedAt } = await akash(answer, 800);
		expect(failing).toMatchObject({ failure, since: NOW });
		expect(quotes).toEqual([]);
		expect(fetchedAt).toBeNull();
	});

	it('stops reading an answer without an end', async () => {
		const chunk = Buffer.alloc(1024 * 1024, 'x');
		const { failing } = await akash((response) => {
			response.writeHead(200, { 'content-type': 'application/json' });
			const more = () => {
				while (!response.destroyed && response.write(chunk));
			};
			response.on('drain', more);
			more();
		}, 20_000);
		expect(failing?.failure).toBe('too-large');
	});

	it('keeps the last good answer while it fails, and recovers', async () => {
		let broken = false;
		const fake = await fakeServer((_, response) => (broken ? sendJson(response, {}, 404) : sendJson(response, good)));
		fakes.push(fake);
		const runner = new SourceRunner(akashSource(fake.url, 300), { timeoutMs: 3_000, now: () => NOW });
		await runner.refresh(stop);
		broken = true;
		await runner.refresh(stop);
		expect(runner.reading.quotes).toHaveLength(1);
		expect(runner.reading.failing?.failure).toBe('status');
		broken = false;
		await runner.refresh(stop);
		expect(runner.reading.failing).toBeNull();
	});

	it('is tried again when it may pass, and left alone after failing in a row', async () => {
		const { fake, runner } = await akash((response) => sendJson(response, {}, 503));
		expect(fake.requests).toHaveLength(3);
		await runner.refresh(stop);
		expect(runner.resting).toBe(true);
		const asked = fake.requests.length;
		await runner.refresh(stop);
		expect(fake.requests).toHaveLength(asked);
		expect(runner.reading.failing?.failure).toBe('unreachable');
	});

	it('does not follow a source that speaks for another', async () => {
		const liar = {
			...akashSource('http://unused', 300),
			id: 'lambda',
			fetch: async () => (await akash((r) => sendJson(r, good))).quotes as never,
		};
		const runner = new SourceRunner(liar, { timeoutMs: 3_000, now: () => NOW });
		await runner.refresh(stop);
		expect(runner.reading.quotes).toEqual([]);
		expect(runner.reading.failing?.failure).toBe('shape');
	});
});

describe('AGT-03 token prices', () => {
	const dated = readDatedTokenPrices(new URL('../data/token-prices.json', import.meta.url));

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

describe('SYS-04 the dated market', () => {
	const market = readDatedMarket(new URL('../data/market-snapshot.json', import.meta.url));

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

describe('a source’s failure', () => {
	it('is tried again only when that can help', () => {
		expect(new SourceError('timeout', '').transient).toBe(true);
		expect(new SourceError('shape', '').transient).toBe(false);
		expect(new SourceError('rate-limited', '').transient).toBe(false);
	});
});
