import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import { UserError } from '../../errors.ts';

const WINDOW_SECONDS = 60;

/** A rate limit per client and minute. Kept in memory only: it bounds work, and may be reset by a restart. */
export class Rate {
	readonly #limiter: RateLimiterMemory;
	readonly #refusal: { what: string; suggestion: string };

	/**
	 * @param points most in a minute
	 * @param refusal what is counted, in the plural, and what to do instead of retrying
	 */
	constructor(points: number, refusal: { what: string; suggestion: string }) {
		this.#limiter = new RateLimiterMemory({ points, duration: WINDOW_SECONDS });
		this.#refusal = refusal;
	}

	/** Counts one. @throws UserError 429 with the seconds until the next one is allowed */
	async take(client: string): Promise<void> {
		try {
			await this.#limiter.consume(client);
		} catch (refused) {
			if (!(refused instanceof RateLimiterRes)) throw refused;
			const { what, suggestion } = this.#refusal;
			throw new UserError(
				429,
				'too_many_requests',
				`At most ${this.#limiter.points} ${what} per minute are allowed from this address.`,
				suggestion,
				{ retryAfter: refused.msBeforeNext / 1000 },
			);
		}
	}
}
