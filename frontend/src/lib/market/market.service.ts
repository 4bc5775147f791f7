import {
	type OffersResponse,
	offersResponseSchema,
	type PolicyName,
	type SourceStatus,
	type TokenPrice,
} from '@necto/core';
import { fetchJson } from '../http.ts';
import { type Offer, offerOf } from './offer.ts';

/** The market at one moment. */
export interface Market {
	/** Unix seconds. */
	takenAt: number;
	offers: readonly Offer[];
	sources: readonly SourceStatus[];
	tokenPrices: readonly TokenPrice[];
	/** Keys of the offers whose price is another than in the answer before. */
	moved: ReadonlySet<string>;
}

/**
 * A reader of the agent's offers by the rules of a policy that asks with the last answer's tag: nothing is sent or redrawn while the market stands still.
 *
 * @returns resolves with undefined when nothing changed
 */
export function marketReader(policy: PolicyName): (signal: AbortSignal) => Promise<Market | undefined> {
	let etag: string | null = null;
	let prices: ReadonlyMap<string, bigint | null> = new Map();
	return async (signal) => {
		const answer = await fetchJson<OffersResponse>(`/api/agent/offers?policy=${policy}`, offersResponseSchema, {
			signal,
			etag,
		});
		if (answer === null) return undefined;
		etag = answer.etag;
		const offers = answer.value.offers.map(offerOf);
		const moved = new Set(
			offers.filter(({ key, price }) => prices.has(key) && prices.get(key) !== price).map((offer) => offer.key),
		);
		prices = new Map(offers.map((offer) => [offer.key, offer.price]));
		const { takenAt, sources, tokenPrices } = answer.value;
		return { takenAt, offers, sources, tokenPrices, moved };
	};
}
