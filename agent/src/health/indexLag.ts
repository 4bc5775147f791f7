/** How far the indexer is behind the chain. */
import type { ChainClient } from '../chain/clients.ts';

export interface IndexLag {
	blocks: bigint;
	/** Since the first block that is not indexed: a chain without traffic makes no blocks, and its indexer is not late. */
	seconds: number;
}

/** Beyond either the agent calls itself not ready. */
const MOST_BLOCKS = 50n;
const MOST_SECONDS = 120;

/**
 * @param head the chain's newest block
 * @param indexed the newest block that is indexed
 */
export async function readIndexLag(
	client: Pick<ChainClient, 'getBlock'>,
	head: bigint,
	indexed: bigint,
): Promise<IndexLag> {
	if (indexed >= head) return { blocks: 0n, seconds: 0 };
	const [first, last] = await Promise.all([
		client.getBlock({ blockNumber: indexed + 1n }),
		client.getBlock({ blockNumber: head }),
	]);
	return { blocks: head - indexed, seconds: Number(last.timestamp - first.timestamp) };
}

/** What is wrong, or null while the indexer keeps up. */
export function lagAdvice({ blocks, seconds }: IndexLag): string | null {
	if (blocks <= MOST_BLOCKS && seconds <= MOST_SECONDS) return null;
	return `The indexer is ${blocks} blocks (${seconds} s) behind the chain: offers may be old. See its log and its RPC.`;
}
