/**
 * Plain words into form fields, in a process of its own: whatever the language model's endpoint answers can at worst end that process. It is started by the first
 * text, gets the key and nothing else of the agent, and is killed when it does not answer in time.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { ParseResponse } from '@necto/core';
import { UserError } from '../errors.ts';
import type { ApiSettings } from '../settings/api.ts';
import { lines } from './lines.ts';
import { replySchema } from './protocol.ts';

export interface Parser {
	/** Null when it works, otherwise why not, for people. */
	readonly unavailable: string | null;
	/** @throws UserError */
	parse(text: string, signal: AbortSignal): Promise<ParseResponse>;
	/** Ends the process, if there is one. */
	close(): void;
}

/** For the model's whole answer. Milliseconds. */
const MODEL_MS = 20_000;
/** The process has this long beyond that, for its start and its own work. Milliseconds. */
const GRACE_MS = 15_000;
/** What JavaScript may hold in there, in MiB. Bodies are bounded apart. */
const HEAP_MIB = 128;
/** A form with its notes, as one line. */
const MOST_CHARACTERS = 64 * 1024;
const CHILD = fileURLToPath(new URL('child.ts', import.meta.url));

interface Waiting {
	resolve(answer: ParseResponse): void;
	reject(error: UserError): void;
}

export class ClaudeParser implements Parser {
	readonly unavailable: string | null;
	readonly #settings: ApiSettings['anthropic'];
	readonly #modelMs: number;
	readonly #graceMs: number;
	#child: ChildProcess | null = null;
	readonly #waiting = new Map<number, Waiting>();
	#count = 0;

	constructor(settings: ApiSettings['anthropic'], { modelMs = MODEL_MS, graceMs = GRACE_MS } = {}) {
		this.#settings = settings;
		this.#modelMs = modelMs;
		this.#graceMs = graceMs;
		this.unavailable =
			settings.apiKey === null ? 'Text input is off: no ANTHROPIC_API_KEY is set. Fill in the form.' : null;
	}

	/** The process, for tests; undefined while there is none. */
	get pid(): number | undefined {
		return this.#child?.pid;
	}

	async parse(text: string, signal: AbortSignal): Promise<ParseResponse> {
		const { apiKey } = this.#settings;
		if (apiKey === null) {
			throw new UserError(
				503,
				'parse_unavailable',
				this.unavailable ?? '',
				'Fill in the form by hand, or ask the operator to set the key.',
			);
		}
		const child = this.#running(apiKey);
		const id = ++this.#count;
		let timer: NodeJS.Timeout | undefined;
		const leave = () => this.#settle(id, tooLate());
		signal.addEventListener('abort', leave, { once: true });
		try {
			return await new Promise<ParseResponse>((resolve, reject) => {
				this.#waiting.set(id, { resolve, reject });
				// The process has a deadline of its own: whoever misses this one too does not listen any more.
				timer = setTimeout(() => this.#end(child, tooLate()), this.#modelMs + this.#graceMs);
				child.stdin?.write(`${JSON.stringify({ id, text })}\n`);
				if (signal.aborted) leave();
			});
		} finally {
			clearTimeout(timer);
			signal.removeEventListener('abort', leave);
		}
	}

	close(): void {
		if (this.#child !== null) this.#end(this.#child, broken());
	}

	#running(apiKey: string): ChildProcess {
		if (this.#child !== null) return this.#child;
		const { baseUrl, model } = this.#settings;
		const child = spawn(process.execPath, [`--max-old-space-size=${HEAP_MIB}`, CHILD], {
			env: {
				ANTHROPIC_API_KEY: apiKey,
				ANTHROPIC_MODEL: model,
				...(baseUrl === null ? {} : { ANTHROPIC_BASE_URL: baseUrl }),
				DEADLINE_MS: String(this.#modelMs),
			},
			stdio: ['pipe', 'pipe', 'ignore'],
		});
		this.#child = child;
		// A process that ended is found out by its exit.
		child.stdin.on('error', () => undefined);
		child.on('error', () => this.#end(child, broken()));
		child.on('exit', () => this.#end(child, broken()));
		void this.#listen(child);
		return child;
	}

	async #listen(child: ChildProcess): Promise<void> {
		try {
			for await (const line of lines(child.stdout ?? [], MOST_CHARACTERS)) {
				const { id, answer, error } = replySchema.parse(JSON.parse(line));
				if (answer !== undefined) this.#settle(id, answer);
				else this.#settle(id, new UserError(error.status, error.code, error.message, error.suggestion));
			}
		} catch {
			// It says what it should not: nothing of it is believed any more.
			this.#end(child, broken());
		}
	}

	#settle(id: number, outcome: ParseResponse | UserError): void {
		const waiting = this.#waiting.get(id);
		this.#waiting.delete(id);
		if (outcome instanceof UserError) waiting?.reject(outcome);
		else waiting?.resolve(outcome);
	}

	#end(child: ChildProcess, error: UserError): void {
		child.kill('SIGKILL');
		if (this.#child !== child) return;
		this.#child = null;
		for (const id of [...this.#waiting.keys()]) this.#settle(id, error);
	}
}

function tooLate(): UserError {
	return new UserError(
		504,
		'parse_timeout',
		'The language model took too long.',
		'Fill in the form by hand, or try again in a minute.',
		{ retryAfter: 60 },
	);
}

function broken(): UserError {
	return new UserError(
		502,
		'parse_unreachable',
		'The text parser stopped unexpectedly.',
		'Try again, or fill in the form by hand.',
		{ retryAfter: 5 },
	);
}
