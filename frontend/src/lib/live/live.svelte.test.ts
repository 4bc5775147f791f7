import { flushSync } from 'svelte';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { LiveFeed } from './feed.svelte.ts';
import { LiveQuery, type QueryOptions } from './query.svelte.ts';

/** Stands for the browser's connection to the indexer; the test is the indexer. */
class FakeEventSource extends EventTarget {
	static readonly CLOSED = 2;
	static all: FakeEventSource[] = [];
	readyState = 0;

	constructor() {
		super();
		FakeEventSource.all.push(this);
	}

	open() {
		this.readyState = 1;
		this.dispatchEvent(new Event('open'));
		this.beat();
	}

	beat() {
		this.dispatchEvent(new MessageEvent('heartbeat', { data: '{}' }));
	}

	break() {
		this.readyState = 0;
		this.dispatchEvent(new Event('error'));
	}

	push(change: object | string) {
		this.dispatchEvent(
			new MessageEvent('change', { data: typeof change === 'string' ? change : JSON.stringify(change) }),
		);
	}

	close() {
		this.readyState = 2;
	}
}

const last = () => {
	const source = FakeEventSource.all.at(-1);
	if (source === undefined) throw new Error('nothing connected');
	return source;
};

beforeEach(() => {
	FakeEventSource.all = [];
	vi.stubGlobal('EventSource', FakeEventSource);
});
afterEach(() => {
	vi.unstubAllGlobals();
	vi.useRealTimers();
});

describe('pushes from the indexer', () => {
	test('one connection serves all, and ends with the last listener', () => {
		const feed = new LiveFeed('/live');
		const stops = [feed.listen({ tables: ['job'] }, vi.fn()), feed.listen({ tables: ['listing'] }, vi.fn())];
		expect(FakeEventSource.all).toHaveLength(1);
		stops[0]?.();
		expect(last().readyState).toBe(0);
		stops[1]?.();
		expect(last().readyState).toBe(FakeEventSource.CLOSED);
	});

	test('only those concerned are told, and rubbish tells nobody', () => {
		const feed = new LiveFeed('/live');
		const job = vi.fn();
		feed.listen({ tables: ['job'], jobs: ['4'] }, job);
		last().open();
		last().push({ block: '9', tables: ['job'], jobs: ['5'] });
		last().push({ block: '9', tables: ['listing'], jobs: [] });
		last().push('not json');
		last().push({ tables: 'job' });
		expect(job).not.toHaveBeenCalled();
		last().push({ block: '9', tables: ['job'], jobs: ['4'] });
		expect(job).toHaveBeenCalledOnce();
	});

	test('after a break everybody is told once: what happened meanwhile was not sent', () => {
		const feed = new LiveFeed('/live');
		const listener = vi.fn();
		feed.listen({ tables: ['job'], jobs: ['4'] }, listener);
		last().open();
		expect(listener).not.toHaveBeenCalled();
		last().break();
		expect(feed.state).toBe('down');
		last().open();
		expect(listener).toHaveBeenCalledOnce();
		expect(feed.state).toBe('open');
	});

	test('SYS-06 behind a proxy that holds everything back, pages poll: at once, and until something arrives', () => {
		vi.useFakeTimers();
		const feed = new LiveFeed('/live');
		const listener = vi.fn();
		feed.listen({ tables: ['job'] }, listener);
		// The proxy answers with its headers and nothing else.
		last().readyState = 1;
		last().dispatchEvent(new Event('open'));
		expect(feed.state).toBe('connecting');
		vi.advanceTimersByTime(5_100);
		expect(feed.state).toBe('down');
		// What was held back comes in one piece, later: that is looked at, and pushes count again.
		last().push({ block: '9', tables: ['job'], jobs: [] });
		expect(feed.state).toBe('open');
		expect(listener).toHaveBeenCalled();
	});

	test('SYS-06 when heartbeats stop, pages poll and another connection is tried', () => {
		vi.useFakeTimers();
		const feed = new LiveFeed('/live');
		feed.listen({ tables: ['job'] }, vi.fn());
		last().open();
		for (let minute = 0; minute < 4; minute++) {
			vi.advanceTimersByTime(15_000);
			last().beat();
		}
		expect(feed.state).toBe('open');
		expect(FakeEventSource.all).toHaveLength(1);
		vi.advanceTimersByTime(45_100);
		expect(feed.state).toBe('down');
		expect(FakeEventSource.all).toHaveLength(2);
		expect(FakeEventSource.all[0]?.readyState).toBe(FakeEventSource.CLOSED);
		// The new one opens and stays silent: pages go on polling.
		last().dispatchEvent(new Event('open'));
		vi.advanceTimersByTime(1_000);
		expect(feed.state).toBe('down');
		last().beat();
		expect(feed.state).toBe('open');
	});

	test('where the browser gives up for good, it begins anew', () => {
		vi.useFakeTimers();
		const feed = new LiveFeed('/live');
		feed.listen({ tables: ['job'] }, vi.fn());
		last().readyState = FakeEventSource.CLOSED;
		last().dispatchEvent(new Event('error'));
		vi.advanceTimersByTime(5_000);
		expect(FakeEventSource.all).toHaveLength(2);
	});
});

describe('data that stays true', () => {
	/** A query inside a component's life. */
	function open<T>(options: Omit<QueryOptions<T>, 'feed'>) {
		const feed = new LiveFeed('/live');
		let query: LiveQuery<T> | undefined;
		const end = $effect.root(() => {
			query = new LiveQuery({ ...options, feed });
		});
		flushSync();
		if (query === undefined) throw new Error('no query');
		return { query, end };
	}

	test('loads, and loads again at a push without forgetting what it shows', async () => {
		const answers = [Promise.resolve('old'), new Promise<string>(() => {})];
		const load = vi.fn(() => answers.shift() ?? Promise.resolve('?'));
		const { query, end } = open<string>({ load, interest: () => ({ tables: ['job'] }) });
		expect(query.loading).toBe(true);
		await expect.poll(() => query.current).toBe('old');
		expect(query.loading).toBe(false);
		last().push({ block: '1', tables: ['job'], jobs: [] });
		expect(load).toHaveBeenCalledTimes(2);
		expect(query.current).toBe('old');
		expect(query.loading).toBe(false);
		end();
	});

	test('a push during a load is not lost: one more load follows, however many pushes came', async () => {
		let answer: (value: string) => void = () => {};
		const load = vi
			.fn<() => Promise<string>>()
			.mockImplementationOnce(() => new Promise((resolve) => (answer = resolve)))
			.mockResolvedValue('new');
		const { query, end } = open<string>({ load, interest: () => ({ tables: ['job'] }) });
		for (let i = 0; i < 5; i++) last().push({ block: '1', tables: ['job'], jobs: [] });
		expect(load).toHaveBeenCalledTimes(1);
		answer('old');
		await expect.poll(() => query.current).toBe('new');
		expect(load).toHaveBeenCalledTimes(2);
		end();
	});

	test('a failure keeps the last answer and is gone after the next success', async () => {
		const load = vi
			.fn<() => Promise<string>>()
			.mockResolvedValueOnce('good')
			.mockRejectedValueOnce(new Error('gone'))
			.mockResolvedValueOnce('better');
		const { query, end } = open<string>({ load });
		await expect.poll(() => query.current).toBe('good');
		query.refresh();
		await expect.poll(() => query.problem?.message).toBe('gone');
		expect(query.current).toBe('good');
		query.refresh();
		await expect.poll(() => query.current).toBe('better');
		expect(query.problem).toBeNull();
		end();
	});

	test('nothing new keeps what is there', async () => {
		const load = vi.fn<() => Promise<string | undefined>>().mockResolvedValueOnce('same').mockResolvedValue(undefined);
		const { query, end } = open<string>({ load });
		await expect.poll(() => query.current).toBe('same');
		query.refresh();
		await expect.poll(() => load).toHaveBeenCalledTimes(2);
		expect(query.current).toBe('same');
		end();
	});

	test('when what it depends on changes, a late answer to the old question is thrown away', async () => {
		let id = $state('4');
		const answers = new Map<string, (value: string) => void>();
		const load = (signal: AbortSignal) => {
			const asked = id;
			void signal;
			return new Promise<string>((resolve) => answers.set(asked, resolve));
		};
		const { query, end } = open<string>({ load });
		id = '5';
		flushSync();
		answers.get('5')?.('job 5');
		await expect.poll(() => query.current).toBe('job 5');
		answers.get('4')?.('job 4');
		await Promise.resolve();
		expect(query.current).toBe('job 5');
		end();
	});
});
