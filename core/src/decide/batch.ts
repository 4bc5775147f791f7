import type { Quote } from '../offer/quote.ts';
import type { MarketSnapshot } from '../snapshot/snapshot.ts';
import { type DecideInput, decide } from './decide.ts';
import type { Decision } from './decision.ts';
import { type Listed, take } from './take.ts';

/** One of several jobs that are decided together. */
export type BatchedJob = Omit<DecideInput, 'snapshot' | 'policy'> & Partial<Pick<DecideInput, 'policy'>>;

/** A decision with the market that it was made of: what each record of a batch has to name to be verified alone. */
export interface BatchedDecision {
	decision: Decision;
	snapshot: MarketSnapshot;
}

/**
 * Decides related jobs in one go over one market, in the given order. Each job takes its GPUs from the listing it got before the next is decided, and a
 * dynamic listing's price rises with it as on chain: no two jobs count on the same GPUs, and every decision is the one that would be made after the jobs
 * before it were routed. A job that nothing serves takes nothing.
 *
 * A job that names no policy of its own goes by the batch's.
 *
 * @throws RangeError as `decide`
 */
export function decideBatch(
	jobs: readonly BatchedJob[],
	snapshot: MarketSnapshot,
	policy: DecideInput['policy'],
): BatchedDecision[] {
	return [...decideEach(jobs, snapshot, policy)];
}

/** The decisions of `decideBatch`, each made when it is taken: for whoever has other work to do between two of them. */
export function* decideEach(
	jobs: readonly BatchedJob[],
	snapshot: MarketSnapshot,
	policy: DecideInput['policy'],
): Generator<BatchedDecision, void> {
	let now = snapshot;
	for (const job of jobs) {
		const decision = decide({ ...job, policy: job.policy ?? policy, snapshot: now });
		yield { decision, snapshot: now };
		const { chosen } = decision;
		if (chosen === null) continue;
		const quotes = now.quotes.map((quote) =>
			quote.key === chosen.key && isListed(quote) ? take(quote, job.request.gpuCount) : quote,
		);
		now = { ...now, quotes };
	}
}

function isListed(quote: Quote): quote is Listed {
	return quote.listing !== null;
}
