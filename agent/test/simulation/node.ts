/** A node of the model's chain that is behind, lies, forgets or fails, as its faults say; and several of them behind one address. */
import { jobRegistryAbi, jobStatus, settlementChain } from '@necto/contracts';
import { hashTerms } from '@necto/core';
import {
	createPublicClient,
	custom,
	decodeFunctionData,
	encodeErrorResult,
	encodeFunctionResult,
	getAbiItem,
	type Hex,
	hexToNumber,
	isHex,
	numberToHex,
} from 'viem';
import { z } from 'zod';
import type { ChainClient } from '../../src/chain/clients.ts';
import type { ChainModel, ModelBlock, RpcLogOf } from './model.ts';
import type { Random } from './random.ts';

export interface Faults {
	/** Blocks that the node has not got yet. */
	lag: number;
	/** How likely a list of logs comes back empty. */
	empty: number;
	/** Logs that the node has lost for good: one of so many, 0 for none. */
	forgets: number;
	/** How likely a question fails. */
	fails: number;
	/** How likely a block that a reorganisation took away is given by its number. */
	stale: number;
}

export const HONEST: Faults = { lag: 0, empty: 0, forgets: 0, fails: 0, stale: 0 };

const hex = z.custom<Hex>((value) => isHex(value));
const filterSchema = z.object({
	blockHash: hex.optional(),
	fromBlock: hex.optional(),
	toBlock: hex.optional(),
	address: hex.optional(),
	topics: z.array(z.union([hex, z.array(hex), z.null()])).optional(),
});
const callSchema = z.object({ data: hex });
const atSchema = z.union([z.object({ blockHash: hex }), z.string()]);

/** The calls that are answered. viem hashes the signature of each function that it is given, at every call. */
const callsAbi = [
	getAbiItem({ abi: jobRegistryAbi, name: 'jobCount' }),
	getAbiItem({ abi: jobRegistryAbi, name: 'getJob' }),
] as const;

/** What JSON-RPC answers as an error; with `data` it is a revert. */
class RpcFailure extends Error {
	readonly code: number;
	readonly data: Hex | undefined;
	constructor(message: string, code = -32_000, data?: Hex) {
		super(message);
		this.code = code;
		this.data = data;
	}
}

export class FaultyNode {
	faults: Faults = HONEST;
	readonly #model: ChainModel;
	readonly #random: Random;
	/** Which logs it loses is its own. */
	readonly #taste: number;

	constructor(model: ChainModel, random: Random) {
		this.#model = model;
		this.#random = random;
		this.#taste = random.below(1_000);
	}

	async request({ method, params }: { method: string; params?: unknown }): Promise<unknown> {
		const args = z.array(z.unknown()).parse(params ?? []);
		if (this.#random.chance(this.faults.fails)) {
			throw this.#random.chance(0.5) ? new RpcFailure('Bad Gateway') : new RpcFailure('The request took too long');
		}
		switch (method) {
			case 'eth_chainId':
				return numberToHex(31_337);
			case 'eth_blockNumber':
				return numberToHex(this.#head);
			case 'eth_getBlockByNumber':
				return this.#byNumber(z.string().parse(args[0]));
			case 'eth_getBlockByHash':
				return asRpc(this.#byHash(hex.parse(args[0])));
			case 'eth_getLogs':
				return this.#logs(filterSchema.parse(args[0]));
			case 'eth_getBlockReceipts':
				return this.#receipts(hex.parse(args[0]));
			case 'eth_call':
				return this.#call(callSchema.parse(args[0]).data, atSchema.parse(args[1]));
			default:
				throw new RpcFailure(`${method} is not supported`, -32_601);
		}
	}

	get #head(): number {
		return Math.max(0, this.#model.head.number - this.faults.lag);
	}

	#byHash(hash: Hex): ModelBlock | undefined {
		const block = this.#model.byHash(hash);
		return block === undefined || block.number > this.#head ? undefined : block;
	}

	#byNumber(tag: string): unknown {
		if (tag === 'latest' || tag === 'pending') return asRpc(this.#model.at(this.#head));
		const number = hexToNumber(hex.parse(tag));
		const stale = [...this.#model.orphans.values()].find((block) => block.number === number);
		if (stale !== undefined && this.#random.chance(this.faults.stale)) return asRpc(stale);
		return number > this.#head ? null : asRpc(this.#model.at(number));
	}

	#logs({ blockHash, fromBlock, toBlock, address, topics }: z.output<typeof filterSchema>): RpcLogOf[] {
		const blocks: ModelBlock[] = [];
		if (blockHash !== undefined) {
			const block = this.#byHash(blockHash);
			// Both are seen: some nodes answer with an error, others with nothing.
			if (block === undefined && this.#random.chance(0.5)) throw new RpcFailure('unknown block');
			if (block !== undefined) blocks.push(block);
		} else {
			const from = hexToNumber(fromBlock ?? '0x0');
			// Beyond its head a node says nothing, and not that it does not know.
			const to = Math.min(toBlock === undefined ? this.#head : hexToNumber(toBlock), this.#head);
			for (let at = from; at <= to; at++) blocks.push(this.#model.at(at) ?? this.#model.head);
		}
		if (this.#random.chance(this.faults.empty)) return [];
		return blocks
			.flatMap(({ logs }) => logs)
			.filter((log) => !this.#forgot(log))
			.filter((log) => address === undefined || log.address === address.toLowerCase())
			.filter((log) =>
				(topics ?? []).every((topic, at) => topic === null || [topic].flat().includes(log.topics[at] ?? '0x')),
			);
	}

	#forgot({ blockHash, logIndex }: RpcLogOf): boolean {
		const { forgets } = this.faults;
		return (
			forgets > 0 && (hexToNumber(`0x${blockHash.slice(2, 10)}`) + hexToNumber(logIndex) + this.#taste) % forgets === 0
		);
	}

	#receipts(hash: Hex): unknown {
		const block = this.#byHash(hash);
		if (block === undefined) return null;
		return block.transactions.map((transactionHash) => ({
			blockHash: block.hash,
			transactionHash,
			logs: block.logs.filter((log) => log.transactionHash === transactionHash && !this.#forgot(log)),
		}));
	}

	#call(data: Hex, at: z.output<typeof atSchema>): Hex {
		const block = typeof at === 'string' ? this.#stateAt(at) : this.#byHash(at.blockHash);
		if (block === undefined) throw new RpcFailure('header not found');
		const { functionName, args } = decodeFunctionData({ abi: callsAbi, data });
		if (functionName === 'jobCount') {
			return encodeFunctionResult({ abi: callsAbi, functionName, result: BigInt(block.jobs.size) });
		}
		const job = block.jobs.get(args[0]);
		if (job === undefined) {
			const error = encodeErrorResult({ abi: jobRegistryAbi, errorName: 'UnknownJob', args: [args[0]] });
			throw new RpcFailure('execution reverted', 3, error);
		}
		return encodeFunctionResult({
			abi: callsAbi,
			functionName,
			result: { termsHash: hashTerms(job.terms), status: jobStatus[job.status], time: job.time },
		});
	}

	#stateAt(tag: string): ModelBlock | undefined {
		if (tag === 'latest' || tag === 'pending') return this.#model.at(this.#head);
		const number = hexToNumber(hex.parse(tag));
		return number > this.#head ? undefined : this.#model.at(number);
	}
}

function asRpc(block: ModelBlock | undefined): unknown {
	if (block === undefined) return null;
	return {
		number: numberToHex(block.number),
		hash: block.hash,
		parentHash: block.parentHash,
		timestamp: numberToHex(block.timestamp),
		logsBloom: block.bloom,
		transactions: block.transactions,
		gasLimit: '0x1',
		gasUsed: '0x1',
	};
}

/** A client for one address, behind which some nodes take turns at random. */
export function clientOf(nodes: readonly Pick<FaultyNode, 'request'>[], random: Random): ChainClient {
	return createPublicClient({
		chain: settlementChain(31_337),
		transport: custom({ request: (body) => random.pick(nodes).request(body) }, { retryCount: 0 }),
		cacheTime: 0,
	});
}
