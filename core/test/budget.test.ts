import { describe, expect, it } from 'vitest';
import { budgetIn, currentPeriod, NO_LIMIT, sessionPeriodSpent } from '../src/index.ts';

const team = { periodStart: 1_000, period: 100 };

describe('BILL-04 a budget now', () => {
	it('counts in the period that it was spent in, to the second', () => {
		expect([999, 1_000, 1_099, 1_100, 1_250].map((now) => currentPeriod(team, now))).toEqual([
			1_000, 1_000, 1_000, 1_100, 1_200,
		]);
		const stored = { limit: 50n, spent: 20n, periodStart: 1_000 };
		expect(budgetIn(stored, 1_000)).toEqual({ limit: 50n, spent: 20n, left: 30n });
		expect(budgetIn(stored, 1_100)).toEqual({ limit: 50n, spent: 0n, left: 50n });
	});

	it('tells no limit from nothing allowed, and has nothing left when the limit was lowered', () => {
		expect(budgetIn({ limit: NO_LIMIT, spent: 5n, periodStart: 0 }, 0)).toEqual({ limit: null, spent: 5n, left: null });
		expect(budgetIn({ limit: 0n, spent: 0n, periodStart: 0 }, 0).left).toBe(0n);
		expect(budgetIn({ limit: 3n, spent: 5n, periodStart: 0 }, 0).left).toBe(0n);
	});
});

describe('AGT-09 what a session key locked', () => {
	const session = {
		total: 100n,
		spent: 60n,
		perPeriod: 50n,
		periodSpent: 20n,
		period: 100,
		periodIndex: 2,
		grantedAt: 1_000,
		expiresAt: 9_000,
	};

	it('in its period counts from the grant', () => {
		expect(sessionPeriodSpent(session, 1_200)).toBe(20n);
		expect(sessionPeriodSpent(session, 1_299)).toBe(20n);
		expect(sessionPeriodSpent(session, 1_300)).toBe(0n);
	});

	it('without a period is one for all of its life', () => {
		expect(sessionPeriodSpent({ ...session, period: 0, periodIndex: 0 }, 8_999)).toBe(20n);
	});
});
