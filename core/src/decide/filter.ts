import type { UnixSeconds } from '../ids.ts';
import type { Normalised } from '../normalise/normalise.ts';
import type { Quote } from '../offer/quote.ts';
import type { RoutingPolicy } from '../policy/policy.ts';
import type { JobRequest } from '../request/request.ts';
import type { Exclusion } from './exclusion.ts';

/** A quote with its price in USD per GPU-hour, or the reason why it has none. */
export interface Offer {
	quote: Quote;
	price: Normalised;
}

/** The first rule that keeps an offer out of a job's ranking, or null. */
export function exclusionOf(
	_offer: Offer,
	_request: JobRequest,
	_policy: RoutingPolicy,
	_takenAt: UnixSeconds,
): Exclusion | null {
	throw new Error('not written yet');
}
