/** What the page and the worker that verifies say to each other. */
import type { JobQuery } from '@necto/core';
import type { Address } from 'viem';
import type { ProblemFields } from '#lib/problem.ts';
import type { Progress, VerifiedDecision } from './verify.service.ts';

/** A decision to verify. All of it can be sent to a worker. */
export interface VerifyTask {
	readonly chainId: number;
	readonly rpcUrl: string;
	readonly jobRegistry: Address;
	readonly providerRegistry: Address;
	readonly escrow: Address;
	readonly startBlock: bigint;
	readonly jobId: bigint;
	readonly hint: JobQuery['hint'];
	/** A record from the person's own disk instead of the published one. */
	readonly file: File | null;
}

/** What comes back: any number of `progress`, then one of the others. */
export type VerifyMessage =
	| { readonly kind: 'progress'; readonly progress: Progress }
	| { readonly kind: 'done'; readonly result: VerifiedDecision }
	| { readonly kind: 'failed'; readonly problem: ProblemFields };
