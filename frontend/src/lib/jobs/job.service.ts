/** What a person can do to jobs on chain. Each function is one transaction; nothing is done before its receipt. */
import { jobRegistryAbi } from '@necto/contracts';
import { type JobRequest, requestToChain } from '@necto/core';
import { type Address, isAddressEqual, type PublicClient, parseEventLogs } from 'viem';
import { Problem } from '#lib/problem.ts';
import type { Runtime } from '#lib/runtime.ts';
import { type Outcome, transact } from '#lib/wallet/transactions.svelte.ts';
import type { JobAction } from './permissions.ts';

export type RequestOutcome = { ok: true; jobId: bigint } | { ok: false; problem: Problem };

/** Locks the money and asks for compute. */
export async function requestJob(runtime: Runtime, request: JobRequest): Promise<RequestOutcome> {
	const { jobRegistry } = runtime.deployment;
	const outcome = await transact(`Request ${request.gpuCount} × ${request.gpuModel.toUpperCase()}`, {
		address: jobRegistry,
		abi: jobRegistryAbi,
		functionName: 'request',
		args: [requestToChain(request)],
	});
	if (!outcome.ok) return outcome;
	const [requested] = parseEventLogs({
		abi: jobRegistryAbi,
		eventName: 'JobRequested',
		logs: outcome.receipt.logs.filter((log) => isAddressEqual(log.address, jobRegistry)),
	});
	if (requested === undefined) {
		return {
			ok: false,
			problem: new Problem({
				code: 'no_event',
				message: 'The request was mined, but its receipt names no job.',
				suggestion: 'Look for it on the Jobs page.',
			}),
		};
	}
	return { ok: true, jobId: requested.args.job };
}

const TITLES: Readonly<Record<JobAction, string>> = {
	cancel: 'Cancel',
	start: 'Start',
	complete: 'Complete',
	fail: 'Give up',
	expire: 'Expire',
};

/** Takes one step in a job's life. Whether the connected account may is `jobActions`' business, and finally the contract's. */
export function actOnJob(runtime: Runtime, action: JobAction, jobId: bigint): Promise<Outcome> {
	return transact(`${TITLES[action]} job ${jobId}`, {
		address: runtime.deployment.jobRegistry,
		abi: jobRegistryAbi,
		functionName: action,
		args: [jobId],
	});
}

/** Whether this person asked for the job. The chain's storage knows it even where events and indexer name nobody. */
export async function isRequesterOf(
	client: PublicClient,
	runtime: Runtime,
	jobId: bigint,
	person: Address,
): Promise<boolean> {
	const job = await client.readContract({
		address: runtime.deployment.jobRegistry,
		abi: jobRegistryAbi,
		functionName: 'getJob',
		args: [jobId],
	});
	return isAddressEqual(job.requester, person);
}
