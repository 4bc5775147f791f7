/**
 * Finds jobs on the chain, and what happens to their terms, and takes both into the journal. The cursor moves together with them, so nothing is lost and
 * nothing taken twice.
 */
import { jobRegistryAbi, nameOf, reopenReason } from '@necto/contracts';
import { address } from '@necto/core';
import { type Address, type GetContractEventsReturnType, type Hex, zeroAddress } from 'viem';
import type { ChainClient } from '../chain/clients.ts';
import type { JobChange, StoredChange } from '../journal/changes.ts';
import type { Journal, ObservedJob } from '../journal/jobs.ts';
import type { Logger } from '../logger.ts';
import { structToJournal } from './requests.ts';

/** Servers limit the blocks of one question; the strictest known allows more than this. */
const RANGE = 5_000n;
/** How far back to look again when the last block read is not on the chain any more. */
const REORG_DEPTH = 64n;
/** Blocks whose time is asked for side by side. */
const SIDE_BY_SIDE = 16;

type Happened = GetContractEventsReturnType<typeof jobRegistryAbi, undefined, true>[number];
type EventName = Happened['eventName'];
type HappenedAs<Name extends EventName> = Extract<Happened, { eventName: Name }>;

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

	/** Looks through all blocks since the last time. Gives the ids of jobs that are new to the journal, or have lost their place. */
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
			const logs = await client.getContractEvents({
				address: registry,
				abi: jobRegistryAbi,
				strict: true,
				fromBlock: from,
				toBlock: to,
			});
			const times = await this.#times(logs);
			const jobs = logs
				.filter((log) => is(log, 'JobRequested'))
				.map((log) => observed(log, timeOf(log, times), wholeOf(log.args.job, logs)));
			const changes = logs.flatMap((log) => changeOf(log, times));
			const fresh = await journal.observe(jobs, { block: to, hash: block.hash }, { from, changes });
			found.push(...fresh);
			this.lastBlock = to;
			from = to + 1n;
		}
		if (this.lastBlock === null) this.lastBlock = head;
		return found;
	}

	/** The times of the blocks in which terms were made, by their hashes. */
	async #times(logs: readonly Happened[]): Promise<ReadonlyMap<Hex, number>> {
		const dated = logs.filter((log) => is(log, 'JobRequested') || is(log, 'JobRouted'));
		const hashes = [...new Set(dated.map((log) => log.blockHash))];
		const times = new Map<Hex, number>();
		for (let at = 0; at < hashes.length; at += SIDE_BY_SIDE) {
			await Promise.all(
				hashes.slice(at, at + SIDE_BY_SIDE).map(async (blockHash) => {
					times.set(blockHash, Number((await this.#options.client.getBlock({ blockHash })).timestamp));
				}),
			);
		}
		return times;
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

function is<Name extends EventName>(log: Happened, name: Name): log is HappenedAs<Name> {
	return log.eventName === name;
}

function timeOf(log: Happened, times: ReadonlyMap<Hex, number>): number {
	const time = times.get(log.blockHash);
	if (time === undefined) throw new Error(`The time of block ${log.blockNumber} was not read.`);
	return time;
}

function observed({ args, blockNumber }: HappenedAs<'JobRequested'>, time: number, parent: bigint | null): ObservedJob {
	const named = args.request.tracked && args.requester !== zeroAddress;
	return {
		id: args.job,
		requester: named ? address(args.requester) : null,
		request: structToJournal(args.request),
		block: blockNumber,
		requestedAt: time,
		locked: args.locked,
		parent,
	};
}

/** The job that a new one is a part of: the split's event is in the same block. */
function wholeOf(job: bigint, logs: readonly Happened[]): bigint | null {
	const split = logs.find(
		(log) => is(log, 'JobSplit') && job >= log.args.firstPart && job < log.args.firstPart + BigInt(log.args.parts),
	);
	return split !== undefined && is(split, 'JobSplit') ? split.args.job : null;
}

function changeOf(log: Happened, times: ReadonlyMap<Hex, number>): JobChange[] {
	const at = (jobId: bigint, change: StoredChange): JobChange[] => [
		{ jobId, block: log.blockNumber, logIndex: log.logIndex, change },
	];
	if (is(log, 'JobRouted')) {
		const { job, provider, listing, pricePerGpuHour, fee, router, commitment } = log.args;
		const place = { provider, listing, pricePerGpuHour, fee, router, commitment };
		return at(job, { kind: 'routed', ...place, routedAt: timeOf(log, times) });
	}
	if (is(log, 'JobReopened')) {
		const { job, listing, reason } = log.args;
		return at(job, { kind: 'reopened', listing, reason: nameOf(reopenReason, reason) });
	}
	if (is(log, 'JobExtended')) {
		const { job, duration, locked } = log.args;
		return at(job, { kind: 'extended', duration, locked });
	}
	return [];
}
