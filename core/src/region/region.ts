import type { Continent } from '../tables.ts';

export interface Region {
	continent: Continent;
	/** ISO 3166-1 alpha-2. */
	country: string | null;
	/** As the source wrote it. */
	raw: string;
}

/** Where a source's words for a place lie; what cannot be told stays unknown. */
export function regionOf(_raw: string): Region {
	throw new Error('not written yet');
}
