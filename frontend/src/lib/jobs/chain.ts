import { getPublicClient } from '@wagmi/core';
import type { PublicClient } from 'viem';
import { Problem } from '#lib/problem.ts';
import { wallet } from '#lib/wallet/wallet.svelte.ts';

/**
 * Reads from the settlement chain by the RPC of this installation, with or without a connected wallet.
 *
 * @throws Problem before the page is connected to the chain
 */
export function chainClient(): PublicClient {
	const client = getPublicClient(wallet.config);
	if (client === undefined) {
		throw new Problem({
			code: 'not_ready',
			message: 'The page is not connected to the chain yet.',
			suggestion: 'Wait a moment and try again, or reload the page.',
		});
	}
	return client;
}
