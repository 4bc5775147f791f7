/** Every source but Necto's own registry: what the live ones last said, and dated figures in place of those that do not answer. */
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
import type { SourceReading } from '../sources/asking/runner.ts';
import type { DatedMarket, DatedSource } from '../sources/snapshot.ts';
import type { TokenPrices } from '../tokenPrices/tokenPrices.ts';
import type { Known, KnownPrices, Readings } from './readings.ts';

export interface MarketSourcesOptions {
	readings: Readings;
	dated: DatedMarket;
	tokenPrices: TokenPrices;
	/** Told of each look at a source. Not told of dated figures. */
	history?: { look(look: Look): void };
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

	constructor(options: MarketSourcesOptions) {
		this.#options = options;
		if (options.history !== undefined) options.readings.subscribe((known) => this.#recordLook(known));
	}

	/** Calls `listener` after each answer of a source, good or bad; the result ends it. */
	subscribe(listener: () => void): () => void {
		return this.#options.readings.subscribe(listener);
	}

	/** What tokens are worth now, each with all that it was made of. */
	get tokenPrices(): TokenPrice[] {
		const { tokenPrices, readings, now } = this.#options;
		return tokenPrices.at(
			now(),
			readings.tokens.map(({ prices }) => prices),
		);
	}

	/** The sources of token prices, with their state. */
	get tokenStatuses(): SourceStatus[] {
		const { tokens, missing } = this.#options.readings;
		const asked = tokens.map((known) => this.#tokenStatus(known));
		const silent = missing.tokens.map(({ source, note }): SourceStatus => {
			return { ...describe(source, 'not-configured', null, note, []).status, gives: 'token-prices' };
		});
		return [...asked, ...silent];
	}

	/** What every source last said: the same objects while nobody said anything new. */
	get readings(): SourceReading[] {
		const { offers, tokens } = this.#options.readings;
		return [...offers, ...tokens].map(({ reading }) => reading);
	}

	/** Tokens of language models, with the sources that sell them. */
	get inference(): { sources: SourceStatus[]; offers: InferenceOffer[] } {
		const selling = this.#options.readings.offers.filter(({ reading }) => reading.inference.length > 0);
		const ids = new Set(selling.map(({ source }) => source.id));
		return {
			sources: this.rows.filter(({ source }) => ids.has(source.id)).map(({ status }) => status),
			offers: selling.flatMap(({ reading }) => [...reading.inference]),
		};
	}

	/** All sources, each with its offers: live ones where there are any, dated ones otherwise. */
	get rows(): SourceRow[] {
		const { dated, readings } = this.#options;
		const lacking = readings.missing.offers;
		const live = readings.offers.map((known) =>
			this.#live(
				known,
				dated.sources.find((source) => source.id === known.source.id),
			),
		);
		const liveIds = new Set(readings.offers.map(({ source }) => source.id));
		const resting = dated.sources
			.filter((source) => !liveIds.has(source.id))
			.map((source) => {
				const note = lacking.find((missing) => missing.source.id === source.id)?.note;
				return describe(
					source,
					'snapshot',
					null,
					note === undefined ? source.note : `${note} ${source.note}`,
					source.quotes,
				);
			});
		const known = new Set([...liveIds, ...dated.sources.map(({ id }) => id)]);
		const missing = lacking
			.filter(({ source }) => !known.has(source.id))
			.map(({ source, note }) => describe(source, 'not-configured', null, note, []));
		const named = new Set(lacking.map(({ source }) => source.id));
		const silent = dated.notConfigured
			.filter(({ id }) => !known.has(id) && !named.has(id))
			.map((source) => describe(source, 'not-configured', null, source.note, []));
		return [...live, ...resting, ...missing, ...silent];
	}

	#live({ reading, source }: Known, dated: DatedSource | undefined): SourceRow {
		const age = reading.fetchedAt === null ? Number.POSITIVE_INFINITY : this.#options.now() - reading.fetchedAt;
		if (age <= source.refreshSeconds * STALE_REFRESHES) {
			const state = reading.failing === null ? 'fresh' : 'stale';
			const note =
				reading.failing === null
					? reading.incomplete
					: `Failing since ${utcText(reading.failing.since)}: ${reading.failing.message}`;
			return describe(source, state, reading, note, reading.quotes);
		}
		const trouble =
			reading.failing === null
				? reading.fetchedAt === null
					? 'Not asked yet.'
					: `Not asked since ${utcText(reading.fetchedAt)}.`
				: `Not answering since ${utcText(reading.failing.since)}: ${reading.failing.message}`;
		if (dated === undefined) return describe(source, 'failing', reading, trouble, []);
		return describe(
			source,
			'snapshot',
			{ ...reading, bodyHash: null, left: {} },
			`${trouble} ${dated.note}`,
			dated.quotes,
		);
	}

	#tokenStatus(known: KnownPrices): SourceStatus {
		return { ...this.#live(known, undefined).status, quotes: known.prices.size, gives: 'token-prices' };
	}

	/** Tells the history of a look, if anybody keeps one. */
	remember(status: SourceStatus, quotes: readonly Quote[], at: number, refreshSeconds: number): void {
		const { history, tokenPrices } = this.#options;
		if (history === undefined) return;
		const prices = this.tokenPrices.filter((price) => tokenPrices.isCurrent(price, at));
		history.look({ status, quotes, at, refreshSeconds, tokenPrices: prices });
	}

	#recordLook(known: Known): void {
		const { readings, now } = this.#options;
		const { reading, source } = known;
		const token = readings.tokens.find(({ source: { id } }) => id === source.id);
		const status = token === undefined ? this.#live(known, undefined).status : this.#tokenStatus(token);
		// A failing source keeps its last answer, which is not seen anew.
		if (reading.failing !== null) this.remember(status, [], now(), source.refreshSeconds);
		else this.remember(status, reading.quotes, reading.fetchedAt ?? now(), source.refreshSeconds);
	}
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

const UTC = new Intl.DateTimeFormat('en-GB', {
	timeZone: 'UTC',
	day: 'numeric',
	month: 'short',
	hour: '2-digit',
	minute: '2-digit',
});

/** `30 Nov, 15:31 UTC`. With the day, so that the text does not change at midnight. */
function utcText(seconds: number): string {
	return `${UTC.format(seconds * 1000)} UTC`;
}
