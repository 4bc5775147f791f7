import {
	accessControlAbi,
	accountOf,
	challengeAbi,
	encodeBytes16,
	escrowAbi,
	gasInNextBlock,
	jobRegistryAbi,
	local,
	localHttp,
	mockUsdcAbi,
	providerRegistryAbi,
	waitForReceipt,
} from '@necto/contracts';
import { type Candidate, type ChainRequest, candidatesRoot, type Routing } from '@necto/core';
import {
	type Abi,
	type ContractFunctionArgs,
	type ContractFunctionName,
	createPublicClient,
	createTestClient,
	createWalletClient,
	type EncodeFunctionDataParameters,
	encodeFunctionData,
	type Hex,
	keccak256,
	parseEventLogs,
	type TransactionReceipt,
	toHex,
	type WriteContractParameters,
} from 'viem';
import { privateKeyToAccount } from 'viem/accounts';
import { Agreements } from './agreements.ts';
import type { LocalChain } from './network.ts';

const zero: Hex = `0x${'0'.repeat(64)}`;

/** People who use the contracts: a buyer, a provider, the agent. */
export class Marketplace {
	readonly chain: LocalChain;
	readonly client;
	readonly test;
	/** What was agreed for each job that these people asked for. */
	readonly agreements = new Agreements();

	constructor(chain: LocalChain) {
		this.chain = chain;
		const transport = localHttp(chain.rpc);
		this.client = createPublicClient({ chain: local, transport, pollingInterval: 10, cacheTime: 0 });
		this.test = createTestClient({ chain: local, transport, mode: 'anvil' });
	}

	account(name: string) {
		const held = this.chain.accounts[name];
		if (held === undefined) throw new Error(`The local chain has no ${name}.`);
		// A private key is hexadecimal, which its template type can't say.
		return privateKeyToAccount(held.privateKey as Hex);
	}

	/** The local account that owns an address. */
	ownerOf(address: string) {
		const name = Object.keys(this.chain.accounts).find(
			(name) => this.account(name).address.toLowerCase() === address.toLowerCase(),
		);
		if (name === undefined) throw new Error(`${address} is no local account.`);
		return name;
	}

	async send<
		const abi extends Abi,
		name extends ContractFunctionName<abi, 'nonpayable'>,
		args extends ContractFunctionArgs<abi, 'nonpayable', name>,
	>(
		from: string,
		call: Pick<WriteContractParameters<abi, name, args>, 'address' | 'abi' | 'functionName' | 'args'>,
	): Promise<TransactionReceipt> {
		const account = this.account(from);
		const wallet = createWalletClient({ account, chain: local, transport: localHttp(this.chain.rpc) });
		// viem's parameters are too deep for a generic call to be seen to fit.
		const data = encodeFunctionData(call as unknown as EncodeFunctionDataParameters);
		const gas = await gasInNextBlock(this.client, { account, to: call.address, data });
		const hash = await wallet.sendTransaction({ to: call.address, data, gas });
		const receipt = await waitForReceipt(this.client, hash);
		if (receipt.status !== 'success') throw new Error(`${call.functionName} by ${from} reverted.`);
		const { timestamp } = await this.client.getBlock({ blockNumber: receipt.blockNumber });
		this.agreements.follow(receipt.logs, Number(timestamp));
		return receipt;
	}

	/** Puts play money into somebody's Escrow balance. The giver is not the one it is for. */
	async fund(name: string, amount: bigint): Promise<void> {
		const { usdc, escrow } = this.chain.deployment;
		const giver = 'deployer';
		const to = this.account(giver).address;
		await this.send(giver, { address: usdc, abi: mockUsdcAbi, functionName: 'mint', args: [to, amount] });
		await this.send(giver, { address: usdc, abi: mockUsdcAbi, functionName: 'approve', args: [escrow, amount] });
		const args = [accountOf(this.account(name).address), amount] as const;
		await this.send(giver, { address: escrow, abi: escrowAbi, functionName: 'depositTo', args });
	}

	/** A request that most listings fit. */
	async requestOf(change: Partial<ChainRequest> = {}): Promise<ChainRequest> {
		const { timestamp } = await this.client.getBlock();
		return {
			gpuModel: encodeBytes16('h100'),
			minMemoryGiB: 0,
			formFactors: 0,
			gpuCount: 2,
			maxParts: 0,
			duration: 3_600,
			maxPricePerGpuHour: 50_000_000n,
			continents: 0,
			countries: encodeBytes16(''),
			excludedPricing: 0,
			attestations: 0,
			uptimeWeight: 0,
			latencyWeight: 0,
			ratingWeight: 0,
			riskWeight: 0,
			routeDeadline: Number(timestamp) + 86_400,
			startWindow: 3_600,
			specHash: zero,
			policyHash: zero,
			team: 0,
			tracked: true,
			...change,
		};
	}

	async request(from: string, change: Partial<ChainRequest> = {}) {
		const request = await this.requestOf(change);
		const receipt = await this.send(from, { ...this.jobs, functionName: 'request', args: [request] });
		const [event] = parseEventLogs({ abi: jobRegistryAbi, logs: receipt.logs, eventName: 'JobRequested' });
		if (event === undefined) throw new Error('The request was not announced.');
		return { id: event.args.job, request, receipt };
	}

	/** Routes a job to a listing as the agent does, with a ranking in which it is alone. */
	async route(id: bigint, listing: number) {
		const { version } = await this.client.readContract({
			...this.providers,
			functionName: 'getListing',
			args: [listing],
		});
		const price = await this.client.readContract({ ...this.providers, functionName: 'currentRate', args: [listing] });
		const hash = (text: string) => keccak256(toHex(`${text} of ${id}`));
		const routing: Routing = {
			listing,
			listingVersion: version,
			pricePerGpuHour: price,
			candidatesRoot: candidatesRoot([candidateOf(listing, version, price)]),
			recordRoot: hash('root'),
			recordHash: hash('record'),
		};
		const { terms, request } = this.agreements.of(id);
		return this.send('router', { ...this.jobs, functionName: 'route', args: [id, terms, request, routing] });
	}

	/** One of the calls that take nothing but the job and its terms. */
	async step(
		from: string,
		functionName: 'start' | 'complete' | 'cancel' | 'expire' | 'fail' | 'decline' | 'resolve',
		id: bigint,
	) {
		return this.send(from, { ...this.jobs, functionName, args: [id, this.agreements.of(id).terms] });
	}

	/** Says that another listing should have been chosen for a job. */
	async challenge(from: string, id: bigint, better: number) {
		const { terms, request, routing } = this.agreements.of(id);
		if (routing === null) throw new Error(`Job ${id} has no place.`);
		const leaf = { candidate: leafOf(routing), proof: [] };
		const decision = { job: id, terms, request, routing };
		return this.send(from, {
			address: this.chain.deployment.challenge,
			abi: challengeAbi,
			functionName: 'challengeListing',
			args: [decision, leaf, better],
		});
	}

	/** Replaces the newest blocks by empty ones. viem has no action for it. */
	async reorganise(depth: number): Promise<void> {
		const call = { jsonrpc: '2.0', id: 1, method: 'anvil_reorg', params: [depth, []] };
		const headers = { 'content-type': 'application/json' };
		const response = await fetch(this.chain.rpc, { method: 'POST', headers, body: JSON.stringify(call) });
		const answer = JSON.stringify(await response.json());
		if (answer.includes('"error"')) throw new Error(`anvil_reorg: ${answer}`);
	}

	get jobs() {
		return { address: this.chain.deployment.jobRegistry, abi: jobRegistryAbi } as const;
	}

	get access() {
		return { address: this.chain.deployment.accessControl, abi: accessControlAbi } as const;
	}

	get escrow() {
		return { address: this.chain.deployment.escrow, abi: escrowAbi } as const;
	}

	get providers() {
		return { address: this.chain.deployment.providerRegistry, abi: providerRegistryAbi } as const;
	}
}

const WORST = 10_000;

/** A listing of whose quality nothing is known. */
function candidateOf(listing: number, listingVersion: number, price: bigint): Candidate {
	return {
		key: `necto:${listing}`,
		listing,
		listingVersion,
		price,
		distances: { uptime: WORST, latency: WORST, rating: WORST, risk: WORST },
		score: price,
	};
}

/** The same as the contract takes it. */
function leafOf({ listing, listingVersion, pricePerGpuHour }: Routing) {
	const { key, distances, ...rest } = candidateOf(listing, listingVersion, pricePerGpuHour);
	return {
		...rest,
		keyHash: keccak256(toHex(key)),
		uptimeDistance: distances.uptime,
		latencyDistance: distances.latency,
		ratingDistance: distances.rating,
		riskDistance: distances.risk,
	};
}
