import { createServer, type RequestListener, type Server } from 'node:http';
import type { TokenAnswer, TokenQuestion } from '@necto/core';
import { afterEach, describe, expect, it } from 'vitest';
import { type AskOptions, askTokenSources, MAX_ANSWER_BYTES } from './ask-token-sources.ts';
import { TOKEN_PRICE_ORIGINS } from './token-sources.ts';

/** Answers have the shapes that the sources document; the figures are made up. */
const AT = 1_796_039_228;
const question = (source: string, symbol = 'AKT', at = AT): TokenQuestion => ({ symbol, source, at });
const CANDLES = [
	// time, low, high, open, close, volume; newest first.
	[AT - (AT % 300) + 7_200, 0.1, 0.2, 0.1, 0.2, 5],
	[AT - (AT % 300), 0.81, 0.83, 0.82, 0.825, 1200.5],
	[AT - (AT % 300) - 600, 0.8, 0.82, 0.81, 0.82, 30],
	[AT - (AT % 300) - 7_200, 9, 10, 9, 10, 1],
];
const trade = (price: string, time: number) => [price, '12.50000000', time, 'b', 'l', '', 61_044_952];
const TRADES = {
	error: [],
	result: { AKTUSD: [trade('0.81500', AT - 900.25), trade('0.82100', AT + 12.5)], last: '1796039240500000000' },
};
const CHART = {
	prices: [
		[(AT - 3_000) * 1000, 0.819],
		[(AT + 600) * 1000, 0.822],
		[(AT + 9_000) * 1000, 5],
	],
	market_caps: [[AT * 1000, 2e8]],
	total_volumes: [[AT * 1000, 3e6]],
};
const json =
	(body: unknown): RequestListener =>
	(_, response) =>
		response.end(JSON.stringify(body));

const servers: Server[] = [];
afterEach(async () => {
	for (const server of servers.splice(0)) {
		server.closeAllConnections();
		await new Promise((resolve) => server.close(resolve));
	}
});

/** Asks with a server on this machine in the place of every source. */
async function asked(questions: TokenQuestion[], answer: RequestListener, options: AskOptions = {}) {
	const urls: string[] = [];
	const paths: string[] = [];
	const server = createServer((request, response) => {
		paths.push(request.url ?? '');
		answer(request, response);
	});
	servers.push(server);
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	const address = server.address();
	const here = typeof address === 'object' ? `http://127.0.0.1:${address?.port}` : '';
	const get: typeof fetch = (input, init) => {
		const url = new URL(String(input));
		urls.push(url.href);
		return fetch(`${here}${url.pathname}${url.search}`, init);
	};
	return { answers: await askTokenSources(questions, { get, ...options }), urls, paths };
}

const missingOf = (answers: readonly TokenAnswer[]) =>
	answers.map((answer) => ('missing' in answer ? answer.missing : 'answered'));

describe('VER-03 what sources of token prices say of a time in the past', () => {
	it.each([
		['coinbase', CANDLES, '0.8', '0.83'],
		['kraken', TRADES, '0.815', '0.821'],
		['coingecko', CHART, '0.819', '0.822'],
	])('%s: the lowest and the highest price around that time', async (source, body, low, high) => {
		const { answers } = await asked([question(source)], json(body));
		expect(answers).toEqual([{ ...question(source), low, high }]);
	});

	it('is asked for by the documented addresses, of the origins that pages may talk to', async () => {
		const { urls } = await asked(
			['coinbase', 'kraken', 'coingecko'].map((source) => question(source)),
			json([]),
		);
		expect(urls.sort()).toEqual([
			'https://api.coingecko.com/api/v3/coins/akash-network/market_chart/range?vs_currency=usd&from=1796032028&to=1796046428',
			'https://api.exchange.coinbase.com/products/AKT-USD/candles?granularity=300&start=2026-11-30T10:47:08.000Z&end=2026-11-30T12:47:08.000Z',
			'https://api.kraken.com/0/public/Trades?pair=AKTUSD&since=1796035628000000000&count=1000',
		]);
		expect(new Set(urls.map((url) => new URL(url).origin))).toEqual(new Set(TOKEN_PRICE_ORIGINS));
	});

	it('is not asked of anybody else, whatever a snapshot names', async () => {
		const questions = [
			question('pyth'),
			question('https://evil.example'),
			question('coinbase', '../../evil'),
			question('kraken', 'IO'),
		];
		const { answers, urls } = await asked(questions, json([]));
		expect(urls).toEqual([]);
		expect(missingOf(answers)).toEqual([
			'This source cannot be queried from a browser: it requires an API key, or it is unknown to this page.',
			'This source cannot be queried from a browser: it requires an API key, or it is unknown to this page.',
			'Coinbase does not list the token.',
			'Kraken does not list the token.',
		]);
	});

	it('is sent nothing that names the person or the page', async () => {
		let sent: RequestInit | undefined;
		const get: typeof fetch = async (_, init) => {
			sent = init;
			return Response.json(CANDLES);
		};
		await askTokenSources([question('coinbase')], { get });
		expect(sent).toMatchObject({ credentials: 'omit', referrerPolicy: 'no-referrer', redirect: 'error' });
		expect(sent?.headers).toEqual({ accept: 'application/json' });
	});
});

/** Answers of which none is a price: the reason is kept, nothing is thrown. */
const NO_ANSWERS: [string, string, RequestListener, string][] = [
	[
		'words',
		'coinbase',
		(_, response) => response.end('<html>blocked</html>'),
		'Coinbase returned an unexpected response.',
	],
	['another shape', 'coinbase', json({ message: 'hello' }), 'Coinbase returned an unexpected response.'],
	['a price below zero', 'coinbase', json([[AT, -1, 1]]), 'Coinbase returned an unexpected response.'],
	['prices in words', 'coinbase', json([[AT, '0.8', '0.9']]), 'Coinbase returned an unexpected response.'],
	[
		'a price beyond reason',
		'coingecko',
		json({ prices: [[AT * 1000, 1e300]] }),
		'CoinGecko returned an unexpected response.',
	],
	['an error', 'kraken', json({ error: ['EQuery:Unknown asset pair'] }), 'Kraken returned an unexpected response.'],
	[
		'trades of another pair',
		'kraken',
		json({ error: [], result: { XXBTZUSD: [trade('9', AT)] } }),
		'Kraken returned an unexpected response.',
	],
	[
		'a price in another notation',
		'kraken',
		json({ error: [], result: { AKTUSD: [trade('0x10', AT)] } }),
		'Kraken returned an unexpected response.',
	],
	['no candles', 'coinbase', json([]), 'Coinbase has no price near that time.'],
	[
		'trades of today',
		'kraken',
		json({ error: [], result: { AKTUSD: [trade('9', AT + 90_000)] } }),
		'Kraken has no price near that time.',
	],
	[
		'a page of trades that ends too early',
		'kraken',
		json({ error: [], result: { AKTUSD: Array(1000).fill(trade('9', AT - 60)) } }),
		'Kraken has no price near that time.',
	],
	['not found', 'coinbase', (_, response) => response.writeHead(404).end('{}'), 'Coinbase does not list the token.'],
	[
		'too many requests',
		'coingecko',
		(_, response) => response.writeHead(429).end('{}'),
		'CoinGecko answered with status 429.',
	],
	[
		'a size beyond reason',
		'kraken',
		(_, response) => response.end(`["${'x'.repeat(MAX_ANSWER_BYTES)}"]`),
		`Kraken offers more than ${MAX_ANSWER_BYTES} bytes.`,
	],
	[
		'an endless answer',
		'kraken',
		(_, response) => {
			const more = () => {
				if (!response.destroyed && response.write('x'.repeat(1 << 16))) setImmediate(more);
			};
			response.on('drain', more);
			more();
		},
		`Kraken sent more than ${MAX_ANSWER_BYTES} bytes.`,
	],
	[
		'a redirect',
		'coinbase',
		(request, response) =>
			request.url === '/there'
				? response.end(JSON.stringify(CANDLES))
				: response.writeHead(302, { location: '/there' }).end(),
		'Coinbase could not be reached from this browser (network, redirect or cross-origin policy).',
	],
	[
		'a connection that breaks',
		'coinbase',
		(request) => request.socket.destroy(),
		'Coinbase could not be reached from this browser (network, redirect or cross-origin policy).',
	],
];

describe('VER-03 a source of token prices that gives no price', () => {
	it.each(NO_ANSWERS)('%s of %s', async (_, source, answer, missing) => {
		const { answers, paths } = await asked([question(source)], answer);
		expect(answers).toEqual([{ ...question(source), missing }]);
		expect(paths).toHaveLength(1);
	});

	it('that is slow to answer, or slow to end, is given up, and so is the next question to it', async () => {
		for (const slow of [() => {}, ((_, response) => response.write('[')) satisfies RequestListener]) {
			const questions = [question('coinbase'), question('coinbase', 'ATH')];
			const { answers, urls } = await asked(questions, slow, { timeoutMs: 50 });
			expect(missingOf(answers)).toEqual(Array(2).fill('Coinbase did not answer in time.'));
			expect(urls).toHaveLength(1);
		}
	});

	it('all together take no longer than is allowed', async () => {
		const questions = ['coinbase', 'kraken', 'coingecko'].map((source) => question(source));
		const { answers } = await asked(questions, () => {}, { totalMs: 50 });
		expect(new Set(missingOf(answers)).size).toBe(3);
	});

	it('leaves the others and other tokens as they are', async () => {
		const questions = [question('coinbase'), question('coinbase', 'ATH'), question('kraken')];
		const { answers } = await asked(questions, (request, response) => {
			if (request.url?.startsWith('/products/AKT-USD')) response.writeHead(404).end();
			else json(request.url?.startsWith('/products') ? CANDLES : TRADES)(request, response);
		});
		expect(missingOf(answers)).toEqual(['Coinbase does not list the token.', 'answered', 'answered']);
	});
});
