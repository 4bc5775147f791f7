import type { Hex } from 'viem';
import { z } from 'zod';
import { type Hex32, hex32Schema, type SourceId, sourceIdSchema, type UnixSeconds, unixSecondsSchema } from '../ids.ts';
import { canonicalBytes, textOf } from '../json/canonical.ts';
import { count32, u64Codec, u64Text, words } from '../json/fields.ts';
import { type Quote, quoteJsonSchema, quoteSchema } from '../offer/quote.ts';
import { type TokenPrice, tokenPriceSchema } from '../offer/tokenPrice.ts';

/** How a source stood when the snapshot was taken. `snapshot`: a dated file stands in for it. */
export const SOURCE_STATES = ['fresh', 'stale', 'failing', 'snapshot', 'not-configured'] as const;
export type SourceState = (typeof SOURCE_STATES)[number];

export interface SnapshotSource {
	id: SourceId;
	state: SourceState;
	/** When its answer came in. */
	fetchedAt: UnixSeconds | null;
	/** How many of the snapshot's quotes are its. */
	quotes: number;
	/** keccak256 of its raw answer. */
	bodyHash: Hex32 | null;
	note: string | null;
}

/** All a decision looks at. A file of its own: decisions made at the same time share it. Names no buyer. */
export interface MarketSnapshot {
	format: 'necto.snapshot/1';
	takenAt: UnixSeconds;
	/** The settlement chain and the block at which the listings were read. */
	chain: { id: number; block: bigint };
	sources: SnapshotSource[];
	tokenPrices: TokenPrice[];
	quotes: Quote[];
}

const unique = (items: readonly string[]) => new Set(items).size === items.length;

const snapshotOf = <Block extends z.ZodType, QuoteSchema extends z.ZodType<{ key: string }>>(
	block: Block,
	quote: QuoteSchema,
) =>
	z.strictObject({
		format: z.literal('necto.snapshot/1'),
		takenAt: unixSecondsSchema,
		chain: z.strictObject({ id: z.int().min(1), block }),
		sources: z
			.array(
				z.strictObject({
					id: sourceIdSchema,
					state: z.enum(SOURCE_STATES),
					fetchedAt: unixSecondsSchema.nullable(),
					quotes: count32,
					bodyHash: hex32Schema.nullable(),
					note: words(500).nullable(),
				}),
			)
			.max(1000),
		tokenPrices: z
			.array(tokenPriceSchema)
			.max(1000)
			.refine((prices) => unique(prices.map((price) => price.symbol)), 'must hold one price for a token'),
		quotes: z
			.array(quote)
			.max(100_000)
			.refine((quotes) => unique(quotes.map((quote) => quote.key)), 'must not hold a key twice'),
	});

/** JSON <-> `MarketSnapshot`. */
export const snapshotSchema = snapshotOf(u64Codec, quoteSchema);
/** The JSON side alone, for API documents. */
export const snapshotJsonSchema = snapshotOf(u64Text, quoteJsonSchema);

/** Code-unit order: the same on every machine, unlike a locale's. */
export function byText(a: string, b: string): number {
	return a < b ? -1 : a > b ? 1 : 0;
}

/**
 * The snapshot's bytes: canonical JSON with everything sorted, so that the same facts are the same file however they were collected.
 *
 * @throws z.ZodError when the snapshot breaks its own rules, e.g. holds a key twice
 */
export function snapshotToBytes(snapshot: MarketSnapshot): Uint8Array {
	return canonicalBytes(
		z.encode(snapshotSchema, {
			...snapshot,
			sources: snapshot.sources.toSorted((a, b) => byText(a.id, b.id)),
			tokenPrices: snapshot.tokenPrices.toSorted((a, b) => byText(a.symbol, b.symbol)),
			quotes: snapshot.quotes.toSorted((a, b) => byText(a.key, b.key)).map(inOrder),
		}),
	);
}

function inOrder(quote: Quote): Quote {
	if (quote.listing === null || quote.listing.attestations.length < 2) return quote;
	const attestations = quote.listing.attestations.toSorted((a, b) => byText(a.kind, b.kind));
	return { ...quote, listing: { ...quote.listing, attestations } };
}

/** @throws z.ZodError, SyntaxError or TypeError when the bytes are not a snapshot */
export function snapshotFromBytes(bytes: Uint8Array): MarketSnapshot {
	return snapshotSchema.parse(JSON.parse(textOf(bytes)));
}

/** How a record names the snapshot it was decided on. */
export interface SnapshotRef {
	/** 0G Storage root. */
	root: Hex;
	/** keccak256 of the bytes. */
	hash: Hex;
	/** Length of the file. */
	bytes: number;
}
