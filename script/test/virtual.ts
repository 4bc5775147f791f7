import type { Clock } from '../src/clock.ts';
import type { launch, Program, Run } from '../src/program.ts';

/** A clock that stands still until it is moved. */
export class VirtualClock implements Clock {
	#now = 0;
	#waiting = new Set<{ at: number; wake: () => void }>();

	now(): number {
		return this.#now;
	}

	pause(milliseconds: number, signal: AbortSignal): Promise<void> {
		return new Promise((resolve) => {
			if (signal.aborted) return resolve();
			const waiting = {
				at: this.#now + milliseconds,
				wake: () => {
					this.#waiting.delete(waiting);
					signal.removeEventListener('abort', waiting.wake);
					resolve();
				},
			};
			this.#waiting.add(waiting);
			signal.addEventListener('abort', waiting.wake);
		});
	}

	/** Moves on to a moment, wake by wake, with all that follows from each. */
	async moveTo(moment: number): Promise<void> {
		await settled();
		for (;;) {
			const [next] = [...this.#waiting].sort((a, b) => a.at - b.at);
			if (next === undefined || next.at > moment) break;
			this.#now = Math.max(this.#now, next.at);
			next.wake();
			await settled();
		}
		this.#now = Math.max(this.#now, moment);
	}

	moveBy(milliseconds: number): Promise<void> {
		return this.moveTo(this.#now + milliseconds);
	}
}

/** Waits until everything that can go on without time has gone on. */
export function settled(): Promise<void> {
	return new Promise((resolve) => setImmediate(resolve));
}

/** Processes that exist in this test only. */
export class Processes {
	readonly alive = new Map<string, VirtualRun>();
	readonly launched: { name: string; at: number }[] = [];
	/** The most that lived at once of one name. */
	most = 0;
	readonly #clock: VirtualClock;
	#pid = 0;

	constructor(clock: VirtualClock) {
		this.#clock = clock;
	}

	readonly launch: typeof launch = async (program: Program, _, isWanted, onRun) => {
		// Opening a log takes a moment in which something else can be asked for.
		await Promise.resolve();
		if (!isWanted()) throw new Error('not wanted');
		const before = this.alive.get(program.name);
		this.most = Math.max(this.most, before === undefined ? 1 : 2);
		const run = new VirtualRun(++this.#pid, this.#clock, () => {
			if (this.alive.get(program.name) === run) this.alive.delete(program.name);
		});
		this.alive.set(program.name, run);
		this.launched.push({ name: program.name, at: this.#clock.now() });
		onRun(run);
		await Promise.resolve();
		return run;
	};

	/** As `kill -9` from outside. */
	kill(name: string): boolean {
		const run = this.alive.get(name);
		run?.die('SIGKILL');
		return run !== undefined;
	}
}

class VirtualRun implements Run {
	readonly pid: number;
	readonly ended: Promise<string>;
	readonly #clock: VirtualClock;
	#resolve: (how: string) => void = () => undefined;
	readonly #gone: () => void;

	constructor(pid: number, clock: VirtualClock, gone: () => void) {
		this.pid = pid;
		this.#clock = clock;
		this.#gone = gone;
		this.ended = new Promise((resolve) => {
			this.#resolve = resolve;
		});
	}

	die(how: string): void {
		this.#gone();
		this.#resolve(how);
	}

	async end(): Promise<void> {
		// It puts its things in order for a moment.
		await Promise.race([this.ended, this.#clock.pause(300, new AbortController().signal)]);
		this.die('SIGTERM');
	}

	kill(): void {
		this.die('SIGKILL');
	}

	logTail(): Promise<string> {
		return Promise.resolve('its log');
	}
}

/** Random numbers that a seed repeats. */
export function randomOf(seed: number): (below: number) => number {
	let state = seed;
	return (below) => {
		// Mulberry32.
		state = (state + 0x6d2b79f5) | 0;
		let t = Math.imul(state ^ (state >>> 15), 1 | state);
		t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
		return ((t ^ (t >>> 14)) >>> 0) % below;
	};
}
