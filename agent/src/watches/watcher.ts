/** Looks after the watches: tells when an offer that somebody waits for is there. */
import { type GpuModelKey, type MarketIndex, unixSeconds } from '@necto/core';
import { messageOf } from '../errors.ts';
import type { Held, Locks } from '../journal/locks.ts';
import type { OpenWatch, Watches } from '../journal/watches.ts';
import type { Logger } from '../logger.ts';
import type { Answers } from '../market/answers.ts';
import type { MarketFeed, MarketState } from '../market/feed.ts';
import { nowSeconds, pause } from '../time.ts';
import { fits, hitText, isRecent, isStanding, type Standing } from './fits.ts';

export interface WatcherOptions {
	feed: MarketFeed;
	answers: Answers;
	watches: Watches;
	locks: Locks;
	logger: Logger;
	now?: () => number;
}

/** Of several agents on one database, one looks after the watches: two whose markets differ by a moment would tell the same thing over and over. */
const lockOf = ({ deployment }: Watches) => `watches:${deployment}`;
/** Between two looks at least. */
const REST_MS = 1_000;
/** A look without any change: watches that another agent took in, and times that are over. */
const ROUND_MS = 15_000;
/** Watches that are looked at before everything else of the process has its turn. */
const AT_ONCE = 500;

export class Watcher {
	readonly #options: WatcherOptions;
	readonly #now: () => number;
	readonly #stop = new AbortController();
	#bell = new AbortController();
	#held: Held | null = null;
	#checking: Promise<void> | null = null;
	#running: Promise<void> | null = null;

	constructor(options: WatcherOptions) {
		this.#options = options;
		this.#now = options.now ?? nowSeconds;
	}

	start(): void {
		this.#running ??= this.#run();
	}

	async close(): Promise<void> {
		this.#stop.abort();
		// What went wrong in the last look was said where it began.
		await Promise.allSettled([this.#running, this.#checking]);
		await this.#held?.release();
		this.#held = null;
	}

	/** Looks at all watches now; does nothing while another agent looks after them. Calls during a look are answered by the next one. */
	async check(): Promise<void> {
		// The look under way may have begun before what the caller did.
		await this.#checking?.catch(() => undefined);
		this.#checking ??= this.#check().finally(() => {
			this.#checking = null;
		});
		await this.#checking;
	}

	async #run(): Promise<void> {
		const { signal } = this.#stop;
		const unsubscribe = this.#options.feed.subscribe(() => this.#bell.abort());
		while (!signal.aborted) {
			this.#bell = new AbortController();
			try {
				await this.check();
			} catch (error) {
				this.#options.logger.warn({ reason: messageOf(error) }, 'The watches could not be looked at');
			}
			await pause(REST_MS, signal);
			await pause(ROUND_MS, AbortSignal.any([signal, this.#bell.signal]));
		}
		unsubscribe();
	}

	async #check(): Promise<void> {
		const { feed, answers, watches } = this.#options;
		if (this.#stop.signal.aborted || !(await this.#isOurs())) return;
		const open = await watches.open(this.#now());
		if (open.length === 0) return;
		const state = await feed.current();
		const standing = standingOf(
			answers.index(state, 'default'),
			new Set(open.map(({ wish }) => wish.gpuModel)),
			this.#now(),
		);
		const unmet: string[] = [];
		for (const [count, watch] of open.entries()) {
			if (this.#stop.signal.aborted) return;
			if (count % AT_ONCE === AT_ONCE - 1) await new Promise<void>((resolve) => setImmediate(resolve));
			const best = bestFor(watch, standing.get(watch.wish.gpuModel) ?? []);
			if (best === null && watch.met) unmet.push(watch.id);
			if (best !== null && !watch.met) await this.#meet(watch, best, state);
		}
		// After a start nothing is gone before every source was asked: else all would be told again what they know.
		if (state.complete) await watches.unmeet(unmet);
	}

	async #meet({ id }: OpenWatch, best: Standing, { sources }: MarketState): Promise<void> {
		const { key, source } = best.quote;
		await this.#options.watches.meet(id, {
			at: unixSeconds(this.#now()),
			key,
			usdPerGpuHour: best.usdPerGpuHour.toString(),
			text: hitText(best, sources.find((status) => status.id === source)?.name ?? source),
		});
	}

	async #isOurs(): Promise<boolean> {
		if (this.#held?.signal.aborted === true) this.#held = null;
		this.#held ??= await this.#options.locks.tryAcquire(lockOf(this.#options.watches));
		return this.#held !== null;
	}
}

/** The cheapest that fits; null when none does. Only one that was seen just now begins to fit. */
function bestFor({ wish, met }: OpenWatch, offers: readonly Standing[]): Standing | null {
	const limit = BigInt(wish.maxPricePerGpuHour);
	for (const offer of offers) {
		// All after it are dearer still.
		if (offer.usdPerGpuHour > limit) return null;
		if ((met || offer.recent) && fits(offer, wish)) return offer;
	}
	return null;
}

/** The offers of some models that anybody stands by, the cheapest first. */
function standingOf(
	{ rows }: MarketIndex,
	models: ReadonlySet<GpuModelKey>,
	now: number,
): ReadonlyMap<GpuModelKey, Standing[]> {
	const at = unixSeconds(now);
	const standing = new Map<GpuModelKey, Standing[]>();
	for (const { quote, usdPerGpuHour, pricedAt, doubt } of rows) {
		if (usdPerGpuHour === null || !models.has(quote.gpu.model) || !isStanding(quote, doubt, at)) continue;
		const offer = { quote, usdPerGpuHour, recent: isRecent({ quote, pricedAt }, at) };
		const known = standing.get(quote.gpu.model);
		if (known === undefined) standing.set(quote.gpu.model, [offer]);
		else known.push(offer);
	}
	return standing;
}
