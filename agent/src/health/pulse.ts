/** Writes this router's state to the database at intervals; the public API reads it there. */
import { messageOf } from '../errors.ts';
import type { RouterState, Routers } from '../journal/routers.ts';
import type { Logger } from '../logger.ts';
import { pause } from '../time.ts';

export interface PulseOptions {
	routers: Routers;
	/** Never rejects. */
	look: () => Promise<RouterState>;
	logger: Logger;
}

/** The checks behind it are a dozen reads of the chain and the database. */
const ROUND_MS = 2_000;

export class Pulse {
	readonly #options: PulseOptions;
	readonly #stop = new AbortController();
	#running: Promise<void> | null = null;

	constructor(options: PulseOptions) {
		this.#options = options;
	}

	start(): void {
		this.#running ??= this.#run();
	}

	/** Removes this router's state. */
	async close(): Promise<void> {
		this.#stop.abort();
		await this.#running;
		// If this fails, the state expires anyway.
		await this.#options.routers.leave().catch(() => undefined);
	}

	async #run(): Promise<void> {
		const { routers, look, logger } = this.#options;
		const { signal } = this.#stop;
		for (let failures = 0; !signal.aborted; ) {
			try {
				await routers.beat(await look());
				failures = 0;
			} catch (error) {
				failures++;
				if (failures === 1) logger.warn({ reason: messageOf(error) }, 'The state of the router was not written');
			}
			await pause(ROUND_MS, signal);
		}
	}
}
