import type { OfferKey } from '../ids.ts';
import { byAmount, formatUsd } from '../money.ts';
import type { Quote } from '../offer/quote.ts';
import { isOnOtherTerms } from '../offer/term.ts';
import type { Doubt } from '../wire/market.ts';
import type { PricedQuote } from './priced.ts';

/** A figure this many times away from what others ask for the same GPU is not believed at first sight. */
const FAR = 8n;

/** Fewer than three others could be moved by one of them. */
const LEAST_OTHERS = 3;

/** All figures of one kind for one GPU. */
interface Group {
	/** By source. */
	prices: Map<string, bigint[]>;
	/** By source; made once all prices are there. */
	yardsticks: Map<string, Yardstick> | null;
}

/** What the other sources ask: the middle of their middles. */
interface Yardstick {
	median: bigint;
	sources: number;
}

/**
 * Figures that are far from what others ask for the same GPU: below an eighth or above eight times the median of the other sources' medians, where at least
 * three others have a price. A source counts once however many offers it has, and never for itself, so that one that is wrong moves nobody's verdict.
 *
 * Cards of the same memory are compared where enough sources have them, all of the model otherwise: an odd memory must not be a way around. Floors and
 * estimates are compared with their own kind, and so are prices under other terms than on demand and spot.
 */
export function doubtsOf(offers: readonly PricedQuote[]): Map<OfferKey, Doubt> {
	const known = new Map<string, Group[]>();
	const groupsOf = offers.map(({ quote, usdPerGpuHour }) => {
		if (usdPerGpuHour === null) return [];
		const { gpu, source } = quote;
		const groups = groupsFor(known, kindOf(quote), gpu);
		for (const { prices } of groups) {
			const own = prices.get(source);
			if (own === undefined) prices.set(source, [usdPerGpuHour]);
			else own.push(usdPerGpuHour);
		}
		return groups;
	});
	const doubts = new Map<OfferKey, Doubt>();
	offers.forEach(({ quote: { key, source }, usdPerGpuHour }, at) => {
		for (const group of groupsOf[at] ?? []) {
			group.yardsticks ??= yardsticksOf(group.prices);
			const yardstick = group.yardsticks.get(source);
			if (yardstick === undefined || usdPerGpuHour === null) continue;
			const doubt = doubtOf(usdPerGpuHour, yardstick);
			if (doubt !== null) doubts.set(key, doubt);
			break;
		}
	});
	return doubts;
}

function kindOf(quote: Quote): string {
	const { meaning, rental } = quote;
	if (meaning === 'floor' || meaning === 'estimate') return meaning;
	return isOnOtherTerms(quote) ? `term ${rental?.term?.kind}` : 'price';
}

/** What a figure is compared with: the narrowest first. */
function groupsFor(
	known: Map<string, Group[]>,
	kind: string,
	{ model, memoryGiB }: Pick<Quote['gpu'], 'model' | 'memoryGiB'>,
): Group[] {
	const name = `${kind} ${model} ${memoryGiB}`;
	let groups = known.get(name);
	if (groups === undefined) {
		const group: Group = { prices: new Map(), yardsticks: null };
		groups = memoryGiB === null ? [group] : [group, ...groupsFor(known, kind, { model, memoryGiB: null })];
		known.set(name, groups);
	}
	return groups;
}

/** For each source what the others ask; without those that have too few others. */
function yardsticksOf(group: Group['prices']): Map<string, Yardstick> {
	const yardsticks = new Map<string, Yardstick>();
	if (group.size <= LEAST_OTHERS) return yardsticks;
	const medians = [...group].map(([source, prices]) => ({ source, median: medianOf(prices.sort(byAmount)) }));
	medians.sort((a, b) => byAmount(a.median, b.median));
	for (const { source } of medians) {
		const others = medians.filter((other) => other.source !== source).map(({ median }) => median);
		yardsticks.set(source, { median: medianOf(others), sources: others.length });
	}
	return yardsticks;
}

function doubtOf(price: bigint, { median, sources }: Yardstick): Doubt | null {
	const code = price * FAR < median ? 'far-below' : price > median * FAR ? 'far-above' : null;
	if (code === null) return null;
	const than = code === 'far-below' ? 'less than an eighth' : 'more than eight times';
	const message = `${formatUsd(price)} per GPU-hour is ${than} of ${formatUsd(median)}, the median of ${sources} other sources for this GPU.`;
	return { code, message };
}

/** Of prices in rising order, at least one; between the middle two it is their mean, rounded down. */
function medianOf(prices: readonly bigint[]): bigint {
	const middle = prices.length >> 1;
	const upper = prices[middle] ?? 0n;
	return prices.length % 2 === 1 ? upper : ((prices[middle - 1] ?? upper) + upper) / 2n;
}
