/** The JobRegistry as the agent uses it. */
import { type JobStatus, jobRegistryAbi, jobStatus, nameOf } from '@necto/contracts';
import type { ChainRequest, Routing, Terms } from '@necto/core';
import { type Address, encodeFunctionData, type Hex, zeroHash } from 'viem';
import { nowSeconds } from '../time.ts';
import type { ChainClient } from './clients.ts';
import type { ChainBlock, ChainNodes } from './nodes.ts';
import { revertOf } from './reverts.ts';

/** A provider's deadline by our clock alone, when the chain makes no blocks. */
const CLOCK_MARGIN_SECONDS = 15;

/** A job as the chain has it. */
export interface ChainJob {
	status: JobStatus;
	/** Of what is agreed: core's `hashTerms`. */
	termsHash: Hex;
	/** Unix seconds; what it means depends on the status (`Job.time` in `contracts/src/types/Job.sol`). */
	time: number;
	/** The newest block's time, unix seconds. */
	chainTime: number;
	/** The newest block. */
	head: bigint;
}

/** Seconds after which anyone may end what its parties do not end. */
export interface Periods {
	/** After a job's full duration. */
	grace: number;
	/** After a dispute began. */
	arbiter: number;
}

/** Whether the job waits for a place: it has none, or its provider did not start it in time. The contract has the last word. */
export function isOpen({ status, time, chainTime }: Pick<ChainJob, 'status' | 'time' | 'chainTime'>): boolean {
	if (status !== 'routed') return status === 'requested';
	return chainTime > time || nowSeconds() > time + CLOCK_MARGIN_SECONDS;
}

export class JobRegistry {
	readonly address: Address;
	readonly #nodes: ChainNodes;
	#periods: Periods | null = null;

	constructor(nodes: ChainNodes, address: Address) {
		this.#nodes = nodes;
		this.address = address;
	}

	/**
	 * A job at the newest block. `status` is `none` for a job that this chain does not have.
	 *
	 * @param since a block in which the job is known to exist: what a node says of the time before is no evidence
	 * @throws NodeBehindError when no node knows that block
	 */
	async read(id: bigint, since: bigint): Promise<ChainJob> {
		const block = await this.#nodes.latest(since);
		const found = await this.#nodes.firstOf((client) => this.#job(client, id, block));
		const job = found ?? { status: jobStatus.none, termsHash: zeroHash, time: 0 };
		return {
			status: nameOf(jobStatus, job.status),
			termsHash: job.termsHash,
			time: job.time,
			chainTime: Number(block.timestamp),
			head: block.number,
		};
	}

	/** How many jobs there are at a block: their ids are 1 to this. */
	async count(block: Pick<ChainBlock, 'number' | 'hash'>): Promise<bigint> {
		const call = { address: this.address, abi: jobRegistryAbi, functionName: 'jobCount' } as const;
		const count = await this.#nodes.firstOf((client) =>
			atBlock(block, (at) => client.readContract({ ...call, ...at })),
		);
		if (count === null) throw new Error('The chain does not say how many jobs there are.');
		return count;
	}

	/** Null where a node says that there is no such job. */
	async #job(client: ChainClient, id: bigint, block: ChainBlock) {
		const call = { address: this.address, abi: jobRegistryAbi, functionName: 'getJob', args: [id] } as const;
		try {
			return await atBlock(block, (at) => client.readContract({ ...call, ...at }));
		} catch (error) {
			if (revertOf(error)?.reason !== 'UnknownJob') throw error;
			return null;
		}
	}

	async periods(): Promise<Periods> {
		const registry = { address: this.address, abi: jobRegistryAbi } as const;
		this.#periods ??= {
			grace: await this.#constant((client) => client.readContract({ ...registry, functionName: 'GRACE_PERIOD' })),
			arbiter: await this.#constant((client) => client.readContract({ ...registry, functionName: 'ARBITER_PERIOD' })),
		};
		return this.#periods;
	}

	async #constant(read: (client: ChainClient) => Promise<number>): Promise<number> {
		const value = await this.#nodes.firstOf(read);
		if (value === null) throw new Error('The chain does not say how long its periods are.');
		return value;
	}

	routeData(id: bigint, terms: Terms, request: ChainRequest, routing: Routing): Hex {
		return encodeFunctionData({ abi: jobRegistryAbi, functionName: 'route', args: [id, terms, request, routing] });
	}

	splitData(id: bigint, terms: Terms, request: ChainRequest, gpuCounts: readonly number[]): Hex {
		return encodeFunctionData({ abi: jobRegistryAbi, functionName: 'split', args: [id, terms, request, gpuCounts] });
	}

	/** The ways out that anyone may open. */
	endData(way: 'expire' | 'complete' | 'resolve', id: bigint, terms: Terms): Hex {
		return encodeFunctionData({ abi: jobRegistryAbi, functionName: way, args: [id, terms] });
	}
}

/**
 * Reads state as of one block, by its hash: a node that has another block at that height, or none yet, cannot answer by mistake (EIP-1898). Nodes that do
 * not take hashes are asked by number.
 */
export async function atBlock<T>(
	{ number, hash }: Pick<ChainBlock, 'number' | 'hash'>,
	read: (at: { blockHash: Hex } | { blockNumber: bigint }) => Promise<T>,
): Promise<T> {
	try {
		return await read({ blockHash: hash });
	} catch (error) {
		if (revertOf(error) !== null) throw error;
		return read({ blockNumber: number });
	}
}
