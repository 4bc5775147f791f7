/**
 * What the chain itself says about a job: read by the verifier's own browser from an RPC, never from the agent or the indexer, which are
 * what is being checked. The chain stores one hash of all that was agreed; the events tell what it is the hash of.
 */
import { escrowAbi, holderOf, jobRegistryAbi, jobStatus } from '@necto/contracts';
import { hashRequest, hashTerms, NOT_ROUTED, requestFromChain, type Terms } from '@necto/core';
import { type Address, getAbiItem, type Hex, type PublicClient, zeroAddress } from 'viem';

/** Widest range of blocks asked for at once: common RPCs refuse more. */
const BLOCK_RANGE = 5_000n;

const requestedEvent = getAbiItem({ abi: jobRegistryAbi, name: 'JobRequested' });
const routedEvent = getAbiItem({ abi: jobRegistryAbi, name: 'JobRouted' });
const extendedEvent = getAbiItem({ abi: jobRegistryAbi, name: 'JobExtended' });
const splitEvent = getAbiItem({ abi: jobRegistryAbi, name: 'JobSplit' });
const lockedEvent = getAbiItem({ abi: escrowAbi, name: 'Locked' });

export interface FactsQuery {
	readonly client: PublicClient;
	readonly jobRegistry: Address;
	readonly escrow: Address;
	/** The block before which there are no events of the contract. */
	readonly startBlock: bigint;
	readonly jobId: bigint;
	/** Where the events are likely to be. Only saves time: what is found there is still the chain's word. */
	readonly hint: { readonly requestedBlock: bigint | null; readonly routedBlock: bigint | null };
}

type RequestedLog = NonNullable<Awaited<ReturnType<typeof findRequested>>>;
type RoutedLog = NonNullable<Awaited<ReturnType<typeof findRouted>>>;

export interface ChainFacts {
	readonly chainId: number;
	readonly registry: Address;
	readonly jobId: bigint;
	/** The struct as decoded from `JobRequested`. */
	readonly request: RequestedLog['args']['request'];
	/** Who asked: of an untracked job the payer of its lock. For the checks alone, never to be shown. */
	readonly requester: Address;
	/** The arguments of the `JobRouted` in force, and the terms that it led to; null while the job has no place. */
	readonly routed: { readonly routing: RoutedLog['args']; readonly terms: Terms } | null;
	/** As stored by the contract now. */
	readonly termsHash: Hex;
}

/**
 * Reads a job's facts.
 *
 * @throws Error in plain words when the chain does not know the job or does not answer
 */
export async function readChainFacts(query: FactsQuery): Promise<ChainFacts> {
	const { client, jobRegistry, jobId } = query;
	const [chainId, stored, requested] = await Promise.all([
		client.getChainId(),
		client.readContract({ address: jobRegistry, abi: jobRegistryAbi, functionName: 'getJob', args: [jobId] }),
		findRequested(query),
	]);
	if (requested === null) {
		throw new Error(`The chain has no JobRequested event for job ${jobId}. Check that your RPC serves old blocks.`);
	}
	const { request, requester: named, locked } = requested.args;
	const [requestedAt, requester] = await Promise.all([
		timeOf(client, requested.blockNumber),
		named === zeroAddress ? findPayer(query, jobId, requested.blockNumber) : named,
	]);
	const asked: Terms = {
		...NOT_ROUTED,
		requester,
		team: request.team,
		requestedAt,
		routeDeadline: request.routeDeadline,
		gpuCount: request.gpuCount,
		duration: request.duration,
		locked,
		requestHash: hashRequest(requestFromChain(request)),
	};
	const { termsHash } = stored;
	// A job without a place keeps the terms of its request: no use in looking through the whole chain for a routing.
	const waits = stored.status === jobStatus.requested || hashTerms(asked) === termsHash;
	const routed = waits ? null : await findPlace(query, asked, termsHash, requested.blockNumber);
	return { chainId, registry: jobRegistry, jobId, request, requester, routed, termsHash };
}

/** The routing in force: the one whose terms the chain stores. A hint to an older one is no harm; the newest is then looked for. */
async function findPlace(
	query: FactsQuery,
	asked: Terms,
	termsHash: Hex,
	requestedBlock: bigint,
): Promise<ChainFacts['routed']> {
	const { hint } = query;
	const hinted = hint.routedBlock === null ? null : await findRouted(query, hint.routedBlock, hint.routedBlock);
	const first = hinted === null ? null : await placeOf(query, asked, termsHash, hinted);
	if (first !== null && hashTerms(first.terms) === termsHash) return first;
	const newest = await search(query.client, requestedBlock, null, (from, to) => findRouted(query, from, to));
	if (newest === null) return first;
	return placeOf(query, asked, termsHash, newest);
}

async function placeOf(query: FactsQuery, asked: Terms, termsHash: Hex, log: RoutedLog) {
	const { listing, provider, pricePerGpuHour, fee, router, commitment } = log.args;
	const routedAt = await timeOf(query.client, log.blockNumber);
	const terms: Terms = { ...asked, provider, listing, pricePerGpuHour, fee, router, routedAt, commitment };
	if (hashTerms(terms) === termsHash) return { routing: log.args, terms };
	// Only an extension changes terms afterwards.
	const extended = await search(query.client, log.blockNumber, null, (from, to) => findExtended(query, from, to));
	if (extended === null) return { routing: log.args, terms };
	const { duration, locked } = extended.args;
	return { routing: log.args, terms: { ...terms, duration, locked } };
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

/** The newest of these blocks. */
async function findRouted({ client, jobRegistry, jobId }: FactsQuery, fromBlock: bigint, toBlock: bigint) {
	const logs = await client.getLogs({
		address: jobRegistry,
		event: routedEvent,
		args: { job: jobId },
		strict: true,
		fromBlock,
		toBlock,
	});
	return logs.at(-1) ?? null;
}

/** The newest of these blocks. */
async function findExtended({ client, jobRegistry, jobId }: FactsQuery, fromBlock: bigint, toBlock: bigint) {
	const logs = await client.getLogs({
		address: jobRegistry,
		event: extendedEvent,
		args: { job: jobId },
		strict: true,
		fromBlock,
		toBlock,
	});
	return logs.at(-1) ?? null;
}

/**
 * Who paid for an untracked job: its lock stands in the block of its request. A part of a split job has none of its own: the same block then holds
 * the split that made it.
 */
async function findPayer(query: FactsQuery, jobId: bigint, requestedBlock: bigint): Promise<Address> {
	const { client, escrow, jobRegistry, startBlock } = query;
	const payerIn = async (job: bigint, fromBlock: bigint, toBlock: bigint) => {
		const logs = await client.getLogs({
			address: escrow,
			event: lockedEvent,
			args: { job },
			strict: true,
			fromBlock,
			toBlock,
		});
		const holder = logs[0] === undefined ? null : holderOf(logs[0].args.payer);
		return holder !== null && 'person' in holder ? holder.person : null;
	};
	const own = await payerIn(jobId, requestedBlock, requestedBlock);
	if (own !== null) return own;
	const splits = await client.getLogs({
		address: jobRegistry,
		event: splitEvent,
		strict: true,
		fromBlock: requestedBlock,
		toBlock: requestedBlock,
	});
	const split = splits.find(({ args }) => args.firstPart <= jobId && jobId < args.firstPart + BigInt(args.parts));
	const whole = split?.args.job;
	const payer =
		whole === undefined
			? null
			: await search(client, startBlock, null, (from, to) => payerIn(whole, from, to), requestedBlock);
	if (payer === null) throw new Error(`The chain has no lock of job ${jobId}. Check that your RPC serves old blocks.`);
	return payer;
}

async function timeOf(client: PublicClient, blockNumber: bigint): Promise<number> {
	return Number((await client.getBlock({ blockNumber })).timestamp);
}

/** Looks at the hinted block first, then through the whole range, newest first. */
async function search<Found>(
	client: PublicClient,
	startBlock: bigint,
	hint: bigint | null,
	look: (fromBlock: bigint, toBlock: bigint) => Promise<Found | null>,
	newest?: bigint,
): Promise<Found | null> {
	if (hint !== null) {
		const found = await look(hint, hint);
		if (found !== null) return found;
	}
	for (let to = newest ?? (await client.getBlockNumber()); to >= startBlock; to -= BLOCK_RANGE) {
		const from = to - BLOCK_RANGE + 1n;
		const found = await look(from > startBlock ? from : startBlock, to);
		if (found !== null) return found;
	}
	return null;
}
