/**
 * The chain through several nodes, of which each may be behind, forget or fail. Also behind one address there are often many: two questions in a row
 * may be answered by nodes that stand at different blocks. So what a node shows once is the least that later answers have to know.
 */
import type { Hex } from 'viem';
import { messageOf } from '../errors.ts';
import { pause } from '../time.ts';
import type { ChainClient } from './clients.ts';

/** What is used of a block. */
export interface ChainBlock {
	number: bigint;
	hash: Hex;
	parentHash: Hex;
	/** Unix seconds. */
	timestamp: bigint;
	logsBloom: Hex | null;
	transactions: readonly unknown[];
}

/** The nodes do not know a block that is known to exist: what they say about later state is no evidence. Another try comes soon. */
export class NodeBehindError extends Error {
	override name = 'NodeBehindError';
}

export interface NodesOptions {
	/** Milliseconds between two tries while all nodes are behind. */
	retryMs: number;
	/** Milliseconds after which a lower head is believed: a chain that lost its newest blocks, as a local one does when it is killed. */
	believeMs: number;
	/** Milliseconds, of a clock that only grows. */
	now: () => number;
}

const DEFAULTS: NodesOptions = { retryMs: 250, believeMs: 60_000, now: () => performance.now() };
/** Tries before the caller is told that all nodes are behind. */
const TRIES = 3;

export class ChainNodes {
	readonly #clients: readonly ChainClient[];
	readonly #options: NodesOptions;
	/** Whether the chain's bloom filters are those of its logs: one that fits shows it. Until then, and where none ever does, receipts have to confirm. */
	bloomIsExact = false;
	#turn = 0;
	#highest = -1n;
	#behindSince: number | null = null;

	/** @param clients one for each address, at least one */
	constructor(clients: readonly ChainClient[], options: Partial<NodesOptions> = {}) {
		this.#clients = clients;
		this.#options = { ...DEFAULTS, ...options };
	}

	/** The highest block that was shown; null before the first. */
	get highest(): bigint | null {
		return this.#highest < 0n ? null : this.#highest;
	}

	/** For how many milliseconds no node has known the highest block; null while one does. */
	get behindMs(): number | null {
		return this.#behindSince === null ? null : this.#options.now() - this.#behindSince;
	}

	/** All nodes, beginning with another one at each call. */
	inTurn(): readonly ChainClient[] {
		const first = this.#turn++ % this.#clients.length;
		return [...this.#clients.slice(first), ...this.#clients.slice(0, first)];
	}

	/**
	 * The newest block, never below one that was shown before or is asked for.
	 *
	 * @param minimum a block that is known to exist
	 * @throws NodeBehindError when no node knows it
	 */
	async latest(minimum = 0n): Promise<ChainBlock> {
		const { retryMs, believeMs, now } = this.#options;
		for (let attempt = 1; ; attempt++) {
			const best = await this.#best();
			if (best.number >= this.#highest) {
				this.#highest = best.number;
				this.#behindSince = null;
			} else {
				this.#behindSince ??= now();
				if (now() - this.#behindSince >= believeMs) this.#highest = best.number;
			}
			const least = minimum > this.#highest ? minimum : this.#highest;
			if (best.number >= least) return best;
			if (attempt >= TRIES) {
				throw new NodeBehindError(`The chain's node is at block ${best.number}, but block ${least} is known already.`);
			}
			await pause(retryMs);
		}
	}

	/**
	 * The first answer that is not null, asking one node after the other.
	 *
	 * @returns null when every node that answered said null
	 * @throws the last failure when no node answered
	 */
	async firstOf<T>(ask: (client: ChainClient) => Promise<T | null>): Promise<T | null> {
		let failure: unknown = null;
		let answers = 0;
		for (const client of this.inTurn()) {
			try {
				const answer = await ask(client);
				if (answer !== null) return answer;
				answers++;
			} catch (error) {
				failure = error;
			}
		}
		if (answers === 0) throw failure instanceof Error ? failure : new Error(messageOf(failure));
		return null;
	}

	/** The highest of the nodes' newest blocks; the others are asked only when the first is behind. */
	async #best(): Promise<ChainBlock> {
		const best = await this.firstOf(async (client) => {
			const block = await client.getBlock({ blockTag: 'latest' });
			return block.number >= this.#highest ? block : null;
		});
		if (best !== null) return best;
		const heads = await Promise.allSettled(this.#clients.map((client) => client.getBlock({ blockTag: 'latest' })));
		const found = heads.flatMap((head) => (head.status === 'fulfilled' ? [head.value] : []));
		const [first, ...others] = found;
		if (first === undefined) throw new NodeBehindError('No node of the chain answers.');
		return others.reduce((high, block) => (block.number > high.number ? block : high), first);
	}
}
