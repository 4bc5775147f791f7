import { describe, expect, it } from 'vitest';
import { hexText, jobRowSchema } from './rows.ts';

const row = {
	id: '4',
	status: 'running',
	tracked: false,
	requester: null,
	team: 0,
	gpuModel: 'h100',
	minMemoryGiB: 80,
	formFactors: 4,
	gpuCount: 8,
	duration: 3600,
	maxPricePerGpuHour: '9007199254740993',
	continents: 16,
	countries: '',
	excludedPricing: 0,
	uptimeWeight: 0,
	latencyWeight: 0,
	ratingWeight: 0,
	riskWeight: 0,
	routeDeadline: '1800000000',
	startWindow: 600,
	specHash: `0x${'00'.repeat(32)}`,
	policyHash: `0x${'00'.repeat(32)}`,
	locked: '16000000',
	listingId: 7,
	provider: '0x00000000000000000000000000000000000000cc',
	pricePerGpuHour: '1900000',
	startDeadline: '1799999999',
	requestedAt: '1799990000',
	routedAt: '1799990003',
	startedAt: '1799990100',
	endsAt: '1799993700',
	endedAt: null,
	paid: null,
	refunded: null,
	elapsed: null,
	requestedBlock: '12',
	updatedAt: '1799990100',
};

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
