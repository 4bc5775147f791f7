import { jobRegistryAbi } from '@necto/contracts';
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

const REGISTRY: Address = '0x00000000000000000000000000000000000000aa';
const BUYER: Address = '0x00000000000000000000000000000000000000bb';
const PROVIDER: Address = '0x00000000000000000000000000000000000000cc';
const hash = (digit: string): Hex => `0x${digit.repeat(64)}`;

const request = {
	gpuModel: `0x68313030${'0'.repeat(24)}`,
	minMemoryGiB: 80,
	formFactors: 4,
	gpuCount: 8,
	duration: 3600,
	maxPricePerGpuHour: 2_000_000n,
	continents: 16,
	countries: `0x${'0'.repeat(32)}`,
	excludedPricing: 0,
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

interface World {
	requester: Address;
	requestedAt: bigint;
	routedAt: bigint | null;
}

/** A chain of 20,000 blocks with one job, and a count of how often its logs were asked for. */
function chain({ requester, requestedAt, routedAt }: World) {
	const ranges: [bigint, bigint][] = [];
	const log = (block: bigint, topics: unknown, data: Hex) => ({
		address: REGISTRY,
		blockHash: hash('1'),
		blockNumber: `0x${block.toString(16)}`,
		data,
		logIndex: '0x0',
		removed: false,
		topics,
		transactionHash: hash('2'),
		transactionIndex: '0x0',
	});
	const parametersOf = <Name extends 'JobRequested' | 'JobRouted'>(eventName: Name) => {
		const item = jobRegistryAbi.find((each) => each.type === 'event' && each.name === eventName);
		if (item === undefined) throw new Error(`no ${eventName}`);
		return item.inputs.filter((input) => !('indexed' in input && input.indexed));
	};
	const requested = log(
		requestedAt,
		encodeEventTopics({ abi: jobRegistryAbi, eventName: 'JobRequested', args: { job: 4n, requester, team: 0 } }),
		encodeAbiParameters(parametersOf('JobRequested'), ['h100', 16_000_000n, request]),
	);
	const routed = log(
		routedAt ?? 0n,
		encodeEventTopics({
			abi: jobRegistryAbi,
			eventName: 'JobRouted',
			args: { job: 4n, listing: 7, provider: PROVIDER },
		}),
		encodeAbiParameters(parametersOf('JobRouted'), [
			3,
			1_900_000n,
			1_799_999_999,
			hash('a'),
			hash('b'),
			hash('c'),
			hash('d'),
		]),
	);
	const client = createPublicClient({
		transport: custom({
			async request({ method, params }) {
				switch (method) {
					case 'eth_chainId':
						return '0x7a69';
					case 'eth_blockNumber':
						return '0x4e20';
					case 'eth_call':
						return encodeFunctionResult({
							abi: jobRegistryAbi,
							functionName: 'getJob',
							result: {
								requester: BUYER,
								status: routedAt === null ? 1 : 2,
								time: 1,
								gpuCount: 8,
								listing: 7,
								provider: routedAt === null ? zeroAddress : PROVIDER,
								pricePerGpuHour: 1_900_000n,
								duration: 3600,
								commitment: hash('d'),
							},
						});
					case 'eth_getLogs': {
						const [{ fromBlock, toBlock, topics }] = params;
						ranges.push([BigInt(fromBlock), BigInt(toBlock)]);
						const wanted = [requested, routed].filter(
							(each) => Array.isArray(each.topics) && each.topics[0] === topics[0],
						);
						return wanted.filter(
							(each) => BigInt(each.blockNumber) >= BigInt(fromBlock) && BigInt(each.blockNumber) <= BigInt(toBlock),
						);
					}
					default:
						throw new Error(`not expected: ${method}`);
				}
			},
		}),
	});
	return { client, ranges };
}

const query = { jobRegistry: REGISTRY, startBlock: 10n, jobId: 4n };

describe("VER-03 the chain's word about a job", () => {
	it('is found at once where the hint says', async () => {
		const { client, ranges } = chain({ requester: BUYER, requestedAt: 100n, routedAt: 103n });
		const facts = await readChainFacts({ ...query, client, hint: { requestedBlock: 100n, routedBlock: 103n } });
		expect(facts).toMatchObject({ chainId: 31337, jobId: 4n, commitment: hash('d') });
		expect(facts.requester?.toLowerCase()).toBe(BUYER);
		expect(facts.request.gpuCount).toBe(8);
		expect(facts.routing).toMatchObject({ listing: 7, listingVersion: 3, recordRoot: hash('b') });
		expect(ranges).toHaveLength(2);
	});

	it('is found without a hint and with a wrong one, in ranges that public RPCs accept', async () => {
		for (const requestedBlock of [null, 55n]) {
			const { client, ranges } = chain({ requester: BUYER, requestedAt: 100n, routedAt: 103n });
			const facts = await readChainFacts({ ...query, client, hint: { requestedBlock, routedBlock: null } });
			expect(facts.routing?.listing).toBe(7);
			expect(ranges.every(([from, to]) => to - from < 5_000n && from >= 10n)).toBe(true);
		}
	});

	it('AGT-06 names nobody for an untracked job, and no routing before there is one', async () => {
		const { client, ranges } = chain({ requester: zeroAddress, requestedAt: 100n, routedAt: null });
		const facts = await readChainFacts({ ...query, client, hint: { requestedBlock: 100n, routedBlock: null } });
		expect(facts).toMatchObject({ requester: null, routing: null });
		expect(ranges).toHaveLength(1);
	});
});
