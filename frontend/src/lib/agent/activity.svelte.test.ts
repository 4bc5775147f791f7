import type { ActivityEvent } from '@necto/core';
import { describe, expect, it } from 'vitest';
import { withEvent } from './activity.svelte.ts';

const event = (id: number): ActivityEvent => ({
	id,
	jobId: '4',
	at: 1_800_000_000_000 + id,
	step: 'source',
	title: `step ${id}`,
	detail: null,
	data: {},
});

describe('AGT-07 the steps of the agent', () => {
	it('stay in their order whatever order they arrive in', () => {
		const events = [3, 1, 2].reduce((list: readonly ActivityEvent[], id) => withEvent(list, event(id)), []);
		expect(events.map(({ id }) => id)).toEqual([1, 2, 3]);
	});

	it('are not doubled by a reconnect', () => {
		const events = [event(1)];
		expect(withEvent(events, event(1))).toBe(events);
	});
});
