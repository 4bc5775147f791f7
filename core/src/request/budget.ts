/** Budgets and session keys as they stand at a time: the arithmetic of `contracts/src/access/Teams.sol` and `Sessions.sol` on what they store. */

/** The limit that is none: `AccessControl.NO_LIMIT`. */
export const NO_LIMIT = 2n ** 64n - 1n;

/** What may be locked in a period, and what was. Micro-USDC. */
export interface Budget {
	/** Null is without limit. */
	readonly limit: bigint | null;
	readonly spent: bigint;
	/** Null where there is no limit; never below zero, also when the limit was lowered below what was spent. */
	readonly left: bigint | null;
}

export interface StoredBudget {
	readonly limit: bigint;
	readonly spent: bigint;
	/** Unix seconds: the period that `spent` is of. */
	readonly periodStart: number;
}

/** When the period began that is current at `now`. Seconds. */
export function currentPeriod(team: { periodStart: number; period: number }, now: number): number {
	const passed = Math.max(0, Math.floor((now - team.periodStart) / team.period));
	return team.periodStart + passed * team.period;
}

/** A budget in the period that began at `start`: what was spent in another one does not count. */
export function budgetIn(stored: StoredBudget, start: number): Budget {
	const spent = stored.periodStart === start ? stored.spent : 0n;
	if (stored.limit >= NO_LIMIT) return { limit: null, spent, left: null };
	return { limit: stored.limit, spent, left: stored.limit > spent ? stored.limit - spent : 0n };
}

/** A session key as the contract stores it. Money in micro-USDC, times in seconds. */
export interface StoredSession {
	readonly total: bigint;
	readonly spent: bigint;
	readonly perPeriod: bigint;
	readonly periodSpent: bigint;
	/** 0 is one period for all of its life. */
	readonly period: number;
	readonly periodIndex: number;
	readonly grantedAt: number;
	readonly expiresAt: number;
}

/** What a key locked in the period that is current at `now`. */
export function sessionPeriodSpent(session: StoredSession, now: number): bigint {
	const index = session.period === 0 ? 0 : Math.max(0, Math.floor((now - session.grantedAt) / session.period));
	return session.periodIndex === index ? session.periodSpent : 0n;
}
