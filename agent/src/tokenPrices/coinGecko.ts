/**
 * CoinGecko: averages over many exchanges. `GET /api/v3/simple/price` of docs.coingecko.com, keyless, or with a demo or a paid key. Paid keys belong to
 * https://pro-api.coingecko.com.
 */
import { COINGECKO_COINS, TOKEN_SYMBOLS } from '@necto/core';
import { z } from 'zod';
import { SourceError } from '../sources/asking/source.ts';
import { REFRESH_SECONDS, type TokenPriceDefinition, usdText } from './source.ts';

const coinSchema = z.object({ usd: z.number(), last_updated_at: z.int().positive() });

export const coinGecko: TokenPriceDefinition = {
	id: 'coingecko',
	name: 'CoinGecko',
	url: 'https://www.coingecko.com',
	about: 'An average over exchanges, with the time of its last change.',
	prefix: 'COINGECKO',
	baseUrl: 'https://api.coingecko.com',
	keys: ['COINGECKO_API_KEY'],
	needsKeys: false,
	refreshSeconds: REFRESH_SECONDS,
	async fetch({ http }, { baseUrl, keys }) {
		const ids = Object.values(COINGECKO_COINS).join(',');
		// The key travels in a header: addresses end up in logs on the way.
		const header = baseUrl.includes('pro-api.') ? 'x-cg-pro-api-key' : 'x-cg-demo-api-key';
		const [key] = keys ?? [];
		const answer = await http.json(
			`${baseUrl}/api/v3/simple/price?ids=${ids}&vs_currencies=usd&include_last_updated_at=true`,
			key === undefined ? {} : { headers: { [header]: key.reveal() } },
		);
		const coins = z.record(z.string(), z.unknown()).safeParse(answer);
		if (!coins.success) throw new SourceError('shape', 'Its answer holds no prices.');
		return TOKEN_SYMBOLS.flatMap((symbol) => {
			const coin = coinSchema.safeParse(coins.data[COINGECKO_COINS[symbol]]);
			const usd = coin.success ? usdText(coin.data.usd) : null;
			return coin.success && usd !== null ? [{ symbol, usd, observedAt: coin.data.last_updated_at }] : [];
		});
	},
};
