/** What the router's sources last said, read from the database: for processes that ask no source themselves. */
import { type TokenPriceInput, unixSeconds } from '@necto/core';
import type { ReadingHead, ReadingKind, ReadingStore } from '../journal/readings.ts';
import type { Logger } from '../logger.ts';
import { SOURCES } from '../sources/all.ts';
import { NOTHING_SAID } from '../sources/asking/runner.ts';
import { backoff, pause } from '../time.ts';
import { TOKEN_PRICE_SOURCES } from '../tokenPrices/all.ts';
import { decodeOffers, seenLater } from './encoding.ts';
import type { Known, KnownPrices, NotAsked, Offered, Readings } from './readings.ts';

export interface StoredReadingsOptions {
	store: ReadingStore;
	/** Tells of new readings, if anything does; the result ends it. */
	subscribe?: (listener: () => void) => () => void;
	logger: Logger;
}

interface Entry extends KnownPrices {
	kind: ReadingKind;
	version: string;
	hash: string;
	newest: number;
	notAsked: string | null;
}

/** Interval at which readings are checked without a notification. */
const ROUND_MS = 60_000;

export class StoredReadings implements Readings {
	readonly #options: StoredReadingsOptions;
	readonly #stop = new AbortController();
	readonly #listeners = new Set<(known: Known) => void>();
	/** In the order in which sources are shown; null until they were read. A router that asks no source publishes none. */
	#entries: readonly Entry[] | null = null;
	#wake = new AbortController();
	#running: Promise<void> | null = null;

	constructor(options: StoredReadingsOptions) {
		this.#options = options;
	}

	get offers(): readonly Known[] {
		return this.#entries === null ? neverAsked(SOURCES) : this.#asked('offers');
	}

	get tokens(): readonly KnownPrices[] {
		if (this.#entries !== null) return this.#asked('token-prices');
		return neverAsked(TOKEN_PRICE_SOURCES).map((known) => ({ ...known, prices: new Map() }));
	}

	get missing(): Readings['missing'] {
		return { offers: this.#notAsked('offers'), tokens: this.#notAsked('token-prices') };
	}

	subscribe(listener: (known: Known) => void): () => void {
		this.#listeners.add(listener);
		return () => this.#listeners.delete(listener);
	}

	/** Begins to follow what the router publishes. */
	start(): void {
		this.#running ??= this.#follow();
	}

	async close(): Promise<void> {
		this.#stop.abort();
		await this.#running;
	}

	/** Reads whatever is new. Not to be called while it runs. @throws Error when the database does not answer */
	async refresh(): Promise<void> {
		const { store, logger } = this.#options;
		const listed = await store.list();
		const before = new Map(this.#entries?.map((entry) => [entry.source.id, entry]));
		const entries: Entry[] = [];
		const changed: Entry[] = [];
		for (const { source, version } of listed) {
			const known = before.get(source);
			if (known?.version === version) {
				entries.push(known);
				continue;
			}
			try {
				const entry = await this.#read(source, known);
				if (entry === null) continue;
				entries.push(entry);
				changed.push(entry);
			} catch (error) {
				// The others are shown, and this one as it was.
				logger.warn({ error, source }, 'A stored reading cannot be read');
				if (known !== undefined) entries.push({ ...known, version });
			}
			if (this.#stop.signal.aborted) return;
		}
		this.#entries = entries;
		for (const entry of changed) for (const listener of this.#listeners) listener(entry);
	}

	async #read(source: string, known: Entry | undefined): Promise<Entry | null> {
		const row = await this.#options.store.read(source, known?.hash ?? null);
		if (row === null) return null;
		const { kind, head, hash, version, body } = row;
		const offered =
			body !== null ? await decodeOffers(body, head.newest) : known === undefined ? NOTHING_SAID : moved(known, head);
		const { name, url, refreshSeconds, notAsked, left, incomplete, fetchedAt, bodyHash, failing, newest } = head;
		return {
			source: { id: source, name, url, refreshSeconds },
			reading: { ...offered, left, incomplete, fetchedAt, bodyHash, failing },
			prices: new Map(head.prices.map(({ symbol, ...price }) => [symbol, inputOf(price)])),
			kind,
			version,
			hash,
			newest,
			notAsked,
		};
	}

	#asked(kind: ReadingKind): Entry[] {
		return (this.#entries ?? []).filter((entry) => entry.kind === kind && entry.notAsked === null);
	}

	#notAsked(kind: ReadingKind): NotAsked[] {
		return (this.#entries ?? []).flatMap((entry) =>
			entry.kind === kind && entry.notAsked !== null ? [{ source: entry.source, note: entry.notAsked }] : [],
		);
	}

	async #follow(): Promise<void> {
		const { signal } = this.#stop;
		const unsubscribe = this.#options.subscribe?.(() => this.#wake.abort());
		for (let failures = 0; !signal.aborted; ) {
			this.#wake = new AbortController();
			try {
				await this.refresh();
				failures = 0;
			} catch (error) {
				failures++;
				if (failures === 1) this.#options.logger.warn({ error }, 'The readings of the sources cannot be read');
			}
			const wait = failures === 0 ? ROUND_MS : 500 + backoff(failures, 500, 10_000);
			await pause(wait, AbortSignal.any([signal, this.#wake.signal]));
		}
		unsubscribe?.();
	}
}

/** The offers that are known, as they were seen again. */
function moved({ reading, newest }: Entry, head: ReadingHead): Offered {
	const { quotes, inference } = reading;
	return head.newest === newest ? { quotes, inference } : seenLater({ quotes, inference }, head.newest - newest);
}

function inputOf({ source, usd, observedAt }: Omit<ReadingHead['prices'][number], 'symbol'>): TokenPriceInput {
	return { source, usd, observedAt: unixSeconds(observedAt) };
}

/** Sources of which nothing is known yet. */
function neverAsked(definitions: readonly Known['source'][]): Known[] {
	return definitions.map(({ id, name, url, refreshSeconds }) => ({
		source: { id, name, url, refreshSeconds },
		reading: NOTHING_SAID,
	}));
}
