/** What a person can do to jobs on chain. Each function is one transaction; nothing is done before its receipt. */
import { jobRegistryAbi } from '@necto/contracts';
import { formatUsd, hashRequest, type JobRequest, requestToChain, unixSeconds } from '@necto/core';
import type { Hex } from 'viem';
import { fund } from '#lib/escrow/escrow.service.ts';
import { byAllowance } from '#lib/escrow/permit.ts';
import { Problem } from '#lib/problem.ts';
import type { Runtime } from '#lib/runtime.ts';
import { jobRequestedIn } from '#lib/wallet/follow.ts';
import { type Outcome, transact } from '#lib/wallet/transactions.svelte.ts';
import { wallet } from '#lib/wallet/wallet.svelte.ts';
import { chainClient } from './chain.ts';
import { fetchJob } from './job.queries.ts';
import type { JobAction } from './permissions.ts';
import type { JobRow } from './rows.ts';
import { readTerms } from './terms.ts';

export type RequestOutcome = { ok: true; jobId: bigint } | { ok: false; problem: Problem };

export interface Missing {
	/** Micro-USDC that the requester's own balance lacks. */
	readonly amount: bigint;
	/** Whether the Escrow may take it already. */
	readonly approved: boolean;
}

/**
 * What a request asks for, whenever it is sent: equal for two clicks on the same form, whose deadlines differ by a second.
 */
export function contentOf(request: JobRequest): string {
	return `request:${hashRequest({ ...request, routeDeadline: unixSeconds(0) })}`;
}

/**
 * Locks the funds and requests compute, once: while the same request is pending in any tab, and for a few minutes after it created a job, it is refused.
 *
 * @param missing moved in from the wallet by the same transaction, by a signed permission or, where that cannot be, after an approval
 * @param again whether the same job is wanted once more, and its owner said so
 */
export async function requestJob(
	runtime: Runtime,
	request: JobRequest,
	missing: Missing | null = null,
	again = false,
): Promise<RequestOutcome> {
	const { jobRegistry } = runtime.deployment;
	const registry = { address: jobRegistry, abi: jobRegistryAbi } as const;
	const wanted = `${request.gpuCount} × ${request.gpuModel.toUpperCase()}`;
	const purpose = { content: contentOf(request), requestHash: hashRequest(request), once: !again };
	let outcome: Outcome;
	if (missing === null) {
		const call = { ...registry, functionName: 'request', args: [requestToChain(request)] } as const;
		outcome = await transact(`Request ${wanted}`, call, purpose);
	} else {
		const funded = missing.approved
			? ({ ok: true, funding: byAllowance(missing.amount) } as const)
			: await fund(runtime.deployment, missing.amount);
		if (!funded.ok) return funded;
		const call = {
			...registry,
			functionName: 'depositAndRequest',
			args: [funded.funding, requestToChain(request)],
		} as const;
		outcome = await transact(`Deposit ${formatUsd(missing.amount)} in USDC and request ${wanted}`, call, purpose);
	}
	if (!outcome.ok) return outcome;
	const jobId = jobRequestedIn(outcome.receipt, jobRegistry);
	if (jobId !== null) return { ok: true, jobId };
	return {
		ok: false,
		problem: new Problem({
			code: 'no_event',
			message: 'The request was mined, but its receipt names no job.',
			suggestion: 'Look for it on the Jobs page.',
		}),
	};
}

const TITLES: Readonly<Record<JobAction, string>> = {
	start: 'Start',
	decline: 'Decline',
	complete: 'Complete',
	extend: 'Extend',
	dispute: 'Dispute',
	submitEvidence: 'Add evidence to',
	cancel: 'Cancel',
	fail: 'Give up',
	resolve: 'Settle the dispute of',
	expire: 'Expire',
};

/** One step in a job's life, with what it needs beside the terms. */
export type JobStep =
	| { readonly action: Exclude<JobAction, 'extend' | 'dispute' | 'submitEvidence'> }
	| { readonly action: 'extend'; readonly extraSeconds: number }
	| { readonly action: 'dispute' | 'submitEvidence'; readonly evidenceHash: Hex };

/**
 * Takes one step in a job's life, with its terms as they stand on chain. Whether the connected account may is `jobActions`' business, and finally the
 * contract's.
 */
export function actOnJob(runtime: Runtime, step: JobStep, job: JobRow): Promise<Outcome> {
	const { deployment } = runtime;
	const registry = { address: deployment.jobRegistry, abi: jobRegistryAbi } as const;
	const terms = () =>
		readTerms(chainClient(), deployment, job, wallet.address, async () => (await fetchJob(job.id))?.job ?? null);
	const title = `${TITLES[step.action]} job ${job.id}`;
	switch (step.action) {
		case 'extend':
			return transact(title, async () => ({
				...registry,
				functionName: 'extend',
				args: [job.id, await terms(), step.extraSeconds] as const,
			}));
		case 'dispute':
		case 'submitEvidence':
			return transact(title, async () => ({
				...registry,
				functionName: step.action,
				args: [job.id, await terms(), step.evidenceHash] as const,
			}));
		default:
			return transact(title, async () => ({
				...registry,
				functionName: step.action,
				args: [job.id, await terms()] as const,
			}));
	}
}
