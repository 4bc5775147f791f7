/** What of one source cannot all be true: two prices for one thing, and prices that do not grow with the number of GPUs. */
import type { Quote } from '@necto/core';

export const TWO_PRICES = 'two prices for one thing';
export const TWO_THINGS = 'two offers by one name';
export const NOT_GROWING = 'price does not grow with the number of GPUs';

/** An offer with what only its reader knows. */
export interface Entry {
	quote: Quote;
	/** Who sets all prices of this list, so that they have to fit each other; null where each machine is its owner's. */
	seller: string | null;
	/** What machines of one line share, such as their type without its numbers. */
	line: string;
	/** As published, at its most exact: the zone if there is one. */
	place: string;
}

/** How two offers by one name relate; null when they say the same. */
export function conflictOf(one: Quote, other: Quote): string | null {
	if (JSON.stringify(thingOf(one)) !== JSON.stringify(thingOf(other))) return TWO_THINGS;
	return JSON.stringify(one.price) === JSON.stringify(other.price) ? null : TWO_PRICES;
}

function thingOf({ gpu, gpus, region, meaning, rental, upstream }: Quote) {
	const { model, formFactor, memoryGiB } = gpu;
	return [model, formFactor, memoryGiB, gpus, region.raw, meaning, rental ?? null, upstream];
}

/**
 * The entries whose price cannot be right beside the others of the same seller: a machine with more GPUs of the same model, in the same place and on the same terms, that
 * has no less of anything else and costs no more in all. A discount for more GPUs lowers the price of each, never that of all. The machine with fewer GPUs stands.
 *
 * A machine with fewer cores or less memory may cost less although it has more GPUs (AWS asks less for four T4 with 48 cores than for one with 64), and spot prices,
 * which supply and demand make, are wrong only where they are the same to the last digit. So are prices of two lines of machines: one may be older, or on sale (Azure's
 * `_Promo`).
 */
export function notGrowing(entries: readonly Entry[]): Set<Entry> {
	const lists = new Map<string, Sized[]>();
	for (const entry of entries) {
		const sized = sizedOf(entry);
		if (sized === null) continue;
		const name = listOf(entry);
		const list = lists.get(name);
		if (list === undefined) lists.set(name, [sized]);
		else list.push(sized);
	}
	const wrong = new Set<Entry>();
	for (const list of lists.values()) {
		list.sort((a, b) => a.gpus - b.gpus);
		for (const large of list) {
			for (const small of list) {
				if (small.gpus >= large.gpus) break;
				if (hasNoLess(large, small) && costsNoMore(large, small)) {
					wrong.add(large.entry);
					break;
				}
			}
		}
	}
	return wrong;
}

interface Sized {
	entry: Entry;
	gpus: number;
	/** Of all GPUs together; compared as numbers, which are the same where their decimals are. */
	total: number;
}

function listOf({ seller, place, quote: { gpu, price, meaning, rental, network } }: Entry): string {
	const { model, formFactor, memoryGiB } = gpu;
	const terms = [meaning, price.model, price.time, price.currency, price.exponent, rental?.term ?? null];
	return JSON.stringify([seller, network, place, model, formFactor, memoryGiB, ...terms]);
}

/** Null for what is not compared: no seller, or a price that is worked out from a token or a band. */
function sizedOf(entry: Entry): Sized | null {
	const { gpus, price, meaning } = entry.quote;
	if (entry.seller === null || meaning === 'bid-history' || meaning === 'estimate') return null;
	const count = gpus.numerator / gpus.denominator;
	return { entry, gpus: count, total: Number(price.amount) * (price.per === 'gpu' ? count : 1) };
}

function hasNoLess({ entry: large }: Sized, { entry: small }: Sized): boolean {
	return (['vcpus', 'ramGiB'] as const).every((part) => {
		const [more, less] = [large.quote.host[part], small.quote.host[part]];
		return more === null || less === null ? more === less : more >= less;
	});
}

function costsNoMore(large: Sized, small: Sized): boolean {
	const isMade = large.entry.quote.price.model !== 'dynamic' && large.entry.line === small.entry.line;
	return isMade ? large.total <= small.total : large.total === small.total;
}
