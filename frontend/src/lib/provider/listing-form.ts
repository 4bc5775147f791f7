/** A listing as typed, and the three structs it becomes. Limits are the contract's; each field says in words what is wrong. */
import { encodeBytes16, encodeCountry } from '@necto/contracts';
import {
	CONTINENTS,
	type Continent,
	FORM_FACTORS,
	type FormFactor,
	LISTING_KINDS,
	type ListingKind,
} from '@necto/core';
import type { Hex } from 'viem';
import { emptyPricing, type PricingErrors, type PricingForm, type PricingStruct, readPricing } from './pricing-form.ts';

/** All text, as in the inputs; times as `datetime-local` gives them, in the browser's zone. */
export interface ListingForm {
	kind: ListingKind;
	name: string;
	network: string;
	gpuModel: string;
	memoryGiB: string;
	formFactor: FormFactor;
	total: string;
	widest: string;
	vcpus: string;
	ramGiB: string;
	diskGiB: string;
	continent: Continent;
	country: string;
	region: string;
	availableFrom: string;
	availableUntil: string;
	pricing: PricingForm;
}

export type ListingErrors = Partial<Record<Exclude<keyof ListingForm, 'pricing'>, string>> & {
	pricing?: PricingErrors;
};

/** What `ProviderRegistry.addListing` takes after the provider's number. */
export interface ListingStructs {
	kind: number;
	hardware: {
		gpuModel: Hex;
		memoryGiB: number;
		formFactor: number;
		total: number;
		widest: number;
		continent: number;
		country: Hex;
		availableFrom: number;
		availableUntil: number;
	};
	pricing: PricingStruct;
	description: { name: string; region: string; network: string; vcpus: number; ramGiB: number; diskGiB: number };
}

/** A fresh form. */
export function emptyListing(): ListingForm {
	return {
		kind: 'own',
		name: '',
		network: '',
		gpuModel: 'h100',
		memoryGiB: '80',
		formFactor: 'sxm',
		total: '8',
		widest: '8',
		vcpus: '16',
		ramGiB: '128',
		diskGiB: '500',
		continent: 'europe',
		country: '',
		region: '',
		availableFrom: '',
		availableUntil: '',
		pricing: { ...emptyPricing },
	};
}

/** Longest text that goes into an event: long enough for a name, short enough for gas. */
const LONGEST_TEXT = 80;

/**
 * Reads the form.
 *
 * @param now unix seconds, for the availability window
 * @returns the structs, or what is wrong with each field in words
 */
export function readListing(
	form: ListingForm,
	now: number,
): { ok: true; listing: ListingStructs } | { ok: false; errors: ListingErrors } {
	const errors: ListingErrors = {};
	const text = (field: 'name' | 'network' | 'region', wanted: boolean, missing: string): string => {
		const value = form[field].trim();
		if (wanted && value === '') errors[field] = missing;
		else if (value.length > LONGEST_TEXT) errors[field] = `At most ${LONGEST_TEXT} characters.`;
		return value;
	};
	const whole = (
		field: 'memoryGiB' | 'total' | 'widest' | 'vcpus' | 'ramGiB' | 'diskGiB',
		least: number,
		most: number,
	): number => {
		const value = wholeNumber(form[field], least, most);
		if (typeof value === 'number') return value;
		errors[field] = value;
		return 0;
	};

	const name = text('name', true, 'Give the listing a name that buyers will recognise.');
	const region = text('region', true, 'Say where the machines stand, such as "Frankfurt, DE".');
	const network = text('network', form.kind === 'network', 'Name the network on which you fulfil, such as akash.');
	if (!/^[a-z0-9-]{1,16}$/.test(form.gpuModel)) errors.gpuModel = 'Choose a GPU model.';
	const memoryGiB = whole('memoryGiB', 1, 65_535);
	const total = whole('total', 1, 65_535);
	const widest = whole('widest', 1, 65_535);
	if (errors.total === undefined && errors.widest === undefined && widest > total) {
		errors.widest = 'One machine cannot hold more GPUs than there are in all.';
	}
	const vcpus = whole('vcpus', 0, 65_535);
	const ramGiB = whole('ramGiB', 0, 4_294_967_295);
	const diskGiB = whole('diskGiB', 0, 4_294_967_295);
	const country = form.country.trim().toUpperCase();
	if (country !== '' && !/^[A-Z]{2}$/.test(country)) errors.country = 'Two letters, such as DE, or nothing.';
	if (form.continent === 'unknown') errors.continent = 'Choose where the machines stand: buyers limit jobs by it.';

	const availableFrom = instant(form.availableFrom);
	const availableUntil = instant(form.availableUntil);
	if (availableFrom === null) errors.availableFrom = 'Give a date and a time, or nothing.';
	if (availableUntil === null) errors.availableUntil = 'Give a date and a time, or nothing.';
	else if (availableUntil !== 0 && availableUntil <= Math.max(now, availableFrom ?? 0)) {
		errors.availableUntil = 'Must lie in the future and after the start.';
	}

	const pricing = readPricing(form.pricing, form.kind);
	if (!pricing.ok) errors.pricing = pricing.errors;
	if (!pricing.ok || Object.keys(errors).length > 0) return { ok: false, errors };
	return {
		ok: true,
		listing: {
			kind: LISTING_KINDS.indexOf(form.kind),
			hardware: {
				gpuModel: encodeBytes16(form.gpuModel),
				memoryGiB,
				formFactor: FORM_FACTORS.indexOf(form.formFactor),
				total,
				widest,
				continent: CONTINENTS.indexOf(form.continent),
				country: encodeCountry(country),
				availableFrom: availableFrom ?? 0,
				availableUntil: availableUntil ?? 0,
			},
			pricing: pricing.pricing,
			description: { name, region, network: form.kind === 'network' ? network : '', vcpus, ramGiB, diskGiB },
		},
	};
}

/** A whole number within limits, or what is wrong in words. */
export function wholeNumber(text: string, least: number, most: number): number | string {
	const trimmed = text.trim();
	if (!/^\d{1,10}$/.test(trimmed)) return 'Give a whole number.';
	const value = Number(trimmed);
	if (value < least) return `At least ${least}.`;
	return value > most ? `At most ${most.toLocaleString('en-US')}.` : value;
}

/** Unix seconds as `datetime-local` shows them, in the browser's zone; '' for 0. With seconds where there are any, so that what is saved untouched stays. */
export function instantText(at: number): string {
	if (at === 0) return '';
	const date = new Date(at * 1_000);
	const local = new Date(date.getTime() - date.getTimezoneOffset() * 60_000).toISOString();
	return local.slice(0, at % 60 === 0 ? 16 : 19);
}

/** Unix seconds; 0 for no text, null for text that is no time. */
export function instant(text: string): number | null {
	if (text === '') return 0;
	const at = Date.parse(text);
	return Number.isNaN(at) ? null : Math.floor(at / 1000);
}
