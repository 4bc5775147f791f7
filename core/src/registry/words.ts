/** Text that providers wrote, on its way from the chain's events into tables, snapshots and pages. */

/** Longest name, place or network that is kept, in characters. */
export const LONGEST_TEXT = 256;

const LARGEST_INTEGER = 2 ** 31 - 1;

/** Enough hexadecimal digits to be somebody's address. */
const ADDRESS = /([0-9a-f]{20})[0-9a-f]{20,}/gi;

/** A text cut to what tables and pages can hold. PostgreSQL takes no NUL. Cutting twice changes nothing. */
export function clip(text: string, longest = LONGEST_TEXT): string {
	const characters = [...text.slice(0, 2 * longest).replaceAll('\0', '')];
	return characters.length > longest || text.length > 2 * longest
		? `${characters.slice(0, longest - 1).join('')}…`
		: characters.join('');
}

/** A uint32 as a PostgreSQL integer, which ends at half of it. Only numbers that the contracts do not bound need this. */
export function clamp(value: number): number {
	return Math.min(value, LARGEST_INTEGER);
}

/**
 * Short, without control characters and halves of characters, which a snapshot cannot hold, and without whole addresses: a snapshot is published, and the name
 * of a machine is no place to name a buyer who asked not to be named.
 *
 * Cut first: half of an emoji that the cut leaves behind must not make a listing unreadable, or its provider could have decisions without it called wrong.
 */
export function plainWords(text: string, maximum: number): string {
	return withoutAddresses(text.slice(0, maximum).replace(/[\p{Cc}\p{Cs}]/gu, ' '));
}

/** The same text with the ends of addresses left out. */
export function withoutAddresses(text: string): string {
	return text.replace(ADDRESS, '$1..');
}
