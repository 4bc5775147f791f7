import { describe, expect, it } from 'vitest';
import { fundingPlan } from './plan.ts';

describe('SET-02 what is missing before a request', () => {
	it('is nothing when the balance covers the lock', () => {
		expect(fundingPlan(100n, { available: 100n, wallet: 0n, allowance: 0n })).toEqual({
			deposit: 0n,
			approve: false,
			short: 0n,
			ready: true,
		});
	});

	it('is only the difference, approved when the allowance is smaller', () => {
		expect(fundingPlan(100n, { available: 40n, wallet: 60n, allowance: 59n })).toEqual({
			deposit: 60n,
			approve: true,
			short: 0n,
			ready: false,
		});
		expect(fundingPlan(100n, { available: 40n, wallet: 60n, allowance: 60n }).approve).toBe(false);
	});

	it('says what the wallet lacks, to the micro-dollar', () => {
		expect(fundingPlan(100n, { available: 40n, wallet: 59n, allowance: 0n }).short).toBe(1n);
	});
});
