/** What became of a transaction, told from the chain: also of one whose page was reloaded before the wallet gave its hash. */
import { jobRegistryAbi } from '@necto/contracts';
import { hashChainRequest } from '@necto/core';
import {
	type Address,
	getAbiItem,
	type Hash,
	isAddressEqual,
	keccak256,
	type PublicClient,
	parseEventLogs,
	type Transaction,
	TransactionNotFoundError,
	type TransactionReceipt,
} from 'viem';
import type { Kept } from './kept.ts';

export type ChainReader = Pick<
	PublicClient,
	'getBlock' | 'getBlockNumber' | 'getLogs' | 'getTransaction' | 'getTransactionCount' | 'waitForTransactionReceipt'
>;

/** Blocks after the intent in which its transaction is looked for: on a chain of one block a second, more than eight minutes. */
const BLOCKS_LOOKED_AT = 500;

export interface Sighting {
	/** The hash, when it was found on chain. */
	readonly hash: Hash | null;
	/** Whether the account has transactions that are not mined yet: it may be among them. */
	readonly pooled: boolean;
}

/**
 * Looks once for the transaction of an intent whose hash nobody learned: by the account's nonces, then by what it carries; and, as a contract wallet sends from
 * another account, by the event of its request.
 *
 * @param registry the JobRegistry
 */
export async function lookForSent(client: ChainReader, entry: Kept, registry: Address): Promise<Sighting> {
	const [mined, pending, head] = await Promise.all([
		client.getTransactionCount({ address: entry.account, blockTag: 'latest' }),
		client.getTransactionCount({ address: entry.account, blockTag: 'pending' }),
		client.getBlockNumber({ cacheTime: 0 }),
	]);
	const hash =
		(mined > entry.nonce ? await byContent(client, entry, head) : null) ?? (await byRequest(client, entry, registry));
	return { hash, pooled: pending > Math.max(mined, entry.nonce) };
}

async function byContent(client: ChainReader, entry: Kept, head: bigint): Promise<Hash | null> {
	const first = BigInt(entry.fromBlock);
	const last = head < first + BigInt(BLOCKS_LOOKED_AT) ? head : first + BigInt(BLOCKS_LOOKED_AT);
	for (let number = first; number <= last; number++) {
		const block = await client.getBlock({ blockNumber: number, includeTransactions: true });
		const found = block.transactions.find((transaction) => isOf(entry, transaction));
		if (found !== undefined) return found.hash;
	}
	return null;
}

function isOf(entry: Kept, { from, to, nonce, input }: Transaction): boolean {
	return (
		isAddressEqual(from, entry.account) &&
		nonce >= entry.nonce &&
		to !== null &&
		isAddressEqual(to, entry.to) &&
		keccak256(input) === entry.dataHash
	);
}

async function byRequest(client: ChainReader, entry: Kept, registry: Address): Promise<Hash | null> {
	if (entry.requestHash === null) return null;
	const logs = await client.getLogs({
		address: registry,
		event: requestedEvent,
		fromBlock: BigInt(entry.fromBlock),
		toBlock: 'latest',
		strict: true,
	});
	const found = logs.find(
		({ args }) => isAddressEqual(args.requester, entry.account) && hashChainRequest(args.request) === entry.requestHash,
	);
	return found?.transactionHash ?? null;
}

const requestedEvent = getAbiItem({ abi: jobRegistryAbi, name: 'JobRequested' });

export type Fate =
	| { readonly kind: 'mined'; readonly receipt: TransactionReceipt }
	/** Another transaction of the account took its place. */
	| { readonly kind: 'replaced'; readonly by: Hash | null }
	/** No node knows it, and its nonce is still free. */
	| { readonly kind: 'dropped' };

/**
 * Waits for the end of a transaction with a known hash: its receipt, also under another hash when its fee was raised, its replacement by another one, or its loss.
 * While the RPC does not answer it waits on.
 *
 * @param patienceMs after how long without a receipt it is looked whether it is still there
 * @param onRepriced the same transaction goes on under this hash
 */
export async function followSent(
	client: ChainReader,
	entry: Kept & { hash: Hash },
	patienceMs: number,
	onRepriced: (hash: Hash) => void,
): Promise<Fate> {
	let { hash } = entry;
	for (;;) {
		let replacedBy: Hash | null = null;
		try {
			const receipt = await client.waitForTransactionReceipt({
				hash,
				timeout: patienceMs,
				onReplaced: ({ reason, transaction }) => {
					if (reason === 'repriced') onRepriced(transaction.hash);
					else replacedBy = transaction.hash;
				},
			});
			return replacedBy === null ? { kind: 'mined', receipt } : { kind: 'replaced', by: replacedBy };
		} catch {
			// Out of patience, or the RPC does not answer: neither says anything about the transaction.
		}
		try {
			if (await isKnown(client, hash)) continue;
			const mined = await client.getTransactionCount({ address: entry.account, blockTag: 'latest' });
			if (mined <= entry.nonce) return { kind: 'dropped' };
			const found = await byContent(client, entry, await client.getBlockNumber({ cacheTime: 0 }));
			if (found === null) return { kind: 'replaced', by: null };
			hash = found;
			onRepriced(found);
		} catch {
			await new Promise((resolve) => setTimeout(resolve, patienceMs));
		}
	}
}

async function isKnown(client: ChainReader, hash: Hash): Promise<boolean> {
	try {
		await client.getTransaction({ hash });
		return true;
	} catch (error) {
		if (error instanceof TransactionNotFoundError) return false;
		throw error;
	}
}

/** The job that a receipt says was requested; null for any other transaction. */
export function jobRequestedIn({ logs }: TransactionReceipt, registry: Address): bigint | null {
	const [requested] = parseEventLogs({
		abi: jobRegistryAbi,
		eventName: 'JobRequested',
		logs: logs.filter((log) => isAddressEqual(log.address, registry)),
	});
	return requested?.args.job ?? null;
}
