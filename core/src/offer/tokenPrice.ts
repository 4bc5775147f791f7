import { z } from 'zod';
import { type UnixSeconds, unixSecondsSchema } from '../ids.ts';
import { publishedNumber, words } from '../json/fields.ts';

/** What one source said that a token is worth, and when it was so. */
export interface TokenPriceInput {
	/** `coingecko`, `kraken`. */
	source: string;
	/** USD for one token, exact decimal. */
	usd: string;
	observedAt: UnixSeconds;
}

/** What one token was worth at a named time: the median of what the named sources said. */
export interface TokenPrice {
	/** `AKT`. */
	symbol: string;
	/** USD for one token, exact decimal. */
	usd: string;
	/** In words: `median of coingecko, kraken`, `coingecko alone`, or `snapshot` for the dated file. */
	source: string;
	/** Of the oldest of its sources. */
	observedAt: UnixSeconds;
	/** All that the median was taken of; not said for dated figures and in older files. */
	sources?: TokenPriceInput[] | undefined;
	/** Most by which the sources may differ, in basis points of the lowest; beyond it the price is refused. */
	maxSpreadBps?: number | undefined;
}

const inputSchema = z.strictObject({
	source: words(40).min(1),
	usd: publishedNumber,
	observedAt: unixSecondsSchema,
});

export const tokenPriceSchema = z.strictObject({
	symbol: words(16).min(1),
	usd: publishedNumber,
	source: words(80),
	observedAt: unixSecondsSchema,
	sources: z.array(inputSchema).min(1).max(20).optional(),
	maxSpreadBps: z.int().min(0).max(100_000).optional(),
});
