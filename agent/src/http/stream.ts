/** `GET /offers/stream`: the market as it moves, as server-sent events. */
import type { MarketQuery } from '@necto/core';
import type { Context } from 'hono';
import { type SSEStreamingApi, streamSSE } from 'hono/streaming';
import { UserError } from '../errors.ts';
import type { Answers } from '../market/answers.ts';
import type { MarketFeed, MarketState } from '../market/feed.ts';
import { DeadlineError, pause, withDeadline } from '../time.ts';
import type { Env } from './context.ts';
import { HEARTBEAT, unbuffered } from './heartbeat.ts';
import { RateLimit } from './rateLimit.ts';

export interface StreamLimits {
	/** Readers in all, and of one caller. */
	most: number;
	mostOfCaller: number;
	/** Streams that a caller may open in a minute: the first event can be the whole market. */
	opensAMinute: number;
	heartbeatMs: number;
	/** Whoever takes nothing for this long is gone. */
	stallMs: number;
}

const LIMITS: StreamLimits = { most: 200, mostOfCaller: 8, opensAMinute: 60, heartbeatMs: 15_000, stallMs: 120_000 };

export class OfferStreams {
	readonly #feed: MarketFeed;
	readonly #answers: Answers;
	readonly #limits: StreamLimits;
	readonly #opens: RateLimit;
	readonly #readers = new Map<string, number>();
	#count = 0;

	constructor(feed: MarketFeed, answers: Answers, limits: Partial<StreamLimits> = {}) {
		this.#feed = feed;
		this.#answers = answers;
		this.#limits = { ...LIMITS, ...limits };
		this.#opens = new RateLimit(this.#limits.opensAMinute, 60_000);
	}

	/** How many read now. */
	get readers(): number {
		return this.#count;
	}

	/**
	 * A stream of what changes in the answer to a query.
	 *
	 * @param since the version that the caller has; everything is sent when it is null or no longer known
	 * @throws UserError when there are too many readers
	 */
	open(c: Context<Env>, caller: string, query: MarketQuery, since: string | null): Response {
		const leave = this.#enter(caller);
		unbuffered(c);
		return streamSSE(c, async (sse) => {
			try {
				await this.#serve(sse, query, since);
			} catch (error) {
				// A reader that stalled: its connection ends, and it may come back and go on where it was.
				if (!(error instanceof DeadlineError)) throw error;
				sse.abort();
			} finally {
				leave();
			}
		});
	}

	async #serve(sse: SSEStreamingApi, query: MarketQuery, since: string | null): Promise<void> {
		const gone = new AbortController();
		sse.onAbort(() => gone.abort());
		let bell = new AbortController();
		const unsubscribe = this.#feed.subscribe(() => bell.abort());
		const ended = AbortSignal.any([gone.signal, this.#feed.ended]);
		try {
			// Says that the line stands, before anything happens.
			await this.#write(sse.writeSSE(HEARTBEAT));
			let last = since === null ? null : this.#feed.known(since);
			let state = await this.#feed.current();
			while (!ended.aborted) {
				if (state !== last) await this.#tell(sse, last, state, query, ended);
				last = state;
				// A new bell before looking: what comes while a slow reader takes the last events is not lost.
				bell = new AbortController();
				state = this.#feed.latest ?? state;
				if (state !== last) continue;
				await pause(this.#limits.heartbeatMs, AbortSignal.any([ended, bell.signal]));
				state = this.#feed.latest ?? state;
				if (state === last && !ended.aborted) await this.#write(sse.writeSSE(HEARTBEAT));
			}
		} finally {
			unsubscribe();
		}
	}

	/** All that happened in between at once: a slow reader gets fewer events, never more of them to hold. */
	async #tell(
		sse: SSEStreamingApi,
		last: MarketState | null,
		state: MarketState,
		query: MarketQuery,
		ended: AbortSignal,
	): Promise<void> {
		const from = last !== null && this.#feed.known(last.version) === last ? last : null;
		for (const { data, more } of this.#answers.events(from, state, query)) {
			if (ended.aborted) return;
			// Who loses the line before the last part goes on after the version before.
			await this.#write(sse.writeSSE({ event: 'offers', data, ...(more ? {} : { id: state.version }) }));
		}
	}

	async #write(writing: Promise<unknown>): Promise<void> {
		await withDeadline('A reader of the market', this.#limits.stallMs, writing);
	}

	#enter(caller: string): () => void {
		const own = this.#readers.get(caller) ?? 0;
		const { most, mostOfCaller } = this.#limits;
		if (own >= mostOfCaller) {
			throw new UserError(
				429,
				'too_many_streams',
				`${mostOfCaller} streams are open from here already.`,
				'Close one of them, or ask GET /offers instead.',
			);
		}
		if (!this.#opens.take(caller)) {
			throw new UserError(
				429,
				'too_many_requests',
				`More than ${this.#limits.opensAMinute} streams in a minute.`,
				'Keep a stream open: it tells of every change by itself.',
			);
		}
		if (this.#count >= most) {
			throw new UserError(
				503,
				'streams_full',
				`${most} readers follow the market already.`,
				'Try again in a minute, or ask GET /offers instead: it answers 304 while nothing moved.',
			);
		}
		this.#count++;
		this.#readers.set(caller, own + 1);
		return () => {
			this.#count--;
			const left = (this.#readers.get(caller) ?? 1) - 1;
			if (left > 0) this.#readers.set(caller, left);
			else this.#readers.delete(caller);
		};
	}
}
