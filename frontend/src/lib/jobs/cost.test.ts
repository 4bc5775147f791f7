import { describe, expect, it } from 'vitest';
import { elapsedSeconds, runningCost } from './cost.ts';

const job = { pricePerGpuHour: 2_000_000n, gpuCount: 3, duration: 7_200, startedAt: 1_000 };

describe('SET-02 the running cost', () => {
	it('is by the second, rounded down', () => {
		expect(runningCost(job, 1_001)).toBe(1_666n);
		expect(runningCost(job, 1_000 + 3_600)).toBe(6_000_000n);
	});

	it('stops at the duration and is never below zero when clocks differ', () => {
		expect(elapsedSeconds(job, 999_999)).toBe(7_200);
		expect(runningCost(job, 999_999)).toBe(12_000_000n);
		expect(runningCost(job, 0)).toBe(0n);
	});
});
