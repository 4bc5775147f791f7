/**
 * 0G Storage. The only module that knows the SDK, whose hazards end here: it waits without end, reports errors in two ways, verifies nothing that it
 * downloads, and trips over its own nonces. What comes out is either verified bytes or an error.
 */
import { Indexer, MemData, StorageNode } from '@0gfoundation/0g-ts-sdk';
import { sizeProblem, zeroGRoot } from '@necto/core';
import { JsonRpcProvider, type TransactionRequest, type TransactionResponse, Wallet } from 'ethers';
import { type Address, type Hex, isAddress } from 'viem';
import { messageOf, scrub } from '../errors.ts';
import { boundedFetch } from '../outside/fetch.ts';
import { boundLibraries } from '../outside/libraries.ts';
import type { Settings } from '../settings.ts';
import { withDeadline } from '../time.ts';

/** 0G Storage did not do what it was asked for. */
export class StorageError extends Error {
	override name = 'StorageError';
	/** `rejected`: asking again changes nothing. */
	readonly kind: 'unavailable' | 'not-found' | 'tampered' | 'no-funds' | 'rejected';

	constructor(kind: StorageError['kind'], message: string, options?: ErrorOptions) {
		super(message, options);
		this.kind = kind;
	}
}

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

const DOWNLOAD_TIMEOUT_MS = 30_000;
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
	readonly #settings: Settings['zeroG'];
	readonly #provider: JsonRpcProvider;
	readonly #signer: SerialWallet;

	constructor(settings: Settings['zeroG'], exclusive: Exclusive) {
		this.#settings = settings;
		boundLibraries();
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
		const result = await this.#attempt(
			`Storing ${bytes.length} bytes on 0G`,
			this.#settings.uploadTimeoutMs,
			async () => {
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
			},
		);
		const stored = 'rootHash' in result ? result.rootHash : result.rootHashes[0];
		if (stored?.toLowerCase() !== root) {
			throw new StorageError('tampered', `0G stored the file under ${stored}, its bytes have the root ${root}.`);
		}
		const hash = 'txHash' in result ? result.txHash : (result.txHashes[0] ?? '');
		// An empty text stands for a file that was there already; the regular expression proves the shape of the others.
		return { root, transaction: /^0x[0-9a-f]{64}$/i.test(hash) ? (hash as Hex) : null };
	}

	async download(root: Hex): Promise<Uint8Array> {
		const bytes = await this.#attempt(`Fetching ${root} from 0G`, DOWNLOAD_TIMEOUT_MS, async () => {
			const indexer = new Indexer(this.#settings.indexerUrl);
			await this.#checkSize(indexer, root);
			const [blob, error] = await indexer.downloadToBlob(root);
			if (error !== null) throw error;
			return new Uint8Array(await blob.arrayBuffer());
		});
		// The SDK's own proof option checks nothing: this is the proof.
		if (zeroGRoot(bytes) !== root.toLowerCase()) {
			throw new StorageError('tampered', `What 0G returned for ${root} are other bytes.`);
		}
		return bytes;
	}

	async check(): Promise<void> {
		await this.#attempt('0G', CHECK_TIMEOUT_MS, async () => {
			const indexer = new Indexer(this.#settings.indexerUrl);
			await Promise.all([this.#blockNumber(), indexer.getShardedNodes()]);
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
		if (!response.ok) throw new Error(`The 0G chain answers with status ${response.status}.`);
	}

	async #checkSize(indexer: Indexer, root: Hex): Promise<void> {
		const [location] = await indexer.getFileLocations(root);
		if (location === undefined) throw new Error('file not found');
		const info = await new StorageNode(location.url).getFileInfo(root, true);
		if (info === null) throw new Error('file not found');
		const problem = sizeProblem(info.tx.size);
		if (problem !== null) throw new StorageError('rejected', `The file ${root} is not one of Necto. ${problem}`);
	}

	async #attempt<T>(what: string, milliseconds: number, work: () => Promise<T>): Promise<T> {
		try {
			return await withDeadline(what, milliseconds, work());
		} catch (error) {
			throw error instanceof StorageError ? error : unified(error);
		}
	}
}

function unified(error: unknown): StorageError {
	// The full messages of ethers hold the whole transaction.
	const short = typeof error === 'object' && error !== null && 'shortMessage' in error ? error.shortMessage : undefined;
	const message = typeof short === 'string' ? scrub(short) : messageOf(error);
	const code = typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : '';
	if (code === 'INSUFFICIENT_FUNDS' || /insufficient funds/i.test(message)) {
		return new StorageError('no-funds', 'The 0G account has too little to pay for storage: send it some 0G.', {
			cause: error,
		});
	}
	if (/file not found/i.test(message))
		return new StorageError('not-found', '0G Storage does not have this file.', { cause: error });
	return new StorageError('unavailable', `0G Storage: ${message.slice(0, 200)}`, { cause: error });
}
