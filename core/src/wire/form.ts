import { type Hex, keccak256, stringToBytes } from 'viem';
import { z } from 'zod';
import { MOST_PARTS } from '../decide/split.ts';
import { nearModels } from '../gpu/near.ts';
import type { GpuModelKey, MicroUsd, TeamId, UnixSeconds } from '../ids.ts';
import { gpuModelKey, gpuModelKeySchema, microUsd, teamId, unixSeconds, ZERO_HASH } from '../ids.ts';
import { mulDiv, scaledDecimal } from '../money.ts';
import { offlinePolicy, policyHash } from '../policy/policy.ts';
import { checkRequest, HIGHEST_PRICE, LIMITS } from '../request/check.ts';
import type { JobRequest } from '../request/request.ts';
import {
	ATTESTATION_KINDS,
	attestationKindSchema,
	CONTINENTS,
	continentSchema,
	FORM_FACTORS,
	formFactorSchema,
	PRICING_MODELS,
	pricingModelSchema,
} from '../tables.ts';
import { type WholeRange, wholeRange } from '../whole.ts';

/** What the form, the parser of plain words and the quote share: fields as people fill them in. */
export const jobFormSchema = z.strictObject({
	/** Catalogue key: `h100`. */
	gpuModel: z.string().max(40),
	gpuCount: z.int(),
	/** Whether the GPUs may be spread over several machines and providers, as jobs of their own. */
	maySplit: z.boolean(),
	/** 0 is any. */
	minMemoryGiB: z.int(),
	/** Empty is any. */
	formFactors: z.array(formFactorSchema).max(6),
	/** Hours, a decimal: `1.5`. */
	durationHours: z.string().max(40),
	/** USD per GPU-hour, a decimal: `2.00`. */
	maxUsdPerGpuHour: z.string().max(40),
	/** Together with `countries` empty: anywhere. */
	continents: z.array(continentSchema).max(8),
	/** ISO 3166-1 alpha-2. */
	countries: z.array(z.string().max(2)).max(250),
	excludedPricing: z.array(pricingModelSchema).max(3),
	/** What has to be attested of the provider. */
	attestations: z.array(attestationKindSchema).max(6),
	/** Basis points of the price, 0 to 10,000 each. */
	weights: z.strictObject({ uptime: z.int(), latency: z.int(), rating: z.int(), risk: z.int() }),
	/** How long the request stays open if nothing serves it at once: minutes. */
	waitMinutes: z.int(),
	/** How long the provider has to start: minutes. */
	startWindowMinutes: z.int(),
	/** Whether tokens may be converted at the price of a dated file: for networks without the internet. */
	datedTokenPrices: z.boolean(),
	/** What is to run (image, command), kept by the buyer; only its hash goes on chain. Empty: arranged elsewhere. */
	spec: z.string().max(100_000),
	/** 0 is the buyer's own money. */
	team: z.int(),
	tracked: z.boolean(),
});
export type JobForm = z.output<typeof jobFormSchema>;
export type JobFormField = keyof JobForm;

/** A form as it is first shown. */
export const emptyJobForm: JobForm = {
	gpuModel: '',
	gpuCount: 1,
	maySplit: false,
	minMemoryGiB: 0,
	formFactors: [],
	durationHours: '1',
	maxUsdPerGpuHour: '',
	continents: [],
	countries: [],
	excludedPricing: [],
	attestations: [],
	weights: { uptime: 0, latency: 0, rating: 0, risk: 0 },
	waitMinutes: 60,
	startWindowMinutes: 30,
	datedTokenPrices: false,
	spec: '',
	team: 0,
	tracked: true,
};

export type FormResult =
	| { ok: true; request: JobRequest }
	| { ok: false; errors: Partial<Record<JobFormField, string>> };

/** The hash that goes on chain for the text of what is to run: keccak256 of its UTF-8, zero for none. */
export function specHashOf(text: string): Hex {
	return text === '' ? ZERO_HASH : keccak256(stringToBytes(text));
}

/** The form field of each field of the request. */
const FORM_FIELDS: Readonly<Record<string, JobFormField>> = {
	gpuModel: 'gpuModel',
	gpuCount: 'gpuCount',
	maxParts: 'maySplit',
	minMemoryGiB: 'minMemoryGiB',
	formFactors: 'formFactors',
	duration: 'durationHours',
	maxPricePerGpuHour: 'maxUsdPerGpuHour',
	continents: 'continents',
	countries: 'countries',
	excludedPricing: 'excludedPricing',
	attestations: 'attestations',
	weights: 'weights',
	routeDeadline: 'waitMinutes',
	startWindow: 'startWindowMinutes',
	specHash: 'spec',
	policyHash: 'datedTokenPrices',
	team: 'team',
	tracked: 'tracked',
} satisfies Record<keyof JobRequest, JobFormField>;

/** Thrown and caught in this file: what is wrong with one field. */
class FieldError extends Error {}

function integer(value: number, range: WholeRange, what: string): number {
	if (!Number.isInteger(value) || value < range.min || value > range.max) {
		throw new FieldError(`${what} must be a ${wholeRange(range)}.`);
	}
	return value;
}

function decimal(text: string, decimals: number, what: string): bigint {
	const trimmed = text.trim();
	if (trimmed === '') throw new FieldError(`${what} is missing.`);
	try {
		return scaledDecimal(trimmed, decimals);
	} catch {
		throw new FieldError(`${what} must be a number such as 1.5, with at most ${decimals} decimals.`);
	}
}

/**
 * The request behind a form, or what is wrong with which field, in words. `now` is where the deadline counts from.
 *
 * The contract would refuse what is refused here; saying so first spares the buyer a failed transaction.
 */
export function toRequest(form: JobForm, now: UnixSeconds): FormResult {
	const errors: Partial<Record<JobFormField, string>> = {};
	/** The field's value, or its error noted and the stand-in. */
	const field = <Value>(name: JobFormField, standIn: Value, read: () => Value): Value => {
		try {
			return read();
		} catch (error) {
			errors[name] = error instanceof FieldError ? error.message : 'This value cannot be used; choose another one.';
			return standIn;
		}
	};

	const request: JobRequest = {
		gpuModel: field('gpuModel', gpuModelKey('unknown'), () => modelOf(form.gpuModel)),
		gpuCount: form.gpuCount,
		maxParts: form.maySplit ? Math.min(Math.max(form.gpuCount, 0), MOST_PARTS) : 0,
		minMemoryGiB: form.minMemoryGiB,
		formFactors: inOrder(FORM_FACTORS, form.formFactors),
		duration: field('durationHours', 1, () => durationOf(form.durationHours)),
		maxPricePerGpuHour: field('maxUsdPerGpuHour', microUsd(0n), () => priceOf(form.maxUsdPerGpuHour)),
		continents: inOrder(CONTINENTS, form.continents),
		countries: [...new Set(form.countries.map((code) => code.trim().toUpperCase()))].sort(),
		excludedPricing: inOrder(PRICING_MODELS, form.excludedPricing),
		attestations: inOrder(ATTESTATION_KINDS, form.attestations),
		weights: form.weights,
		routeDeadline: field('waitMinutes', now, () =>
			unixSeconds(now + minutes(form.waitMinutes, LIMITS.routeWindow, '“Keep the request open for”')),
		),
		startWindow: field('startWindowMinutes', 0, () =>
			minutes(form.startWindowMinutes, LIMITS.startWindow, '“Provider must start within”'),
		),
		specHash: specHashOf(form.spec),
		policyHash: form.datedTokenPrices ? policyHash(offlinePolicy) : ZERO_HASH,
		team: field('team', 0, () => teamOf(form)),
		tracked: form.tracked,
	};
	for (const { field, message, suggestion } of checkRequest(request, now)) {
		const name = FORM_FIELDS[field] ?? 'gpuModel';
		// A field that could not be parsed has its error already, and holds a placeholder.
		errors[name] ??= [message, suggestion].filter((text) => text !== '').join(' ');
	}
	return Object.keys(errors).length === 0 ? { ok: true, request } : { ok: false, errors };
}

/** The catalogue's key. A name is not accepted, because it may mean more than the model ("H100 NVL"); the error suggests the key. */
function modelOf(text: string): GpuModelKey {
	const trimmed = text.trim();
	if (trimmed === '') throw new FieldError('Choose a GPU model.');
	const key = gpuModelKeySchema.safeParse(trimmed);
	if (key.success) return key.data;
	const near = nearModels(trimmed);
	const hint = near.length === 0 ? 'Choose a model from the list.' : `Did you mean ${near.join(' or ')}?`;
	throw new FieldError(`"${trimmed}" is not a known GPU model. ${hint}`);
}

function durationOf(text: string): number {
	// Hours to seconds: 3600 × a decimal with up to four places is exact or rounded up, in the buyer's favour.
	const seconds = Number(mulDiv(decimal(text, 4, 'The duration'), 3600n, 10_000n, 'ceil'));
	const { min, max } = LIMITS.duration;
	if (seconds < min || seconds > max) throw new FieldError('The duration must be from one minute to 90 days.');
	return seconds;
}

function priceOf(text: string): MicroUsd {
	const amount = decimal(text.trim().replace(/^\$/, ''), 6, 'The ceiling');
	if (amount < 0n) throw new FieldError('The ceiling must be above zero.');
	if (amount > HIGHEST_PRICE) throw new FieldError('The ceiling must be at most a million USD per GPU-hour.');
	return microUsd(amount);
}

/** The same limits in whole minutes. */
export function minuteRange(seconds: WholeRange): WholeRange {
	return { min: Math.ceil(seconds.min / 60), max: Math.floor(seconds.max / 60) };
}

function minutes(value: number, seconds: WholeRange, what: string): number {
	return integer(value, minuteRange(seconds), `${what} (minutes)`) * 60;
}

function teamOf({ team }: JobForm): TeamId | 0 {
	return team === 0 ? 0 : teamId(integer(team, { min: 1, max: 0xffff_ffff }, 'The team'));
}

/** A set of words in the table's order: the order in which the chain returns them. */
function inOrder<Word extends string>(table: readonly Word[], words: readonly Word[]): Word[] {
	return table.filter((word) => words.includes(word));
}
