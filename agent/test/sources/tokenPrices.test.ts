/** Token prices against an outside world that is a server on this machine. Answers have the shapes that the vendors document; the figures are made up. */
import { TOKEN_PRICE_SOURCE_IDS } from '@necto/core';
import { afterEach, describe, expect, it } from 'vitest';
import { tokenPricesResponse } from '../../src/http/tokenPrices.ts';
import { Secret } from '../../src/secret.ts';
import { SourceRunner } from '../../src/sources/asking/runner.ts';
import type { SourceDefinition } from '../../src/sources/asking/source.ts';
import { TOKEN_PRICE_SOURCES } from '../../src/tokenPrices/all.ts';
import { coinbase } from '../../src/tokenPrices/coinbase.ts';
import { coinGecko } from '../../src/tokenPrices/coinGecko.ts';
import { readDatedTokenPrices } from '../../src/tokenPrices/dated.ts';
import { kraken } from '../../src/tokenPrices/kraken.ts';
import { pyth } from '../../src/tokenPrices/pyth.ts';
import { type TokenPriceDefinition, TokenPriceSource } from '../../src/tokenPrices/source.ts';
import { TokenPrices } from '../../src/tokenPrices/tokenPrices.ts';
import { type Fake, fakeServer, sendJson } from '../support/http.ts';
import { closeFakes, hostile, NOW, settingsOf } from '../support/source.ts';

const stop = new AbortController().signal;
const fakes: Fake[] = [];
closeFakes();
afterEach(async () => {
	for (const fake of fakes.splice(0)) await fake.close();
});

type Handler = Parameters<typeof fakeServer>[0];

async function asked(definition: TokenPriceDefinition, answer: Handler, path = '') {
	const fake = await fakeServer(answer);
	fakes.push(fake);
	const source = new TokenPriceSource(definition, settingsOf(asSource(definition), `${fake.url}${path}`));
	const runner = new SourceRunner(source, { timeoutMs: 3_000, now: () => NOW });
	await runner.refresh(stop);
	return { source, fake, failing: runner.reading.failing, of: (symbol: string) => source.prices.get(symbol) };
}

/** What sources of offers have to bear, these have too. */
function asSource(definition: TokenPriceDefinition): SourceDefinition {
	return {
		...definition,
		network: 'prices',
		fetch: (context, settings) => new TokenPriceSource(definition, settings).fetch(context),
	};
}

const simple = {
	'akash-network': { usd: 0.512, last_updated_at: NOW - 40 },
	nosana: { usd: 3e-7, last_updated_at: NOW },
};
const rate = (currency: string, usd: string) => ({ data: { currency, rates: { EUR: '9', USD: usd } } });
const ticker = (ask: string, bid: string) => ({
	a: [ask, '1', '1.000'],
	b: [bid, '1', '1.000'],
	c: ['0.9', '0.1'],
	o: '0.5',
});
const AKT_FEED = '4ea5bb4d2f5900cc2e97ba534240950740b4d3b89fe712a94a7304fd2fd92702';
const feed = (price: string, conf: string, expo = -8, id = AKT_FEED) => ({
	id,
	price: { price, conf, expo, publish_time: NOW - 3 },
	ema_price: { price, conf, expo, publish_time: NOW - 3 },
});

hostile(asSource(coinGecko), simple);
hostile(asSource(coinbase), rate('AKT', '0.51'));
hostile(asSource(kraken), { error: [], result: { AKTUSD: ticker('0.52', '0.51') } });
hostile(asSource(pyth), { binary: { data: [], encoding: 'hex' }, parsed: [feed('51000000', '51000')] });

describe('AGT-03 CoinGecko', () => {
	it('gives prices with the time of their last change', async () => {
		const { of } = await asked(coinGecko, (_, response) => sendJson(response, simple));
		expect(of('AKT')).toEqual({ source: 'coingecko', usd: '0.512', observedAt: NOW - 40 });
		expect(of('NOS')?.usd).toBe('0.0000003');
	});

	it.each([
		['zero', 0],
		['negative', -1],
		['in words', '0.5'],
		['beyond reason', 1e12],
	])('gives none that is %s', async (_, usd) => {
		const answer = { io: { usd, last_updated_at: NOW }, golem: { usd: 0.2, last_updated_at: NOW } };
		const { source } = await asked(coinGecko, (_request, response) => sendJson(response, answer));
		expect([...source.prices.keys()]).toEqual(['GLM']);
	});

	it('gives none that looks younger than the answer', async () => {
		const answer = { io: { usd: 1, last_updated_at: NOW + 9_999 } };
		const { of } = await asked(coinGecko, (_, response) => sendJson(response, answer));
		expect(of('IO')?.observedAt).toBe(NOW);
	});

	it('takes the key in a header, whose name is another on the paid host', async () => {
		const free = await asked(coinGecko, (_, response) => sendJson(response, simple));
		expect(free.fake.requests[0]?.headers['x-cg-demo-api-key']).toBe('secret-COINGECKO_API_KEY');
		const paid = await asked(coinGecko, (_, response) => sendJson(response, simple), '/pro-api.coingecko.com');
		expect(paid.fake.requests[0]?.headers['x-cg-pro-api-key']).toBe('secret-COINGECKO_API_KEY');
		expect(paid.fake.requests[0]?.headers['x-cg-demo-api-key']).toBeUndefined();
	});
});

describe('AGT-03 Coinbase', () => {
	it('gives what it lists, one token for each question, as of the answer', async () => {
		const { source, of, failing } = await asked(coinbase, (request, response) => {
			const currency = new URL(request.url ?? '', 'http://x').searchParams.get('currency') ?? '';
			if (!['AKT', 'RENDER'].includes(currency))
				return sendJson(response, { errors: [{ id: 'invalid_request' }] }, 400);
			return sendJson(response, rate(currency, '0.5123456789012345'));
		});
		expect(failing).toBeNull();
		expect([...source.prices.keys()].sort()).toEqual(['AKT', 'RENDER']);
		expect(of('AKT')).toEqual({ source: 'coinbase', usd: '0.5123456789012345', observedAt: NOW });
	});

	it('does not take the price of another currency for the one that was asked', async () => {
		const { source, failing } = await asked(coinbase, (_, response) => sendJson(response, rate('BTC', '60000')));
		expect(failing?.failure).toBe('shape');
		expect(source.prices.size).toBe(0);
	});
});

describe('AGT-03 Kraken', () => {
	const tickers = (result: Record<string, unknown>) =>
		asked(kraken, (_, response) => sendJson(response, { error: [], result }));

	it('gives the middle between ask and bid, not a last trade that may be old', async () => {
		const { of, fake } = await tickers({ AKTUSD: ticker('0.5200', '0.5100'), XXBTZUSD: ticker('60000', '59999') });
		expect(of('AKT')).toEqual({ source: 'kraken', usd: '0.515', observedAt: NOW });
		// A list with one unknown pair would be refused as a whole.
		expect(fake.requests[0]?.url).toBe('/0/public/Ticker');
	});

	it.each([
		['an ask far above the bid', ticker('0.60', '0.50')],
		['an ask below the bid', ticker('0.50', '0.51')],
		['no bid', ticker('0.50', '0.0000')],
		['words', ticker('much', 'little')],
		['another shape', { a: '0.5', b: '0.5' }],
	])('gives no price for %s', async (_, akt) => {
		const { source } = await tickers({ AKTUSD: akt, RENDERUSD: ticker('2', '1.99') });
		expect([...source.prices.keys()]).toEqual(['RENDER']);
	});

	it('says so when it answers with an error', async () => {
		const { failing } = await asked(kraken, (_, response) => sendJson(response, { error: ['EService:Unavailable'] }));
		expect(failing).toMatchObject({ failure: 'shape', message: 'Kraken answers with an error.' });
	});
});

describe('AGT-03 Pyth', () => {
	const parsed = (...rows: unknown[]) => asked(pyth, (_, response) => sendJson(response, { parsed: rows }));

	it('gives whole numbers with their exponent as decimals, with the time of the feed', async () => {
		const { of, fake } = await parsed(feed('51234567', '51000'), feed('7', '0', -9, `0x${AKT_FEED.replace('4', '5')}`));
		expect(of('AKT')).toEqual({ source: 'pyth', usd: '0.51234567', observedAt: NOW - 3 });
		expect(fake.requests[0]?.headers.authorization).toBe('Bearer secret-PYTH_API_KEY');
		expect(fake.requests[0]?.url).toContain(`ids%5B%5D=${AKT_FEED}`);
	});

	it.each([
		['its publishers do not agree on', feed('51000000', '2600000')],
		['is zero', feed('0', '0')],
		['is below zero', feed('-51000000', '0')],
		['has an exponent that nobody has', feed('5', '0', 3)],
	])('gives none that %s', async (_, row) => {
		expect((await parsed(row)).source.prices.size).toBe(0);
	});
});

describe('AGT-03 token prices', () => {
	const dated = readDatedTokenPrices(new URL('../../data/token-prices.json', import.meta.url));

	/** Prices of the sources that are named, after one look. */
	async function board(answers: Partial<Record<'coingecko' | 'kraken', unknown>>, at = NOW) {
		const live = await Promise.all(
			[coinGecko, kraken].map(async (definition) => {
				const answer = answers[definition.id === 'kraken' ? 'kraken' : 'coingecko'];
				const fake = await fakeServer((_, response) =>
					answer === undefined ? sendJson(response, {}, 403) : sendJson(response, answer),
				);
				fakes.push(fake);
				return new TokenPriceSource(
					definition,
					settingsOf(asSource(definition), fake.url, { keys: [new Secret('k')] }),
				);
			}),
		);
		const prices = new TokenPrices({ dated, rule: { maxAge: 900, maxSpreadBps: 500 } });
		for (const source of live) {
			await new SourceRunner(source, { timeoutMs: 3_000, now: () => NOW }).refresh(stop);
		}
		return prices.at(
			at,
			live.map(({ prices: said }) => said),
		);
	}
	const book = { error: [], result: { AKTUSD: ticker('0.525', '0.515') } };

	it('are the median of all sources that answer, with each of them named', async () => {
		const [akt] = (await board({ coingecko: simple, kraken: book })).filter(({ symbol }) => symbol === 'AKT');
		expect(akt).toEqual({
			symbol: 'AKT',
			usd: '0.516',
			source: 'median of coingecko, kraken',
			observedAt: NOW - 40,
			sources: [
				{ source: 'coingecko', usd: '0.512', observedAt: NOW - 40 },
				{ source: 'kraken', usd: '0.52', observedAt: NOW },
			],
			maxSpreadBps: 500,
		});
	});

	it('say when one source stands alone', async () => {
		const prices = await board({ kraken: book });
		expect(prices.find(({ symbol }) => symbol === 'AKT')).toMatchObject({ usd: '0.52', source: 'kraken alone' });
	});

	it('drop an answer that is too old before the median', async () => {
		const prices = await board({ coingecko: simple, kraken: book }, NOW + 890);
		expect(prices.find(({ symbol }) => symbol === 'AKT')).toMatchObject({ usd: '0.52', source: 'kraken alone' });
	});

	it('fall back to dated figures that are marked and keep their date', async () => {
		const prices = await board({});
		expect(prices).toEqual(dated);
		for (const price of prices) {
			expect(price.source).toBe('snapshot');
			expect(price.observedAt).toBeLessThan(NOW - 86_400);
		}
		expect(prices.map((price) => price.symbol)).toContain('AKT');
	});

	it('are shown with each source, its age, and why nobody converts with them when they differ', async () => {
		const far = { error: [], result: { AKTUSD: ticker('0.60', '0.59') } };
		const { prices } = tokenPricesResponse(await board({ coingecko: simple, kraken: far }), NOW, 900);
		expect(prices.find(({ symbol }) => symbol === 'AKT')).toMatchObject({
			ageSeconds: 40,
			old: false,
			sources: [{ source: 'coingecko' }, { source: 'kraken' }],
			dispute: 'coingecko says 0.512 and kraken 0.595, which is more than 5 % apart',
		});
		expect(prices.find(({ symbol }) => symbol === 'NOS')).toMatchObject({ source: 'coingecko alone', dispute: null });
	});

	it('stand once for each symbol, in their order', async () => {
		const symbols = (await board({ coingecko: simple, kraken: book })).map(({ symbol }) => symbol);
		expect(symbols).toEqual([...new Set(symbols)].sort());
	});

	it('VER-03 come from the sources that a verification knows, and from no other', () => {
		expect(TOKEN_PRICE_SOURCES.map(({ id }) => id).sort()).toEqual([...TOKEN_PRICE_SOURCE_IDS]);
	});
});
