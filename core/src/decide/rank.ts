import type { MicroUsd, OfferKey } from '../ids.ts';
import type { Quote } from '../offer/quote.ts';
import type { Weights } from '../request/request.ts';

/** How far an offer is from perfect, in basis points; 10,000 is as bad as it gets, and what unknown counts as. */
export interface Distances {
	uptime: number;
	latency: number;
	rating: number;
	risk: number;
}

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

export function distancesOf(_quality: Quote['quality']): Distances {
	throw new Error('not written yet');
}

export function penaltiesOf(_distances: Distances, _weights: Weights): bigint {
	throw new Error('not written yet');
}

export function scoreOf(_price: bigint, _penalties: bigint): bigint {
	throw new Error('not written yet');
}

/** Total order, best first. */
export function compare(_a: Ranked, _b: Ranked): number {
	throw new Error('not written yet');
}
