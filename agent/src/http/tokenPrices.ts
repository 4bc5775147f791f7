import { disputeOf, type TokenPrice, tokenPriceSchema } from '@necto/core';
import { z } from 'zod';

/** `GET /token-prices`: `old` ones are shown, and no decision by the default policy converts with them. */
export const tokenPricesResponseSchema = z.object({
	takenAt: z.int(),
	prices: z.array(
		tokenPriceSchema.extend({
			ageSeconds: z.int().min(0),
			old: z.boolean(),
			/** Why nobody converts with it although it is not old: its sources do not agree. */
			dispute: z.string().nullable(),
		}),
	),
});

/** @param maxAge seconds from which on a price counts as old */
export function tokenPricesResponse(
	prices: readonly TokenPrice[],
	now: number,
	maxAge: number,
): z.output<typeof tokenPricesResponseSchema> {
	return {
		takenAt: now,
		prices: prices.map((price) => {
			const ageSeconds = Math.max(0, now - price.observedAt);
			return { ...price, ageSeconds, old: ageSeconds > maxAge, dispute: disputeOf(price) };
		}),
	};
}
