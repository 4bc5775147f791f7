/**
 * 0G Storage. Only this module and `reader.ts` know the SDK, whose hazards end here: it waits without end, reports errors in two ways, verifies nothing that it
 * downloads, and trips over its own nonces. What comes out is either verified bytes or an error.
 */
import { Indexer, MemData } from '@0gfoundation/0g-ts-sdk';
import { sizeProblem, zeroGRoot } from '@necto/core';
import { JsonRpcProvider, type TransactionRequest, type TransactionResponse, Wallet } from 'ethers';
import { type Address, type Hex, isAddress } from 'viem';
import { boundedFetch } from '../outside/fetch.ts';
import { requestFailure } from '../outside/words.ts';
import type { RouterSettings } from '../settings/router.ts';
import { attempt, StorageError, ZeroGReader } from './reader.ts';

export interface Uploaded {
	root: Hex;
	/** Null when the network had the file already: then nothing was sent or paid. */
	transaction: Hex | null;
}

export interface Storage {
	/** The account that pays for uploads. */
	readonly address: Address;
	/** Stores bytes. Doing it again is free and harmless. */
	upload(bytes: Uint8Array): Promise<Uploaded>;
	/** Fetches bytes whose root is `root`, proven by computing it from them. */
	download(root: Hex): Promise<Uint8Array>;
	/** Whether both the chain and the storage indexer answer. @throws StorageError */
	check(): Promise<void>;
	close(): void;
}

/** Runs work that no other holder of the storage key may run at the same time. */
export type Exclusive = <T>(work: () => Promise<T>) => Promise<T>;

const CHECK_TIMEOUT_MS = 5_000;
const checkFetch = boundedFetch({ maxBytes: 64 * 1024, deadlineMs: CHECK_TIMEOUT_MS });

/**
 * Segments in one upload task. The SDK loses the tail of a file that it split into more tasks than its shortest shard has; with tasks this wide
 * every file of ours is one task per node.
 */
const TASK_SIZE = 64;

/** Signs and sends one transaction at a time: two at once would take the same nonce. */
class SerialWallet extends Wallet {
	readonly #exclusive: Exclusive;

	constructor(key: string, provider: JsonRpcProvider, exclusive: Exclusive) {
		super(key, provider);
		this.#exclusive = exclusive;
	}

	override sendTransaction(transaction: TransactionRequest): Promise<TransactionResponse> {
		return this.#exclusive(() => super.sendTransaction(transaction));
	}
}

export class ZeroGStorage implements Storage {
	readonly address: Address;
	readonly #settings: RouterSettings['zeroG'];
	readonly #provider: JsonRpcProvider;
	readonly #signer: SerialWallet;
	readonly #reader: ZeroGReader;

	constructor(settings: RouterSettings['zeroG'], exclusive: Exclusive) {
		this.#settings = settings;
		this.#reader = new ZeroGReader(settings.indexerUrl);
		// No cache: a quarter of a second after a transaction it would still give the nonce that is used up.
		this.#provider = new JsonRpcProvider(settings.rpcUrl, undefined, { batchMaxCount: 1, cacheTimeout: -1 });
		this.#signer = new SerialWallet(settings.key.reveal(), this.#provider, exclusive);
		if (!isAddress(this.#signer.address)) throw new Error('The 0G key has no address.');
		this.address = this.#signer.address;
	}

	async upload(bytes: Uint8Array): Promise<Uploaded> {
		const problem = sizeProblem(bytes.length);
		if (problem !== null) throw new StorageError('rejected', `The file cannot be stored. ${problem}`);
		const root = zeroGRoot(bytes);
		// The SDK's own connection retries for ever when the chain is down; so it is only begun when the chain answers.
		await this.check();
		const result = await attempt(`Storing ${bytes.length} bytes on 0G`, this.#settings.uploadTimeoutMs, async () => {
			const indexer = new Indexer(this.#settings.indexerUrl);
			const [uploaded, error] = await indexer.upload(
				new MemData(bytes),
				this.#settings.rpcUrl,
				// The SDK's types name the CommonJS twin of the same ethers class; at run time there is one.
				this.#signer as unknown as Parameters<Indexer['upload']>[2],
				// skipTx: an entry that was paid for and not filled, by a run that was killed, is filled instead of paid for again.
				{ taskSize: TASK_SIZE, skipTx: true, finalityRequired: true },
			);
			if (error !== null) throw error;
			return uploaded;
		});
		const stored = 'rootHash' in result ? result.rootHash : result.rootHashes[0];
		if (stored?.toLowerCase() !== root) {
			throw new StorageError('tampered', `0G stored the file under ${stored}, its bytes have the root ${root}.`);
		}
		const hash = 'txHash' in result ? result.txHash : (result.txHashes[0] ?? '');
		// An empty text stands for a file that was there already; the regular expression proves the shape of the others.
		return { root, transaction: /^0x[0-9a-f]{64}$/i.test(hash) ? (hash as Hex) : null };
	}

	download(root: Hex): Promise<Uint8Array> {
		return this.#reader.download(root);
	}

	async check(): Promise<void> {
		await attempt('The check of 0G', CHECK_TIMEOUT_MS, async () => {
			const indexer = new Indexer(this.#settings.indexerUrl);
			await Promise.all([
				from('The 0G chain', this.#blockNumber()),
				from('The 0G Storage indexer', indexer.getShardedNodes()),
			]);
		});
	}

	close(): void {
		this.#provider.destroy();
	}

	/** By plain fetch, as ethers would retry a dead chain in the background for ever. */
	async #blockNumber(): Promise<void> {
		const response = await checkFetch(this.#settings.rpcUrl, {
			method: 'POST',
			headers: { 'content-type': 'application/json' },
			body: '{"jsonrpc":"2.0","id":1,"method":"eth_blockNumber","params":[]}',
		});
		if (!response.ok) {
			throw new StorageError('unavailable', `The 0G chain answers with status ${response.status}.`);
		}
	}
}

/** Names the party whose answer failed. @throws StorageError */
async function from(subject: string, answer: Promise<unknown>): Promise<void> {
	try {
		await answer;
	} catch (cause) {
		if (cause instanceof StorageError) throw cause;
		throw new StorageError('unavailable', requestFailure(subject, cause), { cause });
	}
}
