import { getPublicClient } from '@wagmi/core';
import type { Address, PublicClient } from 'viem';
import { Problem } from '../problem.ts';
import type { Runtime } from '../runtime.ts';
import { placeOf } from './kept.ts';
import { wallet } from './wallet.svelte.ts';

/** Time without a receipt after which it is checked whether the transaction still exists. Milliseconds. */
const PATIENCE_MS = 20_000;
const LOCAL_PATIENCE_MS = 3_000;

/** The deployment that transactions belong to, and its chain client. */
export interface Place {
	/** Chain, its first block and the contracts, as `Kept.place`. */
	readonly id: string;
	readonly registry: Address;
	readonly client: PublicClient;
	readonly patienceMs: number;
}

/** Identifies the chain by its first block: a local chain that was started from scratch has another one. @throws when its RPC does not respond */
export async function findPlace(runtime: Runtime): Promise<Place> {
	const client = getPublicClient(wallet.config);
	if (client === undefined) {
		throw new Problem({
			code: 'not_ready',
			message: 'The page is not connected to the chain yet.',
			suggestion: 'Wait a moment and try again, or reload the page.',
		});
	}
	const { hash } = await client.getBlock({ blockNumber: 0n });
	const registry = runtime.deployment.jobRegistry;
	return {
		id: placeOf(runtime.chainId, hash, registry),
		registry,
		client,
		patienceMs: runtime.local ? LOCAL_PATIENCE_MS : PATIENCE_MS,
	};
}
