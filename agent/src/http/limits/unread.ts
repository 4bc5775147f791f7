import type { Context } from 'hono';
import { UserError } from '../../errors.ts';
import { clientOf, connectionOf } from '../client.ts';
import type { Env } from '../context.ts';

/** Smaller answers lie in the kernel's buffers. */
const SMALL_BYTES = 64 * 1024;

/** Bytes of large answers that are not read yet: what slow readers make the agent hold. Bounded in total and per client. */
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
	 * Counts an answer until its connection took it or ended.
	 *
	 * @throws UserError 429 or 503 when too much is unread already
	 */
	hold(c: Context<Env>, bytes: number): void {
		const outgoing = connectionOf(c)?.outgoing;
		if (bytes <= SMALL_BYTES || outgoing === undefined) return;
		const client = clientOf(c);
		const own = this.#clients.get(client) ?? 0;
		// One answer is always possible, however large it is.
		if (own > 0 && own + bytes > this.#ofClient) {
			throw new UserError(
				429,
				'too_much_unread',
				'Earlier answers to this address were not read yet.',
				'Read them, or ask for fewer offers with limit.',
				{ retryAfter: 5 },
			);
		}
		if (this.#total > 0 && this.#total + bytes > this.#most) {
			throw new UserError(
				503,
				'busy',
				'Too many large answers are on their way.',
				'Try again in a few seconds, or ask for fewer offers with limit.',
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
