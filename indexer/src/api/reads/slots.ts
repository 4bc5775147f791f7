/** Why a request was not served. */
export class NoSlot extends Error {
	override readonly name = 'NoSlot';
}

interface Waiting {
	readonly client: string;
	readonly grant: () => void;
}

export interface SlotOptions {
	/** How many at a time. */
	readonly most: number;
	/** How many of one client at a time; the rest stays free for others. */
	readonly mostOfOne: number;
	/** How many may wait. */
	readonly queue: number;
	readonly waitMilliseconds: number;
}

/** A limit on concurrent work. What is above it waits for a short time, in order, except that a client with its full share lets others pass. */
export class Slots {
	readonly #options: SlotOptions;
	readonly #held = new Map<string, number>();
	readonly #waiting = new Set<Waiting>();
	#taken = 0;

	constructor(options: SlotOptions) {
		this.#options = options;
	}

	/**
	 * Takes a slot, or waits for one.
	 *
	 * @param signal ends the wait
	 * @returns how to give it back; later calls do nothing
	 * @throws NoSlot when too many wait or none became free in time
	 * @throws the signal's reason
	 */
	async acquire(client: string, signal: AbortSignal): Promise<() => void> {
		signal.throwIfAborted();
		if (!this.#isFree(client)) await this.#wait(client, signal);
		else this.#take(client);
		let isHeld = true;
		return () => {
			if (!isHeld) return;
			isHeld = false;
			this.#giveBack(client);
		};
	}

	#wait(client: string, signal: AbortSignal): Promise<void> {
		if (this.#waiting.size >= this.#options.queue) throw new NoSlot('Too many requests wait.');
		return new Promise((resolve, reject) => {
			const stop = (reason: unknown) => {
				end();
				reject(reason);
			};
			const onAbort = () => stop(signal.reason);
			const timer = setTimeout(() => stop(new NoSlot('No slot became free in time.')), this.#options.waitMilliseconds);
			const waiting: Waiting = {
				client,
				grant: () => {
					end();
					this.#take(client);
					resolve();
				},
			};
			const end = () => {
				clearTimeout(timer);
				signal.removeEventListener('abort', onAbort);
				this.#waiting.delete(waiting);
			};
			signal.addEventListener('abort', onAbort);
			this.#waiting.add(waiting);
		});
	}

	#isFree(client: string): boolean {
		return this.#taken < this.#options.most && (this.#held.get(client) ?? 0) < this.#options.mostOfOne;
	}

	#take(client: string): void {
		this.#taken += 1;
		this.#held.set(client, (this.#held.get(client) ?? 0) + 1);
	}

	#giveBack(client: string): void {
		this.#taken -= 1;
		const held = (this.#held.get(client) ?? 1) - 1;
		if (held === 0) this.#held.delete(client);
		else this.#held.set(client, held);
		for (const waiting of this.#waiting) if (this.#isFree(waiting.client)) waiting.grant();
	}
}
