import { type BulkheadPolicy, BulkheadRejectedError, bulkhead, TaskCancelledError } from 'cockatiel';
import { UserError } from '../../errors.ts';

/** For each that is worked on, this many may wait. */
const WAITING_PER_PLACE = 4;

/**
 * Lets in so much work at the same time, in all and of one client, and lets a little wait. A client that floods waits for its own places first, so it cannot fill
 * the common queue.
 */
export class Gate {
	readonly #all: BulkheadPolicy;
	readonly #ofClient: number;
	readonly #clients = new Map<string, BulkheadPolicy>();

	/**
	 * @param most work at the same time in all
	 * @param ofClient the same of one client
	 */
	constructor(most: number, ofClient: number) {
		this.#all = bulkhead(most, most * WAITING_PER_PLACE);
		this.#ofClient = ofClient;
	}

	/** How much is worked on now. */
	get active(): number {
		return [...this.#clients.values()].reduce((sum, client) => sum + this.#ofClient - client.executionSlots, 0);
	}

	/**
	 * Does the work once there is a place for it. The place is held until the work has ended, even if its client has left.
	 *
	 * @param signal takes the work out of the queue
	 * @throws UserError 429 when too much of the client's waits already, 503 when too much of all does
	 */
	async run<Result>(client: string, signal: AbortSignal, work: () => Promise<Result>): Promise<Result> {
		const own = this.#clients.get(client) ?? bulkhead(this.#ofClient, this.#ofClient * WAITING_PER_PLACE);
		this.#clients.set(client, own);
		try {
			return await own.execute(() => this.#enter(signal, work), signal);
		} catch (error) {
			if (error instanceof TaskCancelledError) throw signal.reason ?? error;
			if (!(error instanceof BulkheadRejectedError)) throw error;
			throw new UserError(
				429,
				'too_many_at_once',
				`${this.#ofClient} such requests from this address are worked on, and more wait already.`,
				'Send the next one when an earlier one was answered.',
				{ retryAfter: 1 },
			);
		} finally {
			if (own.executionSlots === this.#ofClient && this.#clients.get(client) === own) this.#clients.delete(client);
		}
	}

	async #enter<Result>(signal: AbortSignal, work: () => Promise<Result>): Promise<Result> {
		try {
			return await this.#all.execute(work, signal);
		} catch (error) {
			if (!(error instanceof BulkheadRejectedError)) throw error;
			throw new UserError(
				503,
				'busy',
				'The agent is at its limit of concurrent requests of this kind.',
				'Try again in a few seconds.',
				{ retryAfter: 2 },
			);
		}
	}
}
