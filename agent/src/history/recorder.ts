/** Remembers what sources said. It never holds up or breaks anything: it works behind the market, and what it cannot write it says and leaves. */
import {
	disputeOf,
	NECTO,
	PriceSummaries,
	type Quote,
	type SourceStatus,
	type TokenPrice,
	unixSeconds,
} from '@necto/core';
import type { Pool } from 'pg';
import { type NewPoints, type NewPricePoint, tidyPoints, writePoints } from '../journal/history.ts';
import type { Logger } from '../logger.ts';
import { DATED_SOURCE } from '../tokenPrices/dated.ts';

/** What one look at one source showed. */
export interface Look {
	status: SourceStatus;
	/** What it offers at this time; empty when it did not answer. */
	quotes: readonly Quote[];
	/** Those of now. */
	tokenPrices: readonly TokenPrice[];
	/** Unix seconds. */
	at: number;
	/** How often it is looked at. */
	refreshSeconds: number;
}

export interface RecorderOptions {
	pool: Pool;
	deployment: string;
	/** Days for which points are kept. */
	days: number;
	logger: Logger;
	now: () => number;
	/** Least time between two writes; for tests. */
	restMs?: number;
}

/** Decisions look at the own listings every second or two; this often is enough for their history. */
const REST_MS = 30_000;
/** A figure that was not seen for this many refreshes may have been another in between. */
const GAP_REFRESHES = 4;
const LEAST_GAP_SECONDS = 3_600;
const TIDY_SECONDS = 86_400;
const IN_ONE_GO = 200;

export class Recorder {
	readonly #options: RecorderOptions;
	/** The newest look at each source that is not written yet: a slow database costs looks in between, never memory. */
	readonly #waiting = new Map<string, Look>();
	#timer: NodeJS.Timeout | null = null;
	#writing: Promise<void> | null = null;
	#tidied = Number.NEGATIVE_INFINITY;
	#closed = false;

	constructor(options: RecorderOptions) {
		this.#options = options;
	}

	/** Takes a look to be written soon; a later one of the same source takes its place. */
	look(look: Look): void {
		if (this.#closed) return;
		this.#waiting.set(look.status.id, look);
		this.#timer ??= setTimeout(() => void this.flush(), this.#options.restMs ?? REST_MS).unref();
	}

	/** Writes all that waits. Never throws. */
	async flush(): Promise<void> {
		if (this.#timer !== null) clearTimeout(this.#timer);
		this.#timer = null;
		// One after the other; whoever comes meanwhile waits for the turn of those before.
		while (this.#writing !== null) await this.#writing;
		this.#writing = this.#write().finally(() => {
			this.#writing = null;
		});
		await this.#writing;
	}

	/** Writes what waits, and takes nothing more. */
	async close(): Promise<void> {
		this.#closed = true;
		await this.flush();
	}

	async #write(): Promise<void> {
		const { pool, days, logger, now } = this.#options;
		const looks = [...this.#waiting.values()];
		this.#waiting.clear();
		for (const look of looks) {
			try {
				await writePoints(pool, await this.#pointsOf(look));
			} catch (error) {
				logger.warn({ error, source: look.status.id }, 'The history of a source was not written');
			}
		}
		if (now() - this.#tidied < TIDY_SECONDS || this.#closed) return;
		this.#tidied = now();
		try {
			await tidyPoints(pool, now(), days);
		} catch (error) {
			logger.warn({ error }, 'Old history was not cleared away');
		}
	}

	async #pointsOf({ status, quotes, tokenPrices, at, refreshSeconds }: Look): Promise<NewPoints> {
		// The own listings are those of one chain; what others ask is the same everywhere.
		const deployment = status.id === NECTO ? this.#options.deployment : '';
		const summaries = new PriceSummaries(tokenPrices, unixSeconds(at));
		for (const [index, quote] of quotes.entries()) {
			summaries.add(quote);
			// The arithmetic of ten thousand offers takes half a second; a decision does not wait for it.
			if (index % IN_ONE_GO === IN_ONE_GO - 1) await new Promise((resolve) => setImmediate(resolve));
		}
		const prices = summaries.all.map((summary): NewPricePoint => ({ deployment, source: status.id, ...summary }));
		const tokens = status.gives === 'token-prices' ? tokenPrices.filter(isAgreed) : [];
		return {
			at,
			gap: Math.max(LEAST_GAP_SECONDS, refreshSeconds * GAP_REFRESHES),
			prices,
			tokens: tokens.map(({ symbol, usd, source }) => ({ symbol, usd, source })),
			sources: [{ deployment, source: status.id, state: status.state, note: status.note, offers: status.quotes }],
		};
	}
}

function isAgreed(price: TokenPrice): boolean {
	return price.source !== DATED_SOURCE && disputeOf(price) === null;
}
