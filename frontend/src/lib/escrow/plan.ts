/** What still has to happen before a request can lock its money. Pure: the page shows it as arithmetic, the service does it. */

/** What a payer holds, in micro-USDC. */
export interface Funds {
	/** In the Escrow and not locked. */
	readonly available: bigint;
	/** In the wallet. */
	readonly wallet: bigint;
	/** What the Escrow may already take from the wallet. */
	readonly allowance: bigint;
}

export interface FundingPlan {
	/** Missing in the Escrow: what has to be deposited. */
	readonly deposit: bigint;
	/** Whether the Escrow must be allowed to take it first. */
	readonly approve: boolean;
	/** Missing in the wallet too: has to be got from elsewhere (test USDC on a test chain). */
	readonly short: bigint;
	/** A request would be accepted now. */
	readonly ready: boolean;
}

/**
 * How to get `lock` micro-USDC into the payer's available balance.
 *
 * @param lock what the request locks, rounded up by core's `lockFor`
 */
export function fundingPlan(lock: bigint, funds: Funds): FundingPlan {
	const deposit = positive(lock - funds.available);
	return {
		deposit,
		approve: deposit > funds.allowance,
		short: positive(deposit - funds.wallet),
		ready: deposit === 0n,
	};
}

function positive(amount: bigint): bigint {
	return amount > 0n ? amount : 0n;
}
