import { accountOf, escrowAbi, jobRegistryAbi, type ReopenReason, reopenReason } from '@necto/contracts';
import { hashRequest, hashTerms, NOT_ROUTED, requestFromChain, type Terms } from '@necto/core';
import {
	type Address,
	createPublicClient,
	custom,
	encodeAbiParameters,
	encodeEventTopics,
	encodeFunctionResult,
	type Hex,
	zeroAddress,
	zeroHash,
} from 'viem';
import { describe, expect, it } from 'vitest';
import { readChainFacts } from './chain-facts.ts';

const ESCROW: Address = '0x00000000000000000000000000000000000000ee';
const REGISTRY: Address = '0x00000000000000000000000000000000000000aa';
const BUYER: Address = '0x00000000000000000000000000000000000000bb';
const PROVIDER: Address = '0x00000000000000000000000000000000000000cc';
const ROUTER: Address = '0x00000000000000000000000000000000000000dd';
const hash = (digit: string): Hex => `0x${digit.repeat(64)}`;

const request = {
	gpuModel: `0x68313030${'0'.repeat(24)}`,
	minMemoryGiB: 80,
	formFactors: 4,
	gpuCount: 8,
	maxParts: 0,
	duration: 3600,
	maxPricePerGpuHour: 2_000_000n,
	continents: 16,
	countries: `0x${'0'.repeat(32)}`,
	excludedPricing: 0,
	attestations: 0,
	uptimeWeight: 0,
	latencyWeight: 0,
	ratingWeight: 0,
	riskWeight: 0,
	routeDeadline: 1_800_000_000,
	startWindow: 600,
	specHash: zeroHash,
	policyHash: zeroHash,
	team: 0,
	tracked: true,
} as const;

/** Blocks are ten seconds apart. */
const timeOf = (block: bigint) => Number(block) * 10;

/** The terms after the job was requested in this block, by the buyer. */
const asked = (block: bigint): Terms => ({
	...NOT_ROUTED,
	requester: BUYER,
	team: 0,
	requestedAt: timeOf(block),
	routeDeadline: request.routeDeadline,
	gpuCount: 8,
	duration: 3600,
	locked: 16_000_000n,
	requestHash: hashRequest(requestFromChain(request)),
});

/** The terms after it was routed in this block to this listing. */
const placed = (terms: Terms, block: bigint, listing = 7): Terms => ({
	...terms,
	provider: PROVIDER,
	listing,
	pricePerGpuHour: 1_900_000n,
	fee: 100,
	router: ROUTER,
	routedAt: timeOf(block),
	commitment: hash('d'),
});

type Name = 'JobRequested' | 'JobRouted' | 'JobReopened' | 'JobExtended' | 'JobSplit';

function dataOf(name: Name, values: readonly unknown[]): Hex {
	const item = jobRegistryAbi.find((each) => each.type === 'event' && each.name === name);
	if (item === undefined) throw new Error(`no ${name}`);
	return encodeAbiParameters(
		item.inputs.filter((input) => !('indexed' in input && input.indexed)),
		// The values are those of the event by name; a list of any event's inputs has no narrower type.
		values as never,
	);
}

function log(address: Address, block: bigint, topics: readonly unknown[], data: Hex, logIndex = 1) {
	return {
		address,
		blockHash: hash('1'),
		blockNumber: `0x${block.toString(16)}`,
		data,
		logIndex: `0x${logIndex.toString(16)}`,
		removed: false,
		topics,
		transactionHash: hash('2'),
		transactionIndex: '0x0',
	};
}

const requestedIn = (block: bigint, requester: Address = BUYER, job = 4n) =>
	log(
		REGISTRY,
		block,
		encodeEventTopics({ abi: jobRegistryAbi, eventName: 'JobRequested', args: { job, requester, team: 0 } }),
		dataOf('JobRequested', ['h100', 16_000_000n, request]),
	);
const routedIn = (block: bigint, listing = 7) =>
	log(
		REGISTRY,
		block,
		encodeEventTopics({ abi: jobRegistryAbi, eventName: 'JobRouted', args: { job: 4n, listing, provider: PROVIDER } }),
		dataOf('JobRouted', [3, 1_900_000n, 100, ROUTER, 1_799_999_999, hash('a'), hash('b'), hash('c'), hash('d')]),
	);
/** The listing lost the job in this block; the lower its place among the block's logs, the earlier. */
const reopenedIn = (block: bigint, listing: number, reason: ReopenReason, job = 4n, logIndex = 0) =>
	log(
		REGISTRY,
		block,
		encodeEventTopics({ abi: jobRegistryAbi, eventName: 'JobReopened', args: { job, listing, provider: PROVIDER } }),
		dataOf('JobReopened', [reopenReason[reason]]),
		logIndex,
	);
const extendedIn = (block: bigint) =>
	log(
		REGISTRY,
		block,
		encodeEventTopics({ abi: jobRegistryAbi, eventName: 'JobExtended', args: { job: 4n } }),
		dataOf('JobExtended', [7200, 30_400_000n, 1_799_999_999]),
	);
const splitIn = (block: bigint, job: bigint, firstPart: bigint) =>
	log(
		REGISTRY,
		block,
		encodeEventTopics({ abi: jobRegistryAbi, eventName: 'JobSplit', args: { job, firstPart } }),
		dataOf('JobSplit', [2, 0n]),
	);
const lockedIn = (block: bigint, job = 4n) =>
	log(
		ESCROW,
		block,
		encodeEventTopics({ abi: escrowAbi, eventName: 'Locked', args: { job, payer: accountOf(BUYER) } }),
		encodeAbiParameters([{ type: 'uint64' }], [16_000_000n]),
	);

/** A chain of 20,000 blocks with these logs, which stores these terms; it notes the ranges in which logs were asked for. */
function chain(terms: Terms, status: number, logs: readonly ReturnType<typeof log>[]) {
	const ranges: [bigint, bigint][] = [];
	const client = createPublicClient({
		transport: custom({
			async request({ method, params }) {
				switch (method) {
					case 'eth_chainId':
						return '0x7a69';
					case 'eth_blockNumber':
						return '0x4e20';
					case 'eth_getBlockByNumber':
						return { number: params[0], timestamp: `0x${timeOf(BigInt(params[0])).toString(16)}`, transactions: [] };
					case 'eth_call':
						return encodeFunctionResult({
							abi: jobRegistryAbi,
							functionName: 'getJob',
							result: { termsHash: hashTerms(terms), status, time: 1 },
						});
					case 'eth_getLogs': {
						const [{ address, fromBlock, toBlock, topics }] = params;
						ranges.push([BigInt(fromBlock), BigInt(toBlock)]);
						return logs.filter(
							(each) =>
								each.address === address &&
								topics.every((topic: Hex | null, index: number) => topic === null || each.topics[index] === topic) &&
								BigInt(each.blockNumber) >= BigInt(fromBlock) &&
								BigInt(each.blockNumber) <= BigInt(toBlock),
						);
					}
					default:
						throw new Error(`not expected: ${method}`);
				}
			},
		}),
	});
	const read = (hint: { requestedBlock: bigint | null; routedBlock: bigint | null }, jobId = 4n) =>
		readChainFacts({ client, jobRegistry: REGISTRY, escrow: ESCROW, startBlock: 10n, jobId, hint });
	return { read, ranges };
}

const ROUTED = 2;

describe("VER-03 the chain's word about a job", () => {
	it('is found at once where the hint says', async () => {
		const terms = placed(asked(100n), 103n);
		const { read, ranges } = chain(terms, ROUTED, [requestedIn(100n), routedIn(103n)]);
		const facts = await read({ requestedBlock: 100n, routedBlock: 103n });
		expect(facts).toMatchObject({ chainId: 31337, jobId: 4n, termsHash: hashTerms(terms) });
		expect(facts.request.gpuCount).toBe(8);
		expect(facts.routed?.routing).toMatchObject({ listing: 7, listingVersion: 3, recordRoot: hash('b') });
		expect(hashTerms(facts.routed?.terms ?? asked(0n))).toBe(facts.termsHash);
		expect(ranges).toEqual([
			// The request, what else happened in its block, the routing, and who did not take the job between the two.
			...[100n, 100n, 103n].map((block) => [block, block]),
			[100n, 103n],
		]);
	});

	it('is found without a hint and with a wrong one, in ranges that public RPCs accept', async () => {
		for (const requestedBlock of [null, 55n]) {
			const { read, ranges } = chain(placed(asked(100n), 103n), ROUTED, [requestedIn(100n), routedIn(103n)]);
			const facts = await read({ requestedBlock, routedBlock: null });
			expect(facts.routed?.routing.listing).toBe(7);
			expect(ranges.every(([from, to]) => to - from < 5_000n && from >= 10n)).toBe(true);
		}
	});

	it('RES-04 is the newest routing, also when the hint is of one that was taken back', async () => {
		const terms = placed(asked(100n), 200n, 9);
		const { read } = chain(terms, ROUTED, [requestedIn(100n), routedIn(103n), routedIn(200n, 9)]);
		const facts = await read({ requestedBlock: 100n, routedBlock: 103n });
		expect(facts.routed?.routing.listing).toBe(9);
		expect(hashTerms(facts.routed?.terms ?? asked(0n))).toBe(facts.termsHash);
	});

	it('RES-04 says who had the job before and did not take it, up to the routing that is in force', async () => {
		const { read, ranges } = chain(placed(asked(100n), 9_000n, 9), ROUTED, [
			requestedIn(100n),
			routedIn(103n),
			reopenedIn(150n, 7, 'declined'),
			routedIn(200n, 8),
			reopenedIn(250n, 8, 'overturned'),
			routedIn(300n, 6),
			// As `route` does with a job that was not started: before its own event, in the same transaction.
			reopenedIn(9_000n, 6, 'not-started'),
			routedIn(9_000n, 9),
			reopenedIn(9_000n, 9, 'declined', 4n, 2),
			reopenedIn(150n, 5, 'declined', 3n),
		]);
		const facts = await read({ requestedBlock: 100n, routedBlock: 9_000n });
		expect(facts.routed?.refusals).toEqual([7, 6]);
		expect(ranges.every(([from, to]) => to - from < 5_000n)).toBe(true);
	});

	it('RES-01 of a part holds since the whole was requested, and knows who did not take the whole', async () => {
		const { read } = chain(placed({ ...asked(100n), requestedAt: timeOf(50n) }, 103n), ROUTED, [
			requestedIn(50n, BUYER, 2n),
			reopenedIn(60n, 5, 'declined', 2n),
			requestedIn(100n),
			splitIn(100n, 2n, 3n),
			reopenedIn(102n, 6, 'declined'),
			routedIn(103n),
		]);
		for (const hint of [
			{ requestedBlock: 100n, routedBlock: 103n },
			{ requestedBlock: null, routedBlock: null },
		]) {
			const facts = await read(hint);
			expect(facts.routed?.terms.requestedAt).toBe(timeOf(50n));
			expect(hashTerms(facts.routed?.terms ?? asked(0n))).toBe(facts.termsHash);
			expect(facts.routed?.refusals).toEqual([5, 6]);
		}
	});

	it('RES-01 is missing where the whole of a part cannot be found', async () => {
		const { read } = chain(placed(asked(100n), 103n), ROUTED, [
			requestedIn(100n),
			splitIn(100n, 2n, 3n),
			routedIn(103n),
		]);
		await expect(read({ requestedBlock: 100n, routedBlock: 103n })).rejects.toThrow('no JobRequested event for job 2');
	});

	it('knows that a job runs longer than it was asked for', async () => {
		const terms = { ...placed(asked(100n), 103n), duration: 7200, locked: 30_400_000n };
		const { read } = chain(terms, 3, [requestedIn(100n), routedIn(103n), extendedIn(150n)]);
		const facts = await read({ requestedBlock: 100n, routedBlock: 103n });
		expect(facts.routed?.terms).toMatchObject({ duration: 7200, locked: 30_400_000n });
		expect(hashTerms(facts.routed?.terms ?? asked(0n))).toBe(facts.termsHash);
	});

	it('does not bend the terms to the hash: what the events say is what is compared', async () => {
		const terms = { ...placed(asked(100n), 103n), fee: 500 };
		const { read } = chain(terms, ROUTED, [requestedIn(100n), routedIn(103n)]);
		const facts = await read({ requestedBlock: 100n, routedBlock: 103n });
		expect(facts.routed?.terms.fee).toBe(100);
		expect(hashTerms(facts.routed?.terms ?? asked(0n))).not.toBe(facts.termsHash);
	});

	it('has no routing before there is one, nor after it was taken back and the job ended', async () => {
		for (const status of [1, 5]) {
			const { read, ranges } = chain(asked(100n), status, [requestedIn(100n), routedIn(103n)]);
			const facts = await read({ requestedBlock: 100n, routedBlock: 103n });
			expect(facts.routed).toBeNull();
			expect(ranges.every(([from, to]) => from === 100n && to === 100n)).toBe(true);
		}
	});
});

describe('AGT-06 an untracked job', () => {
	it('is checked with the payer of its lock, in the block of its request', async () => {
		const terms = placed(asked(100n), 103n);
		const { read } = chain(terms, ROUTED, [requestedIn(100n, zeroAddress), lockedIn(100n), routedIn(103n)]);
		const facts = await read({ requestedBlock: 100n, routedBlock: 103n });
		expect(facts.requester.toLowerCase()).toBe(BUYER);
		expect(hashTerms(facts.routed?.terms ?? asked(0n))).toBe(facts.termsHash);
	});

	it('that is a part is checked with the payer of its whole', async () => {
		const terms = placed({ ...asked(100n), requestedAt: timeOf(50n) }, 103n);
		const { read } = chain(terms, ROUTED, [
			lockedIn(50n, 2n),
			requestedIn(50n, zeroAddress, 2n),
			requestedIn(100n, zeroAddress),
			splitIn(100n, 2n, 3n),
			routedIn(103n),
		]);
		const facts = await read({ requestedBlock: 100n, routedBlock: 103n });
		expect(facts.requester.toLowerCase()).toBe(BUYER);
		expect(hashTerms(facts.routed?.terms ?? asked(0n))).toBe(facts.termsHash);
	});
});
