import { settlementChain } from '@necto/contracts';
import {
	type Account,
	BlockNotFoundError,
	type Chain,
	createPublicClient,
	fallback,
	type Hex,
	type HttpTransport,
	http,
	type PublicClient,
	type Transport,
	webSocket,
} from 'viem';
import { privateKeyToAccount } from 'viem/accounts';
import { type Bounds, boundedFetch } from '../outside/fetch.ts';
import type { CommonSettings } from '../settings/common.ts';
import type { RouterSettings } from '../settings/router.ts';
import { ChainNodes } from './nodes.ts';

export type ChainClient = PublicClient<Transport, Chain>;
export type RouterAccount = ReturnType<typeof privateKeyToAccount>;

/** Of one answer: the logs of a range of blocks are the largest. */
const BOUNDS: Bounds = { maxBytes: 10 * 1024 * 1024, deadlineMs: 10_000 };

/** A node whose answers are bounded, and whose redirects are not followed. */
function boundedHttp(url: string, retryCount: number): HttpTransport {
	return http(url, { timeout: BOUNDS.deadlineMs, retryCount, retryDelay: 200, fetchFn: boundedFetch(BOUNDS) });
}

/** A client for reading and sending. No multicall: neither ADI network has the contract. */
export function createChainClient(settings: CommonSettings['chain'] & { pollMs?: number }): ChainClient {
	// Two more tries: every call reads, or sends a signed transaction that counts once however often it comes.
	const transports = settings.rpcUrls.map((url) => boundedHttp(url, 2));
	const [first] = transports;
	return createPublicClient({
		chain: settlementChain(settings.deployment.chainId),
		transport: transports.length === 1 && first !== undefined ? first : fallback(transports),
		...(settings.pollMs === undefined ? {} : { pollingInterval: settings.pollMs }),
		cacheTime: 0,
	});
}

/** One client for each address: what one node says is compared with what the others and the chain itself say. */
export function createNodes(settings: CommonSettings['chain']): ChainNodes {
	const chain = settlementChain(settings.deployment.chainId);
	const clients = settings.rpcUrls.map((url) =>
		createPublicClient({
			chain,
			transport: boundedHttp(url, 1),
			cacheTime: 0,
		}),
	);
	return new ChainNodes(clients);
}

/** A second client whose only task is to say that there is a new block; null without a websocket URL. */
export function createBlockWatcher(settings: RouterSettings['chain']): ChainClient | null {
	if (settings.wsUrl === null) return null;
	return createPublicClient({
		chain: settlementChain(settings.deployment.chainId),
		transport: webSocket(settings.wsUrl, { keepAlive: true, reconnect: { attempts: 1_000_000, delay: 1_000 } }),
	});
}

export function routerAccount(settings: RouterSettings['chain']): RouterAccount & Account {
	return privateKeyToAccount(settings.routerKey.reveal());
}

/**
 * A name for this chain with these contracts, under which the journal keeps its rows. It holds the hash of a block: a local chain that was
 * thrown away and made anew has the same id and addresses, but is another chain.
 *
 * @throws Error when the RPC serves another chain than the deployment file says
 */
export async function deploymentName(
	client: ChainClient,
	deployment: CommonSettings['chain']['deployment'],
): Promise<string> {
	const chainId = await client.getChainId();
	if (chainId !== deployment.chainId) {
		throw new Error(
			`ADI_RPC_URL serves chain ${chainId}, but the deployment file is for chain ${deployment.chainId}. Set both to the same chain.`,
		);
	}
	const first = await hashOf(client, BigInt(deployment.startBlock));
	return `${chainId}:${deployment.jobRegistry.toLowerCase()}:${first.slice(0, 18)}`;
}

/**
 * A block's hash, as its child remembers it: anvil makes its first block anew with each start, another time and hash included, while the
 * blocks above it come back from disk and still name the one they were built on.
 */
async function hashOf(client: ChainClient, block: bigint): Promise<Hex> {
	try {
		return (await client.getBlock({ blockNumber: block + 1n })).parentHash;
	} catch (error) {
		if (!(error instanceof BlockNotFoundError)) throw error;
		return (await client.getBlock({ blockNumber: block })).hash;
	}
}
