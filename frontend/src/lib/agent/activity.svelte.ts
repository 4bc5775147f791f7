/**
 * The agent's steps on a job, as they happen: server-sent events from `/api/agent/activity?job=`. The browser reconnects by itself and the
 * agent continues after the last event's number, so nothing is lost or doubled by a break.
 */
import { type ActivityEvent, activityEventSchema } from '@necto/core';
import { z } from 'zod';
import { parseJson, requestJson } from '../http.ts';
import { watchPulse } from '../live/pulse.ts';

/** `polling`: nothing comes through the stream, so the steps are asked for every few seconds. */
export type ActivityState = 'connecting' | 'live' | 'polling' | 'reconnecting';

const POLL_MS = 4_000;
const pageSchema = z.object({ events: z.array(activityEventSchema) });

/** A job's feed. Call {@link ActivityFeed.follow} in an effect. */
export class ActivityFeed {
	/** In the order of their numbers, each once. */
	events = $state.raw<readonly ActivityEvent[]>([]);
	state = $state<ActivityState>('connecting');

	/** Opens the stream of one job and forgets what came of another. @returns the way to stop */
	follow(jobId: bigint, open: (url: string) => EventSource = (url) => new EventSource(url)): () => void {
		this.events = [];
		this.state = 'connecting';
		const end = new AbortController();
		let source: EventSource;
		let unwatch = () => {};
		let retry: ReturnType<typeof setTimeout> | undefined;
		let poll: ReturnType<typeof setInterval> | undefined;
		const down = () => {
			if (this.state !== 'polling') this.state = 'reconnecting';
			poll ??= setInterval(() => void this.#ask(jobId, end.signal), POLL_MS);
		};
		const connect = () => {
			unwatch();
			source = open(`/api/agent/activity?job=${jobId}`);
			unwatch = watchPulse(source, ['activity'], {
				alive: () => {
					this.state = 'live';
					clearInterval(poll);
					poll = undefined;
				},
				silent: () => {
					down();
					void this.#ask(jobId, end.signal);
				},
				dead: () => {
					source.close();
					connect();
				},
			});
			source.addEventListener('error', () => {
				down();
				// After an HTTP error browsers give up for good.
				if (source.readyState === EventSource.CLOSED) retry = setTimeout(connect, 3_000);
			});
			source.addEventListener('activity', (message) => this.#take(message.data, jobId));
		};
		connect();
		return () => {
			end.abort();
			unwatch();
			clearTimeout(retry);
			clearInterval(poll);
			source.close();
		};
	}

	/** Asks for the steps after the last one known, while the stream brings none. */
	async #ask(jobId: bigint, signal: AbortSignal): Promise<void> {
		const after = this.events.at(-1)?.id ?? 0;
		try {
			const { events } = await requestJson(`/api/agent/jobs/${jobId}/activity?after=${after}`, pageSchema, { signal });
			if (signal.aborted || this.state === 'live') return;
			this.state = 'polling';
			for (const event of events) this.events = withEvent(this.events, event);
		} catch {
			if (this.state === 'polling') this.state = 'reconnecting';
			// The next poll tries again; that nothing arrives is shown already.
		}
	}

	#take(text: unknown, jobId: bigint): void {
		const parsed = activityEventSchema.safeParse(parseJson(text));
		if (!parsed.success || parsed.data.jobId !== jobId.toString()) return;
		this.events = withEvent(this.events, parsed.data);
	}
}

/** The list with one more event: in order, and unchanged when it is known already (a reconnect may repeat some). */
export function withEvent(events: readonly ActivityEvent[], event: ActivityEvent): readonly ActivityEvent[] {
	if (events.some((known) => known.id === event.id)) return events;
	return [...events, event].toSorted((one, other) => one.id - other.id);
}

/** The step that says why the agent cannot route the job; null when it went on after it. */
export function refusalIn(events: readonly ActivityEvent[]): ActivityEvent | null {
	const last = events.at(-1);
	return last?.step === 'refused' ? last : null;
}
