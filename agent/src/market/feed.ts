/** The market for looking at: one state after another, each with a version, made anew when something moved. */
import { randomBytes } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import {
	NECTO,
	type OfferKey,
	type Quote,
	type SourceStatus,
	type TokenPrice,
	type UnixSeconds,
	unixSeconds,
} from '@necto/core';
import type { Logger } from '../logger.ts';
import type { SourceReading } from '../sources/asking/runner.ts';
import { pause } from '../time.ts';
import { keepIdentity, saysTheSame } from './identity.ts';
import { followListings } from './live.ts';
import type { Market, ReadListings } from './market.ts';

/** The market at one moment. Never changed: what moves makes another one. */
export interface MarketState {
	/** Names it; unlike that of any other state of this or another agent. */
	readonly version: string;
	readonly takenAt: UnixSeconds;
	readonly block: bigint;
	readonly sources: readonly SourceStatus[];
	readonly tokenPrices: readonly TokenPrice[];
	/** Whether everybody was asked since the start: what is not in it before may only not have come yet. */
	readonly complete: boolean;
	/** What did not change since the state before is the same object. */
	readonly quotes: readonly Quote[];
}

/** Changes within this time are told together. */
const GATHER_MS = 200;
/** The indexer is not asked more often than this because people look. */
const ASK_MS = 250;
/** A state is made anew after this long even if nothing moved: prices by the hour and by a token's age move with the clock. */
const CONFIRM_MS = 20_000;
/** Whoever knows an older version than this many states ago is told everything. */
const KEPT = 32;

export class MarketFeed {
	readonly #market: Market;
	readonly #logger: Logger;
	readonly #stop = new AbortController();
	readonly #listeners = new Set<() => void>();
	readonly #nonce = randomBytes(6).toString('base64url');
	/** The newest last. */
	readonly #states: MarketState[] = [];
	/** By source: what it said, and the same with identities kept. */
	readonly #kept = new Map<string, { raw: readonly Quote[]; quotes: ReadonlyMap<OfferKey, Quote> }>();
	#count = 0;
	#read: { listings: ReadListings; at: number } | null = null;
	/** Whether the indexer said that listings changed since they were read. */
	#moved = false;
	/** Of the newest state, and when it was last found to be as it is. Milliseconds. */
	#readings: readonly SourceReading[] = [];
	#madeAt = 0;
	#askedAt = 0;
	#making: Promise<MarketState> | null = null;
	#timer: NodeJS.Timeout | null = null;
	#loops: Promise<void>[] = [];

	constructor(market: Market, logger: Logger) {
		this.#market = market;
		this.#logger = logger;
	}

	/** Begins to follow the sources and the indexer by itself. Without it, the market moves when somebody looks. */
	start(): void {
		const { signal } = this.#stop;
		const unsubscribe = this.#market.sources.subscribe(() => this.#soon());
		const listingsMoved = () => {
			this.#moved = true;
			this.#soon();
		};
		this.#loops = [
			followListings(this.#market.indexerUrl, listingsMoved, this.#logger, signal),
			this.#keepFresh(signal).finally(unsubscribe),
		];
	}

	async close(): Promise<void> {
		this.#stop.abort();
		if (this.#timer !== null) clearTimeout(this.#timer);
		this.#timer = null;
		await Promise.allSettled([...this.#loops, this.#making]);
		// Whoever waits for a state looks whether there will be any more.
		for (const listener of this.#listeners) listener();
	}

	/** Fires when there will be no more states. */
	get ended(): AbortSignal {
		return this.#stop.signal;
	}

	/** Calls `listener` after each new state, and at the end; the result ends it. */
	subscribe(listener: () => void): () => void {
		this.#listeners.add(listener);
		return () => this.#listeners.delete(listener);
	}

	/** The newest state, whether or not it still holds; null before the first. */
	get latest(): MarketState | null {
		return this.#states.at(-1) ?? null;
	}

	/** One of the last states; null for a version that is forgotten or was never known. */
	known(version: string): MarketState | null {
		return this.#states.find((state) => state.version === version) ?? null;
	}

	/** The market now: the newest state if it still holds, otherwise a new one. The last known listings stand in when the indexer does not answer. */
	async current(): Promise<MarketState> {
		const { latest } = this;
		if (latest === null || this.#isOutdated()) return this.#make();
		if (this.#market.monotonic() - this.#askedAt < ASK_MS) return latest;
		this.#askedAt = this.#market.monotonic();
		// Whether the indexer's block moved is found out in there.
		return this.#make();
	}

	#isOutdated(): boolean {
		const now = this.#market.sources.readings;
		return (
			this.#moved ||
			this.#market.monotonic() - this.#madeAt >= CONFIRM_MS ||
			now.some((reading, index) => reading !== this.#readings[index])
		);
	}

	#soon(): void {
		if (this.#stop.signal.aborted) return;
		this.#timer ??= setTimeout(() => {
			this.#timer = null;
			void this.#followUp();
		}, GATHER_MS);
	}

	/** Makes the next state for nobody in particular: what goes wrong is told to whoever asks next. */
	async #followUp(): Promise<void> {
		try {
			// What is being made now may have been read before the change.
			await this.#making;
			await this.#make();
		} catch (error) {
			this.#logger.warn({ error }, 'The market could not be put together');
		}
	}

	async #keepFresh(signal: AbortSignal): Promise<void> {
		while (!signal.aborted) {
			if (this.#isOutdated()) await this.#followUp();
			await pause(CONFIRM_MS, signal);
		}
	}

	/** Makes a new state if anything moved. Those who ask at the same time share the work. */
	#make(): Promise<MarketState> {
		this.#making ??= this.#next().finally(() => {
			this.#making = null;
		});
		return this.#making;
	}

	async #next(): Promise<MarketState> {
		const listings = await this.#listings();
		const { latest } = this;
		const { readings, rows, tokenPrices } = this.#market.sources;
		const quotes = [
			...this.#keep(NECTO, listings?.quotes ?? []),
			...rows.flatMap(({ source, quotes }) => this.#keep(source.id, quotes)),
		];
		const sources = this.#market.statuses;
		const complete =
			listings !== null && readings.every(({ fetchedAt, failing }) => fetchedAt !== null || failing !== null);
		const isConfirmed = latest !== null && this.#market.monotonic() - this.#madeAt < CONFIRM_MS;
		this.#readings = readings;
		if (isConfirmed && isSame(latest, { complete, sources, tokenPrices, quotes })) return latest;
		const state: MarketState = {
			version: `${this.#nonce}-${++this.#count}`,
			takenAt: unixSeconds(this.#market.now),
			block: listings?.block ?? 0n,
			complete,
			sources: same(latest?.sources, sources),
			tokenPrices: same(latest?.tokenPrices, tokenPrices),
			quotes,
		};
		this.#madeAt = this.#market.monotonic();
		this.#states.push(state);
		if (this.#states.length > KEPT) this.#states.shift();
		for (const listener of this.#listeners) listener();
		return state;
	}

	/** The listings, read anew if the indexer's block moved since, or if it said so. */
	async #listings(): Promise<ReadListings | null> {
		const last = this.#read;
		const { signal } = this.#stop;
		if (last !== null && !this.#moved && this.#market.monotonic() - last.at < CONFIRM_MS) {
			try {
				if ((await this.#market.block(signal)) === last.listings.block) return last.listings;
			} catch {
				// Reading the listings finds out what is wrong, and says it.
			}
		}
		this.#moved = false;
		try {
			const listings = await this.#market.listings(0n, signal);
			this.#read = { listings, at: this.#market.monotonic() };
			return listings;
		} catch (error) {
			this.#logger.debug({ error }, 'The listings cannot be read');
			return last?.listings ?? null;
		}
	}

	/** What a source says, with what it said before as the same objects. */
	#keep(source: string, raw: readonly Quote[]): Quote[] {
		const known = this.#kept.get(source);
		if (known?.raw === raw) return [...known.quotes.values()];
		const quotes = keepIdentity(known?.quotes ?? new Map<OfferKey, Quote>(), raw);
		this.#kept.set(source, { raw, quotes: new Map(quotes.map((quote) => [quote.key, quote])) });
		return quotes;
	}
}

/** Whether nothing is new but that the listings were seen again. */
function isSame(
	before: MarketState,
	after: Pick<MarketState, 'complete' | 'sources' | 'tokenPrices' | 'quotes'>,
): boolean {
	const settled = (sources: readonly SourceStatus[]) =>
		sources.map((status) => (status.id === NECTO ? { ...status, fetchedAt: null } : status));
	return (
		before.complete === after.complete &&
		before.quotes.length === after.quotes.length &&
		after.quotes.every((quote, index) => {
			const known = before.quotes[index];
			return quote === known || (known !== undefined && quote.source === NECTO && saysTheSame(known, quote));
		}) &&
		isDeepStrictEqual(settled(before.sources), settled(after.sources)) &&
		isDeepStrictEqual(before.tokenPrices, after.tokenPrices)
	);
}

/** The earlier of two if they say the same: so that whoever compares needs to look at identity only. */
function same<T>(before: T | undefined, after: T): T {
	return before !== undefined && isDeepStrictEqual(before, after) ? before : after;
}
