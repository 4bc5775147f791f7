/** How much a price moves from day to day. Integers only: the same figures give the same answer everywhere. */

const DAY_SECONDS = 86_400;
/** Fewer days say nothing about how a price moves. */
const LEAST_DAYS = 10;
/** Millionths of a basis point: the unit of the arithmetic until its end. */
const UNIT = 1_000_000n;
const BASIS = 10_000n;

/** A stretch of time, in unix seconds, in which a price did not move. In any unit, above zero. */
export interface Stretch {
	from: number;
	until: number;
	price: bigint;
}

/**
 * The standard deviation of a price's daily relative change, in basis points, rounded half up and at most 10,000.
 *
 * A day's price is the lowest of its stretches (UTC). A change is `(today − yesterday) ÷ yesterday`, between days that follow each other; days without a
 * price make no change. The deviation is that of a sample: the squares are divided by one less than their number.
 *
 * @returns null with fewer than ten days in a row of changes: nine of them
 */
export function volatilityBps(stretches: readonly Stretch[]): number | null {
	const days = dailyLows(stretches);
	const changes: bigint[] = [];
	for (const [day, price] of days) {
		const before = days.get(day - 1);
		if (before !== undefined) changes.push(((price - before) * BASIS * UNIT) / before);
	}
	if (changes.length < LEAST_DAYS - 1) return null;
	const count = BigInt(changes.length);
	const sum = changes.reduce((total, change) => total + change, 0n);
	// Σ(x − mean)² = (n·Σx² − (Σx)²) ÷ n, so nothing is rounded before the root.
	const squares = changes.reduce((total, change) => total + change * change, 0n);
	const deviation = squareRoot((count * squares - sum * sum) / (count * (count - 1n)));
	const rounded = (deviation + UNIT / 2n) / UNIT;
	return Number(rounded > BASIS ? BASIS : rounded);
}

/** The lowest price of each day that a stretch touches, by the number of the day since 1970. */
function dailyLows(stretches: readonly Stretch[]): Map<number, bigint> {
	const days = new Map<number, bigint>();
	for (const { from, until, price } of stretches) {
		if (price <= 0n) continue;
		for (let day = Math.floor(from / DAY_SECONDS); day <= Math.floor(until / DAY_SECONDS); day++) {
			const low = days.get(day);
			if (low === undefined || price < low) days.set(day, price);
		}
	}
	return days;
}

/** The largest integer whose square is not above `value`. @throws RangeError below zero */
export function squareRoot(value: bigint): bigint {
	if (value < 0n) throw new RangeError('There is no root of a negative number.');
	if (value < 2n) return value;
	// Newton's way down from a start that is never too small.
	let root = 1n << BigInt(Math.ceil(value.toString(2).length / 2));
	for (;;) {
		const next = (root + value / root) >> 1n;
		if (next >= root) return root;
		root = next;
	}
}
