/**
 * Jobs that exist on chain and are missing in the journal. Ids have no gaps, so the job count alone shows that one is missing, whatever a node returned when
 * its block was read. A missing job is searched for by its id, on one node after the other, until it is found.
 */
import { jobRegistryAbi } from '@necto/contracts';
import type { Address } from 'viem';
import { confirmedLogs, type MinedLog } from '../chain/blockLogs.ts';
import type { JobRegistry } from '../chain/jobs.ts';
import type { ChainBlock, ChainNodes } from '../chain/nodes.ts';
import type { Journal } from '../journal/jobs.ts';
import type { Logger } from '../logger.ts';
import { rangesOf } from './ranges.ts';

export interface GapsOptions {
	nodes: ChainNodes;
	journal: Journal;
	registry: Pick<JobRegistry, 'address' | 'count'>;
	startBlock: bigint;
	logger: Logger;
}

/** Jobs that are searched for in one round. */
const LIMIT = 50;
/** One search in this many covers the whole chain, the others only the blocks between the neighbouring jobs. */
const WIDE_EVERY = 8;

export class Gaps {
	readonly #options: GapsOptions;
	/** All ids up to this one are in the journal. */
	#whole = 0n;
	#missing: readonly bigint[] = [];
	#searches = 0;
	#expected = 0n;
	#warned = '';

	constructor(options: GapsOptions) {
		this.#options = options;
	}

	/** Ids of jobs that existed on chain and were missing in the journal at the last comparison; at most 50. */
	get missing(): readonly bigint[] {
		return this.#missing;
	}

	/** The indexer has jobs up to this id: they are searched for, whatever count the nodes report. */
	expect(count: bigint): void {
		if (count > this.#expected) this.#expected = count;
	}

	/** After a reorganisation every id has to be checked again. */
	reset(): void {
		this.#whole = 0n;
		this.#expected = 0n;
	}

	/**
	 * Compares the journal with the chain's count, and searches for what is missing.
	 *
	 * @returns logs of the missing jobs' blocks; whole blocks where they can be confirmed
	 */
	async search(head: ChainBlock): Promise<MinedLog[]> {
		const { journal, registry, logger } = this.#options;
		const count = await registry.count(head);
		const isMore = this.#expected > count;
		const most = isMore ? this.#expected : count;
		// A count below the known one comes from a node that is behind, and proves nothing.
		const missing = most <= this.#whole ? [] : await journal.missing(this.#whole, most, LIMIT);
		// While a block is mined, a node may return the new count for the old block: only jobs missing twice are reported.
		const counted = missing.filter((id) => id <= count);
		const still = counted.filter((id) => this.#missing.includes(id)).join();
		this.#missing = counted;
		if (missing.length === 0) {
			if (count > this.#whole) this.#whole = count;
			return [];
		}
		this.#whole = (missing[0] ?? 1n) - 1n;
		if (still !== this.#warned) {
			this.#warned = still;
			if (still !== '')
				logger.warn(
					{ jobs: still, block: head.number.toString() },
					'Events of known jobs are missing on all RPC nodes',
				);
		}
		return this.#find(missing, head);
	}

	/** Removes jobs from the missing ones that are in the journal now. */
	found(ids: readonly bigint[]): void {
		this.#missing = this.#missing.filter((id) => !ids.includes(id));
	}

	async #find(missing: readonly bigint[], head: ChainBlock): Promise<MinedLog[]> {
		const { nodes, registry } = this.#options;
		const { from, to } = await this.#window(missing, head);
		const wanted = new Set(missing);
		const blocks = new Map<string, MinedLog[]>();
		for (const client of nodes.inTurn()) {
			for (const range of rangesOf(from, to)) {
				if (wanted.size === 0) break;
				const logs = await client
					.getContractEvents({
						address: registry.address,
						abi: jobRegistryAbi,
						eventName: 'JobRequested',
						args: { job: [...wanted] },
						fromBlock: range.from,
						toBlock: range.to,
						strict: true,
					})
					// Another node may respond where this one cannot.
					.catch(() => []);
				for (const log of logs) {
					if (!wanted.delete(log.args.job)) continue;
					blocks.set(log.blockHash, [...(blocks.get(log.blockHash) ?? []), log]);
				}
			}
		}
		const found = await Promise.all([...blocks.values()].map((logs) => this.#blockOf(logs, registry.address)));
		return found.flat();
	}

	/** All logs of the block of the given ones, which may be parts of one split. */
	async #blockOf(logs: MinedLog[], address: Address): Promise<MinedLog[]> {
		const { nodes } = this.#options;
		const [first] = logs;
		if (first === undefined) return [];
		const block = await nodes.firstOf((client) => client.getBlock({ blockHash: first.blockHash }));
		return (block === null ? null : await confirmedLogs(nodes, block, address)) ?? logs;
	}

	async #window(missing: readonly bigint[], head: ChainBlock): Promise<{ from: bigint; to: bigint }> {
		const { journal, startBlock } = this.#options;
		// The blocks of the neighbouring jobs may themselves have been reorganised.
		if (this.#searches++ % WIDE_EVERY === WIDE_EVERY - 1) return { from: startBlock, to: head.number };
		const [lowest, highest] = [missing[0] ?? 0n, missing.at(-1) ?? 0n];
		const { from } = await journal.around(lowest);
		const { to } = await journal.around(highest);
		return { from: from ?? startBlock, to: to ?? head.number };
	}
}
