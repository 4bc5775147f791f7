import { type ChildProcess, spawn } from 'node:child_process';
import { mkdir, open, readFile, rename, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { bornAt } from './process-id.ts';
import type { Roster } from './roster.ts';

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
	/** Of a chain: its RPC URL. The next start reads its state from there if this one is killed. */
	rpc?: string;
	/** Owner of the process, for a program that refuses to run as root. */
	user?: { uid: number; gid: number } | undefined;
}

/** One run of a program, from its launch to its end. */
export interface Run {
	readonly pid: number | undefined;
	/** Resolves with how it ended: a signal, a code or an error. Never rejects. */
	readonly ended: Promise<string>;
	/** Asks it to exit, kills it after a while, and waits until it has exited. */
	end(): Promise<void>;
	/** Kills it at once, with its child processes. */
	kill(): void;
	/** The last lines of this run's log, after the log's path. */
	logTail(): Promise<string>;
}

const LARGEST_LOG_BYTES = 10_000_000;
const STOP_MILLISECONDS = 15_000;

/**
 * Launches a program as a process, with its output in its log file and its id on the roster.
 *
 * @param isWanted called right before the launch, which fails if the run is no longer wanted
 * @param onRun receives the run at the moment of its launch
 */
export async function launch(
	program: Program,
	{ data, roster }: { data: string; roster: Roster },
	isWanted: () => boolean,
	onRun: (run: Run) => void,
): Promise<Run> {
	const file = join(data, 'logs', `${program.name}.log`);
	await makeRoom(file);
	const handle = await open(file, 'a', 0o600);
	let run: ProcessRun;
	try {
		const from = (await handle.stat()).size;
		if (!isWanted()) throw new Error(`${program.title} is not to be started any more.`);
		const child = spawn(program.command, [...program.args], {
			cwd: program.cwd,
			env: { ...process.env, ...program.env },
			stdio: ['ignore', handle.fd, handle.fd],
			// A process group of its own: Ctrl-C reaches only this process, which then stops the parts in order.
			detached: true,
			...program.user,
		});
		run = new ProcessRun(program, child, file, from, roster);
		onRun(run);
	} finally {
		await handle.close();
	}
	try {
		await run.enlist();
	} catch (error) {
		// Off the roster, a killed start would leave it behind for ever.
		run.kill();
		throw error;
	}
	return run;
}

class ProcessRun implements Run {
	readonly pid: number | undefined;
	readonly ended: Promise<string>;
	readonly #program: Program;
	readonly #child: ChildProcess;
	readonly #file: string;
	readonly #from: number;
	readonly #roster: Roster;

	constructor(program: Program, child: ChildProcess, file: string, from: number, roster: Roster) {
		this.#program = program;
		this.#child = child;
		this.#file = file;
		this.#from = from;
		this.#roster = roster;
		this.pid = child.pid;
		this.ended = new Promise((resolve) => {
			child.once('error', (error) => resolve(error.message));
			child.once('exit', (code, signal) => resolve(signal ?? `code ${code}`));
		});
	}

	async enlist(): Promise<void> {
		const { pid } = this;
		if (pid === undefined) return;
		const { name, signal, rpc } = this.#program;
		const born = await bornAt(pid);
		// A stale roster entry is harmless: the next start compares the start time of the process.
		void this.ended.then(() => this.#roster.remove(pid)).catch(() => undefined);
		await this.#roster.add({ pid, born, name, signal, ...(rpc === undefined ? {} : { rpc }) });
	}

	async end(): Promise<void> {
		if (this.pid === undefined) return;
		this.#child.kill(this.#program.signal);
		const timer = setTimeout(() => this.kill(), STOP_MILLISECONDS);
		await this.ended;
		clearTimeout(timer);
	}

	kill(): void {
		if (this.pid === undefined) return;
		try {
			process.kill(-this.pid, 'SIGKILL');
		} catch {
			// It has exited meanwhile.
		}
	}

	async logTail(): Promise<string> {
		const text = (await readFile(this.#file)).subarray(this.#from).toString('utf8').trimEnd();
		return `${this.#file}:\n${text.split('\n').slice(-12).join('\n') || '(empty)'}`;
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
