/** How a provider's jobs went, by the counters that the ProviderRegistry keeps of each provider. */

export interface JobCounts {
	/** Ran, and were paid for. */
	completed: number;
	/** Declined, not started in time, given up, or ruled against. */
	failed: number;
}

/** Fewer jobs say nothing. */
const LEAST_JOBS = 3;

/**
 * The share of jobs that went well, in basis points: `(completed + 1) ÷ (completed + failed + 2)`, rounded down. The one and the two keep a provider with
 * few jobs from looking perfect or hopeless (Laplace's rule).
 *
 * For people to look at. No ranking uses it: a buyer can make a provider fail jobs for the price of gas, so what it says of the badly rated is only as
 * true as their buyers were honest.
 *
 * @returns null with fewer than three jobs
 */
export function reliabilityBps({ completed, failed }: JobCounts): number | null {
	if (completed + failed < LEAST_JOBS) return null;
	return Number(((BigInt(completed) + 1n) * 10_000n) / (BigInt(completed) + BigInt(failed) + 2n));
}
