import { createSubscriber } from 'svelte/reactivity';
import { z } from 'zod';
import { parseJson } from '../http.ts';
import { watchPulse } from './pulse.ts';

/** One block's changes, as the indexer tells them. */
const changeSchema = z.object({ block: z.string(), tables: z.array(z.string()), jobs: z.array(z.string()) });

/** What a listener wants to hear of: any of these tables, and of jobs only these (all when left out). */
export interface Interest {
	tables: readonly string[];
	jobs?: readonly string[] | undefined;
}

export type FeedState = 'idle' | 'connecting' | 'open' | 'down';

interface Listener {
	interest: Interest;
	notify: () => void;
}

/**
 * The indexer's pushes, one connection for all pages. It is open while somebody listens. After a break everybody is told
 * once, since what happened meanwhile is not sent again.
 */
export class LiveFeed {
	#url: string;
	#source: EventSource | null = null;
	#state: FeedState = 'idle';
	#unwatch: () => void = () => {};
	#wasDown = false;
	#listeners = new Set<Listener>();
	#update: (() => void) | null = null;
	#subscribe = createSubscriber((update) => {
		this.#update = update;
		return () => {
			this.#update = null;
		};
	});

	constructor(url: string) {
		this.#url = url;
	}

	/** Whether pushes arrive; `down` means that pages must poll: the connection broke, or nothing comes through it. */
	get state(): FeedState {
		this.#subscribe();
		return this.#state;
	}

	/** Calls `notify` at each change of interest. @returns the way to stop */
	listen(interest: Interest, notify: () => void): () => void {
		const listener = { interest, notify };
		this.#listeners.add(listener);
		if (this.#source === null) this.#open();
		return () => {
			this.#listeners.delete(listener);
			if (this.#listeners.size === 0) this.#close();
		};
	}

	#open(): void {
		// Pages that poll go on polling until something arrives.
		if (!this.#wasDown) this.#setState('connecting');
		const source = new EventSource(this.#url);
		this.#source = source;
		const down = () => {
			this.#wasDown = true;
			this.#setState('down');
		};
		this.#unwatch = watchPulse(source, ['ready', 'change'], {
			alive: () => {
				this.#setState('open');
				const missed = this.#wasDown;
				this.#wasDown = false;
				if (missed) for (const listener of this.#listeners) listener.notify();
			},
			silent: down,
			dead: () => {
				down();
				this.#disconnect();
				this.#open();
			},
		});
		source.addEventListener('error', () => {
			down();
			// A plain break is retried by the browser; after an HTTP error it gives up for good and we begin anew.
			if (source.readyState === EventSource.CLOSED) {
				setTimeout(() => {
					if (this.#source !== source) return;
					this.#disconnect();
					this.#open();
				}, 3_000);
			}
		});
		source.addEventListener('change', (event) => {
			const change = changeSchema.safeParse(parseJson(event.data));
			if (!change.success) return;
			for (const { interest, notify } of this.#listeners) {
				if (concerns(interest, change.data)) notify();
			}
		});
	}

	#disconnect(): void {
		this.#unwatch();
		this.#source?.close();
		this.#source = null;
	}

	#close(): void {
		this.#disconnect();
		this.#wasDown = false;
		this.#setState('idle');
	}

	#setState(state: FeedState): void {
		if (this.#state === state) return;
		this.#state = state;
		this.#update?.();
	}
}

/** Whether a change is of interest: a shared table, and among jobs one of the named ones. */
export function concerns(interest: Interest, change: { tables: readonly string[]; jobs: readonly string[] }): boolean {
	const tables = change.tables.filter((table) => interest.tables.includes(table));
	if (tables.length === 0) return false;
	return interest.jobs === undefined || change.jobs.some((job) => interest.jobs?.includes(job));
}

export const feed = new LiveFeed('/api/indexer/live');
