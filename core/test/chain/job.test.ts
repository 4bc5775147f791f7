import { type Address, type Hex, zeroAddress, zeroHash } from 'viem';
import { describe, expect, it } from 'vitest';
import type { JobLog, JobReader, RequestedArgs, RoutedArgs } from '../../src/chain/reader.ts';
import { hashRequest, hashTerms, NOT_ROUTED, readJob, requestFromChain, type Terms } from '../../src/index.ts';

const REGISTRY: Address = '0x00000000000000000000000000000000000000Aa';
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

interface Log<Name extends string, Args> extends JobLog<Args> {
	readonly name: Name;
	readonly job: bigint;
}

type AnyLog =
	| Log<'requested', RequestedArgs>
	| Log<'routed', RoutedArgs>
	| Log<'reopened', { listing: number; reason: string }>
	| Log<'extended', { duration: number; locked: bigint }>
	| Log<'split', { job: bigint; firstPart: bigint; parts: number }>
	| Log<'locked', null>;

const requestedIn = (blockNumber: bigint, requester: Address = BUYER, job = 4n): AnyLog => ({
	...{ name: 'requested', job, blockNumber, logIndex: 1 },
	args: { requester, locked: 16_000_000n, request },
});
const routedIn = (blockNumber: bigint, listing = 7): AnyLog => ({
	...{ name: 'routed', job: 4n, blockNumber, logIndex: 1 },
	args: {
		...{ listing, listingVersion: 3, provider: PROVIDER, pricePerGpuHour: 1_900_000n, fee: 100, router: ROUTER },
		...{ candidatesRoot: hash('a'), recordRoot: hash('b'), recordHash: hash('c'), commitment: hash('d') },
	},
});
/** The listing lost the job in this block; the lower its place among the block's logs, the earlier. */
const reopenedIn = (blockNumber: bigint, listing: number, reason: string, job = 4n, logIndex = 0): AnyLog => ({
	...{ name: 'reopened', job, blockNumber, logIndex },
	args: { listing, reason },
});
const extendedIn = (blockNumber: bigint): AnyLog => ({
	...{ name: 'extended', job: 4n, blockNumber, logIndex: 1 },
	args: { duration: 7200, locked: 30_400_000n },
});
const splitIn = (blockNumber: bigint, job: bigint, firstPart: bigint): AnyLog => ({
	...{ name: 'split', job, blockNumber, logIndex: 1 },
	args: { job, firstPart, parts: 2 },
});
const lockedIn = (blockNumber: bigint, job = 4n): AnyLog => ({
	...{ name: 'locked', job, blockNumber, logIndex: 1 },
	args: null,
});

/** A chain of 20,000 blocks with these logs, which stores these terms; it notes the ranges in which logs were asked for. */
function chain(terms: Terms, status: string, logs: readonly AnyLog[]) {
	const ranges: [bigint, bigint][] = [];
	const find = <Name extends AnyLog['name']>(name: Name, job: bigint | null, from: bigint, to: bigint) => {
		ranges.push([from, to]);
		return logs.filter(
			(each): each is Extract<AnyLog, { name: Name }> =>
				each.name === name && (job === null || each.job === job) && each.blockNumber >= from && each.blockNumber <= to,
		);
	};
	const reader: JobReader = {
		chainId: async () => 31337,
		blockNumber: async () => 20_000n,
		timestamp: async (block) => timeOf(block),
		job: async () => ({ termsHash: hashTerms(terms), status }),
		requested: async (...range) => find('requested', ...range),
		routed: async (...range) => find('routed', ...range),
		extended: async (...range) => find('extended', ...range),
		reopened: async (...range) => find('reopened', ...range),
		splits: async (from, to) => find('split', null, from, to),
		async payer(job, block) {
			if (find('locked', job, block, block).length === 0) throw new Error(`The chain has no lock of job ${job}.`);
			return BUYER;
		},
	};
	const read = (hint: { requestedBlock: bigint | null; routedBlock: bigint | null }, jobId = 4n) =>
		readJob({ reader, jobRegistry: REGISTRY, startBlock: 10n, jobId, hint });
	return { read, ranges };
}

const ROUTED = 'routed';

describe("VER-03 the chain's word about a job", () => {
	it('is found at once where the hint says', async () => {
		const terms = placed(asked(100n), 103n);
		const { read, ranges } = chain(terms, ROUTED, [requestedIn(100n), routedIn(103n)]);
		const facts = await read({ requestedBlock: 100n, routedBlock: 103n });
		expect(facts).toMatchObject({
			chainId: 31337,
			jobId: 4n,
			termsHash: hashTerms(terms),
			registry: REGISTRY.toLowerCase(),
		});
		expect(facts.request.gpuCount).toBe(8);
		expect(facts.routed?.routing).toMatchObject({ listing: 7, listingVersion: 3, recordRoot: hash('b') });
		expect(hashTerms(facts.terms)).toBe(facts.termsHash);
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
		expect(hashTerms(facts.terms)).toBe(facts.termsHash);
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
		// Of the job that was not started: since it was given to the provider that did not start it.
		expect(facts.routed?.reopenedIn).toEqual({ number: 300n, timestamp: timeOf(300n) });
		expect(facts.partOf).toBeNull();
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
			expect(facts.terms.requestedAt).toBe(timeOf(50n));
			expect(hashTerms(facts.terms)).toBe(facts.termsHash);
			expect(facts.routed?.refusals).toEqual([5, 6]);
			expect(facts.routed?.reopenedIn).toEqual({ number: 102n, timestamp: timeOf(102n) });
			expect(facts.partOf).toBe(2n);
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
		const { read } = chain(terms, 'running', [requestedIn(100n), routedIn(103n), extendedIn(150n)]);
		const facts = await read({ requestedBlock: 100n, routedBlock: 103n });
		expect(facts.terms).toMatchObject({ duration: 7200, locked: 30_400_000n });
		expect(hashTerms(facts.terms)).toBe(facts.termsHash);
	});

	it('does not bend the terms to the hash: what the events say is what is compared', async () => {
		const terms = { ...placed(asked(100n), 103n), fee: 500 };
		const { read } = chain(terms, ROUTED, [requestedIn(100n), routedIn(103n)]);
		const facts = await read({ requestedBlock: 100n, routedBlock: 103n });
		expect(facts.terms.fee).toBe(100);
		expect(hashTerms(facts.terms)).not.toBe(facts.termsHash);
	});

	it('has no routing before there is one, nor after it was taken back and the job ended', async () => {
		for (const status of ['requested', 'cancelled']) {
			const { read, ranges } = chain(asked(100n), status, [requestedIn(100n), routedIn(103n)]);
			const facts = await read({ requestedBlock: 100n, routedBlock: 103n });
			expect(facts.routed).toBeNull();
			expect(facts.terms).toEqual(asked(100n));
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
		expect(hashTerms(facts.terms)).toBe(facts.termsHash);
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
		expect(hashTerms(facts.terms)).toBe(facts.termsHash);
	});
});
