import { z } from 'zod';

/**
 * The words behind the contracts' enums. A word's index is its number on chain; in a job's limits it is the bit `1 << index`.
 * Order is part of the protocol: append only.
 */

/** How a GPU is built in. */
export const FORM_FACTORS = ['unknown', 'pcie', 'sxm', 'nvl', 'oam', 'superchip'] as const;
export type FormFactor = (typeof FORM_FACTORS)[number];
export const formFactorSchema = z.enum(FORM_FACTORS);

export const CONTINENTS = [
	'unknown',
	'africa',
	'antarctica',
	'asia',
	'europe',
	'north-america',
	'oceania',
	'south-america',
] as const;
export type Continent = (typeof CONTINENTS)[number];
export const continentSchema = z.enum(CONTINENTS);

/** How a price comes about: a rate; a rate that moves with demand; an amount of a token. */
export const PRICING_MODELS = ['fixed', 'dynamic', 'token'] as const;
export type PricingModel = (typeof PRICING_MODELS)[number];
export const pricingModelSchema = z.enum(PRICING_MODELS);

/** Whose machines a listing sells: the provider's own, or another network's. */
export const LISTING_KINDS = ['own', 'network'] as const;
export type ListingKind = (typeof LISTING_KINDS)[number];
export const listingKindSchema = z.enum(LISTING_KINDS);

/** What a verifier states of a provider or a buyer. */
export const ATTESTATION_KINDS = ['kyc', 'iso27001', 'soc2', 'gdpr', 'hipaa', 'pci-dss'] as const;
export type AttestationKind = (typeof ATTESTATION_KINDS)[number];
export const attestationKindSchema = z.enum(ATTESTATION_KINDS);

/** Words as a bit set. The empty set is 0, which the contract reads as "no limit". */
export function toBits<Word extends string>(table: readonly Word[], words: readonly Word[]): number {
	let bits = 0;
	for (const word of words) {
		const index = table.indexOf(word);
		if (index < 0) throw new RangeError(`"${word}" is not one of ${table.join(', ')}.`);
		bits |= 1 << index;
	}
	return bits;
}

/** A bit set as words, in the table's order. @throws RangeError on a bit that the table does not have */
export function fromBits<Word extends string>(table: readonly Word[], bits: number): Word[] {
	if (!Number.isInteger(bits) || bits < 0 || bits >= 1 << table.length) {
		throw new RangeError(`The bit set ${bits} has bits that none of ${table.join(', ')} stands for.`);
	}
	return table.filter((_, index) => (bits & (1 << index)) !== 0);
}

/** The word of a number on chain. @throws RangeError when the table does not have it */
export function wordOf<Word extends string>(table: readonly Word[], index: number): Word {
	const word = table[index];
	if (word === undefined) throw new RangeError(`${index} stands for none of ${table.join(', ')}.`);
	return word;
}
