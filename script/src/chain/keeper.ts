import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { type Hex, hexToBytes, type PublicClient } from 'viem';
import { writeAtomically } from '../files.ts';

const unzip = promisify(gunzip);

const LOOK_MILLISECONDS = 100;
/** A dump takes longer the longer the chain; this keeps the chain free for others at least four fifths of the time. */
const REST_PER_DUMP = 4;

/**
 * Keeps a chain's state on disk: after each new block, and once more at the end.
 *
 * anvil can dump its state itself, but every so many seconds whether something happened or not, and into the very file that it has to read
 * after a crash in the middle of writing. Here the file is always whole, and at most a moment behind.
 */
export class Keeper {
	readonly #client: PublicClient;
	readonly #file: string;
	#kept: Hex | undefined;
	#timer: NodeJS.Timeout | undefined;
	#working: Promise<void> = Promise.resolve();
	#ended = false;

	constructor(client: PublicClient, file: string) {
		this.#client = client;
		this.#file = file;
	}

	/** Begins to follow the chain. */
	start(): void {
		this.#ended = false;
		this.#plan(LOOK_MILLISECONDS);
	}

	/** Writes the state once more and stops following. */
	async stop(): Promise<void> {
		this.pause();
		await this.#working;
		await this.#dump();
	}

	/** Stops following without another look at the chain. */
	pause(): void {
		this.#ended = true;
		clearTimeout(this.#timer);
	}

	#plan(milliseconds: number): void {
		this.#timer = setTimeout(() => {
			this.#working = this.#look();
		}, milliseconds);
	}

	async #look(): Promise<void> {
		let rest = LOOK_MILLISECONDS;
		try {
			const { hash } = await this.#client.getBlock();
			if (hash !== this.#kept) {
				const started = performance.now();
				await this.#dump();
				this.#kept = hash;
				rest = Math.max(LOOK_MILLISECONDS, REST_PER_DUMP * (performance.now() - started));
			}
		} catch {
			// The chain is down; whoever restarts it says so. What is on disk stays.
		}
		if (!this.#ended) this.#plan(rest);
	}

	async #dump(): Promise<void> {
		const zipped = await this.#client.request<{ Method: 'anvil_dumpState'; Parameters: []; ReturnType: Hex }>({
			method: 'anvil_dumpState',
			params: [],
		});
		await writeAtomically(this.#file, await unzip(hexToBytes(zipped)));
	}
}
