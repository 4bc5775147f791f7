/**
 * Reads one job's events anew when they do not give the terms by which the chain stands. The chain keeps a hash of the terms, so what is read is either
 * proved by it as a whole, or not taken.
 */
import { jobRegistryAbi } from '@necto/contracts';
import type { Hex } from 'viem';
import { confirmedLogs, type MinedLog } from '../chain/blockLogs.ts';
import type { ChainClient } from '../chain/clients.ts';
import type { JobRegistry } from '../chain/jobs.ts';
import type { ChainNodes } from '../chain/nodes.ts';
import type { JobChange } from '../journal/changes.ts';
import type { Journal, JournalJob, ObservedJob } from '../journal/jobs.ts';
import type { Logger } from '../logger.ts';
import { eventsOf, readEvents } from './events.ts';
import { rangesOf } from './ranges.ts';

export interface RecoveryOptions {
	nodes: ChainNodes;
	journal: Journal;
	registry: Pick<JobRegistry, 'address'>;
	/** Whether a job with these changes has the terms of the chain. */
	proves: (job: ObservedJob, changes: readonly JobChange[], termsHash: Hex) => Promise<boolean>;
	logger: Logger;
}

export class Recovery {
	readonly #options: RecoveryOptions;

	constructor(options: RecoveryOptions) {
		this.#options = options;
	}

	/**
	 * Looks for a job's events at one node after the other, from the block of its request on.
	 *
	 * @param head the block in which the chain has the terms' hash
	 * @returns whether the journal has what is agreed now
	 */
	async recover(job: JournalJob, { termsHash, head }: { termsHash: Hex; head: bigint }): Promise<boolean> {
		const { nodes, journal, proves, logger } = this.#options;
		// Each node's answer adds to those before: one may have forgotten what another has.
		const logs = new Map<string, MinedLog>();
		for (const client of nodes.inTurn()) {
			for (const log of await this.#logsOf(client, job, head)) logs.set(`${log.blockHash}:${log.logIndex}`, log);
			const read = await this.#read(job, [...logs.values()]);
			if (read === null || !(await proves(read.job, read.changes, termsHash))) continue;
			await journal.correct(read.job, read.changes);
			logger.warn({ job: job.id.toString() }, 'Events of a job that were missing or wrong have been read again');
			return true;
		}
		return false;
	}

	async #read(job: JournalJob, logs: readonly MinedLog[]): Promise<{ job: ObservedJob; changes: JobChange[] } | null> {
		const { nodes, journal } = this.#options;
		const blocks = new Map<Hex, number>();
		for (const number of new Set(logs.map(({ blockNumber }) => blockNumber))) {
			const block = await nodes.firstOf((client) => client.getBlock({ blockNumber: number }));
			if (block !== null) blocks.set(block.hash, Number(block.timestamp));
		}
		const standing = eventsOf(logs.filter(({ blockHash }) => blocks.has(blockHash))).sort(
			(a, b) => Number(a.blockNumber - b.blockNumber) || a.logIndex - b.logIndex,
		);
		const { jobs, changes } = readEvents(standing, ({ blockHash }) => blocks.get(blockHash) ?? 0);
		const asked = jobs.find(({ id }) => id === job.id);
		if (asked === undefined) return null;
		const parent = asked.parent ?? job.parent;
		const whole = parent === null ? null : await journal.get(parent);
		return {
			job: { ...asked, parent, requestedAt: whole?.requestedAt ?? asked.requestedAt },
			changes: changes.filter(({ jobId }) => jobId === job.id),
		};
	}

	/** What one node shows of a job: its own events, and all of the block that it was requested in, as its whole's split stands there. */
	async #logsOf(client: ChainClient, job: JournalJob, head: bigint): Promise<MinedLog[]> {
		const { nodes, registry } = this.#options;
		const call = { address: registry.address, abi: jobRegistryAbi, strict: true } as const;
		const args = { job: job.id };
		const logs: MinedLog[] = [];
		try {
			const block = await client.getBlock({ blockNumber: job.requestedBlock });
			logs.push(...((await confirmedLogs(nodes, block, registry.address)) ?? []));
			for (const { from: fromBlock, to: toBlock } of rangesOf(job.requestedBlock, head)) {
				const range = { ...call, args, fromBlock, toBlock };
				const answers = await Promise.all([
					client.getContractEvents({ ...range, eventName: 'JobRequested' }),
					client.getContractEvents({ ...range, eventName: 'JobRouted' }),
					client.getContractEvents({ ...range, eventName: 'JobReopened' }),
					client.getContractEvents({ ...range, eventName: 'JobExtended' }),
				]);
				logs.push(...answers.flat());
			}
		} catch (error) {
			this.#options.logger.debug({ error, job: job.id.toString() }, "A node did not show a job's events");
		}
		return logs;
	}
}
