import { countryOf } from './countries.ts';
import { CANADIAN_PROVINCES, SITE_COUNTRIES, US_STATES } from './places.ts';

/** A word that may be the code of a country or of a state of the US or Canada. */
export interface PlaceCode {
	/** As it stands in the text. */
	word: string;
	/** In capitals. */
	code: string;
	/** Alpha-2. */
	country: string | undefined;
	/** The country of which it would be a state. Codes in small letters are never states'. */
	stateOf: 'US' | 'CA' | undefined;
	/** Whether in a region's code it means a continent: `AS-SG-1`, `SA-BR-1`, `NA-US`. */
	isPrefix: boolean;
	/** Countries that it may mean as well: FRA is France and Frankfurt's airport. */
	also: string[];
}

const CONTINENT_PREFIXES = new Set(['AF', 'AP', 'AS', 'EU', 'EUR', 'ME', 'NA', 'OC', 'SA']);

/**
 * Codes among the words: in capitals anywhere in a code or a list, at the ends of a sentence; in small letters only first or last in what is a code as a
 * whole. Three letters are a country's if ISO has them, unless they are a numbered site's: `FIN-03`, but `BHS5`.
 */
export function placeCodes(text: string, words: readonly string[]): PlaceCode[] {
	const isCode = /^[a-z0-9._-]+$/.test(text.trim());
	const isSentence = /\p{L}\s+\p{L}/u.test(text) && !/[,()]/.test(text);
	return words.flatMap((word, index) => {
		const isEnd = index === 0 || index === words.length - 1;
		const isCapital = /^[A-Z]{2,3}$/.test(word) && (isEnd || !isSentence);
		const isSmall = isCode && isEnd && (/^[a-z]{2}$/.test(word) || word === 'usa');
		if (!isCapital && !isSmall) return [];
		const code = word.toUpperCase();
		const site = word.length === 3 ? SITE_COUNTRIES.get(word.toLowerCase()) : undefined;
		const isSite = site !== undefined && new RegExp(`${code}\\d`).test(text);
		// "UK" is no ISO code, but everybody writes it.
		const country = isSite ? undefined : countryOf(code === 'UK' ? 'GB' : code)?.code;
		const stateOf = !isCapital
			? undefined
			: US_STATES.has(code)
				? 'US'
				: CANADIAN_PROVINCES.has(code)
					? 'CA'
					: undefined;
		if (country === undefined && stateOf === undefined) return [];
		const also = site === undefined || site === country ? [] : [site];
		return [{ word, code, country, stateOf, isPrefix: CONTINENT_PREFIXES.has(code), also }];
	});
}
