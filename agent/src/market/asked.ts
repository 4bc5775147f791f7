/** Polls the live sources, each at its own interval, and keeps the last reading of each. */
import type { Logger } from '../logger.ts';
import { type SourceReading, SourceRunner } from '../sources/asking/runner.ts';
import type { Source } from '../sources/asking/source.ts';
import { pause } from '../time.ts';
import type { TokenPriceSource } from '../tokenPrices/source.ts';
import type { Known, KnownPrices, NotAsked, Readings } from './readings.ts';

export interface AskedSourcesOptions {
	/** Time limit for sources that have none of their own. Milliseconds. */
	timeoutMs: number;
	offers: readonly Source[];
	tokens: readonly TokenPriceSource[];
	missing: Readings['missing'];
	logger: Logger;
	now: () => number;
}

export class AskedSources implements Readings {
	readonly missing: { readonly offers: readonly NotAsked[]; readonly tokens: readonly NotAsked[] };
	readonly #options: AskedSourcesOptions;
	readonly #offers: readonly SourceRunner[];
	readonly #tokens: readonly { runner: SourceRunner; source: TokenPriceSource }[];
	readonly #stop = new AbortController();
	readonly #loops: Promise<void>[] = [];
	readonly #listeners = new Set<(known: Known) => void>();

	constructor(options: AskedSourcesOptions) {
		const { timeoutMs, now } = options;
		this.missing = options.missing;
		this.#options = options;
		this.#offers = options.offers.map((source) => new SourceRunner(source, { timeoutMs, now }));
		this.#tokens = options.tokens.map((source) => ({ source, runner: new SourceRunner(source, { timeoutMs, now }) }));
	}

	get offers(): readonly Known[] {
		return this.#offers;
	}

	get tokens(): readonly KnownPrices[] {
		return this.#tokens.map(({ source, runner: { reading } }) => ({ source, reading, prices: source.prices }));
	}

	/** Restores the readings from before a restart, for sources that were not polled since. */
	restore(before: Pick<Readings, 'offers' | 'tokens'>): void {
		for (const { source, reading } of before.offers) {
			this.#offers.find((runner) => runner.source.id === source.id)?.restore(reading);
		}
		for (const { source, reading, prices } of before.tokens) {
			const known = this.#tokens.find((token) => token.source.id === source.id);
			if (known?.runner.restore(reading) === true) known.source.restore(prices);
		}
	}

	/** Starts polling. */
	start(): void {
		for (const runner of this.#runners) this.#loops.push(this.#keepFresh(runner));
	}

	async close(): Promise<void> {
		this.#stop.abort();
		await Promise.all(this.#loops);
	}

	/** Polls every source once, in parallel. */
	async refresh(): Promise<void> {
		await Promise.all(this.#runners.map((runner) => this.#ask(runner)));
	}

	subscribe(listener: (known: Known) => void): () => void {
		this.#listeners.add(listener);
		return () => this.#listeners.delete(listener);
	}

	get #runners(): SourceRunner[] {
		return [...this.#offers, ...this.#tokens.map(({ runner }) => runner)];
	}

	async #ask(runner: SourceRunner): Promise<void> {
		await runner.refresh(this.#stop.signal);
		if (this.#stop.signal.aborted) return;
		for (const listener of this.#listeners) listener(runner);
	}

	async #keepFresh(runner: SourceRunner): Promise<void> {
		const { signal } = this.#stop;
		const { id, refreshSeconds } = runner.source;
		let failures = 0;
		while (!signal.aborted) {
			await this.#ask(runner);
			if (signal.aborted) return;
			const { failing } = runner.reading;
			// Logged on changes only: thirty networks that cannot be reached would fill the log with the same lines.
			if (failing !== null && failures === 0) {
				this.#options.logger.warn({ source: id, failure: failing.failure }, failing.message);
			} else if (failing === null && failures > 0)
				this.#options.logger.info({ source: id }, 'The source responds again');
			failures = failing === null ? 0 : failures + 1;
			await pause(secondsUntilNext(failing, failures, refreshSeconds) * 1000 * (0.9 + Math.random() * 0.2), signal);
		}
	}
}

/**
 * A failing source is retried before its usual interval ends, the first time after a minute and then with growing pauses, as a failed request may be a
 * download of gigabytes. A source that limits the rate is not polled more often.
 */
export function secondsUntilNext(failing: SourceReading['failing'], failures: number, refreshSeconds: number): number {
	if (failing === null || failing.failure === 'rate-limited') return refreshSeconds;
	return Math.min(refreshSeconds, 60 * 2 ** (failures - 1));
}
