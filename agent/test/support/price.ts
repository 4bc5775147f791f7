import { defaultPolicy, normalise, type Quote, type TokenPrice, unixSeconds } from '@necto/core';
import { NOW } from './source.ts';

/** What a quote comes to, in micro-USD per GPU-hour; the reason if it comes to nothing. */
export function priceOf(quote: Quote | undefined, tokens: Readonly<Record<string, string>> = {}): bigint | string {
	if (quote === undefined) return 'no quote';
	const prices = Object.entries(tokens).map(
		([symbol, usd]): TokenPrice => ({ symbol, usd, source: 'test', observedAt: unixSeconds(NOW) }),
	);
	const price = normalise(quote, prices, unixSeconds(NOW), defaultPolicy);
	return price.ok ? price.usdPerGpuHour : price.reason;
}

/** The same in USD, for figures that have few digits. @throws Error when it comes to nothing */
export function usdPerGpuHour(quote: Quote | undefined): number {
	const price = priceOf(quote);
	if (typeof price === 'string') throw new Error(`The offer has no price: ${price}.`);
	return Number(price) / 1_000_000;
}
