/** Whether the tables hold what the contracts count at the same block. */
import {
	accessControlAbi,
	type Deployment,
	jobRegistryAbi,
	jobStatus,
	nameOf,
	providerRegistryAbi,
} from '@necto/contracts';
import {
	BaseError,
	ContractFunctionRevertedError,
	createPublicClient,
	custom,
	type Hex,
	hexToNumber,
	type PublicClient,
} from 'viem';
import type { CheckedRpc } from '../rpc/checked.ts';

/** What the tables hold, as of one block. */
export interface Rows {
	jobs: number;
	listings: number;
	providers: number;
	teams: number;
	/** The jobs to compare one by one, with their status. */
	comparedJobs: readonly { id: bigint; status: string }[];
	/** The listings to compare one by one, with their version and the GPUs that jobs hold. */
	comparedListings: readonly { id: number; version: number; reserved: number }[];
}

/** A table that lacks rows, or a row that is not as the contract has it. */
export interface Difference {
	what: string;
	indexed: string;
	chain: string;
}

/** The chain as the contracts' state at a block tells it. */
export class ChainCounts {
	readonly #client: PublicClient;
	readonly #deployment: Deployment;

	constructor(rpc: CheckedRpc, deployment: Deployment) {
		const request = ({ method, params }: { method: string; params?: unknown }) =>
			rpc.request({ method, params: Array.isArray(params) ? params : [] });
		this.#client = createPublicClient({ transport: custom({ request }, { retryCount: 0 }) });
		this.#deployment = deployment;
	}

	/**
	 * Compares rows with the state after a block.
	 *
	 * @returns what differs
	 * @throws Error when no node has the state of that block
	 */
	async differences(rows: Rows, blockHash: Hex): Promise<Difference[]> {
		const { jobRegistry, providerRegistry, accessControl } = this.#deployment;
		const jobs = { address: jobRegistry, abi: jobRegistryAbi, blockHash } as const;
		const providers = { address: providerRegistry, abi: providerRegistryAbi, blockHash } as const;
		const [jobCount, listingCount, providerCount, teamCount] = await Promise.all([
			this.#client.readContract({ ...jobs, functionName: 'jobCount' }),
			this.#client.readContract({ ...providers, functionName: 'listingCount' }),
			this.#client.readContract({ ...providers, functionName: 'providerCount' }),
			this.#client.readContract({
				address: accessControl,
				abi: accessControlAbi,
				blockHash,
				functionName: 'teamCount',
			}),
		]);
		const counted = [
			{ what: 'jobs', indexed: rows.jobs, chain: Number(jobCount) },
			{ what: 'listings', indexed: rows.listings, chain: listingCount },
			{ what: 'providers', indexed: rows.providers, chain: providerCount },
			{ what: 'teams', indexed: rows.teams, chain: teamCount },
		];
		const states = await Promise.all(
			rows.comparedJobs.map(async ({ id, status }) => {
				const job = await heldOrNull(this.#client.readContract({ ...jobs, functionName: 'getJob', args: [id] }));
				const chain = job === null ? NOTHING : nameOf(jobStatus, job.status);
				return { what: nameOfJob(id), indexed: status, chain };
			}),
		);
		const versions = await Promise.all(
			rows.comparedListings.map(async ({ id, version, reserved }) => {
				const call = { ...providers, functionName: 'getListing', args: [id] } as const;
				const listing = await heldOrNull(this.#client.readContract(call));
				const [versionName, reservedName] = namesOfListing(id);
				const ofVersion = { what: versionName, indexed: version, chain: listing?.version ?? NOTHING };
				if (listing === null) return [ofVersion];
				// A reservation is no new version.
				return [ofVersion, { what: reservedName, indexed: reserved, chain: listing.reserved }];
			}),
		);
		return [...counted, ...states, ...versions.flat()]
			.map(({ what, indexed, chain }) => ({ what, indexed: String(indexed), chain: String(chain) }))
			.filter(({ indexed, chain }) => indexed !== chain);
	}
}

/** What a difference in a job's row is called. */
export const nameOfJob = (id: bigint) => `status of job ${id}`;
/** What differences in a listing's row are called. */
export const namesOfListing = (id: number) => [`version of listing ${id}`, `reserved GPUs of listing ${id}`] as const;

/** What the contracts have of a row that is in the tables alone. */
const NOTHING = 'nothing';

/** Null where the contract refuses, as it does for an id that it never gave: that is a difference, and not a node without the state. */
async function heldOrNull<T>(read: Promise<T>): Promise<T | null> {
	try {
		return await read;
	} catch (error) {
		const isRefused =
			error instanceof BaseError && error.walk((e) => e instanceof ContractFunctionRevertedError) !== null;
		if (!isRefused) throw error;
		return null;
	}
}

/** Seconds from a block to a later one. */
export function ageOf(head: { timestamp: Hex }, block: { timestamp: Hex }): number {
	return Math.max(0, hexToNumber(head.timestamp) - hexToNumber(block.timestamp));
}
