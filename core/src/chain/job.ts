/**
 * Facts about a job, read by the verifier from an RPC node, never from the agent or the indexer, whose work is being checked. The chain stores one hash of a
 * job's terms; the events contain the terms themselves.
 */
import { zeroAddress } from 'viem';
import { address } from '../ids.ts';
import { hashRequest, requestFromChain } from '../request/chain.ts';
import { hashTerms, NOT_ROUTED, type Terms, termsAfter } from '../request/terms.ts';
import { isDecisionBlock } from '../verify/blocks.ts';
import type { ChainBlock, ChainFacts } from '../verify/facts.ts';
import { snapshotHead } from '../verify/head.ts';
import type { ChainReader, JobLog, JobReader, RequestedArgs, RoutedArgs } from './reader.ts';
import { type RegistryFacts, readRegistry } from './registry.ts';

/** Widest range of blocks in one request: common RPCs refuse more. */
const BLOCK_RANGE = 5_000n;

export interface JobQuery {
	readonly reader: JobReader;
	/** The JobRegistry, in any case of letters. */
	readonly jobRegistry: string;
	/** The block before which there are no events of the contracts. */
	readonly startBlock: bigint;
	readonly jobId: bigint;
	/** Where the events are likely to be. Only saves time: what is found there is still read from the chain. */
	readonly hint: { readonly requestedBlock: bigint | null; readonly routedBlock: bigint | null };
}

/** A job and where it was requested. */
interface Origin {
	readonly job: bigint;
	readonly blockNumber: bigint;
}

/** A routing and the terms that it led to. */
interface Place {
	readonly log: JobLog<RoutedArgs>;
	readonly terms: Terms;
}

/** The facts about a job's routing; null while the job is not routed. */
type RoutedFacts = Pick<ChainFacts, 'routing' | 'routedIn' | 'reopenedIn' | 'refusals'>;

/**
 * Facts about a job on chain. `requester` is known for untracked jobs too, as the payer of the lock: it is for the checks alone and must not be shown.
 * `terms` are those in force by the events, which the checks compare with `termsHash`.
 */
export interface JobFacts extends Omit<ChainFacts, keyof RoutedFacts | keyof RegistryFacts | 'requester'> {
	readonly requester: NonNullable<ChainFacts['requester']>;
	readonly routed: RoutedFacts | null;
}

/**
 * Reads a job's facts.
 *
 * @throws Error with a message for people when the chain does not know the job or the RPC does not respond
 * @throws RequestError for a request that cannot be represented
 */
export async function readJob(query: JobQuery): Promise<JobFacts> {
	const { reader, jobRegistry, startBlock, jobId, hint } = query;
	const [chainId, stored, requested] = await Promise.all([
		reader.chainId(),
		reader.job(jobId),
		search(reader, startBlock, hint.requestedBlock, (from, to) => findRequested(query, jobId, from, to)),
	]);
	if (requested === null) throw notRequested(jobId);
	const { requester: named, locked } = requested.args;
	const request = requestFromChain(requested.args.request);
	const own: Origin = { job: jobId, blockNumber: requested.blockNumber };
	const whole = await findWhole(query, own);
	// A part has the request time of the whole job and, if its own event names no requester, its payer.
	const origin = whole ?? own;
	const [ownAt, requestedAt, requester] = await Promise.all([
		reader.timestamp(own.blockNumber),
		reader.timestamp(origin.blockNumber),
		named === zeroAddress ? reader.payer(origin.job, origin.blockNumber) : named,
	]);
	const { team, routeDeadline, gpuCount, duration } = request;
	const requestHash = hashRequest(request);
	const base = { requester, team, requestedAt, routeDeadline, gpuCount, duration, locked, requestHash };
	const asked: Terms = { ...base, ...NOT_ROUTED };
	const { termsHash } = stored;
	// A job that is not routed has the terms of its request, so the chain need not be searched for a routing.
	const waits = stored.status === 'requested' || hashTerms(asked) === termsHash;
	const place = waits ? null : await findPlace(query, asked, termsHash, requested.blockNumber);
	return {
		chainId,
		registry: address(jobRegistry.toLowerCase()),
		jobId,
		request,
		tracked: request.tracked,
		requestedIn: { number: own.blockNumber, timestamp: ownAt },
		partOf: whole?.job ?? null,
		requester: address(requester.toLowerCase()),
		terms: place?.terms ?? asked,
		termsHash,
		routed: place === null ? null : await routedOf(query, own, whole, place),
	};
}

async function routedOf(
	query: JobQuery,
	own: Origin,
	whole: Origin | null,
	{ log, terms }: Place,
): Promise<RoutedFacts> {
	const { refusals, reopenedIn } = await findReopenings(query, own, whole, log);
	return {
		routing: { ...log.args, provider: address(log.args.provider.toLowerCase()) },
		routedIn: { number: log.blockNumber, timestamp: terms.routedAt },
		reopenedIn,
		refusals,
	};
}

/**
 * The registry's facts for a decision: the listings at the block that the snapshot names, if a decision on this job can have been made at that block.
 *
 * @param snapshot the file's bytes; null when it could not be fetched
 */
export async function readDecisionRegistry(
	{ reader, startBlock }: { readonly reader: ChainReader; readonly startBlock: bigint },
	job: Pick<JobFacts, 'tracked' | 'requester' | 'requestedIn'> & Pick<RoutedFacts, 'routedIn' | 'reopenedIn'>,
	snapshot: Uint8Array | null,
): Promise<RegistryFacts> {
	const requester = job.tracked ? job.requester : null;
	const nothing = (missing: string) => ({
		registryState: { missing },
		standing: requester === null ? null : { missing },
	});
	const head = snapshot === null ? null : snapshotHead(snapshot);
	if (head === null) return nothing('The snapshot is missing, or does not name a block.');
	const { block } = head;
	if (!isDecisionBlock(block, job))
		return nothing(
			`The snapshot names block ${block}, which is not between the request (or the last reopening) and the route.`,
		);
	return readRegistry({ reader, startBlock, block, beforeRoute: job.routedIn.number - 1n, requester });
}

/** The routing in force: the one whose terms the chain stores. If the hint is of an older one, the newest is searched for. */
async function findPlace(query: JobQuery, asked: Terms, termsHash: string, requested: bigint): Promise<Place | null> {
	const { hint } = query;
	const hinted = hint.routedBlock === null ? null : await findRouted(query, hint.routedBlock, hint.routedBlock);
	const first = hinted === null ? null : await placeOf(query, asked, termsHash, hinted);
	if (first !== null && hashTerms(first.terms) === termsHash) return first;
	const newest = await search(query.reader, requested, null, (from, to) => findRouted(query, from, to));
	return newest === null ? first : placeOf(query, asked, termsHash, newest);
}

async function placeOf(
	{ reader, jobId }: JobQuery,
	asked: Terms,
	termsHash: string,
	log: JobLog<RoutedArgs>,
): Promise<Place> {
	const { listing, provider, pricePerGpuHour, fee, router, commitment } = log.args;
	const routedAt = await reader.timestamp(log.blockNumber);
	const place = { listing, provider, pricePerGpuHour, fee, router, commitment, routedAt };
	const terms = termsAfter(asked, { kind: 'routed', ...place });
	if (hashTerms(terms) === termsHash) return { log, terms };
	// Only an extension changes terms afterwards.
	const extended = await search(reader, log.blockNumber, null, async (from, to) => {
		const logs = await reader.extended(jobId, from, to);
		return logs.at(-1) ?? null;
	});
	return { log, terms: extended === null ? terms : termsAfter(terms, { kind: 'extended', ...lengthOf(extended) }) };
}

function lengthOf({ args: { duration, locked } }: JobLog<Pick<Terms, 'duration' | 'locked'>>) {
	return { duration, locked };
}

async function findRequested(
	{ reader }: JobQuery,
	job: bigint,
	fromBlock: bigint,
	toBlock: bigint,
): Promise<JobLog<RequestedArgs> | null> {
	const [log = null] = await reader.requested(job, fromBlock, toBlock);
	return log;
}

function notRequested(job: bigint): Error {
	return new Error(`The chain has no JobRequested event for job ${job}. Check that your RPC serves old blocks.`);
}

/** The newest of these blocks. */
async function findRouted(
	{ reader, jobId }: JobQuery,
	fromBlock: bigint,
	toBlock: bigint,
): Promise<JobLog<RoutedArgs> | null> {
	const logs = await reader.routed(jobId, fromBlock, toBlock);
	return logs.at(-1) ?? null;
}

/**
 * Listings that had the job before this routing and declined or did not start it, including those that had the whole job before it was split; an overturned
 * decision is no refusal of its listing. And the block in which the job was last reopened.
 */
async function findReopenings(
	query: JobQuery,
	own: Origin,
	whole: Origin | null,
	routed: JobLog<RoutedArgs>,
): Promise<Pick<RoutedFacts, 'refusals' | 'reopenedIn'>> {
	const { reader } = query;
	const reopened = async ({ job, blockNumber }: Origin, newest: bigint) => {
		const found = [];
		for (let from = blockNumber; from <= newest; from += BLOCK_RANGE) {
			const to = from + BLOCK_RANGE - 1n;
			found.push(...(await reader.reopened(job, from, to < newest ? to : newest)));
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
	const refusals = [...ofWhole, ...before]
		.filter(({ args }) => args.reason !== 'overturned')
		.map(({ args }) => args.listing);
	return { refusals, reopenedIn: await lastOpened(query, own, before, routed) };
}

/** @param before the job's reopenings before its routing, in the order of the chain */
async function lastOpened(
	query: JobQuery,
	own: Origin,
	before: readonly JobLog<unknown>[],
	routed: JobLog<RoutedArgs>,
): Promise<ChainBlock | null> {
	const last = before.at(-1);
	if (last === undefined) return null;
	const at = async (number: bigint) => ({ number, timestamp: await query.reader.timestamp(number) });
	if (last.blockNumber < routed.blockNumber) return at(last.blockNumber);
	// `route` opens a job that was not started in its own transaction: it was decided on before, but after the routing that did not lead to a start.
	const find = (from: bigint, to: bigint) => findRouted(query, from, to);
	const previous = await search(query.reader, own.blockNumber, null, find, routed.blockNumber - 1n);
	return previous === null ? null : at(previous.blockNumber);
}

/** The job that this one is a part of: the block of a part's request holds the split that made it. */
async function findWhole(query: JobQuery, { job: part, blockNumber }: Origin): Promise<Origin | null> {
	const { reader, startBlock } = query;
	const splits = await reader.splits(blockNumber, blockNumber);
	const split = splits.find(({ args }) => args.firstPart <= part && part < args.firstPart + BigInt(args.parts));
	if (split === undefined) return null;
	const { job } = split.args;
	const find = (from: bigint, to: bigint) => findRequested(query, job, from, to);
	const requested = await search(reader, startBlock, null, find, blockNumber);
	if (requested === null) throw notRequested(job);
	return { job, blockNumber: requested.blockNumber };
}

/** Searches the hinted block first, then the whole range, newest first. */
async function search<Found>(
	reader: JobReader,
	startBlock: bigint,
	hint: bigint | null,
	look: (fromBlock: bigint, toBlock: bigint) => Promise<Found | null>,
	newest?: bigint,
): Promise<Found | null> {
	if (hint !== null) {
		const found = await look(hint, hint);
		if (found !== null) return found;
	}
	for (let to = newest ?? (await reader.blockNumber()); to >= startBlock; to -= BLOCK_RANGE) {
		const from = to - BLOCK_RANGE + 1n;
		const found = await look(from > startBlock ? from : startBlock, to);
		if (found !== null) return found;
	}
	return null;
}
