import type { ActivityEvent, ActivityStep } from '@necto/core';
import { expect, it } from 'vitest';
import { linesOf } from './steps.ts';

let id = 0;
const event = (step: ActivityStep, state?: string): ActivityEvent => ({
	id: id++,
	jobId: '4',
	at: 1_000,
	step,
	title: step,
	detail: null,
	data: state === undefined ? {} : { state },
});
const shape = (events: readonly ActivityEvent[]) =>
	linesOf(events).map((line) => (line.kind === 'step' ? line.event.step : `${line.events.length} of ${line.asked}`));

it('folds the sources that did not answer into one line, and shows the others', () => {
	const states = ['fresh', 'failing', 'not-configured', 'snapshot', 'failing', 'stale'];
	const sources = states.map((state) => event('source', state));
	expect(shape([event('collecting'), ...sources, event('collected')])).toEqual([
		'collecting',
		'source',
		'source',
		'source',
		'3 of 6',
		'collected',
	]);
});

it('folds the sources of each market request separately, and leaves a single one unfolded', () => {
	const one = [event('source', 'fresh'), event('source', 'failing')];
	expect(shape([...one, event('collected'), event('source', 'failing'), event('source', 'failing')])).toEqual([
		'source',
		'source',
		'collected',
		'2 of 2',
	]);
});
