import {
	accountOf,
	allAbis,
	escrowAbi,
	jobRegistryAbi,
	jobStatus,
	local,
	localHttp,
	nameOf,
	providerRegistryAbi,
	waitForReceipt,
} from '@necto/contracts';
import { type JobRequest, requestToChain } from '@necto/core';
import { type Address, createPublicClient, createTestClient, createWalletClient, parseEventLogs } from 'viem';
import { privateKeyToAccount } from 'viem/accounts';
import { inject } from 'vitest';
import { readTerms } from '../src/chain/terms.ts';

/** The chain behind the pages: what they show is compared with it, and what they cannot do is done on it. */
export function useChain() {
	const { adi, contracts, accounts } = inject('ready');
	const transport = localHttp(adi.rpc);
	const client = createPublicClient({ chain: local, transport, pollingInterval: 100 });

	const node = createTestClient({ mode: 'anvil', chain: local, transport });

	function account(name: string) {
		const found = accounts[name];
		if (found === undefined) throw new Error(`ready.json has no account ${name}`);
		return privateKeyToAccount(found.privateKey);
	}

	function wallet(name: string) {
		return createWalletClient({ chain: local, transport, account: account(name) });
	}

	return {
		/** The chain's address, as the pages call it. */
		rpc: adi.rpc,
		client,
		account,
		wallet,
		/** Micro-USDC in the Escrow. */
		async balance(name: string) {
			return client.readContract({
				address: contracts.escrow,
				abi: escrowAbi,
				functionName: 'balanceOf',
				args: [accountOf(account(name).address)],
			});
		},
		async status(job: bigint) {
			const held = await client.readContract({
				address: contracts.jobRegistry,
				abi: jobRegistryAbi,
				functionName: 'getJob',
				args: [job],
			});
			return nameOf(jobStatus, held.status);
		},
		/** What is agreed for a tracked job. */
		async terms(job: bigint) {
			return readTerms(client, contracts, job);
		},
		/** Requests without a page. @returns the job's id */
		async request(name: string, request: JobRequest): Promise<bigint> {
			const hash = await wallet(name).writeContract({
				address: contracts.jobRegistry,
				abi: allAbis,
				functionName: 'request',
				args: [requestToChain(request)],
			});
			const { logs } = await waitForReceipt(client, hash);
			const [event] = parseEventLogs({ abi: jobRegistryAbi, eventName: 'JobRequested', logs });
			if (event === undefined) throw new Error('The request made no event.');
			return event.args.job;
		},
		/** The number of a listing: those of several providers are made side by side, so that only the name is known beforehand. */
		async listing(name: string): Promise<number> {
			const added = await client.getContractEvents({
				address: contracts.providerRegistry,
				abi: providerRegistryAbi,
				eventName: 'ListingAdded',
				fromBlock: 0n,
				strict: true,
			});
			const found = added.find(({ args }) => args.description.name === name);
			if (found === undefined) throw new Error(`No listing is called ${name}.`);
			return found.args.listing;
		},
		/** Changes a fixed rate: micro-USD per GPU-hour. */
		async setRate(name: string, listing: number, rate: bigint) {
			const pricing = { model: 0, rate, floor: 0n, ceiling: 0n, tokenAmount: 0n, token: '0x0000000000000000' } as const;
			const hash = await wallet(name).writeContract({
				address: contracts.providerRegistry,
				abi: providerRegistryAbi,
				functionName: 'setPricing',
				args: [listing, pricing],
			});
			await waitForReceipt(client, hash);
			return hash;
		},
		/** Seconds between a job's start and its dispute, by the chain's clock. */
		async secondsUntilDispute(job: bigint): Promise<number> {
			const logs = await client.getContractEvents({
				address: contracts.jobRegistry,
				abi: jobRegistryAbi,
				args: { job },
				fromBlock: 0n,
				strict: true,
			});
			const timeOf = async (name: 'JobStarted' | 'JobDisputed') => {
				const log = logs.find((log) => log.eventName === name && log.args.job === job);
				if (log === undefined) throw new Error(`Job ${job} has no ${name}.`);
				return Number((await client.getBlock({ blockNumber: log.blockNumber })).timestamp);
			};
			return (await timeOf('JobDisputed')) - (await timeOf('JobStarted'));
		},
		/** The logs of `JobRouted` of one job. */
		async routings(job: bigint) {
			return client.getContractEvents({
				address: contracts.jobRegistry,
				abi: jobRegistryAbi,
				eventName: 'JobRouted',
				args: { job },
				fromBlock: 0n,
				strict: true,
			});
		},
		/** Whether each transaction gets its block at once, as usual, or waits. */
		async mining(isOn: boolean): Promise<void> {
			await node.setAutomine(isOn);
			if (isOn) await node.mine({ blocks: 1 });
		},
		/** Makes the node forget what an account sent and no block holds yet. */
		async forget(name: string): Promise<void> {
			await node.request({ method: 'anvil_removePoolTransactions', params: [account(name).address] } as never);
		},
		contract(name: keyof typeof contracts): Address {
			return contracts[name];
		},
	};
}
