import { z } from 'zod';
import type { UnixSeconds } from '../ids.ts';
import type { JobRequest } from '../request/request.ts';
import { continentSchema, formFactorSchema, pricingModelSchema } from '../tables.ts';

/** What the form, the parser of plain words and the quote share: fields as people fill them in. */
export const jobFormSchema = z.strictObject({
	/** Catalogue key: `h100`. */
	gpuModel: z.string().max(40),
	gpuCount: z.int(),
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
	/** Basis points of the price, 0 to 10,000 each. */
	weights: z.strictObject({ uptime: z.int(), latency: z.int(), rating: z.int(), risk: z.int() }),
	/** How long the request stays open if nothing serves it at once: minutes. */
	waitMinutes: z.int(),
	/** How long the provider has to start: minutes. */
	startWindowMinutes: z.int(),
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
	minMemoryGiB: 0,
	formFactors: [],
	durationHours: '1',
	maxUsdPerGpuHour: '',
	continents: [],
	countries: [],
	excludedPricing: [],
	weights: { uptime: 0, latency: 0, rating: 0, risk: 0 },
	waitMinutes: 60,
	startWindowMinutes: 30,
	spec: '',
	team: 0,
	tracked: true,
};

export type FormResult =
	| { ok: true; request: JobRequest }
	| { ok: false; errors: Partial<Record<JobFormField, string>> };

/** The request behind a form, or what is wrong with which field, in words. `now` is where the deadline counts from. */
export function toRequest(_form: JobForm, _now: UnixSeconds): FormResult {
	throw new Error('not written yet');
}
