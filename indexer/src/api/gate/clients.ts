import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';

export interface ClientLimits {
	/** Requests of one client in `WINDOW_SECONDS`. */
	readonly requests: number;
	/** Streams of one client at a time. */
	readonly streams: number;
}

const WINDOW_SECONDS = 10;
/** Answers that one client has not taken yet, and all clients. Each can be as large as a result may be, and wait for a slow reader. */
const MOST_OPEN_OF_ONE = 16;
const MOST_OPEN = 64;

/** Why a request is not let in; `retryAfter` in seconds. */
export interface Refusal {
	readonly status: 429 | 503;
	readonly code: string;
	readonly message: string;
	readonly suggestion: string;
	readonly retryAfter: number;
}

/** How many of something each client holds. */
class Counts {
	readonly #held = new Map<string, number>();
	all = 0;

	of(client: string): number {
		return this.#held.get(client) ?? 0;
	}

	add(client: string): () => void {
		this.all += 1;
		this.#held.set(client, this.of(client) + 1);
		return () => {
			this.all -= 1;
			const left = this.of(client) - 1;
			if (left > 0) this.#held.set(client, left);
			else this.#held.delete(client);
		};
	}
}

/** What each client may do, and does. */
export class Clients {
	readonly #limits: ClientLimits;
	readonly #rate: RateLimiterMemory;
	readonly #open = new Counts();
	readonly #streams = new Counts();

	constructor(limits: ClientLimits) {
		this.#limits = limits;
		this.#rate = new RateLimiterMemory({ points: limits.requests, duration: WINDOW_SECONDS });
	}

	/**
	 * Lets a request in, or says why not.
	 *
	 * @returns how to say that it is over
	 */
	async enter(client: string, kind: 'stream' | 'answer'): Promise<(() => void) | Refusal> {
		try {
			await this.#rate.consume(client);
		} catch (error) {
			if (!(error instanceof RateLimiterRes)) throw error;
			return {
				status: 429,
				code: 'TOO_MANY_REQUESTS',
				message: `More than ${this.#limits.requests} requests in ${WINDOW_SECONDS} seconds came from your address.`,
				suggestion: 'Wait, and ask less often; GET /live tells when something has changed.',
				retryAfter: Math.max(1, Math.ceil(error.msBeforeNext / 1_000)),
			};
		}
		if (kind === 'stream') {
			if (this.#streams.of(client) < this.#limits.streams) return this.#streams.add(client);
			return {
				status: 429,
				code: 'TOO_MANY_STREAMS',
				message: `Your address has ${this.#limits.streams} open streams, which is the limit.`,
				suggestion: 'Close some of them; one stream can tell of all tables.',
				retryAfter: 10,
			};
		}
		if (this.#open.of(client) >= MOST_OPEN_OF_ONE) {
			return {
				status: 429,
				code: 'TOO_MANY_AT_ONCE',
				message: `Your address has ${MOST_OPEN_OF_ONE} requests in progress, which is the limit.`,
				suggestion: 'Wait for the answers before you ask for more.',
				retryAfter: 1,
			};
		}
		if (this.#open.all >= MOST_OPEN) {
			return {
				status: 503,
				code: 'BUSY',
				message: 'The indexer is at its limit of concurrent requests.',
				suggestion: 'Try again in a moment.',
				retryAfter: 1,
			};
		}
		return this.#open.add(client);
	}
}
