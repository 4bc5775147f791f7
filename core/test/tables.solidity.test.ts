import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { ATTESTATION_KINDS, CONTINENTS, FORM_FACTORS, LISTING_KINDS, PRICING_MODELS } from '../src/index.ts';

const solidity = readFileSync(new URL('../../contracts/src/types/Listing.sol', import.meta.url), 'utf8');

/** The members of a Solidity enum as core writes them: `NorthAmerica` is `north-america`. */
function membersOf(name: string): string[] {
	const body = new RegExp(`enum ${name} \\{([^}]*)\\}`).exec(solidity.replaceAll(/\/\/.*$/gm, ''))?.[1] ?? '';
	return body
		.split(',')
		.map((member) => member.trim().replaceAll(/(?<=.)(?=[A-Z])/g, '-'))
		.map((member) => member.toLowerCase());
}

test.each<[string, readonly string[], string]>([
	['FormFactor', FORM_FACTORS, 'superchip'],
	['Continent', CONTINENTS, 'south-america'],
	['PricingModel', PRICING_MODELS, 'token'],
	['ListingKind', LISTING_KINDS, 'network'],
	['AttestationKind', ATTESTATION_KINDS, 'pci-dss'],
])('SET-01 the words of %s are the members of the Solidity enum, in their order', (name, words, last) => {
	expect(membersOf(name)).toEqual(words);
	expect(words.at(-1)).toBe(last);
});
