import { type Clock, fires, realClock } from './clock.ts';
import { reasonOf, StartError } from './errors.ts';
import type { Parts } from './parts.ts';
import { launch, type Program, type Run } from './program.ts';
import type { Roster } from './roster.ts';
import { warn } from './say.ts';

export type { Program } from './program.ts';

/** Hooks around each run of a program. */
export interface Lifecycle {
	/** Builds the program from the current settings; called before each start. */
	program: () => Promise<Program> | Program;
	/** Resolves when the part responds; aborted by the signal. Must have no side effects: it is called again while the part runs. */
	ready: (signal: AbortSignal) => Promise<void>;
	/** Called each time the part responds after a start. */
	onUp?: () => void;
	/** Lets dependants recover after a restart, once the part responds. Not awaited. */
	afterRestart?: () => Promise<void> | void;
}

export interface Surroundings {
	data: string;
	roster: Roster;
	/** Is notified of each part and of each change of its state. */
	parts?: Parts;
	/** For tests. */
	clock?: Clock;
	/** For tests: runs without processes. */
	launch?: typeof launch;
}

/**
 * The state of a part:
 *
 * - `new` until `start()`, `starting` until it responds, then `up`;
 * - `ending` while it is stopped for a restart, `pausing` between an exit or a failed start and the next start;
 * - `stopped` for good, after `stop()`, `kill()` or a first start that failed.
 */
export type State = 'new' | 'starting' | 'up' | 'ending' | 'pausing' | 'stopped';

const READY_MILLISECONDS = 240_000;
const FIRST_PAUSE_MILLISECONDS = 1_000;
const LONGEST_PAUSE_MILLISECONDS = 30_000;
const STABLE_MILLISECONDS = 20_000;

/** A start that was cancelled because another one, or none, is wanted now. */
class Interrupted extends Error {}

/**
 * A part of the product that runs as a process of its own. Once started it is kept alive by one loop: if it exits, or a restart fails, a warning is
 * printed and it is started again, with growing pauses. Only that loop acts on the part; the other methods only request what is wanted.
 */
export class Service {
	readonly #lifecycle: Lifecycle;
	readonly #surroundings: Surroundings;
	readonly #clock: Clock;
	readonly #launch: typeof launch;
	#title = 'A part';
	#state: State = 'new';
	#run: Run | undefined;
	#stopping = false;
	/** Restarts requested so far. A run serves all that were requested before it began. */
	#asked = 0;
	/** How many of them the current run serves. */
	#served = 0;
	/** Interrupts what the loop is waiting for. */
	#interrupt = new AbortController();
	/** Consecutive exits and failed starts without a stable time in between. */
	#failures = 0;

	constructor(lifecycle: Lifecycle, surroundings: Surroundings) {
		this.#lifecycle = lifecycle;
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

	/** Checks whether the running part still responds. Rejects when it has not by the time the signal fires. */
	answers(signal: AbortSignal): Promise<void> {
		return Promise.race([this.#lifecycle.ready(signal), rejection(signal)]);
	}

	/**
	 * Starts the part and waits until it responds.
	 *
	 * @throws StartError with the end of its log when it exits instead
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
	 * Requests a new run that begins after this call. The current one is stopped gracefully, a pending start is cancelled, a pause ends.
	 * Never fails: a failed start is retried as after an exit. Before the first start and after `stop()` it does nothing.
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

	/** Kills the process at once, with its child processes. */
	kill(): void {
		this.#stopping = true;
		this.#interrupt.abort();
		this.#run?.kill();
		this.#enter('stopped');
	}

	#enter(state: State): void {
		// A stopped part stays stopped, whatever the loop is doing at that moment.
		if (this.#state === state || this.#state === 'stopped') return;
		this.#state = state;
		this.#surroundings.parts?.changed();
	}

	/** A signal that fires when a stop or a restart is requested: at once if one was requested since `asked`. */
	#interruption(asked: number): AbortSignal {
		this.#interrupt = new AbortController();
		if (this.#stopping || this.#asked !== asked) this.#interrupt.abort();
		return this.#interrupt.signal;
	}

	/** The loop: keeps a part running until it is stopped. */
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

	/** Waits until the run exits, and returns how; undefined when it is to be restarted or stopped instead. */
	async #lasts(): Promise<string | undefined> {
		const run = this.#run;
		if (run === undefined) return 'gone';
		const signal = this.#interruption(this.#served);
		return Promise.race([run.ended, fires(signal).then(() => undefined)]);
	}

	/** Stops the current run for a restart. */
	async #end(): Promise<void> {
		this.#enter('ending');
		await this.#run?.end();
	}

	/** Starts the part again until it responds. @param reason why it is down; undefined for a restart, which does not pause first */
	async #revive(reason: string | undefined): Promise<void> {
		const died = reason !== undefined;
		for (let why = reason; !this.#stopping; ) {
			if (why !== undefined) await this.#pause(why);
			if (this.#stopping) return;
			try {
				await this.#begin();
			} catch (error) {
				// A restart that was requested meanwhile begins at once.
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
			await this.#lifecycle.afterRestart?.();
		} catch (error) {
			warn(`After ${this.#title} was started again: ${reasonOf(error)}`);
		}
	}

	/** Starts a run and waits until it responds. @throws Interrupted | Error when it does not, with the run ended */
	async #begin(): Promise<void> {
		this.#enter('starting');
		const asked = this.#asked;
		const isWanted = () => !this.#stopping && this.#asked === asked;
		// Awaited even if it is no longer wanted: two of these must not run at once.
		const program = await this.#lifecycle.program();
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
			this.#lifecycle.onUp?.();
			return;
		}
		await run.end();
		if (!isWanted()) throw new Interrupted(`${program.title} is being stopped.`);
		throw new StartError(`${program.title} ${failure ?? 'stopped at once'}. The end of ${await run.logTail()}`);
	}

	/** Tracks a run until it exits. */
	#follow(run: Run): void {
		this.#run = run;
		void run.ended.then(() => {
			if (this.#run === run) this.#run = undefined;
			// Changed at once, not only when the loop continues.
			if (this.#state === 'up') this.#enter('pausing');
		});
	}

	/** Null when the run responds; otherwise what is wrong with it. */
	async #whyNotReady(run: Run, asked: number): Promise<string | null> {
		const over = new AbortController();
		const signal = AbortSignal.any([over.signal, this.#interruption(asked)]);
		try {
			return await Promise.race([
				this.#lifecycle.ready(signal).then(
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

/** Repeats a request until it succeeds. */
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
