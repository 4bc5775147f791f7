/** Writes the source readings to the database, from which the public API reads them. Of several routers on one database, one writes. */
import { messageOf } from '../errors.ts';
import type { Held, Locks } from '../journal/locks.ts';
import type { ReadingHead, ReadingStore, StoredReading } from '../journal/readings.ts';
import type { Logger } from '../logger.ts';
import { NOTHING_SAID } from '../sources/asking/runner.ts';
import { pause } from '../time.ts';
import { encodeOffers } from './encoding.ts';
import type { Known, KnownPrices, NotAsked, Offered, Readings } from './readings.ts';

export interface PublisherOptions {
	readings: Readings;
	store: ReadingStore;
	locks: Locks;
	logger: Logger;
}

/** Pause between two writes. Milliseconds. */
const REST_MS = 100;
/** Interval of checks without a change: another router may have stopped. Milliseconds. */
const ROUND_MS = 15_000;
const NO_OFFERS: Offered = NOTHING_SAID;

interface Written {
	/** What was written: a reading, or why a source is disabled. */
	content: Known['reading'] | string;
	place: number;
	offered: Offered;
	hash: string;
	newest: number;
}

/** What a row is made of. */
type Entry = { kind: StoredReading['kind'] } & (
	| { known: Known & Partial<Pick<KnownPrices, 'prices'>>; notAsked?: never }
	| { known?: never; notAsked: NotAsked }
);

export class Publisher {
	readonly #options: PublisherOptions;
	readonly #stop = new AbortController();
	/** By source. Empty when another router may have written since. */
	readonly #written = new Map<string, Written>();
	/** By source: the hash of the offers that are in the database. */
	#stored: Map<string, string> | null = null;
	#wake = new AbortController();
	#held: Held | null = null;
	#running: Promise<void> | null = null;

	constructor(options: PublisherOptions) {
		this.#options = options;
	}

	start(): void {
		this.#running ??= this.#run();
	}

	async close(): Promise<void> {
		this.#stop.abort();
		await this.#running;
		await this.#held?.release();
		this.#held = null;
	}

	/** Writes everything that is new, unless another router does. @throws Error when the database refuses it */
	async publish(): Promise<void> {
		if (!(await this.#isOurs())) return;
		const { store, readings } = this.#options;
		const entries = entriesOf(readings);
		if (this.#stored === null) {
			await store.keepOnly(entries.map((entry) => sourceOf(entry).id));
			this.#stored = new Map((await store.list()).map(({ source, hash }) => [source, hash]));
		}
		for (const [place, entry] of entries.entries()) {
			if (this.#stop.signal.aborted) return;
			await this.#write(entry, place, this.#stored);
		}
	}

	async #run(): Promise<void> {
		const { signal } = this.#stop;
		const unsubscribe = this.#options.readings.subscribe(() => this.#wake.abort());
		while (!signal.aborted) {
			this.#wake = new AbortController();
			try {
				await this.publish();
			} catch (error) {
				// The content of the database is no longer certain.
				this.#forget();
				this.#options.logger.warn({ reason: messageOf(error) }, 'The source readings could not be stored');
			}
			await pause(REST_MS, signal);
			await pause(ROUND_MS, AbortSignal.any([signal, this.#wake.signal]));
		}
		unsubscribe();
	}

	async #write(entry: Entry, place: number, stored: Map<string, string>): Promise<void> {
		const { store, logger } = this.#options;
		const { id } = sourceOf(entry);
		const content = entry.known === undefined ? entry.notAsked.note : entry.known.reading;
		const before = this.#written.get(id);
		if (before?.content === content && before.place === place) return;
		// The reading from before a restart stays until the source is polled.
		if (content === NOTHING_SAID && stored.has(id)) return;
		const offered = entry.known?.reading ?? NO_OFFERS;
		let incomplete = entry.known?.reading.incomplete ?? null;
		let bytes: Buffer | null = null;
		let { hash, newest } = before ?? { hash: '', newest: 0 };
		if (before?.offered.quotes !== offered.quotes || before.offered.inference !== offered.inference) {
			const encoded = await encodeOffers(offered).catch((error: unknown) => {
				if (!(error instanceof RangeError)) throw error;
				logger.warn({ source: id, reason: error.message }, 'The offers of a source are not published');
				incomplete = 'Its offers are too many to be shown here.';
				return encodeOffers(NO_OFFERS);
			});
			({ hash, newest } = encoded);
			if (stored.get(id) !== hash) ({ bytes } = encoded);
		}
		await store.write({ source: id, kind: entry.kind, place, head: headOf(entry, newest, incomplete), hash }, bytes);
		stored.set(id, hash);
		this.#written.set(id, { content, place, offered, hash, newest });
	}

	#forget(): void {
		this.#stored = null;
		this.#written.clear();
	}

	async #isOurs(): Promise<boolean> {
		const { locks, store } = this.#options;
		if (this.#held?.signal.aborted === true) this.#held = null;
		if (this.#held !== null) return true;
		this.#forget();
		this.#held = await locks.tryAcquire(`readings:${store.deployment}`);
		return this.#held !== null;
	}
}

function entriesOf({ offers, tokens, missing }: Readings): Entry[] {
	return [
		...offers.map((known): Entry => ({ kind: 'offers', known })),
		...missing.offers.map((notAsked): Entry => ({ kind: 'offers', notAsked })),
		...tokens.map((known): Entry => ({ kind: 'token-prices', known })),
		...missing.tokens.map((notAsked): Entry => ({ kind: 'token-prices', notAsked })),
	];
}

function sourceOf({ known, notAsked }: Entry): NotAsked['source'] {
	return known === undefined ? notAsked.source : known.source;
}

function headOf({ known, notAsked }: Entry, newest: number, incomplete: string | null): ReadingHead {
	const { left, fetchedAt, bodyHash, failing } = known?.reading ?? NOTHING_SAID;
	const { name, url } = known?.source ?? notAsked?.source ?? { name: '', url: null };
	return {
		name,
		url,
		refreshSeconds: known?.source.refreshSeconds ?? 1,
		notAsked: notAsked?.note ?? null,
		left: { ...left },
		incomplete,
		fetchedAt,
		bodyHash,
		failing,
		newest,
		prices: [...(known?.prices ?? [])].map(([symbol, price]) => ({ symbol, ...price })),
	};
}
