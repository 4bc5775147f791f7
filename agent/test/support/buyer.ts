/** What buyers and providers do on chain in tests. */
import {
	allAbis,
	gasInNextBlock,
	jobRegistryAbi,
	jobStatus,
	localHttp,
	providerRegistryAbi,
	readRequester,
	reopenReason,
	settlementChain,
	waitForReceipt,
} from '@necto/contracts';
import {
	hashRequest,
	type JobRequestJson,
	NOT_ROUTED,
	requestFromChain,
	requestSchema,
	requestToChain,
	type Terms,
	termsAfter,
	ZERO_HASH,
} from '@necto/core';
import {
	createPublicClient,
	createWalletClient,
	encodeFunctionData,
	type Hex,
	isAddressEqual,
	parseEventLogs,
} from 'viem';
import { privateKeyToAccount } from 'viem/accounts';
import type { Ready } from './network.ts';

export function createBuyer(ready: Ready) {
	const chain = settlementChain(31337);
	const transport = localHttp(ready.adi.rpc);
	const reader = createPublicClient({ chain, transport, pollingInterval: 50, cacheTime: 0 });
	const { jobRegistry, providerRegistry, escrow } = ready.contracts;
	const deployment = { escrow, startBlock: 0 };

	const send = async (who: string, to: Hex, call: Parameters<typeof reader.simulateContract>[0]) => {
		const key = ready.accounts[who]?.privateKey;
		if (key === undefined) throw new Error(`There is no account ${who}.`);
		const account = privateKeyToAccount(key);
		const wallet = createWalletClient({ chain, transport, account });
		// A union as wide as viem's does not survive a spread; only the block is added to what the caller gave.
		const tried = { ...call, address: to, account, blockTag: 'pending' } as typeof call;
		await reader.simulateContract(tried);
		const data = encodeFunctionData(call);
		const hash = await wallet.sendTransaction({ to, data, gas: await gasInNextBlock(reader, { account, to, data }) });
		return waitForReceipt(reader, hash);
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
				maxParts: 0,
				duration: 3_600,
				maxPricePerGpuHour: '9000000',
				continents: [],
				countries: [],
				excludedPricing: [],
				attestations: [],
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

		/** What is agreed for a job now, the hash by which the chain stands, and which listings had not taken the job when it got its last place. */
		async terms(job: bigint): Promise<{ terms: Terms; termsHash: Hex; refusals: number[] }> {
			const events = { abi: jobRegistryAbi, address: jobRegistry, fromBlock: 0n, strict: true } as const;
			const all = await reader.getContractEvents(events);
			const refusalOf = (log: (typeof all)[number]) =>
				log.eventName === 'JobReopened' && log.args.reason !== reopenReason.overturned ? [log.args.listing] : [];
			const of = (id: bigint) => all.filter(({ args }) => 'job' in args && args.job === id);
			const logs = of(job);
			const timeOf = async (block: bigint) => Number((await reader.getBlock({ blockNumber: block })).timestamp);
			const [asked] = logs;
			if (asked?.eventName !== 'JobRequested') throw new Error(`Job ${job} was never requested.`);
			const { request, team, locked } = asked.args;
			// What a part inherits is its whole's: when it was asked for, and whose lock it is.
			const split = all.find(
				(log) =>
					log.eventName === 'JobSplit' &&
					job >= log.args.firstPart &&
					job < log.args.firstPart + BigInt(log.args.parts),
			);
			const whole = split?.eventName === 'JobSplit' ? split.args.job : job;
			const { routeDeadline, gpuCount, duration } = request;
			const requester = request.tracked ? asked.args.requester : await readRequester(reader, deployment, whole);
			const requestedAt = await timeOf((of(whole)[0] ?? asked).blockNumber);
			const requestHash = hashRequest(requestFromChain(request));
			const base = { requester, team, requestedAt, routeDeadline, gpuCount, duration, locked, requestHash };
			let terms: Terms = { ...base, ...NOT_ROUTED };
			let refusals: number[] = [];
			const refused = whole === job ? [] : of(whole).flatMap(refusalOf);
			for (const log of logs) {
				refused.push(...refusalOf(log));
				if (log.eventName === 'JobReopened') terms = termsAfter(terms, { kind: 'reopened' });
				if (log.eventName !== 'JobRouted') continue;
				terms = termsAfter(terms, { ...log.args, kind: 'routed', routedAt: await timeOf(log.blockNumber) });
				refusals = [...refused];
			}
			const { termsHash } = await reader.readContract({
				abi: jobRegistryAbi,
				address: jobRegistry,
				functionName: 'getJob',
				args: [job],
			});
			return { terms, termsHash, refusals };
		},

		/** The provider of a routed job, or its buyer, does something with it. */
		async act(job: bigint, functionName: 'start' | 'decline' | 'complete'): Promise<void> {
			const { terms } = await this.terms(job);
			const [who] =
				Object.entries(ready.accounts).find(([, { address }]) => isAddressEqual(address, terms.provider)) ?? [];
			if (who === undefined) throw new Error(`Nobody known is paid for job ${job}.`);
			await send(who, jobRegistry, { abi: jobRegistryAbi, address: jobRegistry, functionName, args: [job, terms] });
		},

		/** The buyer says that it gets nothing for its money. */
		async dispute(job: bigint): Promise<void> {
			const { terms } = await this.terms(job);
			await send('buyer', jobRegistry, {
				abi: jobRegistryAbi,
				address: jobRegistry,
				functionName: 'dispute',
				args: [job, terms, ZERO_HASH],
			});
		},

		/** Takes a job back if it still waits for its start. */
		async giveUp(job: bigint): Promise<void> {
			const status = await this.status(job);
			if (status !== jobStatus.requested && status !== jobStatus.routed) return;
			const { terms } = await this.terms(job);
			const call = { abi: jobRegistryAbi, address: jobRegistry } as const;
			await send('buyer', jobRegistry, { ...call, functionName: 'cancel', args: [job, terms] });
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

		/** Lists hardware of provider A at a fixed rate; gives the listing's id. */
		async list(hardware: { gpuModel: Hex; total: number; widest?: number; rate: bigint }): Promise<number> {
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
						widest: hardware.widest ?? hardware.total,
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

		/** Lets a listing of provider A serve those alone whom it put on its list. */
		async restrict(listing: number, allowed: string): Promise<void> {
			const address = ready.accounts[allowed]?.address ?? '0x';
			const call = { abi: providerRegistryAbi, address: providerRegistry } as const;
			const rules = { attestations: 0, allowListOnly: true };
			await send('providerA', providerRegistry, { ...call, functionName: 'setAccessRules', args: [listing, rules] });
			await send('providerA', providerRegistry, { ...call, functionName: 'setBuyerAllowed', args: [1, address, true] });
		},

		async takeOffline(listing: number, total: number): Promise<void> {
			const call = { abi: providerRegistryAbi, address: providerRegistry } as const;
			await send('providerA', providerRegistry, { ...call, functionName: 'setCapacity', args: [listing, total, true] });
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
