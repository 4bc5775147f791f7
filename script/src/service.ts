import { type ChildProcess, spawn } from 'node:child_process';
import { mkdir, open, readFile, rename, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { reasonOf, StartError } from './errors.ts';
import { bornAt } from './process-id.ts';
import type { Roster } from './roster.ts';
import { warn } from './say.ts';

/** How to run a part of the product as a process. */
export interface Program {
	/** Name of the part in messages. */
	title: string;
	/** Name of its log file, without the ending. */
	name: string;
	command: string;
	args: readonly string[];
	cwd: string;
	env?: Readonly<Record<string, string | undefined>>;
	/** The signal on which it puts its things in order and ends. */
	signal: 'SIGINT' | 'SIGTERM';
	/** Of a chain: where it answers. The next start asks it for its state if this one is killed. */
	rpc?: string;
	/** Owner of the process, for a program that refuses to run as root. */
	user?: { uid: number; gid: number } | undefined;
}

/** What surrounds each run of a program. */
export interface Life {
	/** Makes the program from what holds at this moment; runs before each start. */
	program: () => Promise<Program> | Program;
	/** Resolves when the part answers. Is asked to give up by the signal. */
	ready: (signal: AbortSignal) => Promise<void>;
	/** Brings others back to order after the part died and answers again. */
	afterRestart?: () => Promise<void>;
}

export interface Surroundings {
	data: string;
	roster: Roster;
}

const LARGEST_LOG_BYTES = 10_000_000;
const STOP_MILLISECONDS = 15_000;
const READY_MILLISECONDS = 240_000;
const LONGEST_PAUSE_MILLISECONDS = 30_000;
const STABLE_MILLISECONDS = 60_000;

/**
 * A part of the product that runs as a process of its own. Once started it is kept alive: if it dies, that is said and it is started
 * again, with growing pauses.
 */
export class Service {
	readonly #life: Life;
	readonly #surroundings: Surroundings;
	#title = 'part';
	#signal: Program['signal'] = 'SIGTERM';
	#child: ChildProcess | undefined;
	#exited: Promise<string> = Promise.resolve('');
	#kept = false;
	#stopping = false;
	#pause: { end: () => void } | undefined;
	/** Deaths in a row without a stable time between. */
	#deaths = 0;
	#changing: Promise<void> = Promise.resolve();

	constructor(life: Life, surroundings: Surroundings) {
		this.#life = life;
		this.#surroundings = surroundings;
	}

	/** The process id, while it runs. */
	get pid(): number | undefined {
		return this.#child?.pid;
	}

	/**
	 * Starts the part and waits until it answers.
	 *
	 * @throws StartError with the end of its log when it dies instead
	 */
	async start(): Promise<void> {
		await this.#run();
		this.#kept = true;
		this.#watch();
	}

	/** Stops the part, waits until it has put its things in order, and starts it again. */
	restart(): Promise<void> {
		return this.#change(async () => {
			if (this.#stopping || !this.#kept) return;
			this.#kept = false;
			this.#pause?.end();
			await this.#end();
			await this.#run();
			this.#kept = true;
			this.#watch();
		});
	}

	/** Stops the part for good. */
	async stop(): Promise<void> {
		this.#stopping = true;
		this.#kept = false;
		this.#pause?.end();
		await this.#end();
	}

	/** Ends the process at once, with all that it started. */
	kill(): void {
		this.#stopping = true;
		this.#kept = false;
		const pid = this.#child?.pid;
		if (pid === undefined) return;
		try {
			process.kill(-pid, 'SIGKILL');
		} catch {
			// Gone meanwhile.
		}
	}

	#change(work: () => Promise<void>): Promise<void> {
		const next = this.#changing.then(work);
		this.#changing = next.catch(() => undefined);
		return next;
	}

	async #run(): Promise<void> {
		const program = await this.#life.program();
		this.#title = program.title;
		const file = join(this.#surroundings.data, 'logs', `${program.name}.log`);
		await makeRoom(file);
		const handle = await open(file, 'a', 0o600);
		const from = (await handle.stat()).size;
		if (this.#stopping) {
			await handle.close();
			throw new Error(`${program.title} is being stopped.`);
		}
		const child = spawn(program.command, [...program.args], {
			cwd: program.cwd,
			env: { ...process.env, ...program.env },
			stdio: ['ignore', handle.fd, handle.fd],
			// A group of its own: Ctrl-C reaches only this process, which then stops the parts in order.
			detached: true,
			...program.user,
		});
		this.#child = child;
		let running = true;
		const ended = new Promise<string>((resolve) => {
			const end = (how: string) => {
				running = false;
				if (this.#child === child) this.#child = undefined;
				resolve(how);
			};
			child.once('error', (error) => end(error.message));
			child.once('exit', (code, signal) => end(signal === null ? `code ${code}` : signal));
		});
		const listed = this.#list(child.pid, program);
		const exited = ended.then(async (how) => {
			await (await listed)();
			return how;
		});
		this.#exited = exited;
		await handle.close();
		await listed;
		this.#signal = program.signal;
		const abort = new AbortController();
		const timer = setTimeout(() => abort.abort(), READY_MILLISECONDS);
		try {
			await Promise.race([
				this.#life.ready(abort.signal),
				exited.then(() => abort.abort()),
				new Promise((_, reject) => abort.signal.addEventListener('abort', () => reject(abort.signal.reason))),
			]);
			if (!running) throw abort.signal.reason;
		} catch (error) {
			abort.abort();
			if (this.#stopping) throw new Error(`${program.title} is being stopped.`);
			const how = running ? `does not answer (${reasonOf(error)})` : `stopped at once (${await exited})`;
			await this.#end();
			throw new StartError(`${program.title} ${how}. The end of ${file}:\n${await endOf(file, from)}`);
		} finally {
			clearTimeout(timer);
		}
	}

	/** Puts a process on the roster; returns how to take it off again. */
	async #list(pid: number | undefined, { name, signal, rpc }: Program): Promise<() => Promise<void>> {
		if (pid === undefined) return async () => undefined;
		const { roster } = this.#surroundings;
		await roster.add({ pid, born: await bornAt(pid), name, signal, ...(rpc === undefined ? {} : { rpc }) });
		return () => roster.remove(pid);
	}

	async #end(): Promise<void> {
		const child = this.#child;
		if (child?.pid === undefined) return;
		child.kill(this.#signal);
		const timer = setTimeout(() => {
			try {
				process.kill(-Number(child.pid), 'SIGKILL');
			} catch {
				// Gone meanwhile.
			}
		}, STOP_MILLISECONDS);
		await this.#exited;
		clearTimeout(timer);
	}

	#watch(): void {
		const since = performance.now();
		void this.#exited.then(async (how) => {
			if (!this.#kept) return;
			if (performance.now() - since > STABLE_MILLISECONDS) this.#deaths = 0;
			await this.#change(() => this.#revive(how));
		});
	}

	async #revive(how: string): Promise<void> {
		let reason = `stopped (${how})`;
		while (this.#kept) {
			const wait = Math.min(1000 * 2 ** this.#deaths, LONGEST_PAUSE_MILLISECONDS);
			this.#deaths += 1;
			warn(`${this.#title} ${reason}; starting it again in ${wait / 1000} s.`);
			await new Promise<void>((resolve) => {
				const timer = setTimeout(resolve, wait);
				this.#pause = {
					end: () => {
						clearTimeout(timer);
						resolve();
					},
				};
			});
			if (!this.#kept) return;
			try {
				await this.#run();
			} catch (error) {
				reason = reasonOf(error);
				continue;
			}
			if (!this.#kept) return;
			warn(`${this.#title} runs again.`);
			this.#watch();
			await this.#life.afterRestart?.();
			return;
		}
	}
}

async function makeRoom(file: string): Promise<void> {
	await mkdir(dirname(file), { recursive: true });
	const size = await stat(file).then(
		(found) => found.size,
		() => 0,
	);
	if (size > LARGEST_LOG_BYTES) await rename(file, `${file}.1`);
}

/** The last lines that were written to a log since `from`. */
async function endOf(file: string, from: number): Promise<string> {
	const text = (await readFile(file)).subarray(from).toString('utf8').trimEnd();
	return text.split('\n').slice(-12).join('\n') || '(empty)';
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
