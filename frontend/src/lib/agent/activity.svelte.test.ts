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
		source.dispatchEvent(new MessageEvent('heartbeat', { data: '{}' }));
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

	it('SYS-06 are asked for while the stream brings none, and each stands once', async () => {
		vi.useFakeTimers();
		const pages = [{ events: [event(1), event(2)] }, { events: [event(3)] }];
		const fetched = vi.fn(async () => Response.json(pages.shift() ?? { events: [] }));
		vi.stubGlobal('fetch', fetched);
		try {
			const { feed, source, stop } = follow();
			source.dispatchEvent(new Event('open'));
			await vi.advanceTimersByTimeAsync(5_100);
			await vi.waitFor(() => expect(feed.events.map(({ id }) => id)).toEqual([1, 2]));
			expect(feed.state).toBe('polling');
			await vi.advanceTimersByTimeAsync(4_000);
			await vi.waitFor(() => expect(feed.events.map(({ id }) => id)).toEqual([1, 2, 3]));
			expect(fetched.mock.calls.map((call: unknown[]) => call[0])).toEqual([
				'/api/agent/jobs/4/activity?after=0',
				'/api/agent/jobs/4/activity?after=2',
			]);
			// All that was held back comes at once.
			for (const id of [1, 2, 3, 4]) source.say(event(id));
			expect(feed.state).toBe('live');
			expect(feed.events.map(({ id }) => id)).toEqual([1, 2, 3, 4]);
			await vi.advanceTimersByTimeAsync(9_000);
			expect(fetched).toHaveBeenCalledTimes(2);
			stop();
		} finally {
			vi.unstubAllGlobals();
			vi.useRealTimers();
		}
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
