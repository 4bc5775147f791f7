import { untrack } from 'svelte';
import { isAbort, type Problem, problemOf } from '../problem.ts';
import { feed, type Interest, type LiveFeed } from './feed.svelte.ts';

export interface QueryOptions<T> {
	/**
	 * Gets the data. Runs in an effect: state that it reads before its first `await` makes it run again when that changes.
	 * Resolve with `undefined` to keep what is there (a poll that found nothing new).
	 */
	load: (signal: AbortSignal) => Promise<T | undefined>;
	/** Pushes that make it load again; a getter, so that it may depend on state. */
	interest?: (() => Interest) | undefined;
	/** Loads again every so many milliseconds while the page is visible, pushes or not. */
	every?: number;
	/** For tests. */
	feed?: LiveFeed;
}

/** How often to ask while pushes are down. */
const POLL_WITHOUT_PUSHES_MS = 4_000;
const RETRY_AFTER_FAILURE_MS = 4_000;

/**
 * Data that stays true: loads, loads again at each push, poll or `refresh()`, and keeps the last good value while it does,
 * so that nothing flickers. Make one with {@link liveQuery} while a component is set up; it ends with the component.
 */
export class LiveQuery<T> {
	/** The last good answer; undefined until the first. */
	current = $state.raw<T | undefined>();
	/** Why the last try failed; null when it did not. `current` may still hold an older answer. */
	problem = $state.raw<Problem | null>(null);
	/** Whether the first answer (or failure) is still awaited. */
	loading = $state(true);
	/** When `current` was last confirmed, in unix seconds. */
	confirmedAt = $state<number | null>(null);

	#options: QueryOptions<T>;
	#inFlight: AbortController | null = null;
	#again = false;
	#retry: ReturnType<typeof setTimeout> | undefined;

	constructor(options: QueryOptions<T>) {
		this.#options = options;
		const live = options.feed ?? feed;

		$effect(() => {
			// State read here by `load` is what the effect depends on; a new value makes answers to the old one worthless.
			this.#inFlight?.abort();
			void this.#run();
			return () => {
				this.#inFlight?.abort();
				clearTimeout(this.#retry);
			};
		});

		$effect(() => {
			const interest = options.interest?.();
			if (interest === undefined) return;
			return live.listen(interest, this.refresh);
		});

		$effect(() => {
			const polls = [options.every, options.interest && live.state === 'down' ? POLL_WITHOUT_PUSHES_MS : undefined];
			const period = Math.min(...polls.filter((poll) => poll !== undefined));
			if (!Number.isFinite(period)) return;
			const timer = setInterval(() => {
				if (document.visibilityState === 'visible') this.refresh();
			}, period);
			return () => clearInterval(timer);
		});

		$effect(() => {
			const wake = () => {
				if (document.visibilityState === 'visible') this.refresh();
			};
			document.addEventListener('visibilitychange', wake);
			return () => document.removeEventListener('visibilitychange', wake);
		});
	}

	/** Loads again now. While a load runs, one more follows it: the running one may have missed the change. */
	refresh = (): void => {
		if (this.#inFlight !== null) {
			this.#again = true;
			return;
		}
		untrack(() => void this.#run());
	};

	async #run(): Promise<void> {
		const controller = new AbortController();
		this.#inFlight = controller;
		this.#again = false;
		clearTimeout(this.#retry);
		try {
			const value = await this.#options.load(controller.signal);
			if (controller.signal.aborted) return;
			if (value !== undefined) this.current = value;
			this.problem = null;
			this.confirmedAt = Math.floor(Date.now() / 1_000);
		} catch (error) {
			if (controller.signal.aborted || isAbort(error)) return;
			this.problem = problemOf(error);
			this.#retry = setTimeout(this.refresh, RETRY_AFTER_FAILURE_MS);
		} finally {
			if (this.#inFlight === controller) {
				this.#inFlight = null;
				this.loading = false;
				if (this.#again) this.refresh();
			}
		}
	}
}

/** See {@link LiveQuery}. */
export function liveQuery<T>(options: QueryOptions<T>): LiveQuery<T> {
	return new LiveQuery(options);
}
