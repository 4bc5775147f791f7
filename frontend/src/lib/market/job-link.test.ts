import { describe, expect, test } from 'vitest';
import { offerView } from '../../../test/offer.ts';
import { leftBehindWords, linkedFields } from '../job-form/link.ts';
import type { Filters } from './filters.ts';
import { jobHref } from './job-link.ts';
import { offerOf } from './offer.ts';

function opened(filters: Filters) {
	const { searchParams } = new URL(jobHref(offerOf(offerView({ usd: '1890000' })), filters), 'http://necto');
	return { fields: linkedFields(searchParams), left: leftBehindWords(searchParams) };
}

describe('BUY-01 a job from the market', () => {
	test('takes over what a job can hold', () => {
		const { fields, left } = opened({ gpu: 'h100', region: 'europe,us', pricing: 'fixed', gpus: '8', hours: '72' });
		expect(fields).toEqual({
			gpuModel: 'h100',
			minMemoryGiB: 80,
			formFactors: ['sxm'],
			maxUsdPerGpuHour: '1.890000',
			continents: ['europe'],
			countries: ['US'],
			excludedPricing: ['dynamic', 'token'],
			gpuCount: 8,
			durationHours: '72',
		});
		expect(left).toBeNull();
	});

	test('wants as many GPUs as were to be in one machine', () => {
		expect(opened({ width: '4' })).toMatchObject({ fields: { gpuCount: 4 }, left: null });
		expect(opened({ width: '8', gpus: '2' }).left).toContain('GPUs in one machine');
	});

	test('says what it leaves behind', () => {
		expect(
			opened({ gpu: 'h100,a100:0.45', prefer: 'europe', network: 'vast', exclude: 'aws', restartMinutes: '5' }).left,
		).toBe(
			'A job cannot hold all that the market was asked for. Not taken over: the other GPUs that would do, the places that come first, the choice of networks and what a restart loses.',
		);
		expect(opened({ minUptime: '99' }).left).toContain('Not taken over: the least uptime.');
	});
});
