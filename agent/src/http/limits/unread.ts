import type { Context } from 'hono';
import { UserError } from '../../errors.ts';
import { clientOf, connectionOf } from '../client.ts';
import type { Env } from '../context.ts';

/** Smaller responses fit into the kernel's buffers. */
const SMALL_BYTES = 64 * 1024;

/** Bytes of large responses that clients have not read yet and the agent has to buffer. Bounded in total and per client. */
export class UnreadBytes {
	readonly #most: number;
	readonly #ofClient: number;
	readonly #clients = new Map<string, number>();
	#total = 0;

	constructor(most: number, ofClient: number) {
		this.#most = most;
		this.#ofClient = ofClient;
	}

	get total(): number {
		return this.#total;
	}

	/**
	 * Counts a response until its connection has sent it or is closed.
	 *
	 * @throws UserError 429 or 503 when too much is unread already
	 */
	hold(c: Context<Env>, bytes: number): void {
		const outgoing = connectionOf(c)?.outgoing;
		if (bytes <= SMALL_BYTES || outgoing === undefined) return;
		const client = clientOf(c);
		const own = this.#clients.get(client) ?? 0;
		// One response is always allowed, however large it is.
		if (own > 0 && own + bytes > this.#ofClient) {
			throw new UserError(
				429,
				'too_much_unread',
				'Too many bytes of earlier responses to this address are still unread.',
				'Finish reading them, or request fewer offers with the limit parameter.',
				{ retryAfter: 5 },
			);
		}
		if (this.#total > 0 && this.#total + bytes > this.#most) {
			throw new UserError(
				503,
				'busy',
				'The server is sending too many large responses.',
				'Try again in a few seconds, or request fewer offers with the limit parameter.',
				{ retryAfter: 5 },
			);
		}
		this.#total += bytes;
		this.#clients.set(client, own + bytes);
		outgoing.once('close', () => {
			this.#total -= bytes;
			const left = (this.#clients.get(client) ?? 0) - bytes;
			if (left > 0) this.#clients.set(client, left);
			else this.#clients.delete(client);
		});
	}
}
