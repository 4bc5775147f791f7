import { getPublicClient } from '@wagmi/core';
import type { Address, PublicClient } from 'viem';
import { Problem } from '../problem.ts';
import type { Runtime } from '../runtime.ts';
import { placeOf } from './kept.ts';
import { wallet } from './wallet.svelte.ts';

/** Without a receipt for so long, it is looked whether a transaction is still there. Milliseconds. */
const PATIENCE_MS = 20_000;
const LOCAL_PATIENCE_MS = 3_000;

/** Where transactions belong, and the chain that tells about them. */
export interface Place {
	/** Chain, its first block and the contracts, as `Kept.place`. */
	readonly id: string;
	readonly registry: Address;
	readonly client: PublicClient;
	readonly patienceMs: number;
}

/** Asks the chain which one it is: a local chain that began anew has another first block. @throws when its RPC does not answer */
export async function findPlace(runtime: Runtime): Promise<Place> {
	const client = getPublicClient(wallet.config);
	if (client === undefined) {
		throw new Problem({
			code: 'not_ready',
			message: 'The page does not know the chain yet.',
			suggestion: 'Reload it.',
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
