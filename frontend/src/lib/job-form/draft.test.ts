import { unixSeconds } from '@necto/core';
import { describe, expect, it } from 'vitest';
import { firstDraft, type JobDraft, readDraft, withFields } from './draft.ts';

const NOW = unixSeconds(1_800_000_000);
const filled = (more: Partial<JobDraft> = {}): JobDraft => ({ ...firstDraft(), maxUsdPerGpuHour: '2', ...more });
const errorsOf = (draft: JobDraft) => {
	const read = readDraft(draft, NOW);
	return read.ok ? {} : read.errors;
};

describe('BUY-01 the job form', () => {
	it('becomes a request', () => {
		const read = readDraft(
			filled({
				gpuCount: '8',
				durationHours: '48',
				weights: { uptime: '12.5', latency: '0', rating: '0', risk: '100' },
			}),
			NOW,
		);
		if (!read.ok) throw new Error(JSON.stringify(read.errors));
		expect(read.request).toMatchObject({
			gpuModel: 'h100',
			gpuCount: 8,
			duration: 48 * 3600,
			maxPricePerGpuHour: 2_000_000n,
			weights: { uptime: 1250, latency: 0, rating: 0, risk: 10_000 },
			tracked: true,
			team: 0,
		});
	});

	it('lacks only the ceiling when it is opened', () => {
		expect(Object.keys(errorsOf(firstDraft()))).toEqual(['maxUsdPerGpuHour']);
	});

	it('tells of every wrong field at once', () => {
		const errors = errorsOf(filled({ gpuCount: '1.5', waitMinutes: '', maxUsdPerGpuHour: 'cheap' }));
		expect(Object.keys(errors)).toEqual(expect.arrayContaining(['gpuCount', 'waitMinutes', 'maxUsdPerGpuHour']));
	});

	it.each(['-1', '1000000000', '1e9', '0', '65536'])('tells the limits for %j GPUs', (gpuCount) => {
		expect(errorsOf(filled({ gpuCount })).gpuCount).toBe('A whole number from 1 to 65,535.');
	});

	it('calls a field as its label does', () => {
		expect(errorsOf(firstDraft()).maxUsdPerGpuHour).toBe('The ceiling is missing.');
		expect(errorsOf(filled({ maxUsdPerGpuHour: '0' })).maxUsdPerGpuHour).toBe('The ceiling must be above zero.');
	});

	it.each(['-1', '101', '100.5', 'much', ''])('refuses %j as a weight', (uptime) => {
		expect(errorsOf(filled({ weights: { uptime, latency: '0', rating: '0', risk: '0' } })).weights).toBeTypeOf(
			'string',
		);
	});

	it('AGT-06 an untracked job has no team, even when one is still selected', () => {
		const read = readDraft(filled({ tracked: false, team: 7 }), NOW);
		if (!read.ok) throw new Error(JSON.stringify(read.errors));
		expect(read.request).toMatchObject({ tracked: false, team: 0 });
	});

	it('takes countries in any case and with any separator, each once', () => {
		const read = readDraft(filled({ countries: 'de, FR  de' }), NOW);
		if (!read.ok) throw new Error(JSON.stringify(read.errors));
		expect(read.request.countries).toEqual(['DE', 'FR']);
	});
});

describe('AGT-08 fields read from plain words or a link', () => {
	it('are shown as they were said, and what was typed before stays', () => {
		const draft = withFields(filled({ durationHours: '7' }), {
			gpuCount: 8,
			countries: ['DE'],
			weights: { uptime: 1250, latency: 0, rating: 0, risk: 0 },
			maxUsdPerGpuHour: undefined,
		});
		expect(draft).toMatchObject({ gpuCount: '8', countries: 'DE', durationHours: '7', maxUsdPerGpuHour: '2' });
		expect(draft.weights.uptime).toBe('12.5');
	});
});
