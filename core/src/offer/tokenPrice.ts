import { z } from 'zod';
import { type UnixSeconds, unixSecondsSchema } from '../ids.ts';
import { publishedNumber, words } from '../json/fields.ts';

/** What one token was worth, as a named source said at a named time. */
export interface TokenPrice {
	/** `AKT`. */
	symbol: string;
	/** USD for one token, exact decimal as published. */
	usd: string;
	source: string;
	observedAt: UnixSeconds;
}

export const tokenPriceSchema = z.strictObject({
	symbol: words(16).min(1),
	usd: publishedNumber,
	source: words(80),
	observedAt: unixSecondsSchema,
});
