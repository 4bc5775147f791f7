import { type UnixSeconds, unixSeconds } from '../ids.ts';
import type { Quote } from '../offer/quote.ts';
import type { TokenPrice } from '../offer/tokenPrice.ts';
import { defaultPolicy } from '../policy/policy.ts';

/** Seconds by which a token's price may be older than the quote that is converted with it, and the result still be of now: what the default policy allows. */
const TOKEN_PRICE_MAX_AGE = defaultPolicy.tokenPriceMaxAge;

/**
 * The time of the oldest figure that an offer's price is made of: when the quote was seen, or what its token was worth if that is older. The age of an offer is
 * the age of this, wherever one is shown, ordered or filtered by.
 */
export function oldestInput(
	{ observedAt, price }: { observedAt: UnixSeconds; price: Pick<Quote['price'], 'currency'> },
	tokenPrices: readonly Pick<TokenPrice, 'symbol' | 'observedAt'>[],
): UnixSeconds {
	if (price.currency === 'USD') return observedAt;
	const token = tokenPrices.find(({ symbol }) => symbol === price.currency);
	return token === undefined ? observedAt : unixSeconds(Math.min(observedAt, token.observedAt));
}

/** Whether a price is not of the time at which its quote was seen: it stands in a dated file, or was converted with an older price of its token. */
export function isDated({
	quote,
	pricedAt,
}: {
	quote: Pick<Quote, 'evidence' | 'observedAt'>;
	pricedAt: UnixSeconds;
}): boolean {
	return quote.evidence === 'snapshot' || quote.observedAt - pricedAt > TOKEN_PRICE_MAX_AGE;
}
