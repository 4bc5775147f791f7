/** How offers stand to each other before their own order: lower comes first. */
export interface Sorting {
	/** A few whole numbers from 0. */
	tier: (at: number) => number;
	/** Never not a number. Null when tiers and the offers' own order say it all. */
	first: ((at: number) => number) | null;
}

/** What keeps the first few of offers that come in their own order, rising. */
export interface Keeper {
	offer(at: number): void;
	/** First to last. */
	sorted(): number[];
}

/** Keeps the first `size`, without sorting all. */
export function keeperOf(size: number, { tier, first }: Sorting): Keeper {
	return first === null ? new Tiers(size, tier) : new Top(size, tier, first);
}

/** The first of each tier: what comes later in the offers' own order is never before them. */
class Tiers implements Keeper {
	readonly #tiers: number[][] = [];
	readonly #size: number;
	readonly #tier: Sorting['tier'];

	constructor(size: number, tier: Sorting['tier']) {
		this.#size = size;
		this.#tier = tier;
	}

	offer(at: number): void {
		const tier = this.#tier(at);
		let kept = this.#tiers[tier];
		if (kept === undefined) {
			kept = [];
			this.#tiers[tier] = kept;
		}
		if (kept.length < this.#size) kept.push(at);
	}

	sorted(): number[] {
		return this.#tiers.flat().slice(0, this.#size);
	}
}

interface Kept {
	tier: number;
	first: number;
	at: number;
}

/** A heap with the last of the kept on top, which most of the others do not come before. */
class Top implements Keeper {
	readonly #heap: Kept[] = [];
	readonly #size: number;
	readonly #tier: Sorting['tier'];
	readonly #first: (at: number) => number;

	constructor(size: number, tier: Sorting['tier'], first: (at: number) => number) {
		this.#size = size;
		this.#tier = tier;
		this.#first = first;
	}

	offer(at: number): void {
		const heap = this.#heap;
		const tier = this.#tier(at);
		const first = this.#first(at);
		if (heap.length < this.#size) {
			heap.push({ tier, first, at });
			this.#rise();
			return;
		}
		const last = heap[0];
		if (last === undefined || tier > last.tier || (tier === last.tier && first >= last.first)) return;
		this.#replace({ tier, first, at });
	}

	sorted(): number[] {
		return this.#heap.sort(compare).map(({ at }) => at);
	}

	#rise(): void {
		const heap = this.#heap;
		let at = heap.length - 1;
		const item = heap[at];
		if (item === undefined) return;
		while (at > 0) {
			const above = (at - 1) >> 1;
			const other = heap[above];
			if (other === undefined || compare(other, item) > 0) break;
			heap[at] = other;
			at = above;
		}
		heap[at] = item;
	}

	#replace(item: Kept): void {
		const heap = this.#heap;
		let at = 0;
		for (;;) {
			let child = 2 * at + 1;
			let other = heap[child];
			if (other === undefined) break;
			const right = heap[child + 1];
			if (right !== undefined && compare(right, other) > 0) {
				child++;
				other = right;
			}
			if (compare(other, item) < 0) break;
			heap[at] = other;
			at = child;
		}
		heap[at] = item;
	}
}

function compare(a: Kept, b: Kept): number {
	// Subtracting would make two infinite figures not a number.
	if (a.tier !== b.tier) return a.tier - b.tier;
	if (a.first !== b.first) return a.first < b.first ? -1 : 1;
	return a.at - b.at;
}
