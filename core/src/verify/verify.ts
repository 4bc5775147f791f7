import type { Address, Hex } from 'viem';
import type { JobRequest } from '../request/request.ts';

/** The checks, in the order in which they are shown. */
export const CHECK_IDS = [
	'record-root',
	'record-hash',
	'record-shape',
	'record-canonical',
	'job',
	'request',
	'policy',
	'identity',
	'snapshot-root',
	'snapshot-hash',
	'snapshot-shape',
	'normalisation',
	'exclusions',
	'ranking',
	'candidates-root',
	'choice',
	'chain-choice',
	'commitment',
	'engine',
] as const;
export type CheckId = (typeof CHECK_IDS)[number];

export interface Check {
	id: CheckId;
	/** What is checked, in words. */
	name: string;
	status: 'passed' | 'failed' | 'not-run';
	expected: string;
	found: string;
}

export interface Verification {
	/** One for each id, in order. */
	checks: Check[];
	/** Whether every check passed. */
	ok: boolean;
}

/** What the verifier read from the chain itself. */
export interface ChainFacts {
	chainId: number;
	registry: Address;
	jobId: bigint;
	request: JobRequest;
	/** Who asked, if the chain's event names it (tracked jobs), or if the verifier knows. */
	requester: Address | null;
	tracked: boolean;
	routing: {
		listing: number;
		listingVersion: number;
		provider: Address;
		/** Micro-USD. */
		pricePerGpuHour: bigint;
		candidatesRoot: Hex;
		recordRoot: Hex;
		recordHash: Hex;
	};
	/** As stored in the JobRegistry. */
	commitment: Hex;
}

/** Replays a routing decision from its published files and compares it with the chain. Never throws. */
export function verify(_input: {
	recordBytes: Uint8Array;
	snapshotBytes: Uint8Array | null;
	chain: ChainFacts;
}): Verification {
	throw new Error('not written yet');
}
