/** The JobRegistry as the agent uses it. */
import { type JobStatus, jobRegistryAbi, jobStatus, nameOf } from '@necto/contracts';
import type { ChainRequest, Routing, Terms } from '@necto/core';
import { type Address, encodeFunctionData, type Hex, zeroHash } from 'viem';
import { nowSeconds } from '../time.ts';
import type { ChainClient } from './clients.ts';
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
	readonly #client: ChainClient;
	#periods: Periods | null = null;

	constructor(client: ChainClient, address: Address) {
		this.#client = client;
		this.address = address;
	}

	/** `status` is `none` for a job that this chain does not have. */
	async read(id: bigint): Promise<ChainJob> {
		const [job, block] = await Promise.all([this.#job(id), this.#client.getBlock({ blockTag: 'latest' })]);
		return {
			status: nameOf(jobStatus, job.status),
			termsHash: job.termsHash,
			time: job.time,
			chainTime: Number(block.timestamp),
			head: block.number,
		};
	}

	async #job(id: bigint) {
		try {
			return await this.#client.readContract({
				address: this.address,
				abi: jobRegistryAbi,
				functionName: 'getJob',
				args: [id],
			});
		} catch (error) {
			if (revertOf(error)?.reason !== 'UnknownJob') throw error;
			return { status: jobStatus.none, termsHash: zeroHash, time: 0 };
		}
	}

	async periods(): Promise<Periods> {
		const registry = { address: this.address, abi: jobRegistryAbi } as const;
		this.#periods ??= {
			grace: await this.#client.readContract({ ...registry, functionName: 'GRACE_PERIOD' }),
			arbiter: await this.#client.readContract({ ...registry, functionName: 'ARBITER_PERIOD' }),
		};
		return this.#periods;
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
