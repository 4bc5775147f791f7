/** What buyers and providers do on chain in tests. */
import { allAbis, jobRegistryAbi, providerRegistryAbi, settlementChain } from '@necto/contracts';
import { type JobRequestJson, requestSchema, requestToChain, ZERO_HASH } from '@necto/core';
import { createPublicClient, createWalletClient, type Hex, http, isAddressEqual, parseEventLogs } from 'viem';
import { privateKeyToAccount } from 'viem/accounts';
import type { Ready } from './network.ts';

export function createBuyer(ready: Ready) {
	const chain = settlementChain(31337);
	const transport = http(ready.adi.rpc);
	const reader = createPublicClient({ chain, transport, pollingInterval: 50, cacheTime: 0 });
	const { jobRegistry, providerRegistry } = ready.contracts;

	const send = async (who: string, to: Hex, call: Parameters<typeof reader.simulateContract>[0]) => {
		const key = ready.accounts[who]?.privateKey;
		if (key === undefined) throw new Error(`There is no account ${who}.`);
		const wallet = createWalletClient({ chain, transport, account: privateKeyToAccount(key) });
		const { request } = await reader.simulateContract({ ...call, address: to, account: wallet.account });
		// The simulation above has checked this very call.
		const hash = await wallet.writeContract(request as Parameters<typeof wallet.writeContract>[0]);
		return reader.waitForTransactionReceipt({ hash });
	};

	return {
		reader,

		/** Asks for a job; gives its id. */
		async request(changes: Partial<JobRequestJson> = {}): Promise<bigint> {
			const { timestamp } = await reader.getBlock();
			const json: JobRequestJson = {
				gpuModel: requestSchema.shape.gpuModel.parse('h100'),
				minMemoryGiB: 0,
				formFactors: [],
				gpuCount: 1,
				duration: 3_600,
				maxPricePerGpuHour: '9000000',
				continents: [],
				countries: [],
				excludedPricing: [],
				weights: { uptime: 0, latency: 0, rating: 0, risk: 0 },
				routeDeadline: requestSchema.shape.routeDeadline.parse(Number(timestamp) + 3_600),
				startWindow: 3_600,
				specHash: ZERO_HASH,
				policyHash: ZERO_HASH,
				team: 0,
				tracked: true,
				...changes,
			};
			const receipt = await send('buyer', jobRegistry, {
				abi: jobRegistryAbi,
				address: jobRegistry,
				functionName: 'request',
				args: [requestToChain(requestSchema.parse(json))],
			});
			const [event] = parseEventLogs({ abi: allAbis, logs: receipt.logs, eventName: 'JobRequested' });
			if (event === undefined) throw new Error('No job was requested.');
			return event.args.job;
		},

		async status(job: bigint): Promise<number> {
			const { status } = await reader.readContract({
				abi: jobRegistryAbi,
				address: jobRegistry,
				functionName: 'getJob',
				args: [job],
			});
			return status;
		},

		/** Its provider says that a routed job runs. */
		async start(job: bigint): Promise<void> {
			const { provider } = await reader.readContract({
				abi: jobRegistryAbi,
				address: jobRegistry,
				functionName: 'getJob',
				args: [job],
			});
			const [who] = Object.entries(ready.accounts).find(([, { address }]) => isAddressEqual(address, provider)) ?? [];
			if (who === undefined) throw new Error(`Nobody known is paid for job ${job}.`);
			await send(who, jobRegistry, {
				abi: jobRegistryAbi,
				address: jobRegistry,
				functionName: 'start',
				args: [job],
			});
		},

		/** Every `JobRouted` of a job. */
		async routes(job: bigint) {
			return reader.getContractEvents({
				abi: jobRegistryAbi,
				address: jobRegistry,
				eventName: 'JobRouted',
				args: { job },
				fromBlock: 0n,
				strict: true,
			});
		},

		async requested(job: bigint) {
			const [event] = await reader.getContractEvents({
				abi: jobRegistryAbi,
				address: jobRegistry,
				eventName: 'JobRequested',
				args: { job },
				fromBlock: 0n,
				strict: true,
			});
			if (event === undefined) throw new Error(`Job ${job} was never requested.`);
			return event;
		},

		async commitment(job: bigint): Promise<Hex> {
			const held = await reader.readContract({
				abi: jobRegistryAbi,
				address: jobRegistry,
				functionName: 'getJob',
				args: [job],
			});
			return held.commitment;
		},

		/** Lists hardware of provider A at a fixed rate; gives the listing's id. */
		async list(hardware: { gpuModel: Hex; total: number; rate: bigint }): Promise<number> {
			const receipt = await send('providerA', providerRegistry, {
				abi: providerRegistryAbi,
				address: providerRegistry,
				functionName: 'addListing',
				args: [
					1,
					0,
					{
						gpuModel: hardware.gpuModel,
						memoryGiB: 80,
						formFactor: 2,
						total: hardware.total,
						widest: hardware.total,
						continent: 4,
						country: '0x4445',
						availableFrom: 0,
						availableUntil: 0,
					},
					{ model: 0, rate: hardware.rate, floor: 0n, ceiling: 0n, tokenAmount: 0n, token: '0x0000000000000000' },
					{ name: 'Test hall', region: 'Frankfurt, DE', network: '', vcpus: 8, ramGiB: 64, diskGiB: 100 },
				],
			});
			const [event] = parseEventLogs({ abi: allAbis, logs: receipt.logs, eventName: 'ListingAdded' });
			if (event === undefined) throw new Error('Nothing was listed.');
			return event.args.listing;
		},

		async setRate(listing: number, rate: bigint): Promise<void> {
			await send('providerA', providerRegistry, {
				abi: providerRegistryAbi,
				address: providerRegistry,
				functionName: 'setPricing',
				args: [listing, { model: 0, rate, floor: 0n, ceiling: 0n, tokenAmount: 0n, token: '0x0000000000000000' }],
			});
		},
	};
}
