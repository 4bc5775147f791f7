import { type BulkheadPolicy, BulkheadRejectedError, bulkhead, TaskCancelledError } from 'cockatiel';
import { UserError } from '../../errors.ts';

/** For each request in progress, this many may wait. */
const WAITING_PER_PLACE = 4;

/**
 * Limits concurrent work, in total and per client, with bounded queues. A client that sends too much waits in its own queue first, so it cannot fill the
 * common one.
 */
export class Gate {
	readonly #all: BulkheadPolicy;
	readonly #ofClient: number;
	readonly #clients = new Map<string, BulkheadPolicy>();

	/**
	 * @param most concurrent work in total
	 * @param ofClient concurrent work of one client
	 */
	constructor(most: number, ofClient: number) {
		this.#all = bulkhead(most, most * WAITING_PER_PLACE);
		this.#ofClient = ofClient;
	}

	/** How many requests are in progress. */
	get active(): number {
		return [...this.#clients.values()].reduce((sum, client) => sum + this.#ofClient - client.executionSlots, 0);
	}

	/**
	 * Runs the work once a slot is free. The slot is held until the work has ended, even if the client disconnected.
	 *
	 * @param signal removes the work from the queue
	 * @throws UserError 429 when the client's queue is full, 503 when the common one is
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
				`This address already has ${this.#ofClient} requests of this kind in progress, and its queue is full.`,
				'Wait for a response before sending the next request.',
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
