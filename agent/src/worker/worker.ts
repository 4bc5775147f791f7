/** Wakes on new blocks, market changes and the clock, and gives each job that is due to the pipeline. */
import type { ChainClient } from '../chain/clients.ts';
import { NodeBehindError } from '../chain/nodes.ts';
import { messageOf } from '../errors.ts';
import type { ChainClock } from '../health/clock.ts';
import type { Journal } from '../journal/jobs.ts';
import { StaleJobError } from '../journal/jobs.ts';
import type { Locks } from '../journal/locks.ts';
import type { Logger } from '../logger.ts';
import { followListings } from '../market/live.ts';
import type { Metrics } from '../metrics.ts';
import { backoff, pause } from '../time.ts';
import type { Pipeline } from './pipeline.ts';
import type { Scanner } from './scanner.ts';
import { failedStory } from './story.ts';

export interface WorkerOptions {
	scanner: Scanner;
	pipeline: Pipeline;
	/** What is done now and then beside the jobs that are due. */
	care: (signal: AbortSignal) => Promise<void>;
	/** Learns of each new block. */
	clock: ChainClock;
	journal: Journal;
	locks: Locks;
	metrics: Metrics;
	logger: Logger;
	indexerUrl: string;
	/** Says when there is a new block; null to go by the clock alone. */
	watcher: ChainClient | null;
	pollMs: number;
}

/** Jobs in work at the same time. Most of that time each waits for 0G. */
const CONCURRENCY = 8;
const DISPATCH_MS = 1_000;
const CARE_MS = 15_000;
/** A market that moves all the time still wakes waiting jobs at most this often. */
const WAKE_MS = 2_000;
const DRAIN_MS = 20_000;
/** Names of the background tasks, for messages. */
const ROUNDS = {
	scan: 'Scanning the chain',
	dispatch: 'Taking up jobs that are due',
	care: 'Handling jobs past a deadline',
} as const;

export class Worker {
	readonly #options: WorkerOptions;
	readonly #stop = new AbortController();
	/** Fires when running work has to end at once; `#stop` only keeps new work from starting. */
	readonly #abort = new AbortController();
	readonly #active = new Map<bigint, Promise<void>>();
	readonly #loops: Promise<void>[] = [];
	readonly #scanNow = new Doorbell();
	readonly #dispatchNow = new Doorbell();
	/** By the name of the loop. */
	readonly #failures = new Map<string, string>();
	#unwatch: (() => void) | null = null;
	#wokenAt = 0;
	#wakeTimer: NodeJS.Timeout | null = null;

	constructor(options: WorkerOptions) {
		this.#options = options;
	}

	/** Whether a job is being worked on right now. */
	get deciding(): boolean {
		return this.#active.size > 0;
	}

	/** Why the last round of a background task failed; null when none did. */
	get failure(): string | null {
		return [...this.#failures.values()][0] ?? null;
	}

	get lastBlock(): bigint | null {
		return this.#options.scanner.lastBlock;
	}

	start(): void {
		const { watcher, indexerUrl, logger } = this.#options;
		const { signal } = this.#stop;
		this.#unwatch =
			watcher?.watchBlockNumber({
				onBlockNumber: () => this.#scanNow.ring(),
				onError: (error) => logger.debug({ error }, 'The block watcher lost its line'),
			}) ?? null;
		this.#loops.push(
			this.#loop('scan', this.#options.pollMs, this.#scanNow, () => this.#scan()),
			this.#loop('dispatch', DISPATCH_MS, this.#dispatchNow, () => this.#dispatch()),
			this.#loop('care', CARE_MS, new Doorbell(), () => this.#options.care(signal)),
			followListings(indexerUrl, () => this.#marketMoved(), logger, signal),
		);
	}

	/** Takes no new work, lets running work end for a while, then cuts it off: the journal knows where it stood. */
	async close(): Promise<void> {
		this.#stop.abort();
		this.#unwatch?.();
		if (this.#wakeTimer !== null) clearTimeout(this.#wakeTimer);
		this.#scanNow.ring();
		this.#dispatchNow.ring();
		const timer = setTimeout(() => this.#abort.abort(new Error('The agent stops.')), DRAIN_MS);
		await Promise.allSettled([...this.#loops, ...this.#active.values()]);
		clearTimeout(timer);
	}

	async #loop(
		name: keyof typeof ROUNDS,
		milliseconds: number,
		bell: Doorbell,
		work: () => Promise<void>,
	): Promise<void> {
		const { signal } = this.#stop;
		for (let failures = 0; !signal.aborted; ) {
			try {
				await work();
				failures = 0;
				this.#failures.delete(name);
			} catch (error) {
				failures++;
				// A single failure is usually temporary.
				if (failures > 1) this.#failures.set(name, `${ROUNDS[name]} fails: ${messageOf(error)}`);
				if (!signal.aborted)
					this.#options.logger.warn({ error, loop: name }, 'A background task failed and will be retried');
			}
			const wait = failures === 0 ? milliseconds : milliseconds + backoff(failures, 500, 15_000);
			await bell.wait(wait, signal);
		}
	}

	async #scan(): Promise<void> {
		const { scanner, metrics } = this.#options;
		const fresh = await scanner.scan(this.#stop.signal);
		if (scanner.head !== null && scanner.lastBlock !== null) {
			metrics.lastBlock.set(Number(scanner.lastBlock));
			metrics.blockLag.set(Math.max(0, Number(scanner.head - scanner.lastBlock)));
		}
		// Before anything is decided on what was found.
		if (scanner.head !== null) await this.#options.clock.look(scanner.head);
		if (fresh.length > 0) this.#dispatchNow.ring();
	}

	async #dispatch(): Promise<void> {
		const { journal } = this.#options;
		const free = CONCURRENCY - this.#active.size;
		if (free <= 0 || this.#stop.signal.aborted) return;
		const due = await journal.due(CONCURRENCY * 2 + this.#active.size);
		for (const id of due.filter((id) => !this.#active.has(id)).slice(0, free)) {
			const work = this.#run(id).finally(() => {
				this.#active.delete(id);
				this.#dispatchNow.ring();
			});
			this.#active.set(id, work);
		}
	}

	async #run(id: bigint): Promise<void> {
		const { locks, journal, pipeline, logger } = this.#options;
		try {
			const lock = await locks.tryAcquire(`job:${journal.deployment}:${id}`);
			if (lock === null) {
				// Another agent has it. Not requested again at once, which would be a busy loop.
				await pause(DISPATCH_MS, this.#stop.signal);
				return;
			}
			try {
				await pipeline.advance(id, AbortSignal.any([this.#abort.signal, lock.signal]));
			} finally {
				await lock.release();
			}
		} catch (error) {
			if (error instanceof StaleJobError || this.#abort.signal.aborted) return;
			if (error instanceof NodeBehindError) {
				logger.debug({ error, job: id.toString() }, "The chain's node is behind; the job is looked at in a moment");
				await pause(DISPATCH_MS, this.#stop.signal);
				return;
			}
			logger.warn({ error, job: id.toString() }, 'Work on a job failed; it is tried again');
			await this.#postpone(id, error).catch((cause: unknown) => {
				logger.error({ error: cause, job: id.toString() }, 'The failure could not be written down');
			});
		}
	}

	async #postpone(id: bigint, error: unknown): Promise<void> {
		const { journal } = this.#options;
		const job = await journal.get(id);
		if (job === null) return;
		const reason = messageOf(error).slice(0, 500);
		const seconds = Math.max(0.5, backoff(job.failures, 1_000, 60_000) / 1000);
		await journal.postponed(job, reason, seconds);
		if (job.reason !== reason) await journal.append(failedStory(id, reason, seconds));
	}

	#marketMoved(): void {
		if (this.#wakeTimer !== null || this.#stop.signal.aborted) return;
		this.#wakeTimer = setTimeout(
			() => {
				this.#wakeTimer = null;
				this.#wokenAt = Date.now();
				this.#wake().catch((error: unknown) => this.#options.logger.warn({ error }, 'Waiting jobs could not be woken'));
			},
			Math.max(0, this.#wokenAt + WAKE_MS - Date.now()),
		);
	}

	async #wake(): Promise<void> {
		if ((await this.#options.journal.wakeWaiting()) > 0) this.#dispatchNow.ring();
	}
}

/** Ends a wait early. Of signals that arrive while nothing waits, one is stored. */
class Doorbell {
	#rung = false;
	#answer: (() => void) | null = null;

	ring(): void {
		this.#rung = true;
		this.#answer?.();
	}

	async wait(milliseconds: number, signal: AbortSignal): Promise<void> {
		if (!this.#rung && !signal.aborted) {
			const woken = new AbortController();
			this.#answer = () => woken.abort();
			await pause(milliseconds, AbortSignal.any([signal, woken.signal]));
			this.#answer = null;
		}
		this.#rung = false;
	}
}
