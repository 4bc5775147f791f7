import type { Continent } from '../tables.ts';
import { CITY_COUNTRIES, CLOUD_REGIONS, ZONE_PREFIXES } from './clouds.ts';
import { COUNTRIES, type Country, countryOf } from './countries.ts';

/** Where a machine stands, as far as its source tells. */
export interface Region {
	continent: Continent;
	/** ISO 3166-1 alpha-2. */
	country: string | null;
	/** As the source wrote it. */
	raw: string;
}

/** Words for whole continents. `apac`, `emea` and `ap` are not here: they are several continents. */
const CONTINENT_WORDS: ReadonlyMap<string, Continent> = new Map([
	['africa', 'africa'],
	['asia', 'asia'],
	['eu', 'europe'],
	['eur', 'europe'],
	['europe', 'europe'],
	['northamerica', 'north-america'],
	['oceania', 'oceania'],
	['southamerica', 'south-america'],
]);

/** Prefixes of region codes that read like a country's code but mean a continent: `AS-SG-1`, `SA-BR-1`, `NA-US`. */
const AMBIGUOUS_PREFIXES = new Set(['AF', 'AP', 'AS', 'EU', 'EUR', 'ME', 'NA', 'OC', 'SA']);

const NAMES: ReadonlyMap<string, string> = new Map([
	...COUNTRIES
		// Said alone, these are more often a state of the US than the country.
		.filter(({ code }) => code !== 'GE' && code !== 'JE')
		.map(({ name, code }) => [lettersOf(name), code] as const),
	['usa', 'US'],
	['czechrepublic', 'CZ'],
	['czechia', 'CZ'],
	['england', 'GB'],
	['greatbritain', 'GB'],
	['holland', 'NL'],
	['korea', 'KR'],
	['republicofkorea', 'KR'],
	['uk', 'GB'],
	['uae', 'AE'],
]);

function lettersOf(text: string): string {
	return text
		.normalize('NFD')
		.toLowerCase()
		.replace(/[^a-z]/g, '');
}

/**
 * Where a source's words for a place lie: cloud regions (`us-east-1`, `europe-west4`), codes (`FIN-03`, `EU-RO-1`, `, US`), names
 * (`Frankfurt, DE`, `united_states`, `kansascity-usa-1`). What cannot be told stays unknown; nothing is guessed.
 */
export function regionOf(raw: string): Region {
	const country = cloudRegion(raw) ?? wholeName(raw) ?? byCode(raw) ?? byName(raw);
	if (country !== undefined) return { continent: country.continent, country: country.code, raw };
	return { continent: continentOf(raw), country: null, raw };
}

function cloudRegion(raw: string): Country | undefined {
	const code = raw.trim().toLowerCase();
	const found =
		CLOUD_REGIONS.get(code) ??
		// A zone is its region and a letter: us-east-1a, europe-west4-b.
		CLOUD_REGIONS.get(code.replace(/(\d)-?[a-f]$/, '$1')) ??
		// A site and its number: BHS5.
		CLOUD_REGIONS.get(code.replace(/\d+$/, '')) ??
		ZONE_PREFIXES.get(code.replace(/-az\d+$/, ''));
	return found === undefined ? undefined : countryOf(found);
}

/** A country's name and nothing else: "US Virgin Islands" is not the US. */
function wholeName(raw: string): Country | undefined {
	const code = NAMES.get(lettersOf(raw));
	return code === undefined ? undefined : countryOf(code);
}

/** ISO codes among the words: in capitals anywhere; in small letters only first or last in what is a code as a whole. */
function byCode(raw: string): Country | undefined {
	const words = raw.split(/[^\p{L}]+/u).filter((word) => word !== '');
	const isCode = /^[a-z0-9._-]+$/.test(raw.trim());
	const codes = words.filter((word, index) => {
		if (word === word.toUpperCase()) return word.length === 2 || word.length === 3;
		return isCode && (index === 0 || index === words.length - 1) && (word.length === 2 || word === 'usa');
	});
	const named = codes
		.map((word) => word.toUpperCase())
		// "UK" is no ISO code, but everybody writes it.
		.map((code) => ({ code, country: countryOf(code === 'UK' ? 'GB' : code) }))
		.filter(({ country }) => country !== undefined);
	// A continent's prefix is a country only if it stands alone and is not one of a region code's words.
	const certain = named.find(({ code }) => !AMBIGUOUS_PREFIXES.has(code));
	if (certain !== undefined) return certain.country;
	return words.length === 1 || raw.includes(',') ? named.find(({ code }) => code !== 'NA')?.country : undefined;
}

/** Names of countries, then of cities, over one to four words in a row. */
function byName(raw: string): Country | undefined {
	const words = raw
		.split(/[^\p{L}]+/u)
		.map(lettersOf)
		.filter((word) => word !== '');
	for (const table of [NAMES, CITY_COUNTRIES]) {
		for (let length = 4; length >= 1; length--) {
			for (let start = 0; start + length <= words.length; start++) {
				const code = table.get(words.slice(start, start + length).join(''));
				if (code !== undefined) return countryOf(code);
			}
		}
	}
	return undefined;
}

function continentOf(raw: string): Continent {
	const words = raw.toLowerCase().match(/[a-z]+/g) ?? [];
	for (const [index, word] of words.entries()) {
		const continent = CONTINENT_WORDS.get(word) ?? CONTINENT_WORDS.get(`${word}${words[index + 1] ?? ''}`);
		if (continent !== undefined) return continent;
	}
	return 'unknown';
}
