/** Prices over time: what a look at a source comes to, and how a long line of them is made short. */
import { type GpuModelKey, type MicroUsd, microUsd, type UnixSeconds } from '../ids.ts';
import { byAmount } from '../money.ts';
import { normalise } from '../normalise/normalise.ts';
import { boundedIfConverted } from '../offer/bounds.ts';
import type { Quote } from '../offer/quote.ts';
import { isOnOtherTerms } from '../offer/term.ts';
import type { TokenPrice } from '../offer/tokenPrice.ts';
import { defaultPolicy } from '../policy/policy.ts';
import { byText } from '../snapshot/snapshot.ts';
import type { PricingModel } from '../tables.ts';

/** What one source asks for one GPU model, under one pricing model, at one time. */
export interface PriceSummary {
	gpuModel: GpuModelKey;
	pricing: PricingModel;
	/** Micro-USD per GPU-hour, as are `median` and `high`. */
	low: MicroUsd;
	/** Of an even number of offers, half of the two in the middle, rounded down. */
	median: MicroUsd;
	high: MicroUsd;
	offers: number;
	/** Free GPUs as far as they are known; null when no offer says. */
	free: number | null;
}

/** A quote that says what it costs now to rent such a machine: no dated figure, no floor of an auction, no estimate, no price under other terms. */
function isRecorded(quote: Quote): boolean {
	const { evidence, meaning } = quote;
	return evidence !== 'snapshot' && meaning !== 'estimate' && meaning !== 'floor' && !isOnOtherTerms(quote);
}

/** Puts quotes of one source together, one by one: a large source need not be worked out in one go. */
export class PriceSummaries {
	readonly #tokenPrices: readonly TokenPrice[];
	readonly #takenAt: UnixSeconds;
	readonly #groups = new Map<string, { quote: Quote; prices: bigint[]; free: number | null }>();

	constructor(tokenPrices: readonly TokenPrice[], takenAt: UnixSeconds) {
		this.#tokenPrices = tokenPrices;
		this.#takenAt = takenAt;
	}

	/** Counts a quote, if it has a price by the default policy. */
	add(quote: Quote): void {
		if (!isRecorded(quote)) return;
		const price = boundedIfConverted(quote, normalise(quote, this.#tokenPrices, this.#takenAt, defaultPolicy));
		if (!price.ok || price.usdPerGpuHour === 0n) return;
		const key = `${quote.gpu.model} ${quote.price.model}`;
		const group = this.#groups.get(key) ?? { quote, prices: [], free: null };
		this.#groups.set(key, group);
		group.prices.push(price.usdPerGpuHour);
		if (quote.availability.gpus !== null) group.free = (group.free ?? 0) + quote.availability.gpus;
	}

	/** What came together so far, by GPU and pricing model. */
	get all(): PriceSummary[] {
		return [...this.#groups]
			.sort(([a], [b]) => byText(a, b))
			.map(([, { quote, prices, free }]) => {
				const sorted = prices.toSorted(byAmount);
				return {
					gpuModel: quote.gpu.model,
					pricing: quote.price.model,
					low: microUsd(sorted[0] ?? 0n),
					median: microUsd(middleOf(sorted)),
					high: microUsd(sorted.at(-1) ?? 0n),
					offers: sorted.length,
					// More than a field holds is no number of GPUs.
					free: free === null || free > 0xffff_ffff ? null : free,
				};
			});
	}
}

/** A point of a line: a stretch of time with the same figures. */
export interface HistoryPoint {
	from: UnixSeconds;
	until: UnixSeconds;
	low: bigint;
	median: bigint;
	high: bigint;
	offers: number;
	free: number | null;
}

/**
 * At most `most` points that say the same: neighbours are put together, each keeping the lowest low and the highest high of what it is made of. Points in
 * the order of time, before and after.
 */
export function thinned<Point extends HistoryPoint>(points: readonly Point[], most: number): Point[] {
	if (points.length <= most) return [...points];
	const thin: Point[] = [];
	for (let at = 0; at < most; at++) {
		// Fractions of the whole line, so that no piece is empty and the last ends with it.
		const piece = points.slice(Math.floor((at * points.length) / most), Math.floor(((at + 1) * points.length) / most));
		const [first, last] = [piece[0], piece.at(-1)];
		if (first === undefined || last === undefined) continue;
		thin.push({
			...last,
			from: first.from,
			low: piece.map(({ low }) => low).toSorted(byAmount)[0] ?? first.low,
			median: middleOf(piece.map(({ median }) => median).toSorted(byAmount)),
			high:
				piece
					.map(({ high }) => high)
					.toSorted(byAmount)
					.at(-1) ?? first.high,
		});
	}
	return thin;
}

/**
 * At most `most` points of a line with one figure: of each piece of it the lowest and the highest, in the order of time. For figures that cannot be put
 * together without making one up.
 */
export function extremes<Point extends { price: bigint }>(points: readonly Point[], most: number): Point[] {
	if (points.length <= most) return [...points];
	const pieces = Math.max(1, Math.floor(most / 2));
	const kept: Point[] = [];
	for (let at = 0; at < pieces; at++) {
		const piece = points.slice(
			Math.floor((at * points.length) / pieces),
			Math.floor(((at + 1) * points.length) / pieces),
		);
		const sorted = piece.toSorted((a, b) => byAmount(a.price, b.price));
		const ends = new Set([sorted[0], sorted.at(-1)]);
		kept.push(...piece.filter((point) => ends.has(point)));
	}
	return kept;
}

function middleOf(sorted: readonly bigint[]): bigint {
	const lower = sorted[Math.floor((sorted.length - 1) / 2)] ?? 0n;
	const upper = sorted[Math.floor(sorted.length / 2)] ?? 0n;
	return (lower + upper) / 2n;
}
