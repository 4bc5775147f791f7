import type { Hash } from 'viem';
import { Problem } from '../problem.ts';
import type { Kept } from './kept.ts';

/**
 * What a person sees of a transaction. Only `confirmed` is success; `rejected` is neutral: the owner said no. `unsent`: the page was reloaded before the wallet was
 * asked.
 */
export type TransactionStatus = 'checking' | 'unsent' | Kept['state'];

/** One transaction from the click to its receipt. */
export class Transaction {
	readonly id: string;
	/** What it does, as an imperative: "Deposit 12.00 USDC". */
	readonly title: string;
	status = $state<TransactionStatus>('checking');
	hash = $state<Hash | null>(null);
	problem = $state.raw<Problem | null>(null);
	/** The job that it requested. */
	jobId = $state<string | null>(null);

	constructor(id: string, title: string) {
		this.id = id;
		this.title = title;
	}

	/** Takes over what this tab or another one found out. */
	show({ state, hash, problem, jobId }: Kept): void {
		this.status = state;
		this.hash = hash;
		this.problem = problem === null ? null : new Problem(problem);
		this.jobId = jobId;
	}
}

/** The lock that is held by whoever drives a transaction: the tab that sent it, or one that took over from it. */
export function driverLock(id: string): string {
	return `necto.transaction.${id}`;
}
