/** Finds jobs on the chain and takes them into the journal. The cursor moves together with the jobs, so none is lost and none taken twice. */
import { address } from '@necto/core';
import { type Address, zeroAddress } from 'viem';
import type { ChainClient } from '../chain/clients.ts';
import type { Journal, ObservedJob } from '../journal/jobs.ts';
import type { Logger } from '../logger.ts';
import { jobRequestedEvent, structToJournal } from './requests.ts';

/** Servers limit the blocks of one question; the strictest known allows more than this. */
const RANGE = 5_000n;
/** How far back to look again when the last block read is not on the chain any more. */
const REORG_DEPTH = 64n;

export interface ScannerOptions {
	client: ChainClient;
	journal: Journal;
	registry: Address;
	startBlock: bigint;
	logger: Logger;
}

export class Scanner {
	readonly #options: ScannerOptions;
	/** The last block that was looked through. */
	lastBlock: bigint | null = null;
	/** The chain's newest block when it was last asked. */
	head: bigint | null = null;

	constructor(options: ScannerOptions) {
		this.#options = options;
	}

	/** Looks through all blocks since the last time. Gives the ids of jobs that are new to the journal. */
	async scan(signal: AbortSignal): Promise<bigint[]> {
		const { client, journal, registry } = this.#options;
		const head = await client.getBlockNumber();
		this.head = head;
		let from = await this.#next(head);
		const found: bigint[] = [];
		while (from <= head && !signal.aborted) {
			const to = from + RANGE - 1n < head ? from + RANGE - 1n : head;
			// The block is read first: logs of a chain that turned in between then belong to a cursor that no longer fits, and are read again.
			const block = await client.getBlock({ blockNumber: to });
			const logs = await client.getLogs({
				address: registry,
				event: jobRequestedEvent,
				strict: true,
				fromBlock: from,
				toBlock: to,
			});
			const jobs = logs.map(({ args, blockNumber }): ObservedJob => {
				const named = args.request.tracked && args.requester !== zeroAddress;
				return {
					id: args.job,
					requester: named ? address(args.requester) : null,
					request: structToJournal(args.request),
					block: blockNumber,
				};
			});
			const fresh = await journal.observe(jobs, { block: to, hash: block.hash });
			found.push(...fresh);
			this.lastBlock = to;
			from = to + 1n;
		}
		if (this.lastBlock === null) this.lastBlock = head;
		return found;
	}

	async #next(head: bigint): Promise<bigint> {
		const { client, journal, startBlock, logger } = this.#options;
		const cursor = await journal.cursor();
		if (cursor === null) return startBlock;
		if (cursor.block <= head) {
			const block = await client.getBlock({ blockNumber: cursor.block });
			if (block.hash === cursor.hash) return cursor.block + 1n;
		}
		const back = (cursor.block < head ? cursor.block : head) - REORG_DEPTH;
		logger.warn(
			{ block: cursor.block.toString() },
			'The last block that was read is not on the chain any more; looking further back',
		);
		return back > startBlock ? back : startBlock;
	}
}
