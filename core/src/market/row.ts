import type { UnixSeconds } from '../ids.ts';
import type { Quote, QuoteJson } from '../offer/quote.ts';
import type { Doubt, OfferView } from '../wire/market.ts';
import type { PricedQuote } from './priced.ts';
import type { Resold } from './supply.ts';

/** An offer as the market sees it. */
export interface OfferRow extends PricedQuote {
	/** Of the oldest figure that the price is made of. */
	pricedAt: UnixSeconds;
	doubt: Doubt | null;
	/** Those that sell the same machine once more. */
	alternatives: readonly Resold[];
	/** Whether it may be called the cheapest. */
	believable: boolean;
}

const encoded = new WeakMap<Quote, QuoteJson>();

/** A quote as JSON, made once. It is a `Quote` by type, so only its money has to become text: no schema is asked again. */
export function quoteJson(quote: Quote): QuoteJson {
	const known = encoded.get(quote);
	if (known !== undefined) return known;
	const { listing } = quote;
	const json: QuoteJson = {
		...quote,
		listing: listing === null ? null : { ...listing, floor: `${listing.floor}`, ceiling: `${listing.ceiling}` },
	};
	encoded.set(quote, json);
	return json;
}

/** An offer as the wire has it, without a job. */
export function viewOf(row: OfferRow): OfferView {
	const { quote, usdPerGpuHour, refusal, pricedAt, doubt, alternatives } = row;
	return {
		quote: quoteJson(quote),
		usdPerGpuHour: usdPerGpuHour === null ? null : `${usdPerGpuHour}`,
		refusal,
		pricedAt,
		routable: quote.listing !== null,
		alternatives: alternatives.map(({ key, source, usdPerGpuHour: price }) => ({
			key,
			source,
			usdPerGpuHour: `${price}`,
		})),
		doubt,
		cost: null,
	};
}
