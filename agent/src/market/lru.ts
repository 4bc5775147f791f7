/** A cache that forgets what was used longest ago once it holds too much. */
export class Lru<Key, Value> {
	readonly #most: number;
	readonly #weigh: (value: Value, key: Key) => number;
	readonly #entries = new Map<Key, { value: Value; weight: number }>();
	#weight = 0;

	/** @param most total weight; an entry weighs 1 unless told otherwise */
	constructor(most: number, weigh: (value: Value, key: Key) => number = () => 1) {
		this.#most = most;
		this.#weigh = weigh;
	}

	has(key: Key): boolean {
		return this.#entries.has(key);
	}

	/** What is known; undefined if it is not. */
	get(key: Key): Value | undefined {
		const known = this.#entries.get(key);
		if (known === undefined) return undefined;
		// A Map keeps the order of insertion: the oldest use stands first.
		this.#entries.delete(key);
		this.#entries.set(key, known);
		return known.value;
	}

	/** What is known, or what `make` makes. */
	take(key: Key, make: () => Value): Value {
		if (this.has(key)) {
			// `has` proved that there is a value, which may be undefined by its type.
			return this.get(key) as Value;
		}
		const value = make();
		const weight = this.#weigh(value, key);
		this.#entries.set(key, { value, weight });
		this.#weight += weight;
		for (const [oldest, entry] of this.#entries) {
			// The newest is kept however heavy it is: it is wanted now.
			if (this.#weight <= this.#most || oldest === key) break;
			this.#entries.delete(oldest);
			this.#weight -= entry.weight;
		}
		return value;
	}
}
