import { COUNTRIES } from './countries.ts';
import { CITY_COUNTRIES, PROVINCE_COUNTRIES } from './places.ts';

/** Letters only, lower case, without accents: `São Paulo` -> `saopaulo`. */
export function lettersOf(text: string): string {
	return text
		.normalize('NFD')
		.toLowerCase()
		.replace(/[^a-z]/g, '');
}

const COUNTRY_NAMES: ReadonlyMap<string, string> = new Map([
	...COUNTRIES
		// Said alone, these are more often a state of the US than the country.
		.filter(({ code }) => code !== 'GE' && code !== 'JE')
		.map(({ name, code }) => [lettersOf(name), code] as const),
	['usa', 'US'],
	['unitedstatesofamerica', 'US'],
	['czechia', 'CZ'],
	['holland', 'NL'],
	['jioindia', 'IN'],
	['korea', 'KR'],
	['republicofkorea', 'KR'],
	['russianfederation', 'RU'],
	['macau', 'MO'],
	['taiwanprovinceofchina', 'TW'],
	['turkey', 'TR'],
	['uae', 'AE'],
	['uk', 'GB'],
	['vietnam', 'VN'],
]);

/** The country's code of a country's name and nothing else. */
export function countryNamed(name: string): string | undefined {
	return COUNTRY_NAMES.get(lettersOf(name));
}

const LONGEST_NAME = 5;

/**
 * The countries that a text names, by the surest kind of name in it: countries, then provinces ("Paris, Texas" is in Texas), then cities. A name that is
 * part of a longer one is not read: New Mexico is not in Mexico.
 */
export function countriesNamed(words: readonly string[]): string[] {
	const letters = words.map(lettersOf);
	const found: [Set<string>, Set<string>, Set<string>] = [new Set(), new Set(), new Set()];
	for (let start = 0; start < letters.length; ) {
		let length = Math.min(LONGEST_NAME, letters.length - start);
		for (; length > 0; length--) {
			const name = letters.slice(start, start + length).join('');
			const kinds = [COUNTRY_NAMES, PROVINCE_COUNTRIES, CITY_COUNTRIES].map((table) => table.get(name));
			const kind = kinds.findIndex((code) => code !== undefined);
			if (kind >= 0) found[kind]?.add(kinds[kind] ?? '');
			if (kind >= 0) break;
		}
		start += Math.max(1, length);
	}
	return [...(found.find((codes) => codes.size > 0) ?? [])];
}
