import { reasonOf } from './errors.ts';
import { warn } from './say.ts';

/** Something that runs and has to be stopped. */
export interface Running {
	title: string;
	stop(): Promise<void>;
	/** Ends it at once, without putting anything in order. */
	kill?(): void;
}

/**
 * All that runs, in layers: what is in a higher layer uses what is in the lower ones and is stopped before them.
 */
export class Shutdown {
	readonly #layers = new Map<number, Running[]>();

	add(layer: number, running: Running): void {
		this.#layers.set(layer, [...(this.#layers.get(layer) ?? []), running]);
	}

	/** Stops everything in order. What fails to stop does not keep the rest from being stopped. */
	async stop(): Promise<void> {
		for (const layer of [...this.#layers.keys()].sort((a, b) => b - a)) {
			await Promise.all(
				(this.#layers.get(layer) ?? []).map(async ({ title, stop }) => {
					try {
						await stop();
					} catch (error) {
						warn(`${title} did not stop properly: ${reasonOf(error)}`);
					}
				}),
			);
		}
	}

	/** Ends everything at once. */
	kill(): void {
		for (const running of [...this.#layers.values()].flat()) running.kill?.();
	}
}
