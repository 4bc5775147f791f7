/** What a verifier has to look up before it can verify, without reading all of a snapshot. */
import { z } from 'zod';
import { type UnixSeconds, unixSecondsSchema } from '../ids.ts';
import { textOf } from '../json/canonical.ts';
import { u64Codec } from '../json/fields.ts';
import type { TokenQuestion } from './facts.ts';

const headSchema = z.object({ takenAt: unixSecondsSchema, chain: z.object({ block: u64Codec }) });

/**
 * The block and the time that a snapshot names: what to ask the chain for.
 *
 * @returns null for bytes that name none
 */
export function snapshotHead(bytes: Uint8Array): { block: bigint; takenAt: UnixSeconds } | null {
	try {
		const { takenAt, chain } = headSchema.parse(JSON.parse(textOf(bytes)));
		return { block: chain.block, takenAt };
	} catch {
		return null;
	}
}

const tokensSchema = z.object({
	tokenPrices: z.array(
		z.object({
			symbol: z.string(),
			sources: z.array(z.object({ source: z.string(), observedAt: unixSecondsSchema })).optional(),
		}),
	),
	quotes: z.array(z.object({ price: z.object({ currency: z.string() }) })),
});

/**
 * The sources of token prices that a snapshot names, for the tokens that its offers are priced in: what to ask them. Each source of each token once.
 *
 * @returns nothing for bytes that are no snapshot
 */
export function tokenQuestions(bytes: Uint8Array): TokenQuestion[] {
	try {
		const { tokenPrices, quotes } = tokensSchema.parse(JSON.parse(textOf(bytes)));
		const used = new Set(quotes.map(({ price }) => price.currency));
		const questions = new Map<string, TokenQuestion>();
		for (const { symbol, sources = [] } of tokenPrices) {
			if (!used.has(symbol)) continue;
			for (const { source, observedAt: at } of sources) questions.set(`${symbol} ${source}`, { symbol, source, at });
		}
		return [...questions.values()];
	} catch {
		return [];
	}
}
