/** Reads files from 0G Storage, which needs no key. */
import { Indexer, StorageNode } from '@0gfoundation/0g-ts-sdk';
import { sizeProblem, zeroGRoot } from '@necto/core';
import type { Hex } from 'viem';
import { messageOf } from '../errors.ts';
import { OutsideError } from '../outside/fetch.ts';
import { boundLibraries } from '../outside/libraries.ts';
import { requestFailure } from '../outside/words.ts';
import { scrub } from '../scrub.ts';
import { DeadlineError, withDeadline } from '../time.ts';

/** A request to 0G Storage failed. */
export class StorageError extends Error {
	override name = 'StorageError';
	/** `rejected`: a retry would fail as well. */
	readonly kind: 'unavailable' | 'not-found' | 'tampered' | 'no-funds' | 'rejected';

	constructor(kind: StorageError['kind'], message: string, options?: ErrorOptions) {
		super(message, options);
		this.kind = kind;
	}
}

const DOWNLOAD_TIMEOUT_MS = 30_000;

export class ZeroGReader {
	readonly #indexerUrl: string;

	constructor(indexerUrl: string) {
		this.#indexerUrl = indexerUrl;
		boundLibraries();
	}

	/** Fetches the file with the given root, which is verified by computing it from the bytes. @throws StorageError */
	async download(root: Hex): Promise<Uint8Array> {
		const bytes = await attempt(`Fetching ${root} from 0G`, DOWNLOAD_TIMEOUT_MS, async () => {
			const indexer = new Indexer(this.#indexerUrl);
			await checkSize(indexer, root);
			const [blob, error] = await indexer.downloadToBlob(root);
			if (error !== null) throw error;
			return new Uint8Array(await blob.arrayBuffer());
		});
		// The SDK's own proof option checks nothing: this is the proof.
		if (zeroGRoot(bytes) !== root.toLowerCase()) {
			throw new StorageError('tampered', `The file that 0G returned does not match the root ${root}.`);
		}
		return bytes;
	}
}

async function checkSize(indexer: Indexer, root: Hex): Promise<void> {
	const [location] = await indexer.getFileLocations(root);
	if (location === undefined) throw new Error('file not found');
	const info = await new StorageNode(location.url).getFileInfo(root, true);
	if (info === null) throw new Error('file not found');
	const problem = sizeProblem(info.tx.size);
	if (problem !== null)
		throw new StorageError('rejected', `The file ${root} is not a Necto record or snapshot. ${problem}`);
}

/** Runs work of the SDK with a time limit, as the SDK may neither resolve nor reject. @throws StorageError */
export async function attempt<T>(what: string, milliseconds: number, work: () => Promise<T>): Promise<T> {
	try {
		return await withDeadline(what, milliseconds, work());
	} catch (error) {
		throw error instanceof StorageError ? error : unified(error);
	}
}

function unified(error: unknown): StorageError {
	// The full messages of ethers hold the whole transaction.
	const short = typeof error === 'object' && error !== null && 'shortMessage' in error ? error.shortMessage : undefined;
	const message = typeof short === 'string' ? scrub(short) : messageOf(error);
	const code = typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : '';
	if (code === 'INSUFFICIENT_FUNDS' || /insufficient funds/i.test(message)) {
		return new StorageError('no-funds', 'The 0G account cannot pay for storage. Send 0G to it.', {
			cause: error,
		});
	}
	if (/file not found/i.test(message))
		return new StorageError('not-found', '0G Storage does not have this file.', { cause: error });
	if (error instanceof DeadlineError) return new StorageError('unavailable', error.message, { cause: error });
	const said = isRequestFailure(error) ? requestFailure('0G Storage', error) : `0G Storage: ${message.slice(0, 200)}`;
	return new StorageError('unavailable', said, { cause: error });
}

/** What `fetch` and `boundedFetch` throw. */
function isRequestFailure(error: unknown): boolean {
	return error instanceof OutsideError || (error instanceof TypeError && error.cause instanceof Error);
}
