import { type Filters, microUsdOf, type SortColumn } from './filters.ts';
import type { Offer } from './offer.ts';

/** The rows that the filters let through, in their order. A new list; equal rows keep a fixed order by price and key. */
export function visibleOffers(offers: readonly Offer[], filters: Filters): Offer[] {
	const words = filters.text.toLowerCase().split(/\s+/).filter(Boolean);
	const max = microUsdOf(filters.max);
	const sign = filters.direction === 'asc' ? 1 : -1;
	return offers
		.filter(
			(offer) =>
				(filters.gpu === '' || offer.model === filters.gpu) &&
				(filters.region === '' || offer.continent === filters.region) &&
				(filters.network === '' || offer.network === filters.network) &&
				(filters.pricing === '' || offer.pricing === filters.pricing) &&
				(!filters.routableOnly || offer.routable) &&
				// A price that cannot be compared is not known to be below the limit.
				(max === null || (offer.price !== null && offer.price <= max)) &&
				words.every((word) => offer.haystack.includes(word)),
		)
		.sort((a, b) => {
			const [left, right] = [sortValue(a, filters.sort), sortValue(b, filters.sort)];
			// What is unknown comes last whichever way the list is turned.
			if (left === null || right === null) return left === right ? tieBreak(a, b) : left === null ? 1 : -1;
			return sign * compare(left, right) || tieBreak(a, b);
		});
}

type SortValue = string | number | bigint;

function sortValue(offer: Offer, column: SortColumn): SortValue | null {
	switch (column) {
		case 'price':
			return offer.price;
		case 'gpu':
			return `${offer.gpu} ${offer.build}`;
		case 'provider':
			return offer.provider;
		case 'pricing':
			return offer.pricing;
		case 'region':
			return offer.continent === 'unknown' ? null : `${offer.region} ${offer.place}`;
		case 'free':
			return offer.free;
		case 'age':
			// The youngest first when rising.
			return -offer.observedAt;
	}
}

function compare(a: SortValue, b: SortValue): number {
	if (typeof a === 'string' && typeof b === 'string') return collator.compare(a, b);
	return a < b ? -1 : a > b ? 1 : 0;
}

const collator = new Intl.Collator('en', { numeric: true, sensitivity: 'base' });

function tieBreak(a: Offer, b: Offer): number {
	if (a.price !== b.price) {
		if (a.price === null) return 1;
		if (b.price === null) return -1;
		return a.price < b.price ? -1 : 1;
	}
	return a.key < b.key ? -1 : a.key > b.key ? 1 : 0;
}

/** The choices of one filter among these offers with how many there are of each, by name. */
export function choicesOf(
	offers: readonly Offer[],
	pick: (offer: Offer) => { value: string; label: string },
): { value: string; label: string }[] {
	const counts = new Map<string, { label: string; count: number }>();
	for (const offer of offers) {
		const { value, label } = pick(offer);
		const known = counts.get(value);
		if (known === undefined) counts.set(value, { label, count: 1 });
		else known.count += 1;
	}
	return [...counts]
		.map(([value, { label, count }]) => ({ value, label: `${label} (${count})` }))
		.sort((a, b) => collator.compare(a.label, b.label));
}
