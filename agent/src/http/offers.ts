/** `GET /offers`: the market with every price worked out, filtered and sorted. */
import {
	CONTINENTS,
	type MarketSnapshot,
	normalise,
	type OfferView,
	POLICIES,
	type PolicyName,
	type Quote,
	quoteJsonSchema,
	quoteSchema,
	scaledDecimal,
	type TokenPrice,
	tokenPriceSchema,
} from '@necto/core';
import { z } from 'zod';

const flag = z.enum(['true', 'false']).transform((text) => text === 'true');
const words = z
	.string()
	.min(1)
	.max(200)
	.transform((text) => text.split(',').map((part) => part.trim().toLowerCase()));

export const OFFER_SORTS = ['price', '-price', 'age', 'gpu', 'source'] as const;

/** Query of `GET /offers`. Lists are comma separated; a region is a continent's word or a country's code. */
export const offersQuerySchema = z.strictObject({
	gpu: words.optional(),
	region: words
		.refine(
			(parts) => parts.every((part) => /^[a-z]{2}$/.test(part) || CONTINENTS.some((continent) => continent === part)),
			`must be country codes or some of ${CONTINENTS.join(', ')}`,
		)
		.optional(),
	source: words.optional(),
	network: words.optional(),
	maxUsd: z
		.string()
		.regex(/^\d{1,9}(\.\d{1,6})?$/, 'must be a decimal number of USD such as 2.50')
		.optional(),
	routable: flag.optional(),
	/** Whose rules on the age of token prices count. */
	policy: z.enum(['default', 'offline']).default('default'),
	sort: z.enum(OFFER_SORTS).default('price'),
	limit: z.coerce.number().int().min(1).max(10_000).optional(),
	offset: z.coerce.number().int().min(0).default(0),
});
export type OffersQuery = z.output<typeof offersQuerySchema>;

interface Priced {
	view: OfferView;
	quote: Quote;
	price: bigint | null;
}

/** Prices are worked out once for a snapshot and policy, however often they are asked for. */
const priced: Record<PolicyName, WeakMap<MarketSnapshot, Priced[]>> = {
	default: new WeakMap(),
	offline: new WeakMap(),
};

/** Every offer with its price, or with the reason why it has none. */
function pricedOffers(snapshot: MarketSnapshot, policy: PolicyName): readonly Priced[] {
	const known = priced[policy].get(snapshot);
	if (known !== undefined) return known;
	const offers = snapshot.quotes.map((quote): Priced => {
		const result = normalise(quote, snapshot.tokenPrices, snapshot.takenAt, POLICIES[policy]);
		return {
			quote,
			price: result.ok ? result.usdPerGpuHour : null,
			view: {
				quote: quoteJsonSchema.parse(z.encode(quoteSchema, quote)),
				usdPerGpuHour: result.ok ? result.usdPerGpuHour.toString() : null,
				refusal: result.ok ? null : { code: result.reason, message: result.message },
				routable: quote.listing !== null,
				alternatives: [],
				doubt: null,
				cost: null,
			},
		};
	});
	priced[policy].set(snapshot, offers);
	return offers;
}

export function selectOffers(snapshot: MarketSnapshot, query: OffersQuery): { offers: OfferView[]; total: number } {
	const limit = query.maxUsd === undefined ? null : scaledDecimal(query.maxUsd, 6);
	const chosen = pricedOffers(snapshot, query.policy).filter(({ quote, price }) => {
		const { gpu, region, source, network } = quote;
		return (
			(query.gpu?.includes(gpu.model) ?? true) &&
			(query.region?.some((part) => part === region.continent || part === region.country?.toLowerCase()) ?? true) &&
			(query.source?.includes(source) ?? true) &&
			(query.network?.includes(network) ?? true) &&
			(limit === null || (price !== null && price <= limit)) &&
			(query.routable === undefined || query.routable === (quote.listing !== null))
		);
	});
	const order = ORDERS[query.sort];
	// The key last, so that equal offers stand in the same order on every machine.
	const sorted = chosen.toSorted((a, b) => order(a, b) || text(a.quote.key, b.quote.key));
	const page = sorted.slice(query.offset, query.limit === undefined ? undefined : query.offset + query.limit);
	return { offers: page.map(({ view }) => view), total: chosen.length };
}

type Order = (a: Priced, b: Priced) => number;

function byPrice(direction: 1 | -1): Order {
	return ({ price: a }, { price: b }) => {
		// Offers without a price come last either way.
		if (a === null || b === null) return a === b ? 0 : a === null ? 1 : -1;
		return a === b ? 0 : a < b ? -direction : direction;
	};
}

function text(a: string, b: string): number {
	return a < b ? -1 : a > b ? 1 : 0;
}

const ORDERS: Readonly<Record<OffersQuery['sort'], Order>> = {
	price: byPrice(1),
	'-price': byPrice(-1),
	age: (a, b) => b.quote.observedAt - a.quote.observedAt,
	gpu: (a, b) => text(a.quote.gpu.model, b.quote.gpu.model) || byPrice(1)(a, b),
	source: (a, b) => text(a.quote.source, b.quote.source) || byPrice(1)(a, b),
};

/** `GET /token-prices`: `old` ones are shown, and no decision by the default policy converts with them. */
export const tokenPricesResponseSchema = z.object({
	takenAt: z.int(),
	prices: z.array(tokenPriceSchema.extend({ ageSeconds: z.int().min(0), old: z.boolean() })),
});

/** @param maxAge seconds from which on a price counts as old */
export function tokenPricesResponse(
	prices: readonly TokenPrice[],
	now: number,
	maxAge: number,
): z.output<typeof tokenPricesResponseSchema> {
	return {
		takenAt: now,
		prices: prices.map((price) => {
			const ageSeconds = Math.max(0, now - price.observedAt);
			return { ...price, ageSeconds, old: ageSeconds > maxAge };
		}),
	};
}
