import { getPublicClient } from '@wagmi/core';
import type { PublicClient } from 'viem';
import { Problem } from '#lib/problem.ts';
import { wallet } from '#lib/wallet/wallet.svelte.ts';

/**
 * Reads from the settlement chain by the RPC of this installation, with or without a connected wallet.
 *
 * @throws Problem before the page knows the chain
 */
export function chainClient(): PublicClient {
	const client = getPublicClient(wallet.config);
	if (client === undefined) {
		throw new Problem({
			code: 'not_ready',
			message: 'The page does not know the chain yet.',
			suggestion: 'Reload the page.',
		});
	}
	return client;
}
