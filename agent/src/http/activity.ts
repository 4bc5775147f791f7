/** `GET /activity`: the agent's steps as server-sent events. */
import type { ActivityEvent } from '@necto/core';
import type { Context } from 'hono';
import { latestActivity, readActivity } from '../journal/activity.ts';
import type { Api, Env } from './context.ts';
import type { Streams } from './limits/streams.ts';

const PAGE = 200;
/** What a newcomer sees of all jobs' past. */
const RECENT = 50;

interface ActivityQuery {
	job: bigint | undefined;
	/** Number of the last event that was seen. */
	after: number | undefined;
}

export class ActivityStreams {
	readonly #api: Pick<Api, 'journal' | 'notifications'>;
	readonly #streams: Streams;
	/** What is being read now: a new event wakes all readers, and most of them ask the database the same. */
	readonly #reading = new Map<string, Promise<ActivityEvent[]>>();

	constructor(api: Pick<Api, 'journal' | 'notifications'>, streams: Streams) {
		this.#api = api;
		this.#streams = streams;
	}

	/** Resumes after `after`; without it begins with a job's whole story, or with the latest events of all jobs. */
	answer(c: Context<Env>, { job, after }: ActivityQuery): Promise<Response> {
		const { notifications } = this.#api;
		return this.#streams.answer(c, 'GET /jobs/{id}/activity', async (stream) => {
			let bell = new AbortController();
			const unsubscribe = notifications.subscribe('activity', () => bell.abort());
			try {
				let last = after ?? 0;
				const send = async (events: readonly ActivityEvent[]) => {
					for (const event of events) {
						if (stream.gone.aborted) return;
						await stream.send({ event: 'activity', id: String(event.id), data: JSON.stringify(event) });
						last = event.id;
					}
				};
				if (after === undefined && job === undefined) await send(await this.#latest());
				while (!stream.gone.aborted) {
					// A new bell before reading: a ring while the database answers is not lost.
					bell = new AbortController();
					const events = await this.#next(last, job);
					await send(events);
					if (events.length < PAGE) await stream.rest(bell.signal);
				}
			} finally {
				unsubscribe();
			}
		});
	}

	#latest(): Promise<ActivityEvent[]> {
		const { pool, deployment } = this.#api.journal;
		return this.#once('latest', () => latestActivity(pool, deployment, RECENT));
	}

	#next(after: number, job: bigint | undefined): Promise<ActivityEvent[]> {
		const { pool, deployment } = this.#api.journal;
		return this.#once(`${after} ${job ?? ''}`, () => readActivity(pool, deployment, { after, job, limit: PAGE }));
	}

	/** One query for all that ask the same at the same time. */
	#once(name: string, read: () => Promise<ActivityEvent[]>): Promise<ActivityEvent[]> {
		const known = this.#reading.get(name);
		if (known !== undefined) return known;
		const reading = read().finally(() => this.#reading.delete(name));
		this.#reading.set(name, reading);
		return reading;
	}
}
