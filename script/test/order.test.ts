import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { challengeAbi, local, localHttp } from '@necto/contracts';
import {
	type ChainRequest,
	compareOnChain,
	type Distances,
	microUsd,
	type OnChain,
	penaltiesOf,
	QUALITIES,
	scoreOf,
	type Weights,
	ZERO_HASH,
} from '@necto/core';
import fc from 'fast-check';
import { createPublicClient, createTestClient, type Hex, http, type PublicClient } from 'viem';
import { beforeAll, expect, it } from 'vitest';
import { startChain } from '../src/chain/anvil.ts';
import { root } from '../src/paths.ts';
import { anyPort } from '../src/ports.ts';
import { Roster } from '../src/roster.ts';
import { Shutdown } from '../src/shutdown.ts';
import { afterFile, scratch } from './scratch.ts';

/** Runs times pairs: what is compared in all. */
const RUNS = 100;
const PAIRS = 1000;

const address = '0x00000000000000000000000000000000000c4a11';
const putAway = afterFile();
const shutdown = new Shutdown();
let client: PublicClient;

/** The shipped code of Challenge. Its order reads no storage and no immutable, so it needs neither its deployment nor the other contracts. */
async function shippedCode(): Promise<Hex> {
	const file = join(root, 'contracts/out/Challenge.sol/Challenge.json');
	// Written by forge; a code that is none makes the calls fail.
	const artifact = JSON.parse(await readFile(file, 'utf8')) as { deployedBytecode: { object: Hex } };
	return artifact.deployedBytecode.object;
}

beforeAll(async () => {
	const data = await scratch(putAway);
	putAway(() => shutdown.stop());
	const { rpc } = await startChain(
		{ name: 'order', title: 'chain', chain: local, port: await anyPort() },
		{ data, roster: new Roster(data) },
		(running) => shutdown.add(0, running),
	);
	await createTestClient({ mode: 'anvil', transport: localHttp(rpc) }).setCode({
		address,
		bytecode: await shippedCode(),
	});
	client = createPublicClient({ transport: http(rpc, { batch: { batchSize: PAIRS }, timeout: 60_000 }) });
});

/** An offer's numbers without its score. */
type Line = Pick<OnChain, 'price' | 'distances'>;

const ofQualities = <T>(value: fc.Arbitrary<T>) =>
	fc.record({ uptime: value, latency: value, rating: value, risk: value });

/** From all there are, and from so few that ties are common. */
const distance = fc.oneof(fc.integer({ min: 0, max: 10_000 }), fc.constantFrom(0, 5000, 10_000));
const price = fc
	.oneof(
		fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
		fc.bigInt({ min: 1n, max: 3_000_000n }),
		fc.bigInt({ min: 1n, max: 3n }),
	)
	.map(microUsd);
const line: fc.Arbitrary<Line> = fc.record({ price, distances: ofQualities(distance) });

/** Two lines that have nothing to do with each other, or differ in one number at most. */
const pair: fc.Arbitrary<[Line, Line]> = fc.oneof(
	fc.tuple(line, line),
	fc.tuple(line, price).map(([a, other]): [Line, Line] => [a, { ...a, price: other }]),
	fc
		.tuple(line, fc.constantFrom(...QUALITIES), distance)
		.map(([a, name, other]): [Line, Line] => [a, { ...a, distances: { ...a.distances, [name]: other } }]),
);

function placed(one: Line, weights: Weights): OnChain {
	return { ...one, score: scoreOf(one.price, penaltiesOf(one.distances, weights)) };
}

function requestWith(weights: Weights): ChainRequest {
	return {
		gpuModel: `0x${'00'.repeat(16)}`,
		minMemoryGiB: 0,
		formFactors: 0,
		gpuCount: 1,
		maxParts: 0,
		duration: 3600,
		maxPricePerGpuHour: 1n,
		continents: 0,
		countries: `0x${'00'.repeat(16)}`,
		excludedPricing: 0,
		attestations: 0,
		uptimeWeight: weights.uptime,
		latencyWeight: weights.latency,
		ratingWeight: weights.rating,
		riskWeight: weights.risk,
		routeDeadline: 0,
		startWindow: 0,
		specHash: ZERO_HASH,
		policyHash: ZERO_HASH,
		team: 0,
		tracked: true,
	};
}

function candidateOf({ price, distances }: { price: bigint; distances: Distances }) {
	return {
		keyHash: ZERO_HASH,
		listing: 1,
		listingVersion: 1,
		price,
		uptimeDistance: distances.uptime,
		latencyDistance: distances.latency,
		ratingDistance: distances.rating,
		riskDistance: distances.risk,
		// Never read: the contract computes its own.
		score: 0n,
	};
}

it('VER-05 the deployed order is that of core, for 100,000 random pairs', async () => {
	let compared = 0;
	let ties = 0;
	await fc.assert(
		fc.asyncProperty(
			ofQualities(distance),
			fc.array(pair, { minLength: PAIRS, maxLength: PAIRS }),
			async (weights, pairs) => {
				const request = requestWith(weights);
				const orders = await Promise.all(
					pairs.map(([a, b]) =>
						client.readContract({
							address,
							abi: challengeAbi,
							functionName: 'compare',
							args: [request, candidateOf(a), candidateOf(b)],
						}),
					),
				);
				const wrong = pairs.find(([a, b], index) => {
					const order = Math.sign(compareOnChain(placed(a, weights), placed(b, weights)));
					if (order === 0) ties += 1;
					return orders[index] !== order;
				});
				expect({ weights, wrong }).toEqual({ weights, wrong: undefined });
				compared += pairs.length;
			},
		),
		{ numRuns: RUNS, endOnFailure: true },
	);
	expect(compared).toBe(RUNS * PAIRS);
	expect(ties).toBeGreaterThan(compared / 100);
});
