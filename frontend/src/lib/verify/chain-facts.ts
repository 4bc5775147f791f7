/**
 * What the chain itself says about a job: read by the verifier's own browser from an RPC, never from the agent or the indexer, which are
 * what is being checked.
 */
import { jobRegistryAbi } from '@necto/contracts';
import { type Address, getAbiItem, type Hex, type PublicClient, zeroAddress } from 'viem';

/** Widest range of blocks asked for at once: common RPCs refuse more. */
const BLOCK_RANGE = 5_000n;

const requestedEvent = getAbiItem({ abi: jobRegistryAbi, name: 'JobRequested' });
const routedEvent = getAbiItem({ abi: jobRegistryAbi, name: 'JobRouted' });

export interface FactsQuery {
	readonly client: PublicClient;
	readonly jobRegistry: Address;
	/** The block before which there are no events of the contract. */
	readonly startBlock: bigint;
	readonly jobId: bigint;
	/** Where the events are likely to be. Only saves time: what is found there is still the chain's word. */
	readonly hint: { readonly requestedBlock: bigint | null; readonly routedBlock: bigint | null };
}

type RequestedLog = Awaited<ReturnType<typeof findRequested>>;
type RoutedLog = Awaited<ReturnType<typeof findRouted>>;

export interface ChainFacts {
	readonly chainId: number;
	readonly registry: Address;
	readonly jobId: bigint;
	/** The struct as decoded from `JobRequested`. */
	readonly request: NonNullable<RequestedLog>['args']['request'];
	/** Null for an untracked job: its event names nobody. */
	readonly requester: Address | null;
	/** The arguments of `JobRouted`; null while the job is not routed. */
	readonly routing: NonNullable<RoutedLog>['args'] | null;
	/** As stored by the contract now: the request's hash until routed, the commitment afterwards. */
	readonly commitment: Hex;
}

/**
 * Reads a job's facts.
 *
 * @throws Error in plain words when the chain does not know the job or does not answer
 */
export async function readChainFacts(query: FactsQuery): Promise<ChainFacts> {
	const { client, jobRegistry, jobId } = query;
	const [chainId, stored] = await Promise.all([
		client.getChainId(),
		client.readContract({ address: jobRegistry, abi: jobRegistryAbi, functionName: 'getJob', args: [jobId] }),
	]);
	// A job that was never routed has no provider in storage: no use in looking through the whole chain for its event.
	const wasRouted = stored.provider !== zeroAddress;
	const [requested, routed] = await Promise.all([findRequested(query), wasRouted ? findRouted(query) : null]);
	if (requested === null) {
		throw new Error(`The chain has no JobRequested event for job ${jobId}. Check that your RPC serves old blocks.`);
	}
	const { requester, request } = requested.args;
	return {
		chainId,
		registry: jobRegistry,
		jobId,
		request,
		requester: requester === zeroAddress ? null : requester,
		routing: routed?.args ?? null,
		commitment: stored.commitment,
	};
}

function findRequested({ client, jobRegistry, jobId, startBlock, hint }: FactsQuery) {
	return search(client, startBlock, hint.requestedBlock, async (fromBlock, toBlock) => {
		const logs = await client.getLogs({
			address: jobRegistry,
			event: requestedEvent,
			args: { job: jobId },
			strict: true,
			fromBlock,
			toBlock,
		});
		return logs[0] ?? null;
	});
}

function findRouted({ client, jobRegistry, jobId, startBlock, hint }: FactsQuery) {
	return search(client, startBlock, hint.routedBlock, async (fromBlock, toBlock) => {
		const logs = await client.getLogs({
			address: jobRegistry,
			event: routedEvent,
			args: { job: jobId },
			strict: true,
			fromBlock,
			toBlock,
		});
		return logs[0] ?? null;
	});
}

/** Looks at the hinted block first, then through the whole range, newest first. */
async function search<Found>(
	client: PublicClient,
	startBlock: bigint,
	hint: bigint | null,
	look: (fromBlock: bigint, toBlock: bigint) => Promise<Found | null>,
): Promise<Found | null> {
	if (hint !== null) {
		const found = await look(hint, hint);
		if (found !== null) return found;
	}
	for (let to = await client.getBlockNumber(); to >= startBlock; to -= BLOCK_RANGE) {
		const from = to - BLOCK_RANGE + 1n;
		const found = await look(from > startBlock ? from : startBlock, to);
		if (found !== null) return found;
	}
	return null;
}
