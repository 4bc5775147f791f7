/** The market as the agent sees it: its own listings, read anew for each decision, beside what other sources last said. */
import {
	type Address,
	hex32,
	type JobRequest,
	type ListingId,
	type MarketSnapshot,
	type Quote,
	type SnapshotSource,
	type SourceStatus,
	sourceId,
	type TokenPrice,
	unixSeconds,
} from '@necto/core';
import { messageOf } from './errors.ts';
import type { Logger } from './logger.ts';
import { readAdmissions } from './sources/admissions.ts';
import { BoundedHttp } from './sources/http.ts';
import { indexedBlock, type Listings, NECTO, readListings } from './sources/necto.ts';
import { type SourceReading, SourceRunner } from './sources/runner.ts';
import type { DatedMarket, DatedSource } from './sources/snapshot.ts';
import type { Source, SourceDefinition } from './sources/source.ts';
import { SourceError } from './sources/source.ts';
import type { TokenPriceSource } from './sources/tokenPrices.ts';
import { nowSeconds, pause } from './time.ts';

export interface MarketOptions {
	indexerUrl: string;
	chainId: number;
	timeoutMs: number;
	live: readonly Source[];
	/** Sources that are not asked, and why. */
	missing: readonly { definition: Pick<SourceDefinition, 'id' | 'name' | 'url'>; note: string }[];
	dated: DatedMarket;
	tokenPrices: TokenPriceSource;
	logger: Logger;
	now?: () => number;
}

/** A snapshot with what pages want to know beside it. */
export interface MarketView {
	snapshot: MarketSnapshot;
	sources: SourceStatus[];
}

/** Two decisions within this time share a snapshot, unless one of them needs a later block. */
const SHARE_MS = 1_500;

/** A view for looking at is made anew after this long even if nothing moved: its ages would no longer be true. */
const BROWSE_MS = 20_000;

/** A live answer older than this many refreshes counts as gone and the dated figures come back. */
const STALE_REFRESHES = 4;

export class Market {
	readonly #options: MarketOptions;
	readonly #now: () => number;
	readonly #runners: readonly SourceRunner[];
	readonly #tokenRunner: SourceRunner;
	readonly #stop = new AbortController();
	readonly #loops: Promise<void>[] = [];
	#shared: { view: MarketView; at: number; readings: readonly SourceReading[] } | null = null;
	#listings: { fetchedAt: number | null; count: number; problem: string | null } = {
		fetchedAt: null,
		count: 0,
		problem: null,
	};

	constructor(options: MarketOptions) {
		this.#options = options;
		this.#now = options.now ?? nowSeconds;
		const runner = { timeoutMs: options.timeoutMs, now: this.#now };
		this.#runners = options.live.map((source) => new SourceRunner(source, runner));
		this.#tokenRunner = new SourceRunner(options.tokenPrices, runner);
	}

	/** Starts asking the live sources, each in its own rhythm. */
	start(): void {
		for (const runner of [...this.#runners, this.#tokenRunner]) this.#loops.push(this.#keepFresh(runner));
	}

	async close(): Promise<void> {
		this.#stop.abort();
		await Promise.all(this.#loops);
	}

	/** Asks every live source once, side by side. */
	async refresh(): Promise<void> {
		await Promise.all([...this.#runners, this.#tokenRunner].map((runner) => runner.refresh(this.#stop.signal)));
	}

	get tokenPrices(): TokenPrice[] {
		return this.#options.tokenPrices.prices;
	}

	/**
	 * The market now, with listings of a block not below `minBlock`. Only the indexer can make this fail: every other source's trouble is a row in the
	 * snapshot.
	 *
	 * @throws SourceError when the listings cannot be had
	 */
	async collect(minBlock: bigint, signal: AbortSignal): Promise<MarketView> {
		const shared = this.#shared;
		if (
			shared !== null &&
			Date.now() - shared.at < SHARE_MS &&
			shared.view.snapshot.chain.block >= minBlock &&
			this.#sameReadings(shared.readings)
		) {
			return shared.view;
		}
		const { indexerUrl, chainId, timeoutMs } = this.#options;
		const limited = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]);
		try {
			const http = new BoundedHttp(limited);
			const listings = await readListings(http, { indexerUrl, chainId, minBlock, now: this.#now, signal: limited });
			const problem =
				listings.unreadable.length > 0 ? `Listings that cannot be read: ${listings.unreadable.join(', ')}.` : null;
			this.#listings = { fetchedAt: this.#now(), count: listings.quotes.length, problem };
			const view = this.#view(listings, problem);
			this.#shared = { view, at: Date.now(), readings: this.#readings() };
			return view;
		} catch (error) {
			this.#listings = { ...this.#listings, problem: error instanceof SourceError ? error.message : messageOf(error) };
			throw error;
		}
	}

	/**
	 * The market for looking at: as `collect`, but the same view again while nothing has moved, so that pages which ask for it over and over are told so;
	 * and with the last known listings when the indexer does not answer.
	 */
	async browse(signal: AbortSignal): Promise<MarketView> {
		try {
			if (await this.#standsStill(signal)) return this.#shared?.view ?? (await this.collect(0n, signal));
			return await this.collect(0n, signal);
		} catch (error) {
			this.#options.logger.debug({ error }, 'The listings cannot be read');
			const last = this.#shared?.view.snapshot;
			const quotes = last?.quotes.filter((quote) => quote.source === NECTO) ?? [];
			return this.#view({ block: last?.chain.block ?? 0n, quotes, unreadable: [] }, this.#listings.problem);
		}
	}

	async #standsStill(signal: AbortSignal): Promise<boolean> {
		const shared = this.#shared;
		if (shared === null || Date.now() - shared.at > BROWSE_MS) return false;
		if (!this.#sameReadings(shared.readings)) return false;
		const limited = AbortSignal.any([signal, AbortSignal.timeout(this.#options.timeoutMs)]);
		try {
			const block = await indexedBlock(new BoundedHttp(limited), this.#options.indexerUrl, this.#options.chainId);
			return block === shared.view.snapshot.chain.block;
		} catch {
			// Reading the listings finds out what is wrong, and says it.
			return false;
		}
	}

	/**
	 * Restricted listings of a snapshot that serve a buyer until a job's end. Asked for apart: a snapshot names no buyer.
	 *
	 * @throws SourceError when the indexer does not say
	 */
	async admissions(
		buyer: Address,
		request: Pick<JobRequest, 'startWindow' | 'duration'>,
		snapshot: MarketSnapshot,
		signal: AbortSignal,
	): Promise<ListingId[]> {
		const restricted = snapshot.quotes.flatMap(({ listing }) => (listing?.restricted === true ? [listing] : []));
		if (restricted.length === 0) return [];
		const limited = AbortSignal.any([signal, AbortSignal.timeout(this.#options.timeoutMs)]);
		const until = snapshot.takenAt + request.startWindow + request.duration;
		return readAdmissions(new BoundedHttp(limited), this.#options.indexerUrl, buyer, restricted, until);
	}

	#sameReadings(readings: readonly SourceReading[]): boolean {
		const now = this.#readings();
		return readings.every((reading, index) => reading === now[index]);
	}

	#readings(): SourceReading[] {
		return [...this.#runners, this.#tokenRunner].map((runner) => runner.reading);
	}

	/** Every source with its state, for people. */
	get sources(): SourceStatus[] {
		const { fetchedAt, count, problem } = this.#listings;
		const own: SourceStatus = {
			id: NECTO,
			name: 'Necto registry',
			state: fetchedAt === null ? 'failing' : problem === null ? 'fresh' : 'stale',
			fetchedAt: fetchedAt === null ? null : unixSeconds(fetchedAt),
			quotes: count,
			failingSince: null,
			left: {},
			note: problem ?? (fetchedAt === null ? 'Not read yet.' : null),
			url: null,
		};
		return [own, ...this.#external().map(({ status }) => status)];
	}

	#view(listings: Listings, note: string | null): MarketView {
		const takenAt = unixSeconds(this.#now());
		const external = this.#external();
		const own: SnapshotSource = {
			id: NECTO,
			state: 'fresh',
			fetchedAt: takenAt,
			quotes: listings.quotes.length,
			// The rows come from the chain's events; the block says which, and anyone can rebuild them.
			bodyHash: null,
			note,
		};
		const snapshot: MarketSnapshot = {
			format: 'necto.snapshot/1',
			takenAt,
			chain: { id: this.#options.chainId, block: listings.block },
			sources: [own, ...external.map(({ source }) => source)],
			tokenPrices: this.tokenPrices,
			quotes: [...listings.quotes, ...external.flatMap(({ quotes }) => quotes)],
		};
		return { snapshot, sources: this.sources };
	}

	/** All sources but the own registry, each with its offers: live ones where there are any, dated ones otherwise. */
	#external(): { source: SnapshotSource; status: SourceStatus; quotes: readonly Quote[] }[] {
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
			.map((source) => describe(source, 'snapshot', null, source.note, source.quotes));
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

	#live(runner: SourceRunner, dated: DatedSource | undefined) {
		const { reading, source } = runner;
		const age = reading.fetchedAt === null ? Number.POSITIVE_INFINITY : this.#now() - reading.fetchedAt;
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

	async #keepFresh(runner: SourceRunner): Promise<void> {
		const { signal } = this.#stop;
		while (!signal.aborted) {
			await runner.refresh(signal);
			const { failing } = runner.reading;
			if (failing !== null)
				this.#options.logger.warn({ source: runner.source.id, failure: failing.failure }, failing.message);
			// A failing source is asked again sooner, but never in a tight loop.
			const seconds = failing === null ? runner.source.refreshSeconds : Math.min(runner.source.refreshSeconds, 60);
			await pause(seconds * 1000 * (0.9 + Math.random() * 0.2), signal);
		}
	}
}

function describe(
	source: { id: string; name: string; url: string | null },
	state: SnapshotSource['state'],
	reading: Pick<SourceReading, 'fetchedAt' | 'bodyHash' | 'failing' | 'left'> | null,
	note: string | null,
	quotes: readonly Quote[],
): { source: SnapshotSource; status: SourceStatus; quotes: readonly Quote[] } {
	const id = sourceId(source.id);
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
			note: note?.slice(0, 500) ?? null,
		},
		status: {
			id,
			name: source.name,
			state,
			fetchedAt,
			failingSince: reading?.failing == null ? null : unixSeconds(reading.failing.since),
			quotes: quotes.length,
			left: reading?.left ?? {},
			note,
			url: source.url,
		},
		quotes,
	};
}

function isoOf(seconds: number): string {
	return new Date(seconds * 1000).toISOString();
}
