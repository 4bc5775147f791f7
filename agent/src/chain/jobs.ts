/** The JobRegistry as the agent uses it. */
import { type JobStatus, jobRegistryAbi, jobStatus, nameOf } from '@necto/contracts';
import type { ChainRequest, Routing } from '@necto/core';
import { type Address, encodeFunctionData, type Hex, zeroAddress, zeroHash } from 'viem';
import type { ChainClient } from './clients.ts';
import { revertOf } from './reverts.ts';

/** A job as the chain has it. */
export interface ChainJob {
	status: JobStatus;
	/** Who is paid; zero before routing. */
	provider: Address;
	/** The request's hash; once routed, the commitment. */
	commitment: Hex;
	/** Unix seconds; what it means depends on the status (`Job.time` in `contracts/src/types/Job.sol`). */
	time: number;
	/** The newest block's time, unix seconds. */
	chainTime: number;
	/** The newest block. */
	head: bigint;
}

export class JobRegistry {
	readonly address: Address;
	readonly #client: ChainClient;
	#grace: number | null = null;

	constructor(client: ChainClient, address: Address) {
		this.#client = client;
		this.address = address;
	}

	/** `status` is `none` for a job that this chain does not have. */
	async read(id: bigint): Promise<ChainJob> {
		const [job, block] = await Promise.all([this.#job(id), this.#client.getBlock({ blockTag: 'latest' })]);
		return {
			status: nameOf(jobStatus, job.status),
			provider: job.provider,
			commitment: job.commitment,
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
			return { status: jobStatus.none, provider: zeroAddress, commitment: zeroHash, time: 0 };
		}
	}

	/** Seconds after a job's full duration in which only its parties may settle it. */
	async gracePeriod(): Promise<number> {
		this.#grace ??= await this.#client.readContract({
			address: this.address,
			abi: jobRegistryAbi,
			functionName: 'GRACE_PERIOD',
		});
		return this.#grace;
	}

	routeData(id: bigint, request: ChainRequest, routing: Routing): Hex {
		return encodeFunctionData({ abi: jobRegistryAbi, functionName: 'route', args: [id, request, routing] });
	}

	expireData(id: bigint): Hex {
		return encodeFunctionData({ abi: jobRegistryAbi, functionName: 'expire', args: [id] });
	}

	completeData(id: bigint): Hex {
		return encodeFunctionData({ abi: jobRegistryAbi, functionName: 'complete', args: [id] });
	}
}
