import type { OffersDelta, OfferView } from '@necto/core';
import { nothingWaits, waitingBetween } from './moved.ts';
import { type Offer, offerOf, seenAt } from './offer.ts';

export type Order = (a: OfferView, b: OfferView) => number;

/** How long a changed price stays marked: a little longer than the glow lasts. */
const FLASH_MS = 1_500;

/**
 * The rows of the market as a person sees them. Prices change in their place at once. Rows change their places at once too, except while
 * somebody has the list in hand ({@link OfferList.hold}): then a new order waits, and what is gone stays where it was, marked so, because nobody
 * should press on another row than the one that was read.
 */
export class OfferList {
	/** In the order shown. */
	shown = $state.raw<readonly Offer[]>([]);
	/** Keys of the offers whose price has just changed. */
	flashed = $state.raw<ReadonlySet<string>>(new Set());
	/** What the next order would change. */
	waiting = $state.raw(nothingWaits);

	#shownByKey = $derived(new Map(this.shown.map((row) => [row.key, row])));
	#rows = new Map<string, Offer>();
	#order: Order = () => 0;
	#held = false;
	#timer: ReturnType<typeof setTimeout> | undefined;

	/** Networks that were met so far, by name: what a filter can choose among even when it hides all others now. */
	networks = $state.raw<readonly string[]>([]);

	/** The offer of a key as it is shown; undefined when it is not in the list. */
	find(key: string): Offer | undefined {
		return this.#shownByKey.get(key);
	}

	/** Takes a whole market. `asked`: somebody asked for something else, so it may look different at once. */
	replace(views: readonly OfferView[], order: Order, asked: boolean): void {
		const rows = views.map(offerOf);
		this.#order = order;
		if (!asked) this.#flash(rows);
		this.#rows = new Map(rows.map((row) => [row.key, row]));
		this.#arrange(asked);
	}

	/** Takes what changed. */
	apply({ changed, removed, seen }: Pick<OffersDelta, 'changed' | 'removed' | 'seen'>): void {
		const rows = changed.map(offerOf);
		this.#flash(rows);
		for (const row of rows) this.#rows.set(row.key, row);
		for (const key of removed) this.#rows.delete(key);
		for (const { observedAt, keys } of seen) {
			for (const key of keys) {
				const row = this.#rows.get(key);
				if (row !== undefined) this.#rows.set(key, seenAt(row, observedAt));
			}
		}
		this.#arrange(false);
	}

	/** Says whether somebody has the list in hand. When it is let go, what waits happens. */
	hold(held: boolean): void {
		this.#held = held;
		if (!held && this.waiting !== nothingWaits) this.settle();
	}

	/** Lets happen what waits. */
	settle(): void {
		this.#arrange(true);
	}

	#arrange(atOnce: boolean): void {
		const order = this.#order;
		this.#meet();
		const next = [...this.#rows.values()].sort((a, b) => order(a.view, b.view));
		if (!this.#held || atOnce) {
			this.shown = next;
			this.waiting = nothingWaits;
			return;
		}
		const waiting = waitingBetween(
			this.shown.map((row) => row.key),
			next.map((row) => row.key),
		);
		this.shown = this.shown.map((row) => this.#rows.get(row.key) ?? (row.gone ? row : { ...row, gone: true }));
		this.waiting = waiting.moved + waiting.added + waiting.gone === 0 ? nothingWaits : waiting;
	}

	#meet(): void {
		const met = new Set(this.networks);
		for (const { network } of this.#rows.values()) met.add(network);
		if (met.size > this.networks.length) this.networks = [...met].sort();
	}

	#flash(rows: readonly Offer[]): void {
		const changed = rows.filter((row) => {
			const before = this.#rows.get(row.key);
			return before !== undefined && before.price !== row.price;
		});
		if (changed.length === 0) return;
		this.flashed = new Set(changed.map((row) => row.key));
		clearTimeout(this.#timer);
		this.#timer = setTimeout(() => {
			this.flashed = new Set();
		}, FLASH_MS);
	}
}
