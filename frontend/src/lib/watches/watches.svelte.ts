import { type Watch, type WatchWish, watchSchema } from '@necto/core';
import { z } from 'zod';
import { requestJson } from '../http.ts';
import { Persisted } from '../persisted.svelte.ts';
import { isAbort, type Problem, problemOf } from '../problem.ts';

/** One time at which an offer began to fit a watch. */
export type Hit = Watch['hits'][number];

const listSchema = z.object({ watches: z.array(watchSchema) });
const idSchema = watchSchema.shape.id;
/** As many as are asked for at once. */
const MOST = 50;

/**
 * What this browser waits for. The agent does the waiting; only who knows a watch's id can read it, so the ids are kept here and nowhere else.
 */
export class Watches {
	/** Newest first; undefined until the first answer. */
	list = $state.raw<readonly Watch[] | undefined>();
	problem = $state.raw<Problem | null>(null);

	#ids: Persisted<string[]>;
	#seen: Persisted<number>;
	/** Told already in this page's life. */
	#told = new Set<string>();
	#running = false;

	/** @param prefix begins the names under which this browser keeps things */
	constructor(prefix = 'necto.watches') {
		this.#ids = new Persisted(prefix, z.array(idSchema).max(MOST), []);
		this.#seen = new Persisted(`${prefix}.seen`, z.int().min(0), 0);
	}

	get count(): number {
		return this.#ids.current.length;
	}

	/** Hits that came after somebody last looked at them, newest first. */
	get unseen(): { watch: Watch; hit: Hit }[] {
		const since = this.#seen.current;
		return (this.list ?? [])
			.flatMap((watch) => watch.hits.filter((hit) => hit.at > since).map((hit) => ({ watch, hit })))
			.sort((a, b) => b.hit.at - a.hit.at);
	}

	/** Somebody has seen all hits that there are. */
	markSeen(): void {
		const latest = Math.max(0, ...(this.list ?? []).flatMap(({ hits }) => hits.map(({ at }) => at)));
		if (latest > this.#seen.current) this.#seen.current = latest;
	}

	/**
	 * Asks how the watches stand. Does nothing while it is being asked already.
	 *
	 * @returns hits that nobody was told of yet; on the first call those since the last visit
	 */
	async refresh(signal?: AbortSignal): Promise<{ watch: Watch; hit: Hit }[]> {
		const ids = this.#ids.current;
		if (ids.length === 0) {
			this.list = [];
			this.problem = null;
			return [];
		}
		if (this.#running) return [];
		this.#running = true;
		try {
			const { watches } = await requestJson(`/api/agent/watches?ids=${ids.join(',')}`, listSchema, { signal });
			this.list = watches.toSorted((a, b) => b.createdAt - a.createdAt);
			this.problem = null;
			// What has ended is not asked for again; what was begun meanwhile stays.
			const alive = new Set(watches.map(({ id }) => id));
			const ended = new Set(ids.filter((id) => !alive.has(id)));
			if (ended.size > 0) this.#ids.current = this.#ids.current.filter((id) => !ended.has(id));
			const fresh = this.unseen.filter(({ watch, hit }) => !this.#told.has(nameOf(watch, hit)));
			for (const { watch, hit } of fresh) this.#told.add(nameOf(watch, hit));
			return fresh;
		} catch (error) {
			if (!isAbort(error)) this.problem = problemOf(error);
			return [];
		} finally {
			this.#running = false;
		}
	}

	/** Begins to wait. @throws Problem when the agent takes no more */
	async add(wish: WatchWish): Promise<Watch> {
		const watch = await requestJson('/api/agent/watches', watchSchema, { method: 'POST', body: wish });
		this.#ids.current = [...this.#ids.current, watch.id].slice(-MOST);
		this.list = [watch, ...(this.list ?? [])];
		return watch;
	}

	/** Ends a watch. One that the agent does not know any more is ended too. @throws Problem */
	async remove(id: string): Promise<void> {
		try {
			await requestJson(`/api/agent/watches/${id}`, z.undefined(), { method: 'DELETE' });
		} catch (error) {
			const problem = problemOf(error);
			if (problem.code !== 'not_found') throw problem;
		}
		this.#ids.current = this.#ids.current.filter((each) => each !== id);
		this.list = (this.list ?? []).filter((watch) => watch.id !== id);
	}
}

function nameOf(watch: Watch, hit: Hit): string {
	return `${watch.id} ${hit.at} ${hit.key}`;
}

/** Those of this browser. */
export const watches = new Watches();
