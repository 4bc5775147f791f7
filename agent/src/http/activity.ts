/** `GET /activity`: the agent's steps as server-sent events. */
import type { ActivityEvent } from '@necto/core';
import type { Context } from 'hono';
import { streamSSE } from 'hono/streaming';
import { latestActivity, readActivity } from '../journal/activity.ts';
import { pause } from '../time.ts';
import type { Api, Env } from './context.ts';
import { HEARTBEAT, unbuffered } from './heartbeat.ts';

const HEARTBEAT_MS = 15_000;
const PAGE = 200;
/** What a newcomer sees of all jobs' past. */
const RECENT = 50;

/** Resumes after `after`; without it begins with a job's whole story, or with the latest events of all jobs. */
export function activityStream(
	c: Context<Env>,
	api: Api,
	query: { job: bigint | undefined; after: number | undefined },
): Response {
	const { journal, activity } = api;
	unbuffered(c);
	return streamSSE(c, async (sse) => {
		const gone = new AbortController();
		sse.onAbort(() => gone.abort());
		let bell = new AbortController();
		const unsubscribe = activity.subscribe(() => bell.abort());
		try {
			let last = query.after ?? 0;
			const send = async (events: readonly ActivityEvent[]) => {
				for (const event of events) {
					await sse.writeSSE({ event: 'activity', id: String(event.id), data: JSON.stringify(event) });
					last = event.id;
				}
			};
			if (query.after === undefined && query.job === undefined) {
				await send(await latestActivity(journal.pool, journal.deployment, RECENT));
			}
			// Says that the line stands, before anything happens.
			await sse.writeSSE(HEARTBEAT);
			while (!gone.signal.aborted) {
				// A new bell before reading: a ring while the database answers is not lost.
				bell = new AbortController();
				const events = await readActivity(journal.pool, journal.deployment, {
					after: last,
					job: query.job,
					limit: PAGE,
				});
				await send(events);
				if (events.length === PAGE) continue;
				await pause(HEARTBEAT_MS, AbortSignal.any([gone.signal, bell.signal]));
				if (!bell.signal.aborted && !gone.signal.aborted) await sse.writeSSE(HEARTBEAT);
			}
		} finally {
			unsubscribe();
		}
	});
}
