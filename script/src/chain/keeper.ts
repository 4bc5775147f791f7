import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { type Hex, hexToBytes, type PublicClient } from 'viem';
import { realClock } from '../clock.ts';
import { reasonOf } from '../errors.ts';
import { writeAtomically } from '../files.ts';
import { warn } from '../say.ts';

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
	readonly #title: string;
	readonly #write: typeof writeAtomically;
	#kept: Hex | undefined;
	/** Ends the present round of looks; undefined while paused. */
	#round: AbortController | undefined;
	#working: Promise<void> = Promise.resolve();
	#failed = false;

	/** @param options the chain's name in messages; a test gives another way to write */
	constructor(client: PublicClient, file: string, options: { title: string; write?: typeof writeAtomically }) {
		this.#client = client;
		this.#file = file;
		this.#title = options.title;
		this.#write = options.write ?? writeAtomically;
	}

	/** Begins to follow the chain. */
	start(): void {
		this.pause();
		const round = new AbortController();
		this.#round = round;
		// After what an earlier round is still doing: it might write an older state over a newer one.
		this.#working = this.#working.then(() => this.#follow(round.signal));
	}

	/** Writes the state once more and stops following. */
	async stop(): Promise<void> {
		this.pause();
		await this.#working;
		await this.#write(this.#file, await dumpState(this.#client));
	}

	/** Stops following without another look at the chain. */
	pause(): void {
		this.#round?.abort();
		this.#round = undefined;
	}

	async #follow(signal: AbortSignal): Promise<void> {
		for (let rest = LOOK_MILLISECONDS; ; ) {
			await realClock.pause(rest, signal);
			if (signal.aborted) return;
			rest = await this.#look(signal);
		}
	}

	/** Gives the milliseconds until the next look. */
	async #look(signal: AbortSignal): Promise<number> {
		let state: Buffer;
		let hash: Hex;
		const started = performance.now();
		try {
			({ hash } = await this.#client.getBlock());
			if (hash === this.#kept) return LOOK_MILLISECONDS;
			state = await dumpState(this.#client);
		} catch {
			// The chain is down; whoever restarts it says so. What is on disk stays.
			return LOOK_MILLISECONDS;
		}
		// The chain died meanwhile: the next one begins with what is on disk.
		if (signal.aborted) return LOOK_MILLISECONDS;
		try {
			await this.#write(this.#file, state);
			this.#kept = hash;
			if (this.#failed) warn(`The state of ${this.#title} is on disk again.`);
			this.#failed = false;
		} catch (error) {
			if (!this.#failed) {
				warn(
					`The state of ${this.#title} could not be written to ${this.#file}, which stays as it was before: ${reasonOf(error)}`,
				);
			}
			this.#failed = true;
		}
		return Math.max(LOOK_MILLISECONDS, REST_PER_DUMP * (performance.now() - started));
	}
}

/** A chain's state, as its `--load-state` takes it. */
export async function dumpState(client: Pick<PublicClient, 'request'>): Promise<Buffer> {
	const zipped = await client.request<{ Method: 'anvil_dumpState'; Parameters: []; ReturnType: Hex }>({
		method: 'anvil_dumpState',
		params: [],
	});
	return unzip(hexToBytes(zipped));
}
