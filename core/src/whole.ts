/** Whole numbers within limits, read and told in one way wherever a person types one. */

export interface WholeRange {
	readonly min: number;
	readonly max: number;
}

/** `whole number from 1 to 65,535`. */
export function wholeRange({ min, max }: WholeRange): string {
	return `whole number from ${grouped(min)} to ${grouped(max)}`;
}

/**
 * Reads a whole number as typed: digits alone, no sign and no exponent.
 *
 * @returns the number, or what is wrong: `A whole number from 1 to 65,535.`
 */
export function readWhole(text: string, range: WholeRange): number | string {
	const trimmed = text.trim();
	const value = /^\d+$/.test(trimmed) ? Number(trimmed) : Number.NaN;
	return value >= range.min && value <= range.max ? value : `A ${wholeRange(range)}.`;
}

function grouped(value: number): string {
	return String(value).replace(/\B(?=(\d{3})+$)/g, ',');
}
