import { CONTINENTS, COUNTRIES } from '@necto/core';
import { wordFor } from '../jobs/words.ts';

const NAMES: ReadonlyMap<string, string> = new Map(COUNTRIES.map(({ code, name }) => [code.toLowerCase(), name]));

/** Continents that a person would look for a machine in. */
export const continents = CONTINENTS.filter((word) => word !== 'unknown' && word !== 'antarctica').map((value) => ({
	value,
	label: wordFor(value),
}));

/** Countries by name, as a filter's values. */
export const countries = COUNTRIES.map(({ code, name }) => ({ value: code.toLowerCase(), label: name })).sort((a, b) =>
	a.label < b.label ? -1 : 1,
);

/** A continent's or country's name: `europe` and `de` are `Europe` and `Germany`. */
export function placeName(place: string): string {
	return NAMES.get(place.toLowerCase()) ?? wordFor(place);
}
