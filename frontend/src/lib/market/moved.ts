/** What another order would change for somebody who looks at a list. */
export interface Waiting {
	/** Rows that would stand elsewhere among the others. */
	moved: number;
	added: number;
	gone: number;
}

export const nothingWaits: Waiting = { moved: 0, added: 0, gone: 0 };

/** How the list that is shown differs from the one that is true: the fewest rows that have to be taken out and put elsewhere. O(n log n). */
export function waitingBetween(shown: readonly string[], next: readonly string[]): Waiting {
	const place = new Map(next.map((key, index) => [key, index]));
	const places: number[] = [];
	for (const key of shown) {
		const at = place.get(key);
		if (at !== undefined) places.push(at);
	}
	return {
		moved: places.length - longestRise(places),
		added: next.length - places.length,
		gone: shown.length - places.length,
	};
}

/** Length of the longest rising subsequence: what can stay where it is. */
function longestRise(numbers: readonly number[]): number {
	// tails[n] is the least number that a rising run of n + 1 can end with.
	const tails: number[] = [];
	for (const number of numbers) {
		let [low, high] = [0, tails.length];
		while (low < high) {
			const middle = (low + high) >> 1;
			if ((tails[middle] ?? number) < number) low = middle + 1;
			else high = middle;
		}
		tails[low] = number;
	}
	return tails.length;
}

/** `3 rows moved, 2 new, 1 gone`; empty when nothing waits. */
export function waitingWords({ moved, added, gone }: Waiting): string {
	return [
		moved > 0 && `${moved.toLocaleString('en')} ${moved === 1 ? 'row' : 'rows'} moved`,
		added > 0 && `${added.toLocaleString('en')} new`,
		gone > 0 && `${gone.toLocaleString('en')} gone`,
	]
		.filter(Boolean)
		.join(', ');
}
