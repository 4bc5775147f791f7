/** The market as the agent sees it: its own listings, read anew for each decision, beside what other sources last said. */
import {
	type Address,
	type GpuModelKey,
	type JobRequest,
	type ListingId,
	type MarketSnapshot,
	NECTO,
	type SnapshotSource,
	type SourceStatus,
	type TokenPrice,
	type UnixSeconds,
	unixSeconds,
} from '@necto/core';
import { messageOf } from '../errors.ts';
import { readAdmissions } from '../sources/admissions.ts';
import type { SourceReading } from '../sources/asking/runner.ts';
import { SourceError } from '../sources/asking/source.ts';
import { indexedBlock, indexerHttp, type Listings, readListings } from '../sources/necto.ts';
import { nowSeconds } from '../time.ts';
import { boundedRows, onComparableTerms } from './bound.ts';
import { MarketSources, type MarketSourcesOptions, type SourceRow } from './sources.ts';

export interface MarketOptions extends Omit<MarketSourcesOptions, 'now'> {
	indexerUrl: string;
	chainId: number;
	/** How long the indexer may take. Milliseconds. */
	timeoutMs: number;
	/** Unix seconds. */
	now?: () => number;
	/** Milliseconds that never go back, for how long answers are shared. */
	monotonic?: () => number;
	/** How many listings the chain has at a block; null where no node says: the listings are then not known to be complete, and are not used. */
	listingCount: (block: bigint) => Promise<number | null>;
}

/** A snapshot with what pages want to know beside it. */
export interface MarketView {
	snapshot: MarketSnapshot;
	sources: SourceStatus[];
}

/** Listings with the time at which they were read. */
export interface ReadListings extends Listings {
	/** Unix seconds. */
	at: number;
}

/** Two decisions within this time share a snapshot, unless one of them needs a later block. */
const SHARE_MS = 1_500;

/** How often the own listings are looked at, at the least. */
const OWN_SECONDS = 60;

interface Shared {
	listings: ReadListings;
	/** By the monotonic clock, in milliseconds. */
	at: number;
	readings: readonly SourceReading[];
	takenAt: UnixSeconds;
	rows: readonly SourceRow[];
	tokenPrices: TokenPrice[];
	/** By GPU models: one and the same for all of them while nothing has to be left out. */
	views: Map<string, MarketView>;
}

export class Market {
	readonly sources: MarketSources;
	readonly #options: MarketOptions;
	readonly #now: () => number;
	/** Milliseconds that never go back. */
	readonly monotonic: () => number;
	#shared: Shared | null = null;
	#state: { fetchedAt: number | null; count: number; problem: string | null; failingSince: number | null } = {
		fetchedAt: null,
		count: 0,
		problem: null,
		failingSince: null,
	};

	constructor(options: MarketOptions) {
		this.#options = options;
		this.#now = options.now ?? nowSeconds;
		this.monotonic = options.monotonic ?? (() => performance.now());
		this.sources = new MarketSources({ ...options, now: this.#now });
	}

	/** Unix seconds. */
	get now(): number {
		return this.#now();
	}

	get indexerUrl(): string {
		return this.#options.indexerUrl;
	}

	/**
	 * The market now for decisions about some GPU models, with listings of a block not below `minBlock`. It holds all of Necto's listings, and of other networks'
	 * offers no more than `boundedRows` lets through. Only the indexer can make this fail: every other source's trouble is a row in the snapshot.
	 *
	 * @throws SourceError when the listings cannot be had
	 */
	async collect(minBlock: bigint, gpuModels: readonly GpuModelKey[], signal: AbortSignal): Promise<MarketView> {
		const shared = this.#sharedFor(minBlock) ?? (await this.#share(minBlock, signal));
		const name = [...new Set(gpuModels)].sort().join(' ');
		const known = shared.views.get(name);
		if (known !== undefined) return known;
		const view = this.#view(shared, gpuModels);
		shared.views.set(name, view);
		return view;
	}

	/**
	 * Listings of a block not below `minBlock`.
	 *
	 * @throws SourceError when the indexer does not answer, or does not get there in time
	 */
	async listings(minBlock: bigint, signal: AbortSignal): Promise<ReadListings> {
		const { indexerUrl, chainId, listingCount: count } = this.#options;
		const limited = this.#limited(signal);
		try {
			const http = indexerHttp(limited);
			const listings = await readListings(http, {
				indexerUrl,
				chainId,
				minBlock,
				now: this.#now,
				signal: limited,
				count,
			});
			const at = this.#now();
			const problem =
				listings.unreadable.length > 0 ? `Listings that cannot be read: ${listings.unreadable.join(', ')}.` : null;
			this.#state = { fetchedAt: at, count: listings.quotes.length, problem, failingSince: null };
			this.sources.remember(this.#own, listings.quotes, at, OWN_SECONDS);
			return { ...listings, at };
		} catch (error) {
			const problem = error instanceof SourceError ? error.message : messageOf(error);
			// Who asked and went away says nothing about the indexer.
			if (signal.aborted) throw error;
			this.#state = { ...this.#state, problem, failingSince: this.#state.failingSince ?? this.#now() };
			this.sources.remember(this.#own, [], this.#now(), OWN_SECONDS);
			throw error;
		}
	}

	/** Reads Necto's own listings unless they were read recently, so that their history has no gaps while there are no jobs. @throws SourceError */
	async observeOwn(signal: AbortSignal): Promise<void> {
		const { fetchedAt } = this.#state;
		if (fetchedAt !== null && this.#now() - fetchedAt < OWN_SECONDS) return;
		await this.listings(0n, signal);
	}

	/** How far the indexer is. @throws SourceError when it does not say */
	async block(signal: AbortSignal): Promise<bigint> {
		return indexedBlock(indexerHttp(this.#limited(signal)), this.#options.indexerUrl, this.#options.chainId);
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
		const until = snapshot.takenAt + request.startWindow + request.duration;
		const http = indexerHttp(this.#limited(signal));
		return readAdmissions(http, this.#options.indexerUrl, buyer, restricted, until);
	}

	/** Every source with its state, for people: the own registry first. */
	get statuses(): SourceStatus[] {
		return [this.#own, ...this.sources.rows.map(({ status }) => status), ...this.sources.tokenStatuses];
	}

	get #own(): SourceStatus {
		const { fetchedAt, count, problem, failingSince } = this.#state;
		return {
			id: NECTO,
			name: 'Necto registry',
			state: fetchedAt === null ? 'failing' : problem === null ? 'fresh' : 'stale',
			fetchedAt: fetchedAt === null ? null : unixSeconds(fetchedAt),
			failingSince: failingSince === null ? null : unixSeconds(failingSince),
			quotes: count,
			left: {},
			note: problem ?? (fetchedAt === null ? 'Not read yet.' : null),
			url: null,
		};
	}

	#limited(signal: AbortSignal): AbortSignal {
		return AbortSignal.any([signal, AbortSignal.timeout(this.#options.timeoutMs)]);
	}

	#sharedFor(minBlock: bigint): Shared | null {
		const shared = this.#shared;
		if (shared === null || this.monotonic() - shared.at >= SHARE_MS || shared.listings.block < minBlock) return null;
		const now = this.sources.readings;
		return shared.readings.every((reading, index) => reading === now[index]) ? shared : null;
	}

	async #share(minBlock: bigint, signal: AbortSignal): Promise<Shared> {
		const listings = await this.listings(minBlock, signal);
		const { readings, tokenPrices } = this.sources;
		const rows = onComparableTerms(this.sources.rows);
		const takenAt = unixSeconds(this.#now());
		this.#shared = { listings, at: this.monotonic(), readings, takenAt, rows, tokenPrices, views: new Map() };
		return this.#shared;
	}

	#view({ listings, rows: all, tokenPrices, takenAt, views }: Shared, gpuModels: readonly GpuModelKey[]): MarketView {
		const rows = boundedRows(all, gpuModels, tokenPrices, takenAt);
		const [first] = views.values();
		if (rows === all && first !== undefined) return first;
		const own: SnapshotSource = {
			id: NECTO,
			state: 'fresh',
			fetchedAt: unixSeconds(listings.at),
			quotes: listings.quotes.length,
			// The rows come from the chain's events; the block says which, and anyone can rebuild them.
			bodyHash: null,
			note: this.#own.note,
		};
		const snapshot: MarketSnapshot = {
			format: 'necto.snapshot/1',
			takenAt,
			chain: { id: this.#options.chainId, block: listings.block },
			sources: [own, ...rows.map(({ source }) => source)],
			tokenPrices,
			quotes: [...listings.quotes, ...rows.flatMap(({ quotes }) => quotes)],
		};
		return { snapshot, sources: [this.#own, ...rows.map(({ status }) => status)] };
	}
}
