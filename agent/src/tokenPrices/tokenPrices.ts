/** What tokens are worth: the median of independent sources, and a dated file behind them. */
import { type MedianRule, medianTokenPrice, type TokenPrice, unixSeconds } from '@necto/core';
import type { SourceSettings } from '../sources/asking/source.ts';
import { type TokenPriceDefinition, TokenPriceSource } from './source.ts';

export interface TokenPricesOptions {
	live: readonly { definition: TokenPriceDefinition; settings: SourceSettings }[];
	/** Sources that are not asked, and why. */
	missing: readonly { definition: Pick<TokenPriceDefinition, 'id' | 'name' | 'url'>; note: string }[];
	dated: readonly TokenPrice[];
	rule: MedianRule;
}

export class TokenPrices {
	readonly sources: readonly TokenPriceSource[];
	readonly missing: TokenPricesOptions['missing'];
	readonly #dated: readonly TokenPrice[];
	readonly #rule: MedianRule;

	constructor({ live, missing, dated, rule }: TokenPricesOptions) {
		this.sources = live.map(({ definition, settings }) => new TokenPriceSource(definition, settings));
		this.missing = missing;
		this.#dated = dated;
		this.#rule = rule;
	}

	/** The price of each token of which any is known, in the order of symbols. Its date says whether it can still be used. */
	at(now: number): TokenPrice[] {
		const symbols = new Set([
			...this.sources.flatMap(({ prices }) => [...prices.keys()]),
			...this.#dated.map(({ symbol }) => symbol),
		]);
		return [...symbols].sort().flatMap((symbol) => {
			const price = this.#live(symbol, now) ?? this.#dated.find((dated) => dated.symbol === symbol);
			return price === undefined ? [] : [price];
		});
	}

	#live(symbol: string, now: number): TokenPrice | null {
		const inputs = this.sources.flatMap(({ prices }) => {
			const input = prices.get(symbol);
			return input === undefined ? [] : [input];
		});
		return medianTokenPrice(symbol, inputs, unixSeconds(now), this.#rule);
	}

	/** Whether a price is one of now: not dated, and not older than the rule allows. */
	isCurrent({ sources, observedAt }: TokenPrice, now: number): boolean {
		return sources !== undefined && now - observedAt <= this.#rule.maxAge;
	}
}
