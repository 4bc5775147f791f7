/**
 * Finds jobs on the chain, and what happens to their terms, and takes both into the journal.
 *
 * An empty answer is no evidence: a node that is behind, or forgets, answers with fewer logs and no error. So three things are done in each round. The
 * cursor moves block by block, over logs that the block's own header confirms. The blocks before it are asked for once more, and what was not seen before is
 * taken in. And the chain's count of jobs is compared with the journal, and what is missing is searched for.
 */
import type { Hex } from 'viem';
import { confirmedLogs, type MinedLog } from '../chain/blockLogs.ts';
import type { JobRegistry } from '../chain/jobs.ts';
import { type ChainBlock, type ChainNodes, NodeBehindError } from '../chain/nodes.ts';
import type { Journal } from '../journal/jobs.ts';
import type { Logger } from '../logger.ts';
import { eventsOf, isKept, readEvents } from './events.ts';
import { Gaps } from './gaps.ts';
import { lower, NEAR, OVERLAP, REORG_DEPTH, rangesOf, SIDE_BY_SIDE } from './ranges.ts';

export interface ScannerOptions {
	nodes: ChainNodes;
	journal: Journal;
	registry: Pick<JobRegistry, 'address' | 'count'>;
	startBlock: bigint;
	logger: Logger;
	/** Milliseconds, of a clock that only grows. */
	now?: () => number;
}

/** What keeps the scanner from knowing all jobs. */
export interface ScanTrouble {
	/** Jobs that the chain counts and no node has shown. */
	missing: readonly bigint[];
	/** The first block whose logs no node gave as a whole, and for how many milliseconds. */
	unconfirmed: { block: bigint; ms: number } | null;
	/** For how many milliseconds all nodes have been at lower blocks than one that was shown before. */
	behindMs: number | null;
}

/** Where reading goes on: the last block that was read, with its hash where it is known. */
interface Base {
	block: bigint;
	hash: Hex | null;
}

/** Questions to different nodes before a block that none of them has counts as gone. */
const GONE_AFTER = 3;

export class Scanner {
	readonly #options: ScannerOptions;
	readonly #gaps: Gaps;
	readonly #now: () => number;
	/** Events that were taken in, and their blocks: the overlap brings them again in each round. */
	readonly #taken = new Map<string, bigint>();
	#unconfirmed: { block: bigint; since: number } | null = null;
	/** The last block that is confirmed to be read as a whole, with all before it. */
	lastBlock: bigint | null = null;
	/** Events that were found after their block had been read. */
	late = 0;

	constructor(options: ScannerOptions) {
		this.#options = options;
		this.#gaps = new Gaps(options);
		this.#now = options.now ?? (() => performance.now());
	}

	/** The chain's newest block, as far as any node has shown it. */
	get head(): bigint | null {
		return this.#options.nodes.highest;
	}

	/** The indexer has jobs up to this id. */
	expect(count: bigint): void {
		this.#gaps.expect(count);
	}

	get trouble(): ScanTrouble {
		const stuck = this.#unconfirmed;
		return {
			missing: this.#gaps.missing,
			unconfirmed: stuck === null ? null : { block: stuck.block, ms: this.#now() - stuck.since },
			behindMs: this.#options.nodes.behindMs,
		};
	}

	/** Reads all blocks since the last time. Gives the ids of jobs that are new to the journal, or have lost their place. */
	async scan(signal: AbortSignal): Promise<bigint[]> {
		const head = await this.#head();
		if (head === null) return [];
		const base = await this.#base(head);
		const found: bigint[] = [];
		const walked = await this.#walk(base, head, signal, found);
		found.push(...(await this.#sweep(walked, head, signal)));
		if (!signal.aborted) found.push(...(await this.#search(head)));
		this.lastBlock = walked;
		return [...new Set(found)];
	}

	/** Null while every node is behind: what such a node says is older than what is known. */
	async #head(): Promise<ChainBlock | null> {
		try {
			return await this.#options.nodes.latest();
		} catch (error) {
			if (error instanceof NodeBehindError) return null;
			throw error;
		}
	}

	/** Where to go on; further back when the chain turned. */
	async #base(head: ChainBlock): Promise<Base> {
		const { journal, nodes, startBlock, logger } = this.#options;
		const cursor = await journal.cursor();
		if (cursor === null) return { block: startBlock - 1n, hash: null };
		for (let attempt = 0; attempt < GONE_AFTER && cursor.block <= head.number; attempt++) {
			const same = await nodes.firstOf(async (client) => {
				const { hash } = await client.getBlock({ blockNumber: cursor.block });
				return hash === cursor.hash ? hash : null;
			});
			if (same !== null) return cursor;
		}
		const back = lower(cursor.block, head.number) - REORG_DEPTH;
		logger.warn(
			{ block: cursor.block.toString() },
			'The last block that was read is not on the chain any more; looking further back',
		);
		const block = back < startBlock ? null : await this.#block(back);
		await journal.turnBack(block === null ? null : { block: block.number, hash: block.hash });
		this.#taken.clear();
		this.#gaps.reset();
		return block === null ? { block: startBlock - 1n, hash: null } : { block: block.number, hash: block.hash };
	}

	async #block(blockNumber: bigint): Promise<ChainBlock> {
		const block = await this.#options.nodes.firstOf((client) => client.getBlock({ blockNumber }));
		if (block === null) throw new NodeBehindError(`No node has block ${blockNumber}.`);
		return block;
	}

	/** Moves the cursor over confirmed blocks as far as it goes. Gives the last of them. */
	async #walk(base: Base, head: ChainBlock, signal: AbortSignal, found: bigint[]): Promise<bigint> {
		let last = base;
		while (last.block < head.number && !signal.aborted) {
			const far = head.number - NEAR;
			const next = last.block < far ? await this.#leap(last, far, found) : await this.#step(last, head, found);
			if (next.block > last.block) this.#unconfirmed = null;
			last = next;
			if (next.stuck !== undefined) {
				this.#stuckAt(next.stuck);
				break;
			}
		}
		if (last.block >= head.number) this.#unconfirmed = null;
		return last.block;
	}

	/**
	 * Reads a range of blocks that are far behind the newest. Their headers would be too many to ask for, so here two answers have to agree; what both leave
	 * out is found by the count of jobs, and by the hash of a job's terms.
	 */
	async #leap(last: Base, end: bigint, found: bigint[]): Promise<Base & { stuck?: bigint }> {
		const [range] = rangesOf(last.block + 1n, end);
		if (range === undefined) return last;
		const block = await this.#block(range.to);
		const [first, second] = [await this.#ask(range), await this.#ask(range)];
		if (placesOf(first) !== placesOf(second)) {
			found.push(...(await this.#add([...first, ...second])));
			return { ...last, stuck: range.from };
		}
		const times = await this.#timesOf(first);
		found.push(...(await this.#observe(first, times, range.from, block)));
		return { block: block.number, hash: block.hash };
	}

	/** Reads the next blocks, each for itself, as far as they are confirmed. */
	async #step(last: Base, head: ChainBlock, found: bigint[]): Promise<Base & { stuck?: bigint }> {
		const { nodes, registry } = this.#options;
		const size = Math.min(SIDE_BY_SIDE, Number(head.number - last.block));
		const blocks = await Promise.all(
			Array.from({ length: size }, async (_, index) => {
				const block = await this.#block(last.block + BigInt(index) + 1n);
				return { block, logs: await confirmedLogs(nodes, block, registry.address) };
			}),
		);
		const logs: MinedLog[] = [];
		const times = new Map<Hex, number>();
		let end: ChainBlock | null = null;
		let stuck: bigint | undefined;
		for (const { block, logs: confirmed } of blocks) {
			// A node with another chain in mind answers with blocks that do not follow on each other.
			const parent = end?.hash ?? last.hash;
			if (confirmed === null || (parent !== null && block.parentHash !== parent)) {
				stuck = block.number;
				break;
			}
			logs.push(...confirmed);
			times.set(block.hash, Number(block.timestamp));
			end = block;
		}
		if (end !== null) found.push(...(await this.#observe(logs, times, last.block + 1n, end)));
		const base = end === null ? last : { block: end.number, hash: end.hash };
		return stuck === undefined ? base : { ...base, stuck };
	}

	/** Asks for the blocks before the last confirmed one once more, and for those after it that could not be confirmed, and takes in what is new. */
	async #sweep(last: bigint, head: ChainBlock, signal: AbortSignal): Promise<bigint[]> {
		const { startBlock } = this.#options;
		const from = last + 1n - OVERLAP < startBlock ? startBlock : last + 1n - OVERLAP;
		for (const [key, block] of this.#taken) if (block < from) this.#taken.delete(key);
		const found: bigint[] = [];
		for (const range of rangesOf(from, head.number)) {
			if (signal.aborted) break;
			const logs = await this.#ask(range);
			const fresh = logs.filter((log) => !this.#taken.has(keyOf(log)));
			const late = eventsOf(fresh).filter((event) => isKept(event) && event.blockNumber <= last);
			found.push(...(await this.#add(fresh, late.length)));
		}
		return found;
	}

	/** Searches for jobs that the chain counts and the journal lacks. */
	async #search(head: ChainBlock): Promise<bigint[]> {
		const logs = await this.#gaps.search(head);
		if (logs.length === 0) return [];
		const added = await this.#add(logs);
		this.#gaps.found(added);
		return added;
	}

	/** The registry's logs as one node shows them, each time another one. */
	async #ask({ from, to }: { from: bigint; to: bigint }): Promise<MinedLog[]> {
		const { nodes, registry } = this.#options;
		const logs = await nodes.firstOf((client) =>
			client.getLogs({ address: registry.address, fromBlock: from, toBlock: to }),
		);
		return logs ?? [];
	}

	/** Takes in confirmed blocks and moves the cursor to the last of them. */
	async #observe(
		logs: readonly MinedLog[],
		times: ReadonlyMap<Hex, number>,
		from: bigint,
		last: ChainBlock,
	): Promise<bigint[]> {
		const { jobs, changes } = read(logs, times);
		const cursor = { block: last.number, hash: last.hash };
		const found = await this.#options.journal.observe(jobs, cursor, { from, changes });
		this.#remember(logs);
		return found;
	}

	/** Takes in logs of which nothing says that they are all; those of blocks that are not on the chain are left out. */
	async #add(logs: readonly MinedLog[], late = 0): Promise<bigint[]> {
		if (logs.length === 0) return [];
		const times = await this.#timesOf(logs);
		const standing = logs.filter((log) => times.has(log.blockHash));
		const { jobs, changes } = read(standing, times);
		const found = await this.#options.journal.add(jobs, changes);
		this.#remember(standing);
		this.late += late;
		return found;
	}

	/** The times of the logs' blocks, by hash. Blocks that are not on the chain have none. */
	async #timesOf(logs: readonly MinedLog[]): Promise<ReadonlyMap<Hex, number>> {
		const numbers = [...new Set(logs.map(({ blockNumber }) => blockNumber))];
		const times = new Map<Hex, number>();
		for (let at = 0; at < numbers.length; at += SIDE_BY_SIDE) {
			const blocks = await Promise.all(numbers.slice(at, at + SIDE_BY_SIDE).map((number) => this.#block(number)));
			for (const block of blocks) times.set(block.hash, Number(block.timestamp));
		}
		return times;
	}

	#remember(logs: readonly MinedLog[]): void {
		for (const log of logs) this.#taken.set(keyOf(log), log.blockNumber);
	}

	#stuckAt(block: bigint): void {
		if (this.#unconfirmed?.block === block) return;
		this.#unconfirmed = { block, since: this.#now() };
	}
}

function read(logs: readonly MinedLog[], times: ReadonlyMap<Hex, number>) {
	const unique = [...new Map(logs.map((log) => [keyOf(log), log])).values()];
	return readEvents(eventsOf(unique), ({ blockHash, blockNumber }) => {
		const time = times.get(blockHash);
		if (time === undefined) throw new Error(`The time of block ${blockNumber} was not read.`);
		return time;
	});
}

function keyOf({ blockHash, logIndex }: MinedLog): string {
	return `${blockHash}:${logIndex}`;
}

function placesOf(logs: readonly MinedLog[]): string {
	return logs.map(keyOf).sort().join();
}
