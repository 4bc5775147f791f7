import { gasInNextBlock, jobRegistryAbi, local, localHttp, waitForReceipt } from '@necto/contracts';
import { requestToChain } from '@necto/core';
import {
	type Abi,
	createPublicClient,
	createWalletClient,
	encodeFunctionData,
	parseEventLogs,
	type TransactionReceipt,
} from 'viem';
import { privateKeyToAccount } from 'viem/accounts';
import type { Ready } from '../e2e/product.ts';
import { request } from '../e2e/request.ts';
import { readTerms } from '../src/chain/terms.ts';

/** The benchmark's hands on the chain. */
export function market(ready: Ready) {
	const transport = localHttp(ready.adi.rpc);
	const client = createPublicClient({ chain: local, transport, pollingInterval: 10 });

	async function send(name: string, functionName: 'start' | 'complete', job: bigint): Promise<TransactionReceipt> {
		const { jobRegistry: to } = ready.contracts;
		const args = [job, await readTerms(client, ready.contracts, job)] as const;
		const data = encodeFunctionData({ abi: jobRegistryAbi, functionName, args });
		const sender = wallet(name);
		const gas = await gasInNextBlock(client, { account: sender.account, to, data });
		const hash = await sender.sendTransaction({ to, data, gas });
		return waitForReceipt(client, hash);
	}

	function wallet(name: string) {
		const found = ready.accounts[name];
		if (found === undefined) throw new Error(`ready.json has no account ${name}`);
		return createWalletClient({ chain: local, transport, account: privateKeyToAccount(found.privateKey) });
	}

	return {
		client,
		send,
		/** Asks for one RTX 4090 for an hour: Prairie's listing in Montreal serves it. */
		async request(): Promise<{ job: bigint; receipt: TransactionReceipt }> {
			const hash = await wallet('buyer').writeContract({
				address: ready.contracts.jobRegistry,
				abi: jobRegistryAbi,
				functionName: 'request',
				args: [requestToChain(request())],
			});
			const receipt = await waitForReceipt(client, hash);
			const [event] = parseEventLogs({ abi: jobRegistryAbi as Abi, eventName: 'JobRequested', logs: receipt.logs });
			const job = event === undefined || !('args' in event) ? undefined : Reflect.get(event.args ?? {}, 'job');
			if (typeof job !== 'bigint') throw new Error('The request made no event.');
			return { job, receipt };
		},
		/** Waits for the block with the job's `JobRouted`. @returns its transaction */
		async routed(job: bigint): Promise<`0x${string}`> {
			for (;;) {
				const [event] = await client.getContractEvents({
					address: ready.contracts.jobRegistry,
					abi: jobRegistryAbi,
					eventName: 'JobRouted',
					args: { job },
					fromBlock: 0n,
				});
				if (event !== undefined) return event.transactionHash;
				await new Promise((resolve) => setTimeout(resolve, 10));
			}
		},
	};
}
