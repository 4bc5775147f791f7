/** All logs of a block, or nothing: an answer counts only when the block itself confirms that it is whole. */
import { hasBloom, isWhole, mayHold } from '@necto/contracts';
import {
	type Address,
	formatLog,
	type Hex,
	isAddressEqual,
	type Log,
	MethodNotFoundRpcError,
	MethodNotSupportedRpcError,
	type RpcLog,
} from 'viem';
import { z } from 'zod';
import type { ChainClient } from './clients.ts';
import type { ChainBlock, ChainNodes } from './nodes.ts';

/** A log of a mined block. */
export type MinedLog = Log<bigint, number, false>;

const receiptsSchema = z.array(z.looseObject({ blockHash: z.string(), logs: z.array(z.custom<RpcLog>()) }));

/**
 * The logs of one contract in a block, confirmed by the header's bloom filter, or by the block's receipts where the chain fills none or it does not fit.
 *
 * @returns null when no node gave logs that can be confirmed: then nothing is known about the block
 * @throws whatever the last node answered when none answered
 */
export async function confirmedLogs(
	nodes: ChainNodes,
	block: ChainBlock,
	address: Address,
): Promise<MinedLog[] | null> {
	if (hasBloom(block) ? !mayHold(block, address) : block.transactions.length === 0) return [];
	const ofContract = (logs: readonly MinedLog[]) => logs.filter((log) => isAddressEqual(log.address, address));
	const answers: MinedLog[][] = [];
	const whole = await nodes.firstOf(async (client) => {
		const logs = await client.getLogs({ blockHash: block.hash });
		answers.push(logs);
		return fits(nodes, block, logs) ? logs : null;
	});
	if (whole !== null) return ofContract(whole);
	const received = await nodes
		.firstOf((client) => logsOfReceipts(client, block))
		.catch((error: unknown) => {
			if (error instanceof MethodNotFoundRpcError || error instanceof MethodNotSupportedRpcError) return undefined;
			throw error;
		});
	if (received === null) return null;
	if (received === undefined) return hasBloom(block) ? null : repeated(nodes, block, address, answers);
	if (fits(nodes, block, received)) return ofContract(received);
	// The bloom filter says nothing, or something of the chain's own: then two answers of different kinds have to agree.
	if (hasBloom(block) && nodes.bloomIsExact) return null;
	return answers.some((logs) => placesOf(logs) === placesOf(received)) ? ofContract(received) : null;
}

function fits(nodes: ChainNodes, block: ChainBlock, logs: readonly MinedLog[]): boolean {
	const isFitting = hasBloom(block) && isWhole(block, logs);
	if (isFitting && logs.length > 0) nodes.bloomIsExact = true;
	return isFitting;
}

/** Nodes without receipts by block: then two answers have to agree. */
async function repeated(
	nodes: ChainNodes,
	{ hash: blockHash }: ChainBlock,
	address: Address,
	before: readonly MinedLog[][],
): Promise<MinedLog[] | null> {
	const again = await nodes.firstOf((client) => client.getLogs({ blockHash }));
	if (again === null || !before.some((logs) => placesOf(logs) === placesOf(again))) return null;
	return again.filter((log) => isAddressEqual(log.address, address));
}

/** Null when a receipt is missing, or is of another block. */
async function logsOfReceipts(client: ChainClient, block: ChainBlock): Promise<MinedLog[] | null> {
	const answer = await client.request<{ Method: 'eth_getBlockReceipts'; Parameters: [Hex]; ReturnType: unknown }>({
		method: 'eth_getBlockReceipts',
		params: [block.hash],
	});
	const receipts = receiptsSchema.safeParse(answer);
	if (!receipts.success || receipts.data.length !== block.transactions.length) return null;
	if (receipts.data.some(({ blockHash }) => blockHash !== block.hash)) return null;
	// Logs of a mined block's receipts have all their places.
	return receipts.data.flatMap(({ logs }) => logs.map((log) => formatLog(log) as MinedLog));
}

function placesOf(logs: readonly MinedLog[]): string {
	return logs
		.map(({ logIndex, address, topics, data }) => `${logIndex} ${address} ${topics.join()} ${data}`.toLowerCase())
		.sort()
		.join('\n');
}
