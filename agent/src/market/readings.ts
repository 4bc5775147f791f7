/** What every source last said. The router asks the sources (`AskedSources`); the public API reads from the database what the router was told (`StoredReadings`). */
import type { InferenceOffer, Quote, TokenPriceInput } from '@necto/core';
import type { SourceReading } from '../sources/asking/runner.ts';

/** What people see of a source. */
export interface SourceFacts {
	id: string;
	name: string;
	url: string | null;
	/** How often it is asked. */
	refreshSeconds: number;
}

/** A source of offers with its last answer. The reading is the same object until something new was said. */
export interface Known {
	readonly source: SourceFacts;
	readonly reading: SourceReading;
}

/** A source of token prices: its reading has no offers. */
export interface KnownPrices extends Known {
	/** By the token's symbol. */
	readonly prices: ReadonlyMap<string, TokenPriceInput>;
}

/** A source that is not asked, and why. */
export interface NotAsked {
	readonly source: Pick<SourceFacts, 'id' | 'name' | 'url'>;
	readonly note: string;
}

export interface Readings {
	readonly offers: readonly Known[];
	readonly tokens: readonly KnownPrices[];
	readonly missing: { readonly offers: readonly NotAsked[]; readonly tokens: readonly NotAsked[] };
	/** Calls `listener` when a source said something, good or bad; the result ends it. */
	subscribe(listener: (known: Known) => void): () => void;
}

/** What a reading offers. */
export interface Offered {
	quotes: readonly Quote[];
	inference: readonly InferenceOffer[];
}
