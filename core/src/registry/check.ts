import { formatUsd } from '../money.ts';
import { countryOf } from '../region/countries.ts';
import { HIGHEST_PRICE } from '../request/check.ts';
import type { Finding } from '../request/finding.ts';
import { CONTINENTS, type Continent } from '../tables.ts';
import { type WholeRange, wholeRange } from '../whole.ts';

/**
 * Limits of a listing's figures. GPUs and memory have the size of the contract's fields (uint16); the contract's fields for RAM and disk (uint32) hold far more than any
 * machine has, so these two stop at 64 TiB and 1 PiB per GPU.
 */
export const LISTING_LIMITS = {
	memoryGiB: { min: 1, max: 65_535 },
	total: { min: 1, max: 65_535 },
	widest: { min: 1, max: 65_535 },
	vcpus: { min: 0, max: 65_535 },
	ramGiB: { min: 0, max: 65_536 },
	diskGiB: { min: 0, max: 1_048_576 },
} as const satisfies Record<string, WholeRange>;

/** What a provider states about hardware, before it is on chain. */
export interface ListingFacts extends Record<keyof typeof LISTING_LIMITS, number> {
	readonly continent: Continent;
	/** ISO 3166-1 alpha-2, '' for none. */
	readonly country: string;
}

/** Prices of a listing in micro-USD per GPU-hour; 0 for those that its model does not have. */
export interface ListingPrices {
	readonly rate: bigint;
	readonly floor: bigint;
	readonly ceiling: bigint;
}

/**
 * Why the contract would refuse a listing's hardware, or no request could ever be routed to it.
 *
 * @returns at most one finding a field; empty when nothing is wrong
 */
export function checkListing(facts: ListingFacts): Finding[] {
	const findings = new Map<string, Finding>();
	const report = (field: string, code: string, message: string, suggestion = '') => {
		if (!findings.has(field)) findings.set(field, { field, code, message, suggestion });
	};
	for (const [field, range] of Object.entries(LISTING_LIMITS)) {
		// The limits' keys are the facts' keys.
		const value = facts[field as keyof typeof LISTING_LIMITS];
		if (!Number.isInteger(value) || value < range.min || value > range.max) {
			report(field, 'out_of_range', `A ${wholeRange(range)}.`);
		}
	}
	if (facts.widest > facts.total) {
		report('widest', 'wider_than_total', 'One machine cannot have more GPUs than the total.');
	}
	if (facts.continent === 'unknown' || !CONTINENTS.includes(facts.continent)) {
		report('continent', 'unknown_continent', 'Choose the continent of the machines: buyers limit jobs by it.');
	}
	const country = facts.country === '' ? null : countryOf(facts.country);
	if (country === undefined || (country !== null && country.code !== facts.country)) {
		report(
			'country',
			'unknown_country',
			`"${facts.country}" is not the two-letter code of a country.`,
			'Use a code such as DE.',
		);
	} else if (country !== null && country.continent !== facts.continent && facts.continent !== 'unknown') {
		report(
			'country',
			'country_elsewhere',
			`${country.name} is not on this continent.`,
			'Correct the country or the continent.',
		);
	}
	return [...findings.values()];
}

/** Why no request could ever be routed at a listing's prices: they are above the largest price that a request can have. */
export function checkListingPrices(prices: ListingPrices): Finding[] {
	return (['rate', 'floor', 'ceiling'] as const)
		.filter((field) => prices[field] > HIGHEST_PRICE)
		.map((field) => ({
			field,
			code: 'price_too_high',
			message: `At most ${formatUsd(HIGHEST_PRICE, { decimals: 0 })} per GPU-hour: no request can pay more.`,
			suggestion: '',
		}));
}
