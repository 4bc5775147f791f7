/**
 * The agent's steps on a job, as they happen: server-sent events from `/api/agent/activity?job=`. The browser reconnects by itself and the
 * agent continues after the last event's number, so nothing is lost or doubled by a break.
 */
import { type ActivityEvent, activityEventSchema } from '@necto/core';
import { parseJson } from '../http.ts';

export type ActivityState = 'connecting' | 'live' | 'reconnecting';

/** A job's feed. Call {@link ActivityFeed.follow} in an effect. */
export class ActivityFeed {
	/** In the order of their numbers, each once. */
	events = $state.raw<readonly ActivityEvent[]>([]);
	state = $state<ActivityState>('connecting');

	/** Opens the stream of one job and forgets what came of another. @returns the way to stop */
	follow(jobId: bigint, open: (url: string) => EventSource = (url) => new EventSource(url)): () => void {
		this.events = [];
		this.state = 'connecting';
		let source: EventSource;
		let retry: ReturnType<typeof setTimeout> | undefined;
		const connect = () => {
			source = open(`/api/agent/activity?job=${jobId}`);
			source.addEventListener('open', () => {
				this.state = 'live';
			});
			source.addEventListener('error', () => {
				this.state = 'reconnecting';
				// After an HTTP error browsers give up for good.
				if (source.readyState === EventSource.CLOSED) retry = setTimeout(connect, 3_000);
			});
			source.addEventListener('activity', (message) => this.#take(message.data, jobId));
		};
		connect();
		return () => {
			clearTimeout(retry);
			source.close();
		};
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
