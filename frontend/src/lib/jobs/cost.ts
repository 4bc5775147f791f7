/** What a job costs while it runs: the contract's own arithmetic, so that the ticking figure is the one that will be paid. */
import { costOf } from '@necto/core';

/** Of a running or settled job. Times in unix seconds, money in micro-USD. */
export interface Metered {
	readonly pricePerGpuHour: bigint;
	readonly gpuCount: number;
	/** Seconds paid for at most. */
	readonly duration: number;
	readonly startedAt: number;
}

/** Seconds that would be paid for if the job ended now. */
export function elapsedSeconds(job: Metered, now: number): number {
	return Math.min(Math.max(0, Math.floor(now) - job.startedAt), job.duration);
}

/** Micro-USD due if the job ended now. */
export function runningCost(job: Metered, now: number): bigint {
	return costOf(job.pricePerGpuHour, job.gpuCount, elapsedSeconds(job, now));
}
