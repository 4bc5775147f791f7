import {
	accountOf,
	encodeBytes16,
	escrowAbi,
	jobRegistryAbi,
	local,
	mockUsdcAbi,
	providerRegistryAbi,
} from '@necto/contracts';
import type { ChainRequest } from '@necto/core';
import {
	type Abi,
	type ContractFunctionArgs,
	type ContractFunctionName,
	createPublicClient,
	createTestClient,
	createWalletClient,
	type Hex,
	http,
	keccak256,
	parseEventLogs,
	type TransactionReceipt,
	toHex,
	type WriteContractParameters,
} from 'viem';
import { privateKeyToAccount } from 'viem/accounts';
import type { LocalChain } from './network.ts';

const zero: Hex = `0x${'0'.repeat(64)}`;

/** People who use the contracts: a buyer, a provider, the agent. */
export class Marketplace {
	readonly chain: LocalChain;
	readonly client;
	readonly test;

	constructor(chain: LocalChain) {
		this.chain = chain;
		const transport = http(chain.rpc);
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
		const wallet = createWalletClient({ account: this.account(from), chain: local, transport: http(this.chain.rpc) });
		// viem's parameters are too deep for a generic call to be seen to fit.
		const hash = await wallet.writeContract(call as unknown as Parameters<typeof wallet.writeContract>[0]);
		const receipt = await this.client.waitForTransactionReceipt({ hash });
		if (receipt.status !== 'success') throw new Error(`${call.functionName} by ${from} reverted.`);
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

	async request(from: string, change: Partial<ChainRequest> = {}) {
		const { timestamp } = await this.client.getBlock();
		const request: ChainRequest = {
			gpuModel: encodeBytes16('h100'),
			minMemoryGiB: 0,
			formFactors: 0,
			gpuCount: 2,
			duration: 3_600,
			maxPricePerGpuHour: 50_000_000n,
			continents: 0,
			countries: encodeBytes16(''),
			excludedPricing: 0,
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
		const receipt = await this.send(from, { ...this.jobs, functionName: 'request', args: [request] });
		const [event] = parseEventLogs({ abi: jobRegistryAbi, logs: receipt.logs, eventName: 'JobRequested' });
		if (event === undefined) throw new Error('The request was not announced.');
		return { id: event.args.job, request, receipt };
	}

	/** Routes a job to a listing as the agent does. */
	async route(id: bigint, request: ChainRequest, listing: number) {
		const registry = { address: this.chain.deployment.providerRegistry, abi: providerRegistryAbi } as const;
		const { version } = await this.client.readContract({ ...registry, functionName: 'getListing', args: [listing] });
		const price = await this.client.readContract({ ...registry, functionName: 'currentRate', args: [listing] });
		const hash = (text: string) => keccak256(toHex(`${text} of ${id}`));
		const routing = {
			listing,
			listingVersion: version,
			pricePerGpuHour: price,
			candidatesRoot: hash('candidates'),
			recordRoot: hash('root'),
			recordHash: hash('record'),
		};
		return this.send('router', { ...this.jobs, functionName: 'route', args: [id, request, routing] });
	}

	/** One of the calls that take nothing but the job. */
	async step(from: string, functionName: 'start' | 'complete' | 'cancel' | 'expire' | 'fail', id: bigint) {
		return this.send(from, { ...this.jobs, functionName, args: [id] });
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

	get providers() {
		return { address: this.chain.deployment.providerRegistry, abi: providerRegistryAbi } as const;
	}
}
