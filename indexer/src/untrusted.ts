/** What providers and buyers write into events is theirs to choose: here it is made to fit the tables, so that nobody can stop the indexer. */

const LARGEST_INTEGER = 2 ** 31 - 1;

/** Longest name, place or network that is kept, in characters. */
export const LONGEST_TEXT = 256;
/** Longest provider URI that is kept. */
export const LONGEST_URI = 2_048;

/** A text cut to what pages can show. PostgreSQL takes no NUL. */
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
