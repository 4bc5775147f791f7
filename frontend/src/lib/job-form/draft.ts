/** The job form as typed: numbers are still text, so that nothing a person writes is lost or silently changed. */
import {
	emptyJobForm,
	type FormResult,
	type JobForm,
	type JobFormField,
	LIMITS,
	minuteRange,
	readWhole,
	toRequest,
	type UnixSeconds,
} from '@necto/core';

/** Limits of the fields that are whole numbers, typed as text. */
const WHOLE_FIELDS = {
	gpuCount: LIMITS.gpuCount,
	minMemoryGiB: LIMITS.memoryGiB,
	waitMinutes: minuteRange(LIMITS.routeWindow),
	startWindowMinutes: minuteRange(LIMITS.startWindow),
};
type WholeField = keyof typeof WHOLE_FIELDS;

export const QUALITIES = ['uptime', 'latency', 'rating', 'risk'] as const;
export type Quality = (typeof QUALITIES)[number];

/** As in the inputs. Weights are percent of the price here and basis points in the request. */
export type JobDraft = Omit<JobForm, WholeField | 'weights' | 'countries'> &
	Record<WholeField, string> & {
		weights: Record<Quality, string>;
		/** Codes with commas or spaces between them. */
		countries: string;
	};

export type DraftErrors = Partial<Record<JobFormField, string>>;

/** A draft that shows these fields. */
export function draftOf(form: JobForm): JobDraft {
	return {
		...form,
		countries: form.countries.join(', '),
		gpuCount: String(form.gpuCount),
		minMemoryGiB: String(form.minMemoryGiB),
		waitMinutes: String(form.waitMinutes),
		startWindowMinutes: String(form.startWindowMinutes),
		weights: {
			uptime: percentOf(form.weights.uptime),
			latency: percentOf(form.weights.latency),
			rating: percentOf(form.weights.rating),
			risk: percentOf(form.weights.risk),
		},
	};
}

/** The form as it is first shown: complete but for the ceiling, which only the buyer can know. */
export function firstDraft(): JobDraft {
	return draftOf({ ...emptyJobForm, gpuModel: 'h100' });
}

/**
 * Reads a draft.
 *
 * @param now where the deadline counts from
 * @returns the request, or what is wrong with each field in words
 */
export function readDraft(draft: JobDraft, now: UnixSeconds): FormResult {
	const errors: DraftErrors = {};
	const whole = (field: WholeField): number => {
		const value = readWhole(draft[field], WHOLE_FIELDS[field]);
		if (typeof value === 'number') return value;
		errors[field] = value;
		return 0;
	};
	const weight = (quality: Quality): number => {
		const problem = weightProblem(draft.weights[quality]);
		if (problem === null) return Math.round(Number(draft.weights[quality]) * 100);
		errors.weights = problem;
		return 0;
	};
	const form: JobForm = {
		gpuModel: draft.gpuModel,
		maySplit: draft.maySplit,
		formFactors: draft.formFactors,
		durationHours: draft.durationHours,
		maxUsdPerGpuHour: draft.maxUsdPerGpuHour,
		continents: draft.continents,
		countries: [...new Set(draft.countries.toUpperCase().split(/[\s,]+/))].filter((code) => code !== ''),
		excludedPricing: draft.excludedPricing,
		attestations: draft.attestations,
		datedTokenPrices: draft.datedTokenPrices,
		spec: draft.spec,
		// A team's name would give an untracked job away; the contract refuses it too.
		team: draft.tracked ? draft.team : 0,
		tracked: draft.tracked,
		gpuCount: whole('gpuCount'),
		minMemoryGiB: whole('minMemoryGiB'),
		waitMinutes: whole('waitMinutes'),
		startWindowMinutes: whole('startWindowMinutes'),
		weights: {
			uptime: weight('uptime'),
			latency: weight('latency'),
			rating: weight('rating'),
			risk: weight('risk'),
		},
	};
	const read = toRequest(form, now);
	if (Object.keys(errors).length === 0) return read;
	return { ok: false, errors: read.ok ? errors : { ...read.errors, ...errors } };
}

/** What is wrong with a weight as typed, in words; null when nothing is. */
export function weightProblem(text: string): string | null {
	return /^(\d{1,2}(\.\d{1,2})?|100(\.0{1,2})?)$/.test(text.trim())
		? null
		: 'A percentage from 0 to 100 with at most two decimals.';
}

/** Fields that a link or the reader of plain words names; whatever they do not name stays as it was typed. */
export type NamedFields = { readonly [Field in JobFormField]?: JobForm[Field] | undefined };

/** The draft with these fields filled in. */
export function withFields(draft: JobDraft, fields: NamedFields): JobDraft {
	const named = Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
	const shown = draftOf({ ...emptyJobForm, ...named });
	return { ...draft, ...Object.fromEntries(Object.entries(shown).filter(([field]) => field in named)) };
}

function percentOf(basisPoints: number): string {
	return String(basisPoints / 100);
}
