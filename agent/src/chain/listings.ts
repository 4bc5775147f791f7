/** How many listings the chain has: what the indexer's list is counted against. */
import { providerRegistryAbi } from '@necto/contracts';
import type { Address } from 'viem';
import { atBlock } from './jobs.ts';
import type { ChainNodes } from './nodes.ts';

/** The number of listings at a block, whose ids are 1 to this; null where no node has the state of that block. */
export async function listingCount(nodes: ChainNodes, registry: Address, blockNumber: bigint): Promise<number | null> {
	const call = { address: registry, abi: providerRegistryAbi, functionName: 'listingCount' } as const;
	try {
		const block = await nodes.firstOf((client) => client.getBlock({ blockNumber }));
		if (block === null) return null;
		return await nodes.firstOf((client) => atBlock(block, (at) => client.readContract({ ...call, ...at })));
	} catch {
		// Nodes keep state for a while only, and one that is behind has not got it yet.
		return null;
	}
}
