import type { Address, Hash } from 'viem';

/**
 * An untracked job's requester appears in no table. The chain's own state still shows it to whoever looks there; the indexer does not
 * help. So for an untracked job
 * - `job.requester` is null (the event's is zero already);
 * - its lock and refund have no account. They are written from the JobRegistry's events, which say whether a job is tracked, and not from
 *   the Escrow's, which name the payer. No table holds balances, whose steps would show it;
 * - the hash of a transaction that the requester may have sent is not kept: a transaction names its sender.
 */

interface Sent {
	readonly transaction: { readonly hash: Hash; readonly from: Address };
}

/** What may be kept of a transaction about a job. Both or none: the hash leads to the sender. */
export interface Trace {
	readonly txHash: Hash | null;
	readonly by: Address | null;
}

/**
 * What is kept of the transaction behind a job's event.
 *
 * @param event the event with its transaction
 * @param tracked whether the job is tracked
 * @param party who may be named though the job is untracked: the provider it was routed to. Anyone else may be the requester.
 */
export function traceOf(event: Sent, tracked: boolean, party: Address | null): Trace {
	const { hash, from } = event.transaction;
	return tracked || from === party ? { txHash: hash, by: from } : { txHash: null, by: null };
}
