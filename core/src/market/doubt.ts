import type { OfferKey } from '../ids.ts';
import { formatUsd } from '../money.ts';
import type { Doubt } from '../wire/market.ts';
import type { PricedQuote } from './priced.ts';

/** A figure this many times away from what others ask for the same GPU is not believed at first sight. */
const FAR = 8n;

/** Fewer than three others could be moved by one of them. */
const LEAST_OTHERS = 3;

/** For each source the prices it has for one GPU, lowest first. */
type Group = Map<string, bigint[]>;

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
 * estimates are compared with their own kind.
 */
export function doubtsOf(offers: readonly PricedQuote[]): Map<OfferKey, Doubt> {
	const groups = new Map<string, Group>();
	for (const { quote, usdPerGpuHour } of offers) {
		if (usdPerGpuHour === null) continue;
		for (const name of groupNames(quote)) {
			const group = groups.get(name) ?? new Map<string, bigint[]>();
			groups.set(name, group);
			const prices = group.get(quote.source);
			if (prices === undefined) group.set(quote.source, [usdPerGpuHour]);
			else prices.push(usdPerGpuHour);
		}
	}
	const yardsticks = new Map([...groups].map(([name, group]) => [name, yardsticksOf(group)]));
	const doubts = new Map<OfferKey, Doubt>();
	for (const { quote, usdPerGpuHour } of offers) {
		if (usdPerGpuHour === null) continue;
		for (const name of groupNames(quote)) {
			const yardstick = yardsticks.get(name)?.get(quote.source);
			if (yardstick === undefined) continue;
			const doubt = doubtOf(usdPerGpuHour, yardstick);
			if (doubt !== null) doubts.set(quote.key, doubt);
			break;
		}
	}
	return doubts;
}

/** The narrowest comparison first. */
function groupNames({ gpu, meaning }: PricedQuote['quote']): string[] {
	const kind = meaning === 'floor' || meaning === 'estimate' ? meaning : 'price';
	const model = `${kind} ${gpu.model}`;
	return gpu.memoryGiB === null ? [model] : [`${model} ${gpu.memoryGiB}`, model];
}

/** For each source what the others ask; without those that have too few others. */
function yardsticksOf(group: Group): Map<string, Yardstick> {
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

function byAmount(a: bigint, b: bigint): number {
	return a < b ? -1 : a > b ? 1 : 0;
}
