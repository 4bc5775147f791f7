import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CONTINENTS, COUNTRIES, countryOf, regionOf } from '../src/index.ts';

const read = (raw: string) => {
	const { continent, country } = regionOf(raw);
	return country === null ? continent : `${country} ${continent}`;
};

describe('countries', () => {
	test('are ISO 3166-1: 249 of them, each with codes of its own on a known continent', () => {
		expect(COUNTRIES).toHaveLength(249);
		expect(new Set(COUNTRIES.map(({ code }) => code)).size).toBe(249);
		expect(new Set(COUNTRIES.map(({ alpha3 }) => alpha3)).size).toBe(249);
		for (const { code, alpha3, name, continent } of COUNTRIES) {
			expect(code).toMatch(/^[A-Z]{2}$/);
			expect(alpha3).toMatch(/^[A-Z]{3}$/);
			expect(name).not.toMatch(/^\s|\s$|[|]/);
			expect(CONTINENTS).toContain(continent);
		}
	});

	test('are found by either code', () => {
		expect(countryOf('DE')).toMatchObject({ alpha3: 'DEU', name: 'Germany', continent: 'europe' });
		expect(countryOf('FIN')?.code).toBe('FI');
		expect(countryOf('de')).toBeUndefined();
		expect(countryOf('')).toBeUndefined();
	});

	test('read back from their own codes and names', () => {
		// Namibia's code is what sources write for "not available".
		for (const { code, name } of COUNTRIES.filter((country) => country.code !== 'NA')) {
			expect([code, regionOf(code).country]).toEqual([code, code]);
			if (code !== 'GE' && code !== 'JE') expect([name, regionOf(name).country]).toEqual([name, code]);
		}
	});
});

describe('DISC-04 places in the dialects of sources', () => {
	test.each([
		['us-east-1', 'US north-america'],
		['us-east-1a', 'US north-america'],
		['use1-az4', 'US north-america'],
		['apse2-az1', 'AU oceania'],
		['eu-central-1', 'DE europe'],
		['ap-southeast-2', 'AU oceania'],
		['apac-tokyo', 'JP asia'],
		['europe-west4', 'NL europe'],
		['europe-west4-b', 'NL europe'],
		['me-west1', 'IL asia'],
		['southamerica-east1', 'BR south-america'],
		['eastus2', 'US north-america'],
		['westeurope', 'NL europe'],
		['uksouth', 'GB europe'],
		[', US', 'US north-america'],
		[', US, NA', 'US north-america'],
		['Japan, JP', 'JP asia'],
		['Frankfurt, DE', 'DE europe'],
		['Frankfurt, eu-central', 'DE europe'],
		['Georgia, US', 'US north-america'],
		['Atlanta, Georgia', 'US north-america'],
		['FIN-03', 'FI europe'],
		['NORWAY-1', 'NO europe'],
		['kansascity-usa-1', 'US north-america'],
		['CA-MTL-1', 'CA north-america'],
		['US-CA-2', 'US north-america'],
		['EU-RO-1', 'RO europe'],
		['EUR-IS-1', 'IS europe'],
		['AP-JP-1', 'JP asia'],
		['OC-AU-1', 'AU oceania'],
		['SA-BR-1', 'BR south-america'],
		['SA', 'SA asia'],
		['CA', 'CA north-america'],
		['united_states', 'US north-america'],
		['São Paulo', 'BR south-america'],
		['uk-london-1', 'GB europe'],
		['GRA11', 'FR europe'],
		['BHS5', 'CA north-america'],
		['europe-south-1', 'europe'],
		['eu-north1', 'europe'],
		['North America', 'north-america'],
		['asia-southeast-9', 'asia'],
		['running in Americas', 'unknown'],
		['ap-somewhere-9', 'unknown'],
		['global', 'unknown'],
		['N/A', 'unknown'],
		['', 'unknown'],
		['constructor', 'unknown'],
	])('%j is %s', (raw, expected) => {
		expect(read(raw)).toBe(expected);
	});

	test('the source’s own words are kept', () => {
		expect(regionOf(' Frankfurt, DE ').raw).toBe(' Frankfurt, DE ');
	});

	test('no text makes it throw or invent a country', () => {
		fc.assert(
			fc.property(fc.string(), (raw) => {
				const { continent, country } = regionOf(raw);
				expect(CONTINENTS).toContain(continent);
				if (country !== null) expect(countryOf(country)?.continent).toBe(continent);
			}),
			{ numRuns: 500 },
		);
	});
});
