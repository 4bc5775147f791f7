import { describe, expect, it } from 'vitest';
import { JOB_STATUSES, lifecycle, statusWords } from './status.ts';

const times = { requestedAt: 100, routedAt: null, startedAt: null, endedAt: null };

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
		const steps = lifecycle({ status: 'settled', requestedAt: 100, routedAt: 110, startedAt: 120, endedAt: 130 });
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
});

it('says of every status whether anything can still change', () => {
	const final = JOB_STATUSES.filter((status) => statusWords(status).final);
	expect(final).toEqual(['settled', 'cancelled', 'expired', 'failed']);
});
