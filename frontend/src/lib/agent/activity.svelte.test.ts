import type { ActivityEvent } from '@necto/core';
import { describe, expect, it, vi } from 'vitest';
import { ActivityFeed, refusalIn, withEvent } from './activity.svelte.ts';

const event = (id: number, jobId = '4'): ActivityEvent => ({
	id,
	jobId,
	at: 1_800_000_000_000 + id,
	step: 'source',
	title: `step ${id}`,
	detail: null,
	data: {},
});

/** A stream whose other end is in the test's hands. */
class FakeSource extends EventTarget {
	readyState: number = EventSource.OPEN;
	close = vi.fn();
	say(data: unknown): void {
		this.dispatchEvent(new MessageEvent('activity', { data: typeof data === 'string' ? data : JSON.stringify(data) }));
	}
}

function follow(jobId = 4n) {
	const feed = new ActivityFeed();
	const source = new FakeSource();
	const urls: string[] = [];
	const stop = feed.follow(jobId, (url) => {
		urls.push(url);
		// What the feed uses of an EventSource is all there.
		return source as unknown as EventSource;
	});
	return { feed, source, stop, urls };
}

describe('AGT-07 the steps of the agent', () => {
	it('stay in their order whatever order they arrive in', () => {
		const events = [3, 1, 2].reduce((list: readonly ActivityEvent[], id) => withEvent(list, event(id)), []);
		expect(events.map(({ id }) => id)).toEqual([1, 2, 3]);
	});

	it('are not doubled by a reconnect', () => {
		const events = [event(1)];
		expect(withEvent(events, event(1))).toBe(events);
	});

	it('come from the stream of the job, and only those of the job', () => {
		const { feed, source, urls } = follow();
		expect(urls).toEqual(['/api/agent/activity?job=4']);
		source.dispatchEvent(new Event('open'));
		expect(feed.state).toBe('live');
		source.say(event(1));
		source.say(event(2, '5'));
		expect(feed.events.map(({ id }) => id)).toEqual([1]);
	});

	it('survive nonsense on the stream', () => {
		const { feed, source } = follow();
		for (const nonsense of ['', '{', '[]', 'null', JSON.stringify({ ...event(1), step: 'dancing' })])
			source.say(nonsense);
		expect(feed.events).toEqual([]);
		source.say(event(2));
		expect(feed.events).toHaveLength(1);
	});

	it('say when the stream is broken, and end with the page', () => {
		const { feed, source, stop } = follow();
		source.dispatchEvent(new Event('error'));
		expect(feed.state).toBe('reconnecting');
		stop();
		expect(source.close).toHaveBeenCalledOnce();
	});
});

it('SYS-05 a refusal stands until the agent goes on', () => {
	const refused: ActivityEvent = { ...event(2), step: 'refused' };
	expect(refusalIn([])).toBeNull();
	expect(refusalIn([event(1), refused])).toBe(refused);
	expect(refusalIn([event(1), refused, event(3)])).toBeNull();
});
