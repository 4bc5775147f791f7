import { costOf, lockFor } from '../money.ts';
import { decideBatch } from './batch.ts';
import { type DecideInput, decide } from './decide.ts';
import type { Chosen } from './decision.ts';
import { freeOf, type Listed, take } from './take.ts';

/**
 * No job becomes more parts than this, whatever its buyer allows; the contract would take 255. The buyer pays for one transaction, and the router for a
 * routing and a record of each part.
 */
export const MOST_PARTS = 16;

/**
 * How a job that no machine has room for can be served in parts: the GPU counts of at most `maxParts` parts, and
 * never more than `MOST_PARTS`, or null when that is not possible.
 *
 * Greedy: part after part, the best-ranked listing of those with which the rest can still be covered gives as much as one of its machines and its free
 * capacity allow. The market is ranked anew after each part, as the price of a dynamic listing rises with what is taken. When the parts are then routed in this
 * order, each finds a listing that has room for it.
 *
 * Pure, like `decide`, and independent of the order of the snapshot's quotes. Prices may rise so much by the job's own parts that a plan exists and is not found.
 */
export function planSplit(input: DecideInput): number[] | null {
	const { request, snapshot } = input;
	const most = Math.min(request.maxParts, MOST_PARTS);
	if (most < 2) return null;
	// What cannot be routed to does not matter, and there may be much of it.
	let quotes: readonly Listed[] = snapshot.quotes.filter((quote): quote is Listed => quote.listing !== null);
	const parts: number[] = [];
	for (let left = request.gpuCount; left > 0; ) {
		const more = most - parts.length;
		const decision = decide({
			...input,
			request: { ...request, gpuCount: 1 },
			snapshot: { ...snapshot, quotes: [...quotes] },
		});
		const ranked = decision.ranking.flatMap(({ key }) => quotes.find((quote) => quote.key === key) ?? []);
		if (mostOf(ranked, more) < left) return null;
		const best = ranked.find((quote) => {
			const size = Math.min(roomOf(quote), left);
			const others = ranked.map((other) => (other === quote ? take(quote, size) : other));
			return size + mostOf(others, more - 1) >= left;
		});
		if (best === undefined) return null;
		const size = Math.min(roomOf(best), left);
		parts.push(size);
		left -= size;
		quotes = quotes.map((quote) => (quote === best ? take(best, size) : quote));
	}
	return parts.length > 1 ? parts : null;
}

/** One part of a job that is split. Money in micro-USDC. */
export interface PlannedPart {
	gpuCount: number;
	/** Null when nothing serves it after the parts before it: the price of a listing that is in demand may have risen over the limit. */
	chosen: Chosen | null;
	/** As `JobRegistry.split` locks it. */
	locked: bigint;
	/** For the full duration at the price found. */
	cost: bigint | null;
}

/**
 * What the agent would make of a job that no machine has room for: the parts of `planSplit`, each with the listing that it would get once those before it have
 * theirs. Null when the job would not be split: one machine serves it, or all of them together do not.
 */
export function previewSplit(input: DecideInput): PlannedPart[] | null {
	if (decide(input).chosen !== null) return null;
	const plan = planSplit(input);
	if (plan === null) return null;
	const jobs = plan.map((gpuCount) => ({ ...input, request: { ...input.request, gpuCount, maxParts: 0 } }));
	return decideBatch(jobs, input.snapshot, input.policy).map(({ decision: { chosen } }, index) => {
		const gpuCount = plan[index] ?? 0;
		const { duration } = input.request;
		return {
			gpuCount,
			chosen,
			locked: lockFor({ ...input.request, gpuCount, maxParts: 0 }),
			cost: chosen === null ? null : costOf(chosen.pricePerGpuHour, gpuCount, duration),
		};
	});
}

/** GPUs of a listing that one part can have. A provider that took GPUs away can have fewer left than its widest machine had. */
function roomOf(quote: Listed): number {
	return Math.min(quote.availability.widest ?? quote.listing.total, quote.listing.total, freeOf(quote));
}

/** GPUs that so many parts can have together at most. */
function mostOf(quotes: readonly Listed[], parts: number): number {
	const rooms = quotes.flatMap((quote) => {
		const room = roomOf(quote);
		if (room === 0) return [];
		const whole = Math.min(Math.floor(freeOf(quote) / room), parts);
		const rest = freeOf(quote) - whole * room;
		return [...Array<number>(whole).fill(room), Math.min(rest, room)];
	});
	return rooms
		.sort((a, b) => b - a)
		.slice(0, parts)
		.reduce((sum, room) => sum + room, 0);
}
