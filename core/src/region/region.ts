import type { Continent } from '../tables.ts';
import { cloudRegion, withoutDirections } from './clouds.ts';
import { type PlaceCode, placeCodes } from './codes.ts';
import { countryOf } from './countries.ts';
import { countriesNamed, countryNamed } from './names.ts';
import { SITE_COUNTRIES } from './places.ts';

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
	['nordics', 'europe'],
	['scandinavia', 'europe'],
	['northamerica', 'north-america'],
	['oceania', 'oceania'],
	['southamerica', 'south-america'],
]);

/** Nobody's name of a place is longer; what is, is read so far only. */
const LONGEST_TEXT = 200;

/**
 * Where a source's words for a place lie: cloud regions (`us-east-1`, `europe-west4`), codes (`FIN-03`, `EU-RO-1`, `, US`), names
 * (`Frankfurt, DE`, `united_states`, `kansascity-usa-1`). What cannot be told stays unknown; nothing is guessed. Where two countries are meant and both
 * are on one continent, that is known.
 */
export function regionOf(raw: string): Region {
	const text = raw.slice(0, LONGEST_TEXT);
	const countries = countriesOf(text).flatMap((code) => countryOf(code) ?? []);
	const continents = new Set(countries.length === 0 ? continentsOf(text) : countries.map(({ continent }) => continent));
	const [continent] = continents;
	return {
		continent: continents.size === 1 && continent !== undefined ? continent : 'unknown',
		country: countries.length === 1 ? (countries[0]?.code ?? null) : null,
		raw,
	};
}

/** "us east", "Us-East": small letters that are no code. */
const US_PART = /^\s*usa?[\s_-]*(?:north|south|east|west|central|midwest)/i;

/** Codes of the countries that a text can mean: one where it is plain, none where it says nothing. */
function countriesOf(raw: string): string[] {
	const text = raw.replace(/\bU\.S\.(?:A\.)?/g, 'US ');
	const whole =
		cloudRegion(text) ??
		// "US Virgin Islands" is not the US.
		countryNamed(text) ??
		withoutDirections(text)
			.map((name) => (name === 'us' ? 'US' : countryNamed(name)))
			.find((code) => code !== undefined) ??
		(US_PART.test(text) ? 'US' : undefined);
	if (whole !== undefined) return [whole];

	const words = text.split(/[^\p{L}\p{M}]+/u).filter((word) => word !== '');
	const codes = placeCodes(text, words);
	const rest = words.filter((word) => !codes.some((code) => code.word === word));
	const named = countriesNamed(rest);
	const found = byCodes(text, codes, rest, named);
	if (found.length > 0) return found;
	return named.length > 0 ? named : bySite(text, words);
}

function byCodes(
	text: string,
	codes: readonly PlaceCode[],
	rest: readonly string[],
	named: readonly string[],
): string[] {
	// "Atlanta, GA, US", "US-DE-1", "Regina, SK, CA": a state beside its country; ", US, NA": or a continent.
	for (const country of ['US', 'CA'] as const) {
		const has = codes.some((code) => code.country === country && (country === 'US' || codes.length > 1));
		if (has && codes.every((code) => code.isPrefix || code.country === country || code.stateOf === country))
			return [country];
	}
	const certain = codes.filter(({ country, isPrefix }) => country !== undefined && !isPrefix);
	// "City, province, country" ends in the country; a region's code begins with it.
	const chosen = text.includes(',') ? certain.at(-1) : certain[0];
	if (chosen?.country === undefined) {
		const last = codes.at(-1);
		// WA is Western Australia as well as Washington.
		if (last?.code === 'WA' && named.includes('AU')) return ['AU'];
		if (last?.stateOf !== undefined && rest.length > 0) return [last.stateOf];
		const isAlone = text.includes(',') || codes.length + rest.length === 1;
		return isAlone ? codes.flatMap(({ code, country }) => (code === 'NA' ? [] : (country ?? []))).slice(0, 1) : [];
	}
	const { country, stateOf } = chosen;
	const isUsual = country === 'DE' || country === 'IN';
	// "LA1" and "AZ-1" are some cloud's sites or zones rather than Laos and Azerbaijan.
	if (stateOf !== undefined && !isUsual && /^\s*(?:[A-Z]{2}|AZ[-_ ])\d+\s*$/.test(text)) return [country, stateOf];
	// "DE,FR" is a list.
	if (rest.length === 0 && text.includes(',') && stateOf === undefined)
		return certain.flatMap((code) => code.country ?? []);
	if (stateOf === undefined || rest.length === 0 || !isPlaceName(text)) return [country, ...chosen.also];
	// "Boston, MA" is no place in Morocco. With a place that nobody here knows, the code alone cannot tell; but nobody writes Delaware or Indiana so.
	if (named.includes(stateOf)) return [stateOf];
	if (named.includes(country) || (named.length === 0 && isUsual)) return [country];
	return [country, stateOf, ...named];
}

/** Text for people, "Boston, MA", and not a code such as `CA-MTL-1`. */
function isPlaceName(text: string): boolean {
	return /\p{Ll}/u.test(text) && /[\s,]/.test(text.trim());
}

/** A site's code, where the whole text is a code (`GRA11`, `nyc1`, `EU-WEST-PAR`) or one stands in brackets (`Europe (AMS1)`). */
function bySite(text: string, words: readonly string[]): string[] {
	if (!/^[a-z0-9]+(?:[-_.][a-z0-9]+)*$/i.test(text.trim()) && !/\([A-Z]{2,4}\d\)/.test(text)) return [];
	return [...new Set(words.flatMap((word) => SITE_COUNTRIES.get(word.toLowerCase()) ?? []))];
}

/** Continents that words name; none in "Asia Pacific", which is two. */
function continentsOf(raw: string): Continent[] {
	const words: string[] = raw.toLowerCase().match(/[a-z]+/g) ?? [];
	if (words.includes('pacific')) return [];
	return words.flatMap(
		(word, index) => CONTINENT_WORDS.get(word) ?? CONTINENT_WORDS.get(`${word}${words[index + 1] ?? ''}`) ?? [],
	);
}
