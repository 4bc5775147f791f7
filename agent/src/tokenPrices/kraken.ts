/**
 * Kraken: its own order book. `GET /0/public/Ticker` of docs.kraken.com ("Get Ticker Information"), keyless, without a pair: one unknown pair in a list
 * would make the whole answer an error.
 *
 * The ticker dates nothing, and the last trade of a quiet market may be hours old. Ask and bid stand at the time of the answer, so the price is the middle
 * between them; where they are far apart there is no price.
 */
import { KRAKEN_PAIRS, midpointOf, parseDecimal, TOKEN_SYMBOLS } from '@necto/core';
import { z } from 'zod';
import { SourceError } from '../sources/asking/source.ts';
import { REFRESH_SECONDS, type TokenPriceDefinition, usdText } from './source.ts';

/** Ask over bid beyond which nobody can say what the token is worth, in basis points of the bid. */
const WIDEST_BPS = 500n;

const answerSchema = z.object({ error: z.array(z.string()), result: z.record(z.string(), z.unknown()).optional() });
/** `[price, whole lot volume, lot volume]` each. */
const tickerSchema = z.object({
	a: z.tuple([z.string()], z.unknown()),
	b: z.tuple([z.string()], z.unknown()),
});

export const kraken: TokenPriceDefinition = {
	id: 'kraken',
	name: 'Kraken',
	url: 'https://www.kraken.com/prices',
	about: 'The middle between ask and bid at the time of the answer.',
	prefix: 'KRAKEN',
	baseUrl: 'https://api.kraken.com',
	keys: [],
	needsKeys: false,
	refreshSeconds: REFRESH_SECONDS,
	async fetch({ http, now }, { baseUrl }) {
		const answer = answerSchema.safeParse(await http.json(`${baseUrl}/0/public/Ticker`));
		if (!answer.success) throw new SourceError('shape', 'Its answer holds no tickers.');
		const { error, result } = answer.data;
		if (error.length > 0 || result === undefined) throw new SourceError('shape', 'It answers with an error.');
		return TOKEN_SYMBOLS.flatMap((symbol) => {
			const pair = KRAKEN_PAIRS[symbol];
			const ticker = pair === undefined ? null : tickerSchema.safeParse(result[pair]);
			const usd = ticker?.success === true ? middle(ticker.data.a[0], ticker.data.b[0]) : null;
			return usd === null ? [] : [{ symbol, usd, observedAt: now }];
		});
	},
};

function middle(ask: string, bid: string): string | null {
	if (usdText(ask) === null || usdText(bid) === null) return null;
	const [high, low] = [parseDecimal(ask), parseDecimal(bid)];
	const over = high.numerator * low.denominator - low.numerator * high.denominator;
	if (over < 0n || over * 10_000n > low.numerator * high.denominator * WIDEST_BPS) return null;
	return midpointOf(ask, bid);
}
