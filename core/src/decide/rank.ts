import type { MicroUsd, OfferKey } from '../ids.ts';
import { byAmount } from '../money.ts';
import type { Quote } from '../offer/quote.ts';
import type { Weights } from '../request/request.ts';
import { byText } from '../snapshot/snapshot.ts';

/** How far an offer is from perfect, in basis points; 10,000 is as bad as it gets, and what unknown counts as. */
export interface Distances {
	uptime: number;
	latency: number;
	rating: number;
	risk: number;
}

export const QUALITIES = ['uptime', 'latency', 'rating', 'risk'] as const satisfies (keyof Distances)[];

/** An offer that is in, with all that its place depends on. */
export interface Ranked {
	key: OfferKey;
	price: MicroUsd;
	quality: Quote['quality'];
	distances: Distances;
	/** Basis points added to the price. */
	penalties: bigint;
	/** Price with penalties: micro-USD, rounded down. */
	score: bigint;
}

/** What of an offer is in the candidates' tree and places it. */
export type OnChain = Pick<Ranked, 'price' | 'distances' | 'score'>;

const WORST = 10_000;
const BASIS = 10_000n;
/** A second away is as bad as it gets. */
const WORST_LATENCY_MS = 1000;

/** How far each quality is from perfect; latency counts 10 basis points a millisecond. */
export function distancesOf(quality: Quote['quality']): Distances {
	const { uptimeBps, latencyMs, ratingBps, riskBps } = quality;
	return {
		uptime: uptimeBps === null ? WORST : WORST - uptimeBps,
		latency: latencyMs === null ? WORST : Math.min(latencyMs, WORST_LATENCY_MS) * (WORST / WORST_LATENCY_MS),
		rating: ratingBps === null ? WORST : WORST - ratingBps,
		risk: riskBps ?? WORST,
	};
}

/** `Σ weight × distance ÷ 10,000`, rounded down once: basis points. */
export function penaltiesOf(distances: Distances, weights: Weights): bigint {
	const sum = QUALITIES.reduce((total, name) => total + BigInt(weights[name]) * BigInt(distances[name]), 0n);
	return sum / BASIS;
}

/** `price × (10,000 + penalties) ÷ 10,000`, rounded down. */
export function scoreOf(price: bigint, penalties: bigint): bigint {
	return (price * (BASIS + penalties)) / BASIS;
}

/** Known before unknown, where what is known is as bad as it gets. */
function byUnknown(a: Ranked, b: Ranked): number {
	const unknowns = ({ quality: { uptimeBps, latencyMs, ratingBps } }: Ranked) =>
		[uptimeBps, latencyMs, ratingBps].map((value) => (value === null ? 1 : 0));
	const [ofA, ofB] = [unknowns(a), unknowns(b)];
	return ofA.reduce<number>((order, unknown, index) => order || unknown - (ofB[index] ?? 0), 0);
}

/**
 * The order as far as the chain knows it: `Ranking.compare` of the contracts, which decides challenges; negative when `a` comes first.
 * Both are tested against `vectors/ranking.json`.
 */
export function compareOnChain(a: OnChain, b: OnChain): number {
	return (
		byAmount(a.score, b.score) ||
		byAmount(a.price, b.price) ||
		a.distances.uptime - b.distances.uptime ||
		a.distances.latency - b.distances.latency ||
		a.distances.rating - b.distances.rating
	);
}

/**
 * The total order of a ranking, best first: score, then price, uptime, latency, rating; then what is known, and last the key, which no two offers of a
 * snapshot share. What the chain cannot see must come after all that it compares.
 */
export function compare(a: Ranked, b: Ranked): number {
	return compareOnChain(a, b) || byUnknown(a, b) || byText(a.key, b.key);
}
