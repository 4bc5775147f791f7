/** Dated token prices that ship with the agent, for when no source has one. No decision by the default policy converts with them. */
import { readFileSync } from 'node:fs';
import { type TokenPrice, unixSeconds } from '@necto/core';
import { z } from 'zod';
import { startOfDay } from '../time.ts';

export const DATED_SOURCE = 'snapshot';

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

/** @throws ZodError when the file is damaged */
export function readDatedTokenPrices(path: URL | string): TokenPrice[] {
	return datedSchema.parse(JSON.parse(readFileSync(path, 'utf8'))).prices.map(({ symbol, usd, date }) => ({
		symbol,
		usd,
		source: DATED_SOURCE,
		observedAt: unixSeconds(startOfDay(date)),
	}));
}
