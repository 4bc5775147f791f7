import { type Clock, fires, realClock } from './clock.ts';
import { reasonOf, StartError } from './errors.ts';
import type { Parts } from './parts.ts';
import { launch, type Program, type Run } from './program.ts';
import type { Roster } from './roster.ts';
import { warn } from './say.ts';

export type { Program } from './program.ts';

/** What surrounds each run of a program. */
export interface Life {
	/** Makes the program from what holds at this moment; runs before each start. */
	program: () => Promise<Program> | Program;
	/** Resolves when the part answers. Is asked to give up by the signal. Has no effects: it is asked again while the part runs. */
	ready: (signal: AbortSignal) => Promise<void>;
	/** Runs each time the part answers after a start. */
	onUp?: () => void;
	/** Brings others back to order after the part was started again and answers. Not waited for. */
	afterRestart?: () => Promise<void> | void;
}

export interface Surroundings {
	data: string;
	roster: Roster;
	/** Learns of each part and of each change in one. */
	parts?: Parts;
	/** For tests. */
	clock?: Clock;
	/** For tests: runs that are no processes. */
	launch?: typeof launch;
}

/**
 * Where a part stands:
 *
 * - `new` until `start()`, `starting` until it answers, then `up`;
 * - `ending` while it is stopped for a restart, `pausing` between a death or a failed start and the next start;
 * - `stopped` for good, after `stop()`, `kill()` or a first start that failed.
 */
export type State = 'new' | 'starting' | 'up' | 'ending' | 'pausing' | 'stopped';

const READY_MILLISECONDS = 240_000;
const FIRST_PAUSE_MILLISECONDS = 1_000;
const LONGEST_PAUSE_MILLISECONDS = 30_000;
const STABLE_MILLISECONDS = 20_000;

/** A start that was given up because another one, or none, is wanted now. */
class Interrupted extends Error {}

/**
 * A part of the product that runs as a process of its own. Once started it is kept alive by one loop: if it dies, or a restart fails, that is
 * said and it is started again, with growing pauses. All that happens to a part is decided in that loop; the other methods only tell it what is wanted.
 */
export class Service {
	readonly #life: Life;
	readonly #surroundings: Surroundings;
	readonly #clock: Clock;
	readonly #launch: typeof launch;
	#title = 'A part';
	#state: State = 'new';
	#run: Run | undefined;
	#stopping = false;
	/** Restarts asked for so far. A run serves all that were asked for before it began. */
	#asked = 0;
	/** How many of them the present run serves. */
	#served = 0;
	/** Ends what the loop waits for at this moment. */
	#interrupt = new AbortController();
	/** Deaths and failed starts in a row without a stable time between. */
	#failures = 0;

	constructor(life: Life, surroundings: Surroundings) {
		this.#life = life;
		this.#surroundings = surroundings;
		this.#clock = surroundings.clock ?? realClock;
		this.#launch = surroundings.launch ?? launch;
		surroundings.parts?.add(this);
	}

	/** The process id, while it runs. */
	get pid(): number | undefined {
		return this.#run?.pid;
	}

	get title(): string {
		return this.#title;
	}

	get state(): State {
		return this.#state;
	}

	/** Asks the running part whether it still answers. Rejects when it does not until the signal fires. */
	answers(signal: AbortSignal): Promise<void> {
		return Promise.race([this.#life.ready(signal), rejection(signal)]);
	}

	/**
	 * Starts the part and waits until it answers.
	 *
	 * @throws StartError with the end of its log when it dies instead
	 */
	async start(): Promise<void> {
		if (this.#state !== 'new') throw new Error(`${this.#title} was started before.`);
		for (;;) {
			try {
				await this.#begin();
				break;
			} catch (error) {
				if (error instanceof Interrupted && !this.#stopping) continue;
				this.#stopping = true;
				this.#enter('stopped');
				throw error;
			}
		}
		void this.#keep();
	}

	/**
	 * Asks for a new run: one that begins after this call. The present one is stopped in order, a start under way is given up, a pause ends.
	 * Never fails: a start that fails is tried again like after a death. Before the first start and after `stop()` it does nothing.
	 */
	restart(): void {
		if (this.#stopping || this.#state === 'new') return;
		this.#asked += 1;
		this.#interrupt.abort();
	}

	/** Stops the part for good. */
	async stop(): Promise<void> {
		this.#stopping = true;
		this.#interrupt.abort();
		await this.#run?.end();
		this.#enter('stopped');
	}

	/** Ends the process at once, with all that it started. */
	kill(): void {
		this.#stopping = true;
		this.#interrupt.abort();
		this.#run?.kill();
		this.#enter('stopped');
	}

	#enter(state: State): void {
		// What is stopped stays stopped, whatever the loop was doing at that moment.
		if (this.#state === state || this.#state === 'stopped') return;
		this.#state = state;
		this.#surroundings.parts?.changed();
	}

	/** A signal that fires when something else than before is wanted: at once if `asked` says that it is already. */
	#interruption(asked: number): AbortSignal {
		this.#interrupt = new AbortController();
		if (this.#stopping || this.#asked !== asked) this.#interrupt.abort();
		return this.#interrupt.signal;
	}

	/** The loop: keeps a part that is up alive until it is stopped. */
	async #keep(): Promise<void> {
		while (!this.#stopping) {
			const since = this.#clock.now();
			const how = await this.#lasts();
			if (this.#stopping) return;
			if (this.#clock.now() - since > STABLE_MILLISECONDS) this.#failures = 0;
			if (how === undefined) await this.#end();
			await this.#revive(how === undefined ? undefined : `stopped (${how})`);
		}
	}

	/** Waits until the run dies, and tells how; undefined when it is to be restarted or stopped instead. */
	async #lasts(): Promise<string | undefined> {
		const run = this.#run;
		if (run === undefined) return 'gone';
		const signal = this.#interruption(this.#served);
		return Promise.race([run.ended, fires(signal).then(() => undefined)]);
	}

	/** Stops the present run for a restart. */
	async #end(): Promise<void> {
		this.#enter('ending');
		await this.#run?.end();
	}

	/** Starts the part again until it answers. @param reason why it is down; undefined for a restart, which does not pause first */
	async #revive(reason: string | undefined): Promise<void> {
		const died = reason !== undefined;
		for (let why = reason; !this.#stopping; ) {
			if (why !== undefined) await this.#pause(why);
			if (this.#stopping) return;
			try {
				await this.#begin();
			} catch (error) {
				// A restart that was asked for meanwhile begins at once.
				why = error instanceof Interrupted ? undefined : reasonOf(error);
				continue;
			}
			if (died) warn(`${this.#title} runs again.`);
			void this.#afterRestart();
			return;
		}
	}

	async #pause(why: string): Promise<void> {
		const wait = Math.min(FIRST_PAUSE_MILLISECONDS * 2 ** this.#failures, LONGEST_PAUSE_MILLISECONDS);
		this.#failures += 1;
		this.#enter('pausing');
		warn(`${this.#title} ${why}; starting it again in ${wait / 1000} s.`);
		await this.#clock.pause(wait, this.#interruption(this.#asked));
	}

	async #afterRestart(): Promise<void> {
		try {
			await this.#life.afterRestart?.();
		} catch (error) {
			warn(`After ${this.#title} was started again: ${reasonOf(error)}`);
		}
	}

	/** Starts a run and waits until it answers. @throws Interrupted | Error when it does not, with the run ended */
	async #begin(): Promise<void> {
		this.#enter('starting');
		const asked = this.#asked;
		const isWanted = () => !this.#stopping && this.#asked === asked;
		// Waited for even if it is not wanted any more: two of these at once would get in each other's way.
		const program = await this.#life.program();
		this.#title = program.title;
		if (!isWanted()) throw new Interrupted(`${program.title} is being stopped.`);
		const run = await this.#launch(program, this.#surroundings, isWanted, (started) => this.#follow(started)).catch(
			(error: unknown) => {
				throw isWanted() ? error : new Interrupted(`${program.title} is being stopped.`, { cause: error });
			},
		);
		const failure = await this.#whyNotReady(run, asked);
		if (failure === null && isWanted() && this.#run === run) {
			this.#served = asked;
			this.#enter('up');
			this.#life.onUp?.();
			return;
		}
		await run.end();
		if (!isWanted()) throw new Interrupted(`${program.title} is being stopped.`);
		throw new StartError(`${program.title} ${failure ?? 'stopped at once'}. The end of ${await run.lastWords()}`);
	}

	/** Has hold of a run for as long as it lasts. */
	#follow(run: Run): void {
		this.#run = run;
		void run.ended.then(() => {
			if (this.#run === run) this.#run = undefined;
			// Told at once, and not when the loop comes to it.
			if (this.#state === 'up') this.#enter('pausing');
		});
	}

	/** Null when the run answers; else what is wrong with it. */
	async #whyNotReady(run: Run, asked: number): Promise<string | null> {
		const over = new AbortController();
		const signal = AbortSignal.any([over.signal, this.#interruption(asked)]);
		try {
			return await Promise.race([
				this.#life.ready(signal).then(
					() => null,
					(error: unknown) => `does not answer (${reasonOf(error)})`,
				),
				run.ended.then((how) => `stopped at once (${how})`),
				this.#clock.pause(READY_MILLISECONDS, signal).then(() => 'does not answer'),
			]);
		} finally {
			over.abort();
		}
	}
}

function rejection(signal: AbortSignal): Promise<never> {
	return fires(signal).then(() => Promise.reject(new Error('It does not answer.')));
}

/** Asks again and again until a question is answered without an error. */
export async function until(ask: () => Promise<unknown>, signal: AbortSignal, pauseMilliseconds = 50): Promise<void> {
	for (;;) {
		signal.throwIfAborted();
		try {
			await ask();
			return;
		} catch {
			await new Promise((resolve) => setTimeout(resolve, pauseMilliseconds));
		}
	}
}
