/** Where token prices come from: sources of their own, asked by the same runner as the sources of offers. */
import { type TokenPriceInput, type TokenSymbol, unixSeconds } from '@necto/core';
import type { FetchContext, Source, SourceDefinition, SourceSettings } from '../sources/asking/source.ts';
import { SourceError } from '../sources/asking/source.ts';
import { decimalText } from '../sources/reading/offers.ts';

/** Five minutes: a month of that is within the free quota of every one of them. */
export const REFRESH_SECONDS = 300;

/** What a token was worth. */
export interface TokenQuote {
	symbol: TokenSymbol;
	/** USD for one token, as `usdText` gives it. */
	usd: string;
	/** Unix seconds. */
	observedAt: number;
}

/**
 * A source of token prices: independent of the others, as a median of copies is none. (Akash's own market data and DefiLlama's prices of these tokens are
 * CoinGecko's.)
 */
export interface TokenPriceDefinition
	extends Pick<
		SourceDefinition,
		'id' | 'name' | 'url' | 'about' | 'prefix' | 'baseUrl' | 'keys' | 'needsKeys' | 'refreshSeconds'
	> {
	/**
	 * Asks once, without retries.
	 *
	 * @throws SourceError when there is no usable answer
	 */
	fetch(context: FetchContext, settings: SourceSettings): Promise<TokenQuote[]>;
}

/** A price as decimal text, digit for digit as published; null for what is no price of a token: zero, words, beyond reason. */
export function usdText(value: number | string): string | null {
	const text = typeof value === 'number' ? decimalText(value) : value;
	return /^\d{1,9}(\.\d{1,28})?$/.test(text) && /[1-9]/.test(text) ? text : null;
}

/** A definition with its settings, as the runner asks it. It has no offers; its prices are in `prices`. */
export class TokenPriceSource implements Source {
	readonly id: string;
	readonly name: string;
	readonly network = 'prices';
	readonly url: string | null;
	readonly refreshSeconds: number;
	readonly timeoutMs: number;
	readonly maxBytes = null;
	readonly #definition: TokenPriceDefinition;
	readonly #settings: SourceSettings;
	#prices: ReadonlyMap<string, TokenPriceInput> = new Map();

	constructor(definition: TokenPriceDefinition, settings: SourceSettings) {
		this.id = definition.id;
		this.name = definition.name;
		this.url = definition.url;
		this.refreshSeconds = settings.refreshSeconds;
		this.timeoutMs = settings.timeoutMs;
		this.#definition = definition;
		this.#settings = settings;
	}

	/** The last known price of each token, by its symbol. */
	get prices(): ReadonlyMap<string, TokenPriceInput> {
		return this.#prices;
	}

	/** Takes over what it said before a restart. */
	restore(prices: ReadonlyMap<string, TokenPriceInput>): void {
		this.#prices = prices;
	}

	async fetch(context: FetchContext): Promise<{ quotes: []; left: Record<string, number>; incomplete: null }> {
		const quotes = await this.#definition.fetch(context, this.#settings);
		if (quotes.length === 0) throw new SourceError('shape', 'Its answer holds no price of a token that is needed.');
		this.#prices = new Map(
			quotes.map(({ symbol, usd, observedAt }) => [
				symbol,
				// A clock that runs ahead must not make a price look younger than the answer.
				{ source: this.id, usd, observedAt: unixSeconds(Math.min(observedAt, context.now)) },
			]),
		);
		return { quotes: [], left: {}, incomplete: null };
	}
}
