/** What tokens are worth: CoinGecko, cached, and a dated file behind it. */
import { readFileSync } from 'node:fs';
import { type TokenPrice, unixSeconds } from '@necto/core';
import { z } from 'zod';
import { decimalText } from './offers.ts';
import { type FetchContext, type Source, type SourceAnswer, SourceError } from './source.ts';

/** CoinGecko's names for the tokens that networks are paid in. */
const COINS: Readonly<Record<string, string>> = {
	AKT: 'akash-network',
	IO: 'io',
	RENDER: 'render-token',
	ATH: 'aethir',
	NOS: 'nosana',
	GLM: 'golem',
	'0G': 'zero-gravity',
};

/** CoinGecko's demo quota holds one call every five minutes for a month, not one a minute. */
const REFRESH_SECONDS = 300;

const coinSchema = z.object({ usd: z.number().positive().max(1e9), last_updated_at: z.int().positive() });

export const DATED_SOURCE = 'snapshot';

/**
 * Token prices by the runner that sources have: the same limits, retries and breaker. Its `fetch` gives no offers; prices are read by `prices`.
 */
export class TokenPriceSource implements Source {
	readonly id = 'coingecko';
	readonly name = 'CoinGecko';
	readonly network = 'prices';
	readonly url = 'https://www.coingecko.com';
	readonly refreshSeconds = REFRESH_SECONDS;
	readonly timeoutMs = null;
	readonly maxBytes = null;
	readonly #baseUrl: string;
	readonly #key: string | null;
	readonly #dated: readonly TokenPrice[];
	#live: readonly TokenPrice[] = [];

	constructor(baseUrl: string, key: string | null, dated: readonly TokenPrice[]) {
		this.#baseUrl = baseUrl;
		this.#key = key;
		this.#dated = dated;
	}

	/** The newest known price of each token, in the order of symbols. The date says whether it can still be used. */
	get prices(): TokenPrice[] {
		const symbols = new Set([...this.#live, ...this.#dated].map((price) => price.symbol));
		return [...symbols].sort().flatMap((symbol) => {
			const known = [...this.#live, ...this.#dated].find((price) => price.symbol === symbol);
			return known === undefined ? [] : [known];
		});
	}

	async fetch({ http, now }: FetchContext): Promise<SourceAnswer> {
		const ids = Object.values(COINS).join(',');
		// The key travels in a header: addresses end up in logs on the way.
		const pro = this.#baseUrl.includes('pro-api.');
		const answer = await http.json(
			`${this.#baseUrl}/api/v3/simple/price?ids=${ids}&vs_currencies=usd&include_last_updated_at=true`,
			this.#key === null ? {} : { headers: { [pro ? 'x-cg-pro-api-key' : 'x-cg-demo-api-key']: this.#key } },
		);
		const coins = z.record(z.string(), z.unknown()).safeParse(answer);
		if (!coins.success) throw new SourceError('shape', 'Its answer holds no prices.');
		const live = Object.entries(COINS).flatMap(([symbol, id]): TokenPrice[] => {
			const coin = coinSchema.safeParse(coins.data[id]);
			if (!coin.success) return [];
			// A clock that runs ahead must not make a price look younger than the answer.
			const observedAt = unixSeconds(Math.min(coin.data.last_updated_at, now));
			return [{ symbol, usd: decimalText(coin.data.usd), source: 'coingecko', observedAt }];
		});
		if (live.length === 0) throw new SourceError('shape', 'Its answer holds no price of a token that is needed.');
		this.#live = live;
		return { quotes: [], left: {}, incomplete: null };
	}
}

const datedSchema = z.strictObject({
	format: z.literal('necto.token-prices/1'),
	note: z.string(),
	prices: z.array(
		z.strictObject({
			symbol: z.string(),
			usd: z.string().regex(/^\d+(\.\d+)?$/),
			date: z.iso.date(),
			source: z.string().min(10),
		}),
	),
});

/** The dated prices that ship with the agent. @throws ZodError when the file is damaged */
export function readDatedTokenPrices(path: URL | string): TokenPrice[] {
	return datedSchema.parse(JSON.parse(readFileSync(path, 'utf8'))).prices.map(({ symbol, usd, date }) => ({
		symbol,
		usd,
		source: DATED_SOURCE,
		observedAt: unixSeconds(Date.parse(`${date}T00:00:00Z`) / 1000),
	}));
}
