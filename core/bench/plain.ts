/** The market without an index, to measure against: every price with its steps, every offer made ready to be sent, filters as closures, a full sort. */

import { z } from 'zod';
import {
	isBelievable,
	jobCost,
	jobOf,
	type MarketQuery,
	type MicroUsd,
	normalise,
	type OfferView,
	oldestInput,
	type Pricing,
	type Quote,
	quoteJsonSchema,
	quoteSchema,
} from '../src/index.ts';

export interface PlainOffer {
	quote: Quote;
	price: MicroUsd | null;
	view: OfferView;
}

export function plainMarket(quotes: readonly Quote[], { tokenPrices, takenAt, policy }: Pricing): PlainOffer[] {
	return quotes.map((quote) => {
		const result = normalise(quote, tokenPrices, takenAt, policy);
		const price = result.ok ? result.usdPerGpuHour : null;
		return {
			quote,
			price,
			view: {
				quote: quoteJsonSchema.parse(z.encode(quoteSchema, quote)),
				usdPerGpuHour: price === null ? null : `${price}`,
				refusal: result.ok ? null : { code: result.reason, message: result.message },
				pricedAt: oldestInput(quote, tokenPrices),
				routable: quote.listing !== null,
				alternatives: [],
				doubt: null,
				cost: null,
			},
		};
	});
}

export function plainQuery(market: readonly PlainOffer[], query: MarketQuery): { total: number; offers: OfferView[] } {
	const job = jobOf(query);
	const among = (places: readonly string[], { region }: Quote) =>
		places.some((place) => place === region.continent || place === region.country?.toLowerCase());
	const words = (query.q ?? '').toLowerCase().split(' ');
	const filters: ((offer: PlainOffer) => boolean)[] = [
		({ quote }) => query.gpu?.some(({ model }) => model === quote.gpu.model) ?? true,
		({ quote }) => query.region === undefined || among(query.region, quote),
		({ quote }) => query.source?.includes(quote.source) ?? true,
		({ price }) => query.maxUsd === undefined || (price !== null && price <= query.maxUsd),
		({ quote }) => query.estimates || quote.meaning !== 'estimate',
		({ quote: { gpu, region, source, network } }) => {
			const text = [gpu.model, gpu.rawName, region.raw, source, network].join(' ').toLowerCase();
			return words.every((word) => text.includes(word));
		},
	];
	const found = market
		.filter((offer) => filters.every((passes) => passes(offer)))
		.map((offer) => {
			const { quote, price } = offer;
			const performance = query.gpu?.find(({ model }) => model === quote.gpu.model)?.performanceBps ?? 10_000;
			const cost = job === null || price === null ? null : jobCost(quote, price, job, performance);
			return {
				offer,
				cost,
				figure: job === null ? price : (cost?.perGpuHour ?? null),
				preferred: query.prefer === undefined || among(query.prefer, quote),
			};
		});
	const amount = (a: bigint | null, b: bigint | null) =>
		a === null || b === null ? Number(a === null) - Number(b === null) : a < b ? -1 : a > b ? 1 : 0;
	found.sort(
		(a, b) =>
			Number(a.figure === null) - Number(b.figure === null) ||
			Number(b.preferred) - Number(a.preferred) ||
			Number(isBelievable(b.offer.view)) - Number(isBelievable(a.offer.view)) ||
			amount(a.figure, b.figure) ||
			amount(a.offer.price, b.offer.price) ||
			(b.offer.quote.quality.uptimeBps ?? -1) - (a.offer.quote.quality.uptimeBps ?? -1) ||
			(a.offer.quote.key < b.offer.quote.key ? -1 : 1),
	);
	const end = query.limit === undefined ? undefined : query.offset + query.limit;
	return {
		total: found.length,
		offers: found
			.slice(query.offset, end)
			.map(({ offer: { view }, cost }) =>
				cost === null
					? view
					: { ...view, cost: { total: `${cost.total}`, perGpuHour: `${cost.perGpuHour}`, steps: cost.steps } },
			),
	};
}
