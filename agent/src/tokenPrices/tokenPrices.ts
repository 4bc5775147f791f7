/** What tokens are worth: the median of independent sources, and a dated file behind them. */
import { type MedianRule, medianTokenPrice, type TokenPrice, type TokenPriceInput, unixSeconds } from '@necto/core';

export interface TokenPricesOptions {
	dated: readonly TokenPrice[];
	rule: MedianRule;
}

/** What one source said, by the token's symbol. */
type Said = ReadonlyMap<string, TokenPriceInput>;

export class TokenPrices {
	readonly #dated: readonly TokenPrice[];
	readonly #rule: MedianRule;

	constructor({ dated, rule }: TokenPricesOptions) {
		this.#dated = dated;
		this.#rule = rule;
	}

	/** The price of each token of which any is known, in the order of symbols. Its date says whether it can still be used. */
	at(now: number, said: readonly Said[]): TokenPrice[] {
		const symbols = new Set([
			...said.flatMap((prices) => [...prices.keys()]),
			...this.#dated.map(({ symbol }) => symbol),
		]);
		return [...symbols].sort().flatMap((symbol) => {
			const price = this.#live(symbol, now, said) ?? this.#dated.find((dated) => dated.symbol === symbol);
			return price === undefined ? [] : [price];
		});
	}

	#live(symbol: string, now: number, said: readonly Said[]): TokenPrice | null {
		const inputs = said.flatMap((prices) => {
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
