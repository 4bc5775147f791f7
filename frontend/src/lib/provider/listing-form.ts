/** A listing as typed, and the three structs it becomes. Limits are the contract's; each field says in words what is wrong. */
import { encodeBytes16, encodeCountry } from '@necto/contracts';
import {
	CONTINENTS,
	type Continent,
	checkListing,
	FORM_FACTORS,
	type FormFactor,
	LISTING_KINDS,
	LISTING_LIMITS,
	type ListingKind,
	readWhole,
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
	const whole = (field: keyof typeof LISTING_LIMITS): number => {
		const value = readWhole(form[field], LISTING_LIMITS[field]);
		if (typeof value === 'number') return value;
		errors[field] = value;
		return LISTING_LIMITS[field].min;
	};

	const name = text('name', true, 'Give the listing a name that buyers will recognise.');
	const region = text('region', true, 'Say where the machines stand, such as "Frankfurt, DE".');
	const network = text('network', form.kind === 'network', 'Name the network on which you fulfil, such as akash.');
	if (!/^[a-z0-9-]{1,16}$/.test(form.gpuModel)) errors.gpuModel = 'Choose a GPU model.';
	const figures = {
		memoryGiB: whole('memoryGiB'),
		total: whole('total'),
		widest: whole('widest'),
		vcpus: whole('vcpus'),
		ramGiB: whole('ramGiB'),
		diskGiB: whole('diskGiB'),
	};
	const country = form.country.trim().toUpperCase();
	for (const { field, message, suggestion } of checkListing({ ...figures, continent: form.continent, country })) {
		// A total that could not be read is not compared with anything.
		if (field === 'widest' && errors.total !== undefined) continue;
		// The check's fields are names of the form's.
		errors[field as keyof typeof figures | 'continent' | 'country'] ??= [message, suggestion].join(' ').trim();
	}
	const { memoryGiB, total, widest, vcpus, ramGiB, diskGiB } = figures;

	const availableFrom = instant(form.availableFrom);
	const availableUntil = instant(form.availableUntil);
	if (availableFrom === null) errors.availableFrom = 'Give a date and a time, or leave it empty.';
	if (availableUntil === null) errors.availableUntil = 'Give a date and a time, or leave it empty.';
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
