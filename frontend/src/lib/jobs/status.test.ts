import { describe, expect, it } from 'vitest';
import { JOB_STATUSES, lifecycle, statusWords } from './status.ts';

const times = { requestedAt: 100, routedAt: null, startedAt: null, disputedAt: null, endedAt: null };

describe('lifecycle', () => {
	it('marks what is done, what is now and what lies ahead', () => {
		const steps = lifecycle({ ...times, status: 'running', routedAt: 110, startedAt: 120 });
		expect(steps.map((step) => [step.status, step.state, step.at])).toEqual([
			['requested', 'done', 100],
			['routed', 'done', 110],
			['running', 'current', 120],
			['settled', 'ahead', null],
		]);
	});

	it('ends in settled with nothing ahead', () => {
		const steps = lifecycle({ ...times, status: 'settled', routedAt: 110, startedAt: 120, endedAt: 130 });
		expect(steps.every((step) => step.state === 'done')).toBe(true);
	});

	it('shows only the steps that a cancelled job really took', () => {
		const steps = lifecycle({ ...times, status: 'cancelled', endedAt: 105 });
		expect(steps.map((step) => [step.status, step.state])).toEqual([
			['requested', 'done'],
			['cancelled', 'ended'],
		]);
	});

	it('keeps the routed step of a job that expired before its start', () => {
		const steps = lifecycle({ ...times, status: 'expired', routedAt: 110, endedAt: 900 });
		expect(steps.map((step) => step.status)).toEqual(['requested', 'routed', 'expired']);
		expect(steps.at(-1)?.at).toBe(900);
	});

	it('shows a dispute between the run and its end, however it ended', () => {
		const disputed = { ...times, routedAt: 110, startedAt: 120, disputedAt: 130 };
		const states = (status: 'disputed' | 'settled' | 'failed', endedAt: number | null) =>
			lifecycle({ ...disputed, status, endedAt }).map((step) => [step.status, step.state]);
		expect(states('disputed', null).slice(2)).toEqual([
			['running', 'done'],
			['disputed', 'current'],
			['settled', 'ahead'],
		]);
		expect(states('settled', 140).at(-1)).toEqual(['settled', 'done']);
		expect(states('failed', 140).slice(2)).toEqual([
			['running', 'done'],
			['disputed', 'done'],
			['failed', 'ended'],
		]);
	});

	it('ends a split job where its parts begin', () => {
		const steps = lifecycle({ ...times, status: 'split', endedAt: 105 });
		expect(steps.map((step) => [step.status, step.state])).toEqual([
			['requested', 'done'],
			['split', 'ended'],
		]);
	});
});

it('says of every status whether anything can still change', () => {
	const final = JOB_STATUSES.filter((status) => statusWords(status).final);
	expect(final).toEqual(['settled', 'cancelled', 'expired', 'failed', 'split']);
});
