import type { Hex } from 'viem';
import type { Distances } from './rank.ts';

/** One line of a ranking as the committed tree holds it. */
export interface Candidate {
	key: string;
	/** 0 when nobody fulfils it through Necto. */
	listing: number;
	listingVersion: number;
	/** Micro-USD per GPU-hour. */
	price: bigint;
	distances: Distances;
	score: bigint;
}

export function candidateLeaf(_candidate: Candidate): Hex {
	throw new Error('not written yet');
}

export function candidatesRoot(_ranking: readonly Candidate[]): Hex {
	throw new Error('not written yet');
}

export function candidateProof(_ranking: readonly Candidate[], _key: string): Hex[] {
	throw new Error('not written yet');
}
