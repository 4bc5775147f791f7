/** `GET /offers/stream`: the market as it moves, as server-sent events. */
import type { MarketQuery } from '@necto/core';
import type { Context } from 'hono';
import type { Answers } from '../market/answers.ts';
import type { MarketFeed, MarketState } from '../market/feed.ts';
import type { Env } from './context.ts';
import type { EventStream, Streams } from './limits/streams.ts';

export class OfferStreams {
	readonly #feed: MarketFeed;
	readonly #answers: Answers;
	readonly #streams: Streams;

	constructor(feed: MarketFeed, answers: Answers, streams: Streams) {
		this.#feed = feed;
		this.#answers = answers;
		this.#streams = streams;
	}

	/**
	 * A stream of what changes in the answer to a query.
	 *
	 * @param since the version that the caller has; everything is sent when it is null or no longer known
	 * @throws UserError when there are too many streams
	 */
	answer(c: Context<Env>, query: MarketQuery, since: string | null): Promise<Response> {
		return this.#streams.answer(c, 'GET /offers', (stream) => this.#serve(stream, query, since));
	}

	async #serve(stream: EventStream, query: MarketQuery, since: string | null): Promise<void> {
		let bell = new AbortController();
		const unsubscribe = this.#feed.subscribe(() => bell.abort());
		const ended = AbortSignal.any([stream.gone, this.#feed.ended]);
		try {
			let last = since === null ? null : this.#feed.known(since);
			let state = await this.#feed.current();
			while (!ended.aborted) {
				if (state !== last) await this.#tell(stream, last, state, query, ended);
				last = state;
				// A new bell before looking: what comes while a slow reader takes the last events is not lost.
				bell = new AbortController();
				state = this.#feed.latest ?? state;
				if (state !== last) continue;
				await stream.rest(this.#feed.ended, bell.signal);
				state = this.#feed.latest ?? state;
			}
		} finally {
			unsubscribe();
		}
	}

	/** All that happened in between at once: a slow reader gets fewer events, never more of them to hold. */
	async #tell(
		stream: EventStream,
		last: MarketState | null,
		state: MarketState,
		query: MarketQuery,
		ended: AbortSignal,
	): Promise<void> {
		const from = last !== null && this.#feed.known(last.version) === last ? last : null;
		for (const { data, more } of this.#answers.events(from, state, query)) {
			if (ended.aborted) return;
			// Who loses the line before the last part goes on after the version before.
			await stream.send({ event: 'offers', data, ...(more ? {} : { id: state.version }) });
		}
	}
}
