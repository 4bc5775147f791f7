/** One property of all offers: a number for each offer, and what the numbers stand for. A question is asked once for each value instead of each offer. */
export class Column<Value> {
	readonly #ids: Uint32Array;
	readonly #values: Value[] = [];

	/** @param nameOf of an item; those of equal names have one value, which is made once */
	constructor(count: number, nameOf: (at: number) => string | number | boolean | null, read: (at: number) => Value) {
		this.#ids = new Uint32Array(count);
		const known = new Map<string | number | boolean | null, number>();
		for (let at = 0; at < count; at++) {
			const name = nameOf(at);
			let id = known.get(name);
			if (id === undefined) {
				id = this.#values.push(read(at)) - 1;
				known.set(name, id);
			}
			this.#ids[at] = id;
		}
	}

	where(passes: (value: Value) => boolean): Filter {
		return { ids: this.#ids, passes: Uint8Array.from(this.#values, (value) => (passes(value) ? 1 : 0)) };
	}

	/** The same as a question to one offer. */
	test(passes: (value: Value) => boolean): (at: number) => boolean {
		const filter = this.where(passes);
		return (at) => passesFilter(filter, at);
	}

	/** For each offer what is made of its value, once for each value. */
	map<Result>(resultOf: (value: Value) => Result): (at: number) => Result {
		const results = this.#values.map(resultOf);
		return (at) => {
			const result = results[this.#ids[at] ?? -1];
			if (result === undefined) throw new RangeError(`There is no offer ${at}.`);
			return result;
		};
	}

	/** For each offer its value's place among all of them. */
	places(order: (a: Value, b: Value) => number): (at: number) => number {
		const sorted = new Map(this.#values.toSorted(order).map((value, place) => [value, place]));
		return this.map((value) => sorted.get(value) ?? 0);
	}
}

/** Which offers a question lets pass. */
export interface Filter {
	ids: Uint32Array;
	/** By the value's number; 1 passes. */
	passes: Uint8Array;
}

function passesFilter({ ids, passes }: Filter, at: number): boolean {
	return passes[ids[at] ?? 0] === 1;
}

/** Whether an offer passes one of each group's filters. */
export function passesAll(filters: readonly Filter[], groups: readonly (readonly Filter[])[], at: number): boolean {
	for (const filter of filters) if (!passesFilter(filter, at)) return false;
	for (const group of groups) if (!group.some((filter) => passesFilter(filter, at))) return false;
	return true;
}
