/**
 * Coinbase: its own rates. `GET /v2/exchange-rates?currency=` of docs.cdp.coinbase.com ("Exchange Rates"), keyless: what one unit of the currency is worth
 * in each other. The rates carry no time; they are those of the answer.
 */
import { TOKEN_SYMBOLS } from '@necto/core';
import { z } from 'zod';
import { SourceError } from '../sources/asking/source.ts';
import { REFRESH_SECONDS, type TokenPriceDefinition, type TokenQuote, usdText } from './source.ts';

const answerSchema = z.object({ data: z.object({ currency: z.string(), rates: z.object({ USD: z.string() }) }) });

export const coinbase: TokenPriceDefinition = {
	id: 'coinbase',
	name: 'Coinbase',
	url: 'https://www.coinbase.com/explore',
	about: 'The exchange’s own rate at the time of the answer.',
	prefix: 'COINBASE',
	baseUrl: 'https://api.coinbase.com',
	keys: [],
	needsKeys: false,
	refreshSeconds: REFRESH_SECONDS,
	async fetch({ http, now }, { baseUrl }) {
		// A token for each call: the table for USD gives tokens per dollar, which turned round are no published figures.
		const answers = await Promise.allSettled(
			TOKEN_SYMBOLS.map((symbol) => http.json(`${baseUrl}/v2/exchange-rates?currency=${symbol}`)),
		);
		const quotes = answers.flatMap((answer, index): TokenQuote[] => {
			const symbol = TOKEN_SYMBOLS[index];
			// What it does not list it refuses: that costs the one token only.
			if (answer.status === 'rejected' || symbol === undefined) return [];
			const parsed = answerSchema.safeParse(answer.value);
			if (!parsed.success || parsed.data.data.currency !== symbol) return [];
			const usd = usdText(parsed.data.data.rates.USD);
			return usd === null ? [] : [{ symbol, usd, observedAt: now }];
		});
		const [failed] = answers.filter((answer) => answer.status === 'rejected');
		if (quotes.length > 0 || failed === undefined) return quotes;
		throw failed.reason instanceof Error ? failed.reason : new SourceError('shape', 'It does not answer.');
	},
};
