/**
 * Compares the agent's clock with the chain's. Decisions have timestamps of the agent's clock and are verified against block timestamps, so verifiers
 * would refuse a decision made while the clock is off by more than the tolerance.
 */
import type { ChainClient } from '../chain/clients.ts';

/** The clock is out of sync: no decision can be made until it is synchronised. */
export class ClockError extends Error {
	override name = 'ClockError';
}

interface Options {
	client: Pick<ChainClient, 'getBlock'>;
	/** Seconds that the clocks may differ. */
	tolerance: number;
	/** Unix seconds. */
	now: () => number;
}

export class ChainClock {
	readonly #options: Options;
	/** The newest known block, and when it was last seen as the newest. */
	#head: bigint | null = null;
	#seenAt = 0;
	#skew: number | null = null;

	constructor(options: Options) {
		this.#options = options;
	}

	/** Seconds that the agent's clock is ahead of the chain's, at least; negative when it is behind; null while there was nothing to compare. */
	get skew(): number | null {
		return this.#skew;
	}

	/**
	 * Compares with the newest block. Its time is not after now; and if it was not there at the last look, not before that one. A chain without
	 * traffic makes no blocks, so the age of an old block proves nothing.
	 *
	 * @param head number of the newest block
	 */
	async look(head: bigint): Promise<void> {
		const before = this.#head === null ? null : this.#seenAt;
		if (head === this.#head) {
			this.#seenAt = this.#options.now();
			return;
		}
		const time = Number((await this.#options.client.getBlock({ blockNumber: head })).timestamp);
		const now = this.#options.now();
		this.#head = head;
		this.#seenAt = now;
		if (time > now) this.#skew = now - time;
		else if (before === null) this.#skew = now - time <= this.#options.tolerance ? 0 : this.#skew;
		else this.#skew = Math.max(0, before - time);
	}

	/** Compares with the pending block, on chains that have one: its timestamp is current even without traffic. */
	async lookAhead(): Promise<void> {
		const { client, now } = this.#options;
		const [latest, pending] = await Promise.all([
			client.getBlock({ blockTag: 'latest' }),
			client.getBlock({ blockTag: 'pending' }).catch(() => null),
		]);
		// A node without pending blocks returns the newest one.
		if (pending?.number == null || latest.number === null || pending.number <= latest.number) return;
		this.#skew = now() - Number(pending.timestamp);
	}

	/** What an operator has to do, or null while the clocks agree. */
	advice(): string | null {
		const { tolerance } = this.#options;
		const skew = this.#skew;
		if (skew === null || Math.abs(skew) <= tolerance) return null;
		const side = skew > 0 ? 'ahead of' : 'behind';
		return `The agent's clock is ${inWords(Math.abs(skew))} ${side} the chain. Synchronise the machine's clock with NTP, or check that ADI_RPC_URL serves the newest blocks. No job is routed while the difference exceeds ${tolerance} s.`;
	}

	/** @throws ClockError when a decision of now could not be verified */
	assertInSync(): void {
		const advice = this.advice();
		if (advice !== null) throw new ClockError(advice);
	}
}

/** Rounded, so that the sentence stays the same from one look to the next. */
function inWords(seconds: number): string {
	if (seconds < 7_200) return `${Math.round(seconds / 60)} minutes`;
	return `${Math.round(seconds / 360) / 10} hours`;
}
