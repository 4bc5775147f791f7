import type { MicroUsd, UnixSeconds } from '../ids.ts';
import { normalise, priceOf } from '../normalise/normalise.ts';
import type { Refusal, Step } from '../normalise/step.ts';
import { boundedIfConverted } from '../offer/bounds.ts';
import type { Quote } from '../offer/quote.ts';
import type { TokenPrice } from '../offer/tokenPrice.ts';
import type { RoutingPolicy } from '../policy/policy.ts';

/** What prices are worked out with. */
export interface Pricing {
	tokenPrices: readonly TokenPrice[];
	/** When the market was looked at: token prices' ages and tiers of the week count from it. */
	takenAt: UnixSeconds;
	policy: RoutingPolicy;
}

/** A quote with its price, or the reason why it has none. The arithmetic's lines are not kept: a market has a hundred thousand of them. */
export interface PricedQuote {
	quote: Quote;
	/** Micro-USD. */
	usdPerGpuHour: MicroUsd | null;
	refusal: Refusal | null;
}

/** Every quote once, in the given order. */
export function pricedQuotes(quotes: readonly Quote[], pricing: Pricing): PricedQuote[] {
	const { tokenPrices, takenAt, policy } = pricing;
	return quotes.map((quote) => {
		const price = boundedIfConverted(quote, priceOf(quote, tokenPrices, takenAt, policy));
		return price.ok
			? { quote, usdPerGpuHour: price.usdPerGpuHour, refusal: null }
			: { quote, usdPerGpuHour: null, refusal: { code: price.reason, message: price.message } };
	});
}

/** Each line of one offer's arithmetic, worked out anew. */
export function stepsOf(quote: Quote, { tokenPrices, takenAt, policy }: Pricing): Step[] {
	return normalise(quote, tokenPrices, takenAt, policy).steps;
}

/** Whether a figure is a price that somebody asks for: a bid's floor and what another good comes to are not. */
export function isAsked({ meaning }: Pick<Quote, 'meaning'>): boolean {
	return meaning !== 'floor' && meaning !== 'estimate';
}
