import { type Clock, fires } from './clock.ts';
import { reasonOf } from './errors.ts';
import { warn } from './say.ts';
import type { State } from './service.ts';

/** A part as the others see it. */
export interface Part {
	readonly title: string;
	readonly state: State;
	/** Rejects when the part does not answer until the signal fires. */
	answers(signal: AbortSignal): Promise<void>;
}

/** All parts of one start, in the order in which they were made. */
export class Parts {
	readonly all: Part[] = [];
	readonly #listeners = new Set<() => void>();

	add(part: Part): void {
		this.all.push(part);
	}

	/** Tells all who listen that a part went from one state to another. */
	changed(): void {
		for (const listener of this.#listeners) listener();
	}

	/** @returns the way to stop */
	onChange(listener: () => void): () => void {
		this.#listeners.add(listener);
		return () => this.#listeners.delete(listener);
	}

	/** Those that are not up. */
	get down(): Part[] {
		return this.all.filter(({ state }) => state !== 'up');
	}
}

/** The file that exists while everything answers. */
export interface ReadyFile {
	write(): Promise<void>;
	remove(): Promise<void>;
}

const LOOK_MILLISECONDS = 5_000;
/** A part on a busy machine may be slow to answer. Its death is noticed at once. */
const PATIENCE_MILLISECONDS = 10_000;

/** Keeps the file present exactly while every part is up and answers. */
export class ReadinessMonitor {
	readonly #parts: Parts;
	readonly #file: ReadyFile;
	readonly #clock: Clock;
	readonly #ended = new AbortController();
	#look = new AbortController();
	#written = false;
	#failed = false;
	/** The parts that were last reported as silent. */
	#reported = '';
	#working: Promise<void> = Promise.resolve();

	constructor(parts: Parts, file: ReadyFile, clock: Clock) {
		this.#parts = parts;
		this.#file = file;
		this.#clock = clock;
	}

	/** Whether everything answered when it was last looked at. */
	get isGiven(): boolean {
		return this.#written;
	}

	/** Begins to watch; everything has just answered. */
	async begin(): Promise<void> {
		this.#ended.signal.addEventListener(
			'abort',
			this.#parts.onChange(() => {
				if (this.#parts.down.length > 0) void this.#set(false);
				this.#look.abort();
			}),
		);
		if (this.#parts.down.length === 0) await this.#set(true);
		void this.#watch();
	}

	/** Stops watching and takes the file back. */
	async end(): Promise<void> {
		this.#ended.abort();
		this.#look.abort();
		await this.#set(false);
	}

	async #watch(): Promise<void> {
		const ended = this.#ended.signal;
		while (!ended.aborted) {
			await this.#clock.pause(LOOK_MILLISECONDS, AbortSignal.any([ended, this.#look.signal]));
			this.#look = new AbortController();
			if (ended.aborted) return;
			if (this.#parts.down.length > 0) {
				await this.#set(false);
				await fires(AbortSignal.any([ended, this.#look.signal]));
				continue;
			}
			const silent = await this.#silent();
			// While they were asked, one of them may have died.
			if (ended.aborted) return;
			await this.#set(silent.length === 0 && this.#parts.down.length === 0);
			this.#report(silent);
		}
	}

	/** Asks all parts; gives the titles of those that do not answer. */
	async #silent(): Promise<string[]> {
		const over = new AbortController();
		const patience = this.#clock.pause(PATIENCE_MILLISECONDS, AbortSignal.any([over.signal, this.#ended.signal]));
		void patience.then(() => over.abort());
		const found = await Promise.all(
			this.#parts.all.map((part) =>
				part.answers(over.signal).then(
					() => [],
					() => [part.title],
				),
			),
		);
		over.abort();
		return found.flat();
	}

	/** Says which parts do not answer, when that changes. */
	#report(silent: readonly string[]): void {
		const names = silent.join(' and ');
		if (names !== '' && names !== this.#reported) warn(`${names} ${silent.length === 1 ? 'does' : 'do'} not answer.`);
		this.#reported = names;
	}

	#set(isReady: boolean): Promise<void> {
		this.#working = this.#working.then(async () => {
			if (isReady === this.#written || (isReady && this.#ended.signal.aborted)) return;
			try {
				await (isReady ? this.#file.write() : this.#file.remove());
				this.#written = isReady;
				this.#failed = false;
			} catch (error) {
				// It is tried again at the next look; once said is enough.
				if (!this.#failed) warn(`ready.json could not be ${isReady ? 'written' : 'removed'}: ${reasonOf(error)}`);
				this.#failed = true;
				return;
			}
		});
		return this.#working;
	}
}
