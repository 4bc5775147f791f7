/**
 * Access to the chain through several RPC nodes, each of which may be behind, lose data or fail. One URL often stands for many nodes as well: two requests
 * in a row may be served by nodes at different blocks. A block reported once is the minimum that later responses must include.
 */
import type { Hex } from 'viem';
import { messageOf } from '../errors.ts';
import { pause } from '../time.ts';
import type { ChainClient } from './clients.ts';

/** The fields of a block that are used. */
export interface ChainBlock {
	number: bigint;
	hash: Hex;
	parentHash: Hex;
	/** Unix seconds. */
	timestamp: bigint;
	logsBloom: Hex | null;
	transactions: readonly unknown[];
}

/** The nodes do not know a block that is known to exist, so their later state proves nothing. Temporary: retry soon. */
export class NodeBehindError extends Error {
	override name = 'NodeBehindError';
}

export interface NodesOptions {
	/** Milliseconds between two tries while all nodes are behind. */
	retryMs: number;
	/** Milliseconds after which a lower head is accepted: a chain can lose its newest blocks, as a local one does when it is killed. */
	believeMs: number;
	/** A monotonic clock. Milliseconds. */
	now: () => number;
}

const DEFAULTS: NodesOptions = { retryMs: 250, believeMs: 60_000, now: () => performance.now() };
/** Tries before `NodeBehindError` is thrown. */
const TRIES = 3;

export class ChainNodes {
	readonly #clients: readonly ChainClient[];
	readonly #options: NodesOptions;
	/** Whether the chain's bloom filters match its logs, as shown by the first one that does. Until then, and on chains without, receipts have to confirm logs. */
	bloomIsExact = false;
	#turn = 0;
	#highest = -1n;
	#behindSince: number | null = null;

	/** @param clients one for each address, at least one */
	constructor(clients: readonly ChainClient[], options: Partial<NodesOptions> = {}) {
		this.#clients = clients;
		this.#options = { ...DEFAULTS, ...options };
	}

	/** The highest block that was reported; null before the first. */
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
	 * The newest block, never below one that was reported before or is required.
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
				throw new NodeBehindError(`The RPC node is at block ${best.number}, but block ${least} is already known.`);
			}
			await pause(retryMs);
		}
	}

	/**
	 * The first response that is not null, trying one node after the other.
	 *
	 * @returns null when every node that responded returned null
	 * @throws the last failure when no node responded
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

	/** The highest of the nodes' newest blocks; the other nodes are queried only when the first is behind. */
	async #best(): Promise<ChainBlock> {
		const best = await this.firstOf(async (client) => {
			const block = await client.getBlock({ blockTag: 'latest' });
			return block.number >= this.#highest ? block : null;
		});
		if (best !== null) return best;
		const heads = await Promise.allSettled(this.#clients.map((client) => client.getBlock({ blockTag: 'latest' })));
		const found = heads.flatMap((head) => (head.status === 'fulfilled' ? [head.value] : []));
		const [first, ...others] = found;
		if (first === undefined) throw new NodeBehindError('No RPC node of the chain responds.');
		return others.reduce((high, block) => (block.number > high.number ? block : high), first);
	}
}
