import { describe, expect, it } from 'vitest';
import { jobAnswer } from '../../../test/job.ts';
import { hexText, jobRowSchema } from './rows.ts';

/** More than a float can hold. */
const row = { ...jobAnswer, tracked: false, requester: null, maxPricePerGpuHour: '9007199254740993' };

describe('a job from the indexer', () => {
	it('keeps money exact beyond what a float can hold, and times as seconds', () => {
		const job = jobRowSchema.parse(row);
		expect(job.maxPricePerGpuHour).toBe(9_007_199_254_740_993n);
		expect(job.routeDeadline).toBe(1_800_000_000);
		expect(job.endedAt).toBeNull();
	});

	it.each([{ status: 'finished' }, { locked: '1.5' }, { requester: 'somebody' }, { gpuCount: '8' }])(
		'is refused with %j',
		(change) => {
			expect(jobRowSchema.safeParse({ ...row, ...change }).success).toBe(false);
		},
	);
});

it('hexadecimal text is checked', () => {
	expect(hexText.safeParse('deadbeef').success).toBe(false);
});
