/** Keeps one source's last good answer, and the trouble with it to itself. */
import type { InferenceOffer, Quote } from '@necto/core';
import {
	BrokenCircuitError,
	CircuitState,
	ConsecutiveBreaker,
	circuitBreaker,
	ExponentialBackoff,
	handleAll,
	handleWhen,
	retry,
	wrap,
} from 'cockatiel';
import type { Hex } from 'viem';
import { messageOf } from '../../errors.ts';
import { named } from '../../outside/words.ts';
import { DeadlineError, withDeadline } from '../../time.ts';
import { BoundedHttp } from './http.ts';
import { type Source, SourceError, type SourceFailure } from './source.ts';

export interface SourceReading {
	quotes: readonly Quote[];
	/** Rows of the answer that made no offer, by reason. */
	left: Readonly<Record<string, number>>;
	/** What did not come of the answer. */
	incomplete: string | null;
	inference: readonly InferenceOffer[];
	/** When the last good answer came; null if there never was one. Unix seconds. */
	fetchedAt: number | null;
	bodyHash: Hex | null;
	/** Set while the latest attempts fail. */
	failing: { since: number; failure: SourceFailure; message: string } | null;
}

/** Of a source that was not asked yet. */
export const NOTHING_SAID: SourceReading = {
	quotes: [],
	left: {},
	incomplete: null,
	inference: [],
	fetchedAt: null,
	bodyHash: null,
	failing: null,
};

export interface RunnerOptions {
	timeoutMs: number;
	now: () => number;
	/** How long the breaker stays open. */
	openMs?: number;
	/** Wait before the first retry; later ones wait longer. Both are for tests, which do not wait. */
	retryDelayMs?: number;
}

const OPEN_MS = 60_000;
const RETRY_DELAY_MS = 150;
const MAX_RETRY_DELAY_MS = 1_000;

export class SourceRunner {
	readonly source: Source;
	readonly #options: RunnerOptions;
	readonly #policy: ReturnType<typeof createPolicy>;
	#reading: SourceReading = NOTHING_SAID;
	#running: Promise<void> | null = null;

	constructor(source: Source, options: RunnerOptions) {
		this.source = source;
		this.#options = options;
		this.#policy = createPolicy(options.openMs ?? OPEN_MS, options.retryDelayMs ?? RETRY_DELAY_MS);
	}

	get reading(): SourceReading {
		return this.#reading;
	}

	/** Takes over what the source said before a restart, unless it was asked since. Says whether it did. */
	restore(reading: SourceReading): boolean {
		if (this.#reading !== NOTHING_SAID) return false;
		this.#reading = reading;
		return true;
	}

	/** Whether the source is left alone for a while after failing again and again. */
	get resting(): boolean {
		return this.#policy.breaker.state === CircuitState.Open;
	}

	/** Asks the source. Never throws: a failure becomes part of the reading. Calls at the same time share one question. */
	refresh(stop: AbortSignal): Promise<void> {
		this.#running ??= this.#refresh(stop).finally(() => {
			this.#running = null;
		});
		return this.#running;
	}

	async #refresh(stop: AbortSignal): Promise<void> {
		const { now } = this.#options;
		const timeoutMs = this.source.timeoutMs ?? this.#options.timeoutMs;
		const signal = AbortSignal.any([stop, AbortSignal.timeout(timeoutMs)]);
		// One for all tries: together they may hold no more than one.
		const http = new BoundedHttp(signal, this.source.name, this.source.maxBytes ?? undefined);
		try {
			const work = this.#policy.call.execute(() => this.source.fetch({ signal, http, now: now() }), signal);
			// The second net: a source that ignores its signal still cannot hold anybody up.
			const { quotes, left, incomplete, inference = [] } = await withDeadline(this.source.name, timeoutMs + 250, work);
			checkKeys(this.source.id, [...quotes, ...inference]);
			const { bodyHash } = http;
			this.#reading = {
				quotes,
				left,
				incomplete: incomplete === null ? null : named(this.source.name, incomplete),
				inference,
				fetchedAt: now(),
				bodyHash,
				failing: null,
			};
		} catch (error) {
			if (stop.aborted) return;
			// A source that is left alone for a while still fails for what it failed for.
			if (error instanceof BrokenCircuitError && this.#reading.failing !== null) return;
			const { failure, message } = describe(error, signal);
			this.#reading = {
				...this.#reading,
				failing: {
					since: this.#reading.failing?.since ?? now(),
					failure,
					message: named(this.source.name, message),
				},
			};
		}
	}
}

/** Two more tries for what may pass; after five failures in a row none at all for a while. */
function createPolicy(openMs: number, retryDelayMs: number) {
	const retries = retry(
		handleWhen((error) => error instanceof SourceError && error.transient),
		{ maxAttempts: 2, backoff: new ExponentialBackoff({ initialDelay: retryDelayMs, maxDelay: MAX_RETRY_DELAY_MS }) },
	);
	const breaker = circuitBreaker(handleAll, { halfOpenAfter: openMs, breaker: new ConsecutiveBreaker(5) });
	return { breaker, call: wrap(retries, breaker) };
}

function describe(error: unknown, signal: AbortSignal): { failure: SourceFailure; message: string } {
	if (error instanceof SourceError) return { failure: error.failure, message: error.message };
	if (error instanceof DeadlineError || signal.aborted)
		return { failure: 'timeout', message: 'It did not answer in time.' };
	return { failure: 'shape', message: `Its answer cannot be read: ${messageOf(error).slice(0, 120)}` };
}

function checkKeys(id: string, quotes: readonly { source: string; key: string }[]): void {
	const seen = new Set<string>();
	for (const quote of quotes) {
		if (quote.source !== id) throw new SourceError('shape', `It made an offer in the name of '${quote.source}'.`);
		if (seen.has(quote.key)) throw new SourceError('shape', 'It lists the same offer twice.');
		seen.add(quote.key);
	}
}
