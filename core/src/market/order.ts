import { byAmount } from '../money.ts';
import { isOnOtherTerms } from '../offer/term.ts';
import type { Region } from '../region/region.ts';
import { byText } from '../snapshot/snapshot.ts';
import type { OfferView } from '../wire/market.ts';
import { isAsked } from './priced.ts';
import { jobOf, type MarketQuery } from './query.ts';

/** What an offer's place depends on before price, uptime and key. */
interface Place {
	tier: number;
	/** The sort's own figure or word; the same kind for all offers of a query. */
	first: number | string;
	price: bigint | null;
}

/**
 * First those with a figure, then those in preferred places, then those whose figure is to be believed and is asked for. The parts are bits: lower comes
 * first.
 */
export function tierOf(offer: { priced: boolean; preferred: boolean; believable: boolean }): number {
	return (offer.priced ? 0 : 4) + (offer.preferred ? 0 : 2) + (offer.believable ? 0 : 1);
}

/**
 * Whether an offer may be called the cheapest: its figure is asked for by somebody for an hour on demand or spot, is not far from everybody else's, and
 * something is or may be free. A price that nobody can take is none.
 */
export function isBelievable({
	quote,
	doubt,
}: Pick<OfferView, 'doubt'> & { quote: Pick<OfferView['quote'], 'meaning' | 'availability' | 'rental'> }): boolean {
	return doubt === null && isAsked(quote) && !isOnOtherTerms(quote) && quote.availability.state !== 'none';
}

/** Whether a place is one of those named: continents by their word, countries by their code in small letters. */
export function isAmong(
	places: readonly string[],
	{ continent, country }: Pick<Region, 'continent' | 'country'>,
): boolean {
	return places.includes(continent) || (country !== null && places.includes(country.toLowerCase()));
}

/**
 * The order of offers as `sort` asks for it; negative when `a` comes first. `best` goes by `tierOf`, then by what the job costs if the query names one. Every
 * order ends in price, known uptime and the key, which no two offers share: it is total. Offers without a price come last.
 *
 * For rows that are at hand as the agent sent them; the market's index keeps the same order in columns of its own.
 */
export function orderOf(query: MarketQuery): (a: OfferView, b: OfferView) => number {
	// A view is never changed, so what is worked out for one stays true of it.
	const known = new WeakMap<OfferView, Place>();
	const place = (view: OfferView) => {
		let found = known.get(view);
		if (found === undefined) {
			found = placeOf(view, query);
			known.set(view, found);
		}
		return found;
	};
	return (a, b) => {
		const [ofA, ofB] = [place(a), place(b)];
		return (
			ofA.tier - ofB.tier ||
			(ofA.first < ofB.first ? -1 : ofA.first > ofB.first ? 1 : 0) ||
			byPrice(ofA.price, ofB.price) * (query.sort === '-price' ? -1 : 1) ||
			byUptime(a.quote.quality.uptimeBps, b.quote.quality.uptimeBps) ||
			byText(a.quote.key, b.quote.key)
		);
	};
}

function placeOf(view: OfferView, query: MarketQuery): Place {
	const { quote, usdPerGpuHour, cost } = view;
	const price = usdPerGpuHour === null ? null : BigInt(usdPerGpuHour);
	switch (query.sort) {
		case 'best': {
			const ofJob = jobOf(query) !== null;
			const priced = ofJob ? cost !== null : price !== null;
			const preferred = query.prefer === undefined || isAmong(query.prefer, quote.region);
			// Costs are safe integers by their making.
			const first = ofJob && cost !== null ? Number(cost.perGpuHour) : 0;
			return { tier: tierOf({ priced, preferred, believable: isBelievable(view) }), first, price };
		}
		case 'price':
		case '-price':
			return { tier: price === null ? 1 : 0, first: 0, price };
		case 'age':
			return { tier: 0, first: -view.pricedAt, price };
		case 'gpu':
			return { tier: 0, first: quote.gpu.model, price };
		case 'source':
			return { tier: 0, first: quote.source, price };
	}
}

/** Lowest first, unknown last. */
export function byPrice(a: bigint | null, b: bigint | null): number {
	if (a === null || b === null) return a === b ? 0 : a === null ? 1 : -1;
	return byAmount(a, b);
}

/** Highest first, unknown last. */
export function byUptime(a: number | null, b: number | null): number {
	return (b ?? -1) - (a ?? -1);
}
