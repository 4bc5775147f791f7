import { challengeAbi, waitForReceipt } from '@necto/contracts';
import {
	candidateProof,
	type DecisionRecord,
	offlinePolicy,
	policyHash,
	type Routing,
	recordFromBytes,
	requestToChain,
	zeroGRoot,
} from '@necto/core';
import { keccak256, stringToBytes } from 'viem';
import { describe, expect, inject, test } from 'vitest';
import { useChain } from './chain.ts';
import { request } from './request.ts';
import { until } from './until.ts';

/** Micro-USDC: `Challenge.STAKE`. */
const STAKE = 5_000_000n;

type Line = DecisionRecord['ranking'][number];

/** The record as anyone gets it: from 0G, by what the chain says of it. */
async function published({ recordRoot, recordHash }: Routing): Promise<DecisionRecord> {
	const answer = await fetch(`${inject('ready').zerog.indexer}/file?root=${recordRoot}`);
	const bytes = new Uint8Array(await answer.arrayBuffer());
	expect([zeroGRoot(bytes), keccak256(bytes)]).toEqual([recordRoot, recordHash]);
	return recordFromBytes(bytes);
}

/** A line as the committed tree holds it, and the way to its root. */
function leafOf({ ranking }: DecisionRecord, { key, listing, listingVersion, price, distances, score }: Line) {
	const candidate = {
		keyHash: keccak256(stringToBytes(key)),
		listing,
		listingVersion,
		price,
		uptimeDistance: distances.uptime,
		latencyDistance: distances.latency,
		ratingDistance: distances.rating,
		riskDistance: distances.risk,
		score,
	};
	return { candidate, proof: candidateProof(ranking, key) };
}

describe("a challenge with nothing but the chain's events and the published record", () => {
	test('VER-05 of an honest decision costs its stake, whichever offer it names', async () => {
		const chain = useChain();
		const asked = request({ policyHash: policyHash(offlinePolicy) });
		const job = await chain.request('buyer', asked);
		await until(
			() => chain.status(job),
			(status) => status === 'routed',
		);
		const [log] = await chain.routings(job);
		if (log === undefined) throw new Error(`Job ${job} has no routing.`);
		const { listing, listingVersion, pricePerGpuHour, candidatesRoot, recordRoot, recordHash } = log.args;
		const routing = { listing, listingVersion, pricePerGpuHour, candidatesRoot, recordRoot, recordHash };
		const record = await published(routing);
		const decision = { job, terms: await chain.terms(job), request: requestToChain(asked), routing };

		const chosen = record.ranking.find((line) => line.listing === listing);
		if (chosen === undefined) throw new Error('The record does not rank what was routed.');
		const others = record.ranking.filter((line) => line !== chosen);
		// Routable and dearer, and not routable though cheaper: neither is a cause.
		expect(new Set(others.map((line) => line.listing !== 0))).toEqual(new Set([true, false]));
		const calls = others.map((other) => ({
			address: chain.contract('challenge'),
			abi: challengeAbi,
			functionName: 'challengeRanking' as const,
			args: [decision, leafOf(record, chosen), leafOf(record, other)] as const,
		}));
		for (const call of calls) {
			const { result } = await chain.client.simulateContract({ ...call, account: chain.account('buyer') });
			expect(result).toBe(false);
		}

		const before = { buyer: await chain.balance('buyer'), router: await chain.balance('router') };
		for (const call of calls.slice(0, 1)) {
			const hash = await chain.wallet('buyer').writeContract(call);
			await waitForReceipt(chain.client, hash);
		}
		expect((await chain.balance('buyer')).available).toBe(before.buyer.available - STAKE);
		expect((await chain.balance('router')).available).toBe(before.router.available + STAKE);
		expect(await chain.status(job)).toBe('routed');
	});
});
