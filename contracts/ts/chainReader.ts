import { type Address, getAbiItem, type PublicClient } from 'viem';
import { jobRegistryAbi } from '../abi/jobRegistry.ts';
import { providerRegistryAbi } from '../abi/providerRegistry.ts';
import type { Deployment } from './deployment.ts';
import { jobStatus, nameOf, reopenReason } from './enums.ts';
import { readRequester } from './requester.ts';

/** The methods of a viem client that are used. */
type Reader = Pick<
	PublicClient,
	'getChainId' | 'getBlockNumber' | 'getBlock' | 'getLogs' | 'getContractEvents' | 'readContract'
>;

const describingEvents = [
	getAbiItem({ abi: providerRegistryAbi, name: 'ListingAdded' }),
	getAbiItem({ abi: providerRegistryAbi, name: 'ProviderRegistered' }),
	getAbiItem({ abi: providerRegistryAbi, name: 'ProviderUpdated' }),
] as const;

/**
 * Reads jobs and listings as they were at given blocks: `ChainReader` of `@necto/core`, which verifications take. Every method throws what viem throws when
 * the node does not answer; ranges of blocks include both ends.
 *
 * @param client batches calls if its transport does; a registry takes some for each listing
 */
export function chainReader(
	client: Reader,
	{ jobRegistry, providerRegistry, escrow }: Pick<Deployment, 'jobRegistry' | 'providerRegistry' | 'escrow'>,
) {
	const registry = { address: providerRegistry, abi: providerRegistryAbi } as const;
	const jobs = { address: jobRegistry, abi: jobRegistryAbi, strict: true } as const;
	return {
		chainId: () => client.getChainId(),

		blockNumber: () => client.getBlockNumber(),

		/** Unix seconds. */
		async timestamp(blockNumber: bigint) {
			return Number((await client.getBlock({ blockNumber })).timestamp);
		},

		listingCount: (blockNumber: bigint) =>
			client.readContract({ ...registry, functionName: 'listingCount', blockNumber }),

		listing: (id: number, blockNumber: bigint) =>
			client.readContract({ ...registry, functionName: 'getListing', args: [id], blockNumber }),

		tiers: (listing: number, blockNumber: bigint) =>
			client.readContract({ ...registry, functionName: 'getTiers', args: [listing], blockNumber }),

		accessRules: (listing: number, blockNumber: bigint) =>
			client.readContract({ ...registry, functionName: 'getAccessRules', args: [listing], blockNumber }),

		provider: (id: number, blockNumber: bigint) =>
			client.readContract({ ...registry, functionName: 'getProvider', args: [id], blockNumber }),

		/** The last second of an attestation; null without one. */
		async attestation(subject: Address, kind: number, blockNumber: bigint) {
			const args = [subject, kind] as const;
			const call = { ...registry, functionName: 'getAttestation', args, blockNumber } as const;
			const { issuer, expiresAt } = await client.readContract(call);
			return BigInt(issuer) === 0n ? null : expiresAt;
		},

		isBuyerAllowed: (provider: number, buyer: Address, blockNumber: bigint) =>
			client.readContract({ ...registry, functionName: 'isBuyerAllowed', args: [provider, buyer], blockNumber }),

		registryLogs: (fromBlock: bigint, toBlock: bigint) =>
			client.getContractEvents({ ...registry, strict: true, fromBlock, toBlock }),

		describingLogs: (fromBlock: bigint, toBlock: bigint) =>
			client.getLogs({ address: providerRegistry, events: describingEvents, strict: true, fromBlock, toBlock }),

		/** The job's state now. */
		async job(id: bigint) {
			const call = { address: jobRegistry, abi: jobRegistryAbi, functionName: 'getJob', args: [id] } as const;
			const { termsHash, status } = await client.readContract(call);
			return { termsHash, status: nameOf(jobStatus, status) };
		},

		requested: (job: bigint, fromBlock: bigint, toBlock: bigint) =>
			client.getContractEvents({ ...jobs, eventName: 'JobRequested', args: { job }, fromBlock, toBlock }),

		routed: (job: bigint, fromBlock: bigint, toBlock: bigint) =>
			client.getContractEvents({ ...jobs, eventName: 'JobRouted', args: { job }, fromBlock, toBlock }),

		extended: (job: bigint, fromBlock: bigint, toBlock: bigint) =>
			client.getContractEvents({ ...jobs, eventName: 'JobExtended', args: { job }, fromBlock, toBlock }),

		async reopened(job: bigint, fromBlock: bigint, toBlock: bigint) {
			const logs = await client.getContractEvents({
				...jobs,
				eventName: 'JobReopened',
				args: { job },
				fromBlock,
				toBlock,
			});
			return logs.map(({ args: { listing, reason }, blockNumber, logIndex }) => ({
				args: { listing, reason: nameOf(reopenReason, reason) },
				blockNumber,
				logIndex,
			}));
		},

		splits: (fromBlock: bigint, toBlock: bigint) =>
			client.getContractEvents({ ...jobs, eventName: 'JobSplit', fromBlock, toBlock }),

		/** Who paid for a job, by the lock in the block of its request. */
		payer: (job: bigint, block: bigint) => readRequester(client, { escrow, startBlock: 0 }, job, block),
	};
}
