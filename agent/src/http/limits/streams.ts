/** Server-sent events: limits of open streams, and the writing of each. */
import type { Context } from 'hono';
import { type SSEMessage, streamSSE } from 'hono/streaming';
import { UserError } from '../../errors.ts';
import { DeadlineError, pause, withDeadline } from '../../time.ts';
import { clientOf } from '../client.ts';
import type { Env } from '../context.ts';
import { HEARTBEAT, unbuffered } from '../heartbeat.ts';
import { Rate } from './rate.ts';
import { DEFAULT_LIMITS, type LimitSettings } from './settings.ts';

/** The sending side of an open stream. Each write waits until the client has read the previous one. */
export interface EventStream {
	/** Fires when the client disconnected. */
	readonly gone: AbortSignal;
	send(event: SSEMessage): Promise<void>;
	/** Waits until one of the signals fires, or for the heartbeat interval; then sends a heartbeat. */
	rest(...until: readonly AbortSignal[]): Promise<void>;
}

export type StreamLimits = Pick<
	LimitSettings,
	'streams' | 'streamsOfClient' | 'streamsAMinute' | 'streamBytes' | 'heartbeatMs' | 'stallMs'
>;

/** Too many bytes are buffered for slow clients. */
class FullError extends Error {
	override name = 'FullError';
}

export class Streams {
	readonly #limits: StreamLimits;
	readonly #opens: Rate;
	readonly #clients = new Map<string, number>();
	#count = 0;
	#bytes = 0;

	constructor(limits: Partial<StreamLimits> = {}) {
		this.#limits = { ...DEFAULT_LIMITS, ...limits };
		this.#opens = new Rate(this.#limits.streamsAMinute, {
			what: 'stream connections',
			suggestion: 'Keep one stream open: it reports every change.',
		});
	}

	/** How many are open now. */
	get open(): number {
		return this.#count;
	}

	/**
	 * Responds with a stream that `serve` writes; it ends when `serve` does.
	 *
	 * @param instead the endpoint to use instead when no stream is free: `GET /offers`
	 * @throws UserError when too many are open
	 */
	async answer(c: Context<Env>, instead: string, serve: (stream: EventStream) => Promise<void>): Promise<Response> {
		const leave = await this.#enter(clientOf(c), instead);
		unbuffered(c);
		return streamSSE(c, async (sse) => {
			const gone = new AbortController();
			sse.onAbort(() => gone.abort());
			const write = (writing: Promise<unknown>) =>
				withDeadline('The reader of a stream', this.#limits.stallMs, writing).then(() => undefined);
			try {
				// Confirms at once that the stream is open.
				await write(sse.writeSSE(HEARTBEAT));
				await serve({
					gone: gone.signal,
					send: (event) => this.#counted(event, () => write(sse.writeSSE(event))),
					rest: async (...until) => {
						const ended = AbortSignal.any([gone.signal, ...until]);
						await pause(this.#limits.heartbeatMs, ended);
						if (!ended.aborted) await write(sse.writeSSE(HEARTBEAT));
					},
				});
			} catch (error) {
				// A stalled client, or too many slow ones: the connection is closed, and the client may reconnect and resume.
				if (!(error instanceof DeadlineError || error instanceof FullError)) throw error;
				sse.abort();
			} finally {
				leave();
			}
		});
	}

	/** Sends an event if the byte limit allows it. */
	async #counted({ data }: SSEMessage, send: () => Promise<void>): Promise<void> {
		const bytes = (await data).length;
		if (this.#bytes > 0 && this.#bytes + bytes > this.#limits.streamBytes) throw new FullError();
		this.#bytes += bytes;
		try {
			await send();
		} finally {
			this.#bytes -= bytes;
		}
	}

	async #enter(client: string, instead: string): Promise<() => void> {
		const { streams, streamsOfClient } = this.#limits;
		// Counted before the rate limit is awaited, so that concurrent calls count each other.
		const own = this.#clients.get(client) ?? 0;
		if (own >= streamsOfClient) {
			throw new UserError(
				429,
				'too_many_streams',
				`This address already has ${streamsOfClient} open streams.`,
				`Close one of them, or poll ${instead} instead.`,
				{ retryAfter: 10 },
			);
		}
		if (this.#count >= streams) {
			throw new UserError(
				503,
				'streams_full',
				`The server has reached its limit of ${streams} open streams.`,
				`Try again in a minute, or poll ${instead} instead.`,
				{ retryAfter: 60 },
			);
		}
		this.#count++;
		this.#clients.set(client, own + 1);
		const leave = () => {
			this.#count--;
			const left = (this.#clients.get(client) ?? 1) - 1;
			if (left > 0) this.#clients.set(client, left);
			else this.#clients.delete(client);
		};
		try {
			await this.#opens.take(client);
		} catch (error) {
			leave();
			throw error;
		}
		return leave;
	}
}
