/** Every source but Necto's own registry: asks the live ones in their rhythm, and lets dated figures stand in for those that do not answer. */
import {
	hex32,
	type InferenceOffer,
	plainWords,
	type Quote,
	type SnapshotSource,
	type SourceStatus,
	sourceId,
	type TokenPrice,
	unixSeconds,
} from '@necto/core';
import type { Look } from '../history/recorder.ts';
import type { Logger } from '../logger.ts';
import { type SourceReading, SourceRunner } from '../sources/asking/runner.ts';
import type { Source, SourceDefinition } from '../sources/asking/source.ts';
import type { DatedMarket, DatedSource } from '../sources/snapshot.ts';
import { pause } from '../time.ts';
import type { TokenPrices } from '../tokenPrices/tokenPrices.ts';

export interface MarketSourcesOptions {
	timeoutMs: number;
	live: readonly Source[];
	/** Sources that are not asked, and why. */
	missing: readonly { definition: Pick<SourceDefinition, 'id' | 'name' | 'url'>; note: string }[];
	dated: DatedMarket;
	tokenPrices: TokenPrices;
	/** Told of each look at a source. Not told of dated figures. */
	history?: { look(look: Look): void };
	logger: Logger;
	now: () => number;
}

/** A source as a snapshot names it and as people see it, with its offers. */
export interface SourceRow {
	source: SnapshotSource;
	status: SourceStatus;
	quotes: readonly Quote[];
}

/** A live answer older than this many refreshes counts as gone and the dated figures come back. */
const STALE_REFRESHES = 4;

export class MarketSources {
	readonly #options: MarketSourcesOptions;
	readonly #runners: readonly SourceRunner[];
	readonly #tokenRunners: readonly SourceRunner[];
	readonly #stop = new AbortController();
	readonly #loops: Promise<void>[] = [];
	readonly #listeners = new Set<() => void>();

	constructor(options: MarketSourcesOptions) {
		this.#options = options;
		const runner = { timeoutMs: options.timeoutMs, now: options.now };
		this.#runners = options.live.map((source) => new SourceRunner(source, runner));
		this.#tokenRunners = options.tokenPrices.sources.map((source) => new SourceRunner(source, runner));
	}

	/** Starts asking the live sources, each in its own rhythm. */
	start(): void {
		for (const runner of [...this.#runners, ...this.#tokenRunners]) this.#loops.push(this.#keepFresh(runner));
	}

	async close(): Promise<void> {
		this.#stop.abort();
		await Promise.all(this.#loops);
	}

	/** Asks every live source once, side by side. */
	async refresh(): Promise<void> {
		await Promise.all([...this.#runners, ...this.#tokenRunners].map((runner) => this.#ask(runner)));
	}

	/** Calls `listener` after each answer of a source, good or bad; the result ends it. */
	subscribe(listener: () => void): () => void {
		this.#listeners.add(listener);
		return () => this.#listeners.delete(listener);
	}

	/** What tokens are worth now, each with all that it was made of. */
	get tokenPrices(): TokenPrice[] {
		return this.#options.tokenPrices.at(this.#options.now());
	}

	/** The sources of token prices, with their state. */
	get tokenStatuses(): SourceStatus[] {
		const { sources, missing } = this.#options.tokenPrices;
		const asked = this.#tokenRunners.map((runner): SourceStatus => {
			const known = sources.find(({ id }) => id === runner.source.id)?.prices.size ?? 0;
			return { ...this.#live(runner, undefined).status, quotes: known, gives: 'token-prices' };
		});
		const silent = missing.map(({ definition, note }): SourceStatus => {
			return { ...describe(definition, 'not-configured', null, note, []).status, gives: 'token-prices' };
		});
		return [...asked, ...silent];
	}

	/** What every source last said: the same objects while nobody said anything new. */
	get readings(): SourceReading[] {
		return [...this.#runners, ...this.#tokenRunners].map((runner) => runner.reading);
	}

	/** Tokens of language models, with the sources that sell them. */
	get inference(): { sources: SourceStatus[]; offers: InferenceOffer[] } {
		const selling = this.#runners.filter(({ reading }) => reading.inference.length > 0);
		const ids = new Set(selling.map(({ source }) => source.id));
		return {
			sources: this.rows.filter(({ source }) => ids.has(source.id)).map(({ status }) => status),
			offers: selling.flatMap(({ reading }) => [...reading.inference]),
		};
	}

	/** All sources, each with its offers: live ones where there are any, dated ones otherwise. */
	get rows(): SourceRow[] {
		const { dated } = this.#options;
		const live = this.#runners.map((runner) =>
			this.#live(
				runner,
				dated.sources.find((source) => source.id === runner.source.id),
			),
		);
		const liveIds = new Set(this.#runners.map((runner) => runner.source.id));
		const resting = dated.sources
			.filter((source) => !liveIds.has(source.id))
			.map((source) => {
				const lacking = this.#options.missing.find(({ definition }) => definition.id === source.id)?.note;
				return describe(
					source,
					'snapshot',
					null,
					lacking === undefined ? source.note : `${lacking} ${source.note}`,
					source.quotes,
				);
			});
		const known = new Set([...liveIds, ...dated.sources.map(({ id }) => id)]);
		const missing = this.#options.missing
			.filter(({ definition }) => !known.has(definition.id))
			.map(({ definition, note }) => describe(definition, 'not-configured', null, note, []));
		const named = new Set(this.#options.missing.map(({ definition }) => definition.id));
		const silent = dated.notConfigured
			.filter(({ id }) => !known.has(id) && !named.has(id))
			.map((source) => describe(source, 'not-configured', null, source.note, []));
		return [...live, ...resting, ...missing, ...silent];
	}

	#live(runner: SourceRunner, dated: DatedSource | undefined): SourceRow {
		const { reading, source } = runner;
		const age = reading.fetchedAt === null ? Number.POSITIVE_INFINITY : this.#options.now() - reading.fetchedAt;
		if (age <= source.refreshSeconds * STALE_REFRESHES) {
			const state = reading.failing === null ? 'fresh' : 'stale';
			const note =
				reading.failing === null
					? reading.incomplete
					: `Failing since ${isoOf(reading.failing.since)}: ${reading.failing.message}`;
			return describe(source, state, reading, note, reading.quotes);
		}
		const trouble =
			reading.failing === null
				? 'Not asked yet.'
				: `Not answering since ${isoOf(reading.failing.since)}: ${reading.failing.message}`;
		if (dated === undefined) return describe(source, 'failing', reading, trouble, []);
		return describe(
			source,
			'snapshot',
			{ ...reading, bodyHash: null, left: {} },
			`${trouble} ${dated.note}`,
			dated.quotes,
		);
	}

	/** Tells the history of a look, if anybody keeps one. */
	remember(status: SourceStatus, quotes: readonly Quote[], at: number, refreshSeconds: number): void {
		const { history, tokenPrices } = this.#options;
		if (history === undefined) return;
		const prices = this.tokenPrices.filter((price) => tokenPrices.isCurrent(price, at));
		history.look({ status, quotes, at, refreshSeconds, tokenPrices: prices });
	}

	async #ask(runner: SourceRunner): Promise<void> {
		await runner.refresh(this.#stop.signal);
		if (this.#stop.signal.aborted) return;
		const { reading, source } = runner;
		const status = this.tokenStatuses.find(({ id }) => id === source.id) ?? this.#live(runner, undefined).status;
		// A failing source keeps its last answer, which is not seen anew.
		if (reading.failing !== null) this.remember(status, [], this.#options.now(), source.refreshSeconds);
		else this.remember(status, reading.quotes, reading.fetchedAt ?? this.#options.now(), source.refreshSeconds);
		for (const listener of this.#listeners) listener();
	}

	async #keepFresh(runner: SourceRunner): Promise<void> {
		const { signal } = this.#stop;
		const { id, refreshSeconds } = runner.source;
		let failures = 0;
		while (!signal.aborted) {
			await this.#ask(runner);
			if (signal.aborted) return;
			const { failing } = runner.reading;
			// Said when it changes: thirty networks that cannot be reached would fill the log with the same lines.
			if (failing !== null && failures === 0) {
				this.#options.logger.warn({ source: id, failure: failing.failure }, failing.message);
			} else if (failing === null && failures > 0) this.#options.logger.info({ source: id }, 'It answers again');
			failures = failing === null ? 0 : failures + 1;
			await pause(secondsUntilNext(failing, failures, refreshSeconds) * 1000 * (0.9 + Math.random() * 0.2), signal);
		}
	}
}

/**
 * A failing source is asked again sooner than in its rhythm, the first time after a minute and then ever later: what fails may be a download of gigabytes.
 * One that says that it is asked too often is not asked more often.
 */
export function secondsUntilNext(failing: SourceReading['failing'], failures: number, refreshSeconds: number): number {
	if (failing === null || failing.failure === 'rate-limited') return refreshSeconds;
	return Math.min(refreshSeconds, 60 * 2 ** (failures - 1));
}

function describe(
	source: { id: string; name: string; url: string | null },
	state: SnapshotSource['state'],
	reading: Pick<SourceReading, 'fetchedAt' | 'bodyHash' | 'failing' | 'left'> | null,
	note: string | null,
	quotes: readonly Quote[],
): SourceRow {
	const id = sourceId(source.id);
	// The same words everywhere: no database takes what a snapshot does not hold.
	const said = note === null ? null : snapshotNote(note);
	const newest = quotes.reduce((latest, quote) => Math.max(latest, quote.observedAt), 0);
	// A dated source was last heard of when its newest figure was published.
	const fetchedAt =
		state === 'snapshot' ? unixSeconds(newest) : reading?.fetchedAt == null ? null : unixSeconds(reading.fetchedAt);
	return {
		source: {
			id,
			state,
			fetchedAt,
			quotes: quotes.length,
			bodyHash: reading?.bodyHash == null ? null : hex32(reading.bodyHash),
			note: said,
		},
		status: {
			id,
			name: source.name,
			state,
			fetchedAt,
			failingSince: reading?.failing == null ? null : unixSeconds(reading.failing.since),
			quotes: quotes.length,
			left: reading?.left ?? {},
			note: said,
			url: source.url,
		},
		quotes,
	};
}

/** Fit for a snapshot: whatever a source's error says, decisions go on. */
export function snapshotNote(text: string): string {
	return plainWords(text, 500);
}

function isoOf(seconds: number): string {
	return new Date(seconds * 1000).toISOString();
}
