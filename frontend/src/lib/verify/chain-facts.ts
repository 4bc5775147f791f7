/**
 * What the chain itself says about a job: read by the verifier's own browser from an RPC, never from the agent or the indexer, which are
 * what is being checked. The chain stores one hash of all that was agreed; the events tell what it is the hash of.
 */
import { escrowAbi, holderOf, jobRegistryAbi, jobStatus, reopenReason } from '@necto/contracts';
import { type ChainBlock, hashRequest, hashTerms, NOT_ROUTED, requestFromChain, type Terms } from '@necto/core';
import { type Address, getAbiItem, type Hex, type PublicClient, zeroAddress } from 'viem';

/** Widest range of blocks asked for at once: common RPCs refuse more. */
const BLOCK_RANGE = 5_000n;

const requestedEvent = getAbiItem({ abi: jobRegistryAbi, name: 'JobRequested' });
const routedEvent = getAbiItem({ abi: jobRegistryAbi, name: 'JobRouted' });
const reopenedEvent = getAbiItem({ abi: jobRegistryAbi, name: 'JobReopened' });
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

/** A job and where it was requested. */
interface Origin {
	readonly job: bigint;
	readonly blockNumber: bigint;
}

/** A routing and the terms that it led to. */
interface Place {
	readonly log: RoutedLog;
	readonly terms: Terms;
}

export interface ChainFacts {
	readonly chainId: number;
	readonly registry: Address;
	readonly jobId: bigint;
	/** The struct as decoded from `JobRequested`. */
	readonly request: RequestedLog['args']['request'];
	/** The block of that event. */
	readonly requestedIn: ChainBlock;
	/** Who asked: of an untracked job the payer of its lock. For the checks alone, never to be shown. */
	readonly requester: Address;
	/** The arguments of the `JobRouted` in force, the terms that it led to, and who had not taken the job before; null while the job has no place. */
	readonly routed: {
		readonly routing: RoutedLog['args'];
		readonly routedIn: ChainBlock;
		readonly terms: Terms;
		readonly refusals: readonly number[];
	} | null;
	/** As stored by the contract now. */
	readonly termsHash: Hex;
}

/**
 * Reads a job's facts.
 *
 * @throws Error in plain words when the chain does not know the job or does not answer
 */
export async function readChainFacts(query: FactsQuery): Promise<ChainFacts> {
	const { client, jobRegistry, startBlock, jobId, hint } = query;
	const [chainId, stored, requested] = await Promise.all([
		client.getChainId(),
		client.readContract({ address: jobRegistry, abi: jobRegistryAbi, functionName: 'getJob', args: [jobId] }),
		search(client, startBlock, hint.requestedBlock, (from, to) => findRequested(query, jobId, from, to)),
	]);
	if (requested === null) throw notRequested(jobId);
	const { request, requester: named, locked } = requested.args;
	const own: Origin = { job: jobId, blockNumber: requested.blockNumber };
	const whole = await findWhole(query, own);
	// A part keeps the whole's time of request and, where its own event names nobody, its payer.
	const origin = whole ?? own;
	const [ownAt, requestedAt, requester] = await Promise.all([
		timeOf(client, own.blockNumber),
		timeOf(client, origin.blockNumber),
		named === zeroAddress ? findPayer(query, origin) : named,
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
	const place = waits ? null : await findPlace(query, asked, termsHash, requested.blockNumber);
	const routed =
		place === null
			? null
			: {
					routing: place.log.args,
					routedIn: { number: place.log.blockNumber, timestamp: place.terms.routedAt },
					terms: place.terms,
					refusals: await findRefusals(query, own, whole, place.log),
				};
	const requestedIn = { number: own.blockNumber, timestamp: ownAt };
	return { chainId, registry: jobRegistry, jobId, request, requestedIn, requester, routed, termsHash };
}

/** The routing in force: the one whose terms the chain stores. A hint to an older one is no harm; the newest is then looked for. */
async function findPlace(
	query: FactsQuery,
	asked: Terms,
	termsHash: Hex,
	requestedBlock: bigint,
): Promise<Place | null> {
	const { hint } = query;
	const hinted = hint.routedBlock === null ? null : await findRouted(query, hint.routedBlock, hint.routedBlock);
	const first = hinted === null ? null : await placeOf(query, asked, termsHash, hinted);
	if (first !== null && hashTerms(first.terms) === termsHash) return first;
	const newest = await search(query.client, requestedBlock, null, (from, to) => findRouted(query, from, to));
	if (newest === null) return first;
	return placeOf(query, asked, termsHash, newest);
}

async function placeOf(query: FactsQuery, asked: Terms, termsHash: Hex, log: RoutedLog): Promise<Place> {
	const { listing, provider, pricePerGpuHour, fee, router, commitment } = log.args;
	const routedAt = await timeOf(query.client, log.blockNumber);
	const terms: Terms = { ...asked, provider, listing, pricePerGpuHour, fee, router, routedAt, commitment };
	if (hashTerms(terms) === termsHash) return { log, terms };
	// Only an extension changes terms afterwards.
	const extended = await search(query.client, log.blockNumber, null, (from, to) => findExtended(query, from, to));
	if (extended === null) return { log, terms };
	const { duration, locked } = extended.args;
	return { log, terms: { ...terms, duration, locked } };
}

async function findRequested({ client, jobRegistry }: FactsQuery, job: bigint, fromBlock: bigint, toBlock: bigint) {
	const logs = await client.getLogs({
		address: jobRegistry,
		event: requestedEvent,
		args: { job },
		strict: true,
		fromBlock,
		toBlock,
	});
	return logs[0] ?? null;
}

function notRequested(job: bigint): Error {
	return new Error(`The chain has no JobRequested event for job ${job}. Check that your RPC serves old blocks.`);
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
 * Listings that had the job before this routing and declined it or did not start it, those that had the whole before it was split among them. A decision that
 * was overturned says nothing against its listing.
 */
async function findRefusals(
	{ client, jobRegistry }: FactsQuery,
	own: Origin,
	whole: Origin | null,
	routed: RoutedLog,
): Promise<number[]> {
	const reopened = async ({ job, blockNumber }: Origin, newest: bigint) => {
		const found = [];
		for (let from = blockNumber; from <= newest; from += BLOCK_RANGE) {
			const to = from + BLOCK_RANGE - 1n;
			const logs = await client.getLogs({
				address: jobRegistry,
				event: reopenedEvent,
				args: { job },
				strict: true,
				fromBlock: from,
				toBlock: to < newest ? to : newest,
			});
			found.push(...logs);
		}
		return found;
	};
	const [ofWhole, ofOwn] = await Promise.all([
		whole === null ? [] : reopened(whole, own.blockNumber),
		reopened(own, routed.blockNumber),
	]);
	const before = ofOwn.filter(
		({ blockNumber, logIndex }) => blockNumber < routed.blockNumber || logIndex < routed.logIndex,
	);
	return [...ofWhole, ...before]
		.filter(({ args }) => args.reason !== reopenReason.overturned)
		.map(({ args }) => args.listing);
}

/** The job that this one is a part of: the block of a part's request holds the split that made it. */
async function findWhole(query: FactsQuery, { job: part, blockNumber }: Origin): Promise<Origin | null> {
	const { client, jobRegistry, startBlock } = query;
	const splits = await client.getLogs({
		address: jobRegistry,
		event: splitEvent,
		strict: true,
		fromBlock: blockNumber,
		toBlock: blockNumber,
	});
	const split = splits.find(({ args }) => args.firstPart <= part && part < args.firstPart + BigInt(args.parts));
	if (split === undefined) return null;
	const { job } = split.args;
	const requested = await search(
		client,
		startBlock,
		null,
		(from, to) => findRequested(query, job, from, to),
		blockNumber,
	);
	if (requested === null) throw notRequested(job);
	return { job, blockNumber: requested.blockNumber };
}

/** Who paid for an untracked job that is no part: its lock stands in the block of its request. */
async function findPayer({ client, escrow }: FactsQuery, { job, blockNumber }: Origin): Promise<Address> {
	const logs = await client.getLogs({
		address: escrow,
		event: lockedEvent,
		args: { job },
		strict: true,
		fromBlock: blockNumber,
		toBlock: blockNumber,
	});
	const holder = logs[0] === undefined ? null : holderOf(logs[0].args.payer);
	if (holder === null || !('person' in holder)) {
		throw new Error(`The chain has no lock of job ${job}. Check that your RPC serves old blocks.`);
	}
	return holder.person;
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
