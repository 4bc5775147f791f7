/** Running longer: what is typed, and what it locks. The arithmetic is the contract's (`JobRegistry.extend`). */
import { LIMITS, lockFor, scaledDecimal } from '@necto/core';
import type { JobRow } from './rows.ts';

type Running = Pick<JobRow, 'duration' | 'gpuCount' | 'locked' | 'pricePerGpuHour' | 'startedAt'>;

export interface Extension {
	/** Seconds. */
	readonly extraSeconds: number;
	/** Unix seconds. */
	readonly endsAt: number;
	/** Micro-USDC to be locked beside what is locked already, which may have been for a higher price than was found. */
	readonly extraLock: bigint;
}

/** Reads hours as typed: an extension, or what is wrong in words. */
export function readExtension(hours: string, job: Running): Extension | string {
	const text = hours.trim();
	if (!/^\d{1,6}(\.\d{1,4})?$/.test(text)) return 'Give hours as a plain number such as 1.5.';
	// Exact for four decimals, or rounded up in the buyer's favour.
	const extraSeconds = Number((scaledDecimal(text, 4) * 3_600n + 9_999n) / 10_000n);
	if (extraSeconds === 0) return 'Give more than nothing.';
	const duration = job.duration + extraSeconds;
	if (duration > LIMITS.duration.max) return 'A job may run 90 days in all.';
	if (job.pricePerGpuHour === null || job.startedAt === null) return 'The job does not run.';
	const needed: bigint = lockFor({
		maxPricePerGpuHour: job.pricePerGpuHour,
		gpuCount: job.gpuCount,
		duration,
	});
	return {
		extraSeconds,
		endsAt: job.startedAt + duration,
		extraLock: needed > job.locked ? needed - job.locked : 0n,
	};
}
