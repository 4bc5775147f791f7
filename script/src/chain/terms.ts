import { setTimeout as pause } from 'node:timers/promises';
import { type Deployment, jobRegistryAbi, readRequester } from '@necto/contracts';
import { hashRequest, hashTerms, NOT_ROUTED, requestFromChain, type Terms, termsAfter } from '@necto/core';
import type { GetContractEventsReturnType, PublicClient } from 'viem';

type Happened = GetContractEventsReturnType<typeof jobRegistryAbi, undefined, true>[number];
type Client = Pick<PublicClient, 'getContractEvents' | 'getBlock' | 'getBlockNumber' | 'readContract'>;
type Where = Pick<Deployment, 'jobRegistry' | 'escrow'>;

/** While anvil makes a block, it answers with the new state under the old number for a moment. */
const MOMENTS = 5;
const MOMENT_MS = 100;

/**
 * What is agreed for a job, put together from its events: what every call that acts on it brings along. Reads the whole chain, so it is for small ones.
 *
 * @throws Error when the chain stores another hash
 */
export async function readTerms(client: Client, where: Where, job: bigint): Promise<Terms> {
	for (let moment = 1; ; moment++) {
		const { terms, isAgreed } = await readOnce(client, where, job);
		if (isAgreed) return terms;
		if (moment === MOMENTS) throw new Error(`The events of job ${job} do not give its terms.`);
		await pause(MOMENT_MS);
	}
}

async function readOnce(
	client: Client,
	{ jobRegistry, escrow }: Where,
	job: bigint,
): Promise<{ terms: Terms; isAgreed: boolean }> {
	const registry = { address: jobRegistry, abi: jobRegistryAbi } as const;
	// Both of one block: a job may move on between two questions.
	const blockNumber = await client.getBlockNumber({ cacheTime: 0 });
	const logs = await client.getContractEvents({ ...registry, fromBlock: 0n, toBlock: blockNumber, strict: true });
	const timeOf = async (log: Happened) => Number((await client.getBlock({ blockNumber: log.blockNumber })).timestamp);
	let terms: Terms | undefined;
	for (const log of logs) {
		if (!('job' in log.args) || log.args.job !== job) continue;
		if (log.eventName === 'JobRequested') {
			const { team, locked, request } = log.args;
			const { routeDeadline, gpuCount, duration } = request;
			const requestHash = hashRequest(requestFromChain(request));
			const whole = logs.find((each) => isSplitInto(each, job));
			const requestedAt = await timeOf((whole && logs.find((each) => isRequestOf(each, whole.args))) ?? log);
			const requester = request.tracked
				? log.args.requester
				: await readRequester(client, { escrow, startBlock: 0 }, whole?.args.job ?? job);
			const asked = { requester, team, requestedAt, routeDeadline, gpuCount, duration, locked, requestHash };
			terms = { ...asked, ...NOT_ROUTED };
		} else if (terms !== undefined && log.eventName === 'JobRouted') {
			const { provider, listing, pricePerGpuHour, fee, router, commitment } = log.args;
			const place = { provider, listing, pricePerGpuHour, fee, router, commitment };
			terms = termsAfter(terms, { kind: 'routed', ...place, routedAt: await timeOf(log) });
		} else if (terms !== undefined && log.eventName === 'JobReopened') {
			terms = termsAfter(terms, { kind: 'reopened' });
		} else if (terms !== undefined && log.eventName === 'JobExtended') {
			const { duration, locked } = log.args;
			terms = termsAfter(terms, { kind: 'extended', duration, locked });
		}
	}
	if (terms === undefined) throw new Error(`Job ${job} was never requested.`);
	const held = await client.readContract({ ...registry, functionName: 'getJob', args: [job], blockNumber });
	return { terms, isAgreed: held.termsHash === hashTerms(terms) };
}

function isSplitInto(log: Happened, part: bigint): log is Extract<Happened, { eventName: 'JobSplit' }> {
	if (log.eventName !== 'JobSplit') return false;
	const { firstPart, parts } = log.args;
	return part >= firstPart && part < firstPart + BigInt(parts);
}

function isRequestOf(log: Happened, { job }: { job: bigint }): boolean {
	return log.eventName === 'JobRequested' && log.args.job === job;
}
