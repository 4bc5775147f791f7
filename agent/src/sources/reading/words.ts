/** Words that others wrote, on their way into snapshots and people's sight. */

/** Enough hexadecimal digits to be somebody's address. */
const ADDRESS = /([0-9a-f]{20})[0-9a-f]{20,}/gi;

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
