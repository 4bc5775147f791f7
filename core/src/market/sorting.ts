import type { Rational } from '../money.ts';
import { byText } from '../snapshot/snapshot.ts';
import type { Columns } from './columns.ts';
import { costFactor, costPerGpuHour } from './cost.ts';
import { isAmong, tierOf } from './order.ts';
import { jobOf, type MarketQuery, performanceOf } from './query.ts';
import type { OfferRow } from './row.ts';
import type { Sorting } from './top.ts';

/** What the asked job costs for each GPU-hour of its work, by row; infinite where nothing can be said. */
export type CostOf = (at: number) => number;

/** `orderOf` for the rows of an index, whose own order is that of price, uptime and key. */
export function sortingOf(
	query: MarketQuery,
	rows: readonly OfferRow[],
	columns: Columns,
	cost: CostOf | null,
): Sorting {
	const { model, source, place, believable, prices, pricedAt } = columns;
	const isPriced = (at: number) => (prices[at] ?? 0) > 0;
	switch (query.sort) {
		case 'best': {
			const { prefer } = query;
			const isPreferred = place.test((region) => prefer === undefined || isAmong(prefer, region));
			const isBelievable = believable.test((value) => value);
			const tier = (priced: boolean, at: number) =>
				tierOf({ priced, preferred: isPreferred(at), believable: isBelievable(at) });
			return {
				tier: cost === null ? (at) => tier(isPriced(at), at) : (at) => tier(cost(at) < Number.POSITIVE_INFINITY, at),
				// Of two without a cost the rows' order decides.
				first: cost,
			};
		}
		case 'price':
			return { tier: () => 0, first: null };
		case '-price':
			return { tier: (at) => (isPriced(at) ? 0 : 1), first: dearness(rows) };
		case 'age':
			return { tier: () => 0, first: (at) => -(pricedAt[at] ?? 0) };
		case 'gpu':
			return { tier: () => 0, first: model.places(byText) };
		case 'source':
			return { tier: () => 0, first: source.places(byText) };
	}
}

/** Null when the query names no job. What does not depend on the price is worked out once for a query. */
export function costsOf(query: MarketQuery, rows: readonly OfferRow[], columns: Columns): CostOf | null {
	const job = jobOf(query);
	if (job === null) return null;
	const { terms, prices } = columns;
	const factorOf = terms.map(({ terms, model }) => {
		const factor = costFactor(terms, job, performanceOf(query, model));
		return { factor, numerator: Number(factor.numerator), denominator: Number(factor.denominator) };
	});
	return (at) => {
		const price = prices[at] ?? 0;
		if (price === 0) return Number.POSITIVE_INFINITY;
		const { factor, numerator, denominator } = factorOf(at);
		const product = price * numerator;
		// Without big integers where all of it is exact without them.
		if (product <= Number.MAX_SAFE_INTEGER && denominator <= Number.MAX_SAFE_INTEGER) {
			const rest = product % denominator;
			return (product - rest) / denominator + (rest > 0 ? 1 : 0);
		}
		return exactCost(rows[at]?.usdPerGpuHour ?? null, factor);
	};
}

function exactCost(price: bigint | null, factor: Rational): number {
	const cost = price === null ? null : costPerGpuHour(price, factor);
	return cost === null ? Number.POSITIVE_INFINITY : Number(cost);
}

/** Rows from dear to cheap: equal prices, which stand side by side, are equal. */
function dearness(rows: readonly OfferRow[]): (at: number) => number {
	const ordinals = new Int32Array(rows.length);
	rows.forEach(({ usdPerGpuHour }, at) => {
		if (at === 0) return;
		const same = rows[at - 1]?.usdPerGpuHour === usdPerGpuHour;
		ordinals[at] = (ordinals[at - 1] ?? 0) - (same ? 0 : 1);
	});
	return (at) => ordinals[at] ?? 0;
}
