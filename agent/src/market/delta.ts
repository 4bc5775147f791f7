/** What is other in one answer than in an earlier one to the same question. */
import { isDeepStrictEqual } from 'node:util';
import { byText, type OfferKey, type OffersDelta, type OfferView } from '@necto/core';

/** The parts of a delta that are about offers. */
export type OffersChange = Pick<OffersDelta, 'changed' | 'removed' | 'seen'>;

/** Everything is new to whoever knows nothing. */
export function offersChange(before: readonly OfferView[] | null, after: readonly OfferView[]): OffersChange {
	if (before === null) return { changed: [...after], removed: [], seen: [] };
	const known = new Map(before.map((view) => [view.quote.key, view]));
	const changed: OfferView[] = [];
	const seen = new Map<OffersDelta['seen'][number]['observedAt'], OfferKey[]>();
	for (const view of after) {
		const { key, observedAt } = view.quote;
		const earlier = known.get(key);
		known.delete(key);
		if (earlier === undefined || !isSame(earlier, view)) changed.push(view);
		else if (earlier.quote.observedAt !== observedAt) {
			const keys = seen.get(observedAt);
			if (keys === undefined) seen.set(observedAt, [key]);
			else keys.push(key);
		}
	}
	return {
		changed,
		removed: [...known.keys()].sort(byText),
		seen: [...seen].sort(([a], [b]) => a - b).map(([observedAt, keys]) => ({ observedAt, keys })),
	};
}

/** Whether only the time of observation is another. A refusal's words say how old something is; they alone are no change. */
function isSame(a: OfferView, b: OfferView): boolean {
	return (
		a === b ||
		(a.usdPerGpuHour === b.usdPerGpuHour &&
			a.refusal?.code === b.refusal?.code &&
			a.doubt?.message === b.doubt?.message &&
			a.cost?.total === b.cost?.total &&
			a.cost?.perGpuHour === b.cost?.perGpuHour &&
			isSeenAlike(a, b) &&
			isSameQuote(a.quote, b.quote) &&
			isDeepStrictEqual(a.alternatives, b.alternatives))
	);
}

/** Whether a later time of observation says all that is new of the price's age: what only waits on its token's price is told as a change. */
function isSeenAlike(a: OfferView, b: OfferView): boolean {
	const [ownA, ownB] = [a.pricedAt === a.quote.observedAt, b.pricedAt === b.quote.observedAt];
	return ownA === ownB && (ownA || a.pricedAt === b.pricedAt);
}

/** The feed keeps the parts of a quote that did not change, so identity tells; money in a listing is written out anew each time. */
function isSameQuote(a: OfferView['quote'], b: OfferView['quote']): boolean {
	if (a === b) return true;
	const { observedAt: _, listing, ...parts } = a;
	const others: Readonly<Record<string, unknown>> = { ...b };
	return (
		Object.entries(parts).every(([name, part]) => part === others[name]) &&
		(listing === b.listing || isDeepStrictEqual(listing, b.listing))
	);
}
