/**
 * The sources of token prices that a page can ask what they said at a time in the past: those that need no key. Pages may talk to these origins and no others:
 * the server adds `TOKEN_PRICE_ORIGINS` to its content security policy, and `askTokenSources` builds addresses of them alone.
 */
import { COINGECKO_COINS, KRAKEN_PAIRS, TOKEN_SYMBOLS, type TokenSymbol } from '@necto/core';
import { z } from 'zod';

/** USD for one token. Bounds are compared with a tolerance of percents, so the last digits of a float do not matter. */
type Usd = number;

export interface TokenSource {
	/** As snapshots name it. */
	readonly id: string;
	readonly name: string;
	readonly origin: string;
	/**
	 * Where to ask about a token, from the origin on; null for a token that it does not list.
	 *
	 * @param at unix seconds
	 */
	path(symbol: TokenSymbol, at: number): string | null;
	/**
	 * All prices of an answer that are near the time.
	 *
	 * @throws ZodError for another shape than the documented one
	 */
	read(answer: unknown, symbol: TokenSymbol, at: number): readonly Usd[];
}

/** Seconds around the time that are looked at: enough for a market with few trades, and for two clocks. */
const WINDOW = 3600;
const isNear = (time: number, at: number, window = WINDOW) => Math.abs(time - at) <= window;

const usd = z.number().positive().max(1e9);
const usdText = z
	.string()
	.regex(/^\d{1,12}(\.\d{1,20})?$/)
	.transform(Number)
	.pipe(usd);

/**
 * Coinbase Exchange: `GET /products/{id}/candles` of docs.cdp.coinbase.com ("Get product candles"). The rates that the agent reads are of the same market. There
 * are no candles of intervals without trades.
 */
const CANDLE = 300;
const candlesSchema = z.array(z.tuple([z.int(), usd, usd], z.unknown())).max(1000);
const coinbase: TokenSource = {
	id: 'coinbase',
	name: 'Coinbase',
	origin: 'https://api.exchange.coinbase.com',
	path(symbol, at) {
		const iso = (seconds: number) => new Date(seconds * 1000).toISOString();
		return `/products/${symbol}-USD/candles?granularity=${CANDLE}&start=${iso(at - WINDOW)}&end=${iso(at + WINDOW)}`;
	},
	read(answer, _, at) {
		return candlesSchema
			.parse(answer)
			.filter(([time]) => isNear(time, at))
			.flatMap(([, low, high]) => [low, high]);
	},
};

/**
 * Kraken: `GET /0/public/Trades` of docs.kraken.com ("Get Recent Trades"), which goes back to the first trade. `since` is in nanoseconds. A page of 1,000 trades
 * that ends before the time says nothing about it.
 */
const TRADES = 1000;
const tradesSchema = z.object({
	error: z.array(z.string()).length(0),
	result: z.record(z.string(), z.unknown()),
});
/** `[price, volume, time, …]`. */
const pairSchema = z.array(z.tuple([usdText, z.string(), z.number()], z.unknown())).max(TRADES);
const kraken: TokenSource = {
	id: 'kraken',
	name: 'Kraken',
	origin: 'https://api.kraken.com',
	path(symbol, at) {
		const pair = KRAKEN_PAIRS[symbol];
		if (pair === undefined) return null;
		const since = BigInt(Math.max(0, at - WINDOW)) * 1_000_000_000n;
		return `/0/public/Trades?pair=${pair}&since=${since}&count=${TRADES}`;
	},
	read(answer, symbol, at) {
		const trades = pairSchema.parse(tradesSchema.parse(answer).result[KRAKEN_PAIRS[symbol] ?? '']);
		const last = trades.at(-1);
		if (trades.length === TRADES && last !== undefined && last[2] < at) return [];
		return trades.filter(([, , time]) => isNear(time, at)).map(([price]) => price);
	},
};

/**
 * CoinGecko: `GET /api/v3/coins/{id}/market_chart/range` of docs.coingecko.com ("Coin Historical Chart Data within Time Range"), keyless for the last 365 days.
 * What is older than a day comes by the hour, so more hours are looked at.
 */
const HOURLY_WINDOW = 2 * WINDOW;
const chartSchema = z.object({ prices: z.array(z.tuple([z.number(), usd])).max(1000) });
const coinGecko: TokenSource = {
	id: 'coingecko',
	name: 'CoinGecko',
	origin: 'https://api.coingecko.com',
	path(symbol, at) {
		const range = `from=${Math.max(0, at - HOURLY_WINDOW)}&to=${at + HOURLY_WINDOW}`;
		return `/api/v3/coins/${COINGECKO_COINS[symbol]}/market_chart/range?vs_currency=usd&${range}`;
	},
	read(answer, _, at) {
		return chartSchema
			.parse(answer)
			.prices.filter(([milliseconds]) => isNear(milliseconds / 1000, at, HOURLY_WINDOW))
			.map(([, price]) => price);
	},
};

export const TOKEN_SOURCES: readonly TokenSource[] = [coinbase, coinGecko, kraken];

/** For the `connect-src` of the pages' policy. */
export const TOKEN_PRICE_ORIGINS: readonly string[] = TOKEN_SOURCES.map(({ origin }) => origin);

export function isTokenSymbol(text: string): text is TokenSymbol {
	return TOKEN_SYMBOLS.some((symbol) => symbol === text);
}
