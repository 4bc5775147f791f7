/** Fields of the job form in a URL, so that a row of the market, or a colleague's link, opens the form filled in. */
import { CONTINENTS, FORM_FACTORS, type JobForm, PRICING_MODELS } from '@necto/core';

/** What can stand in a link: limits, never who pays or what runs. */
const LINKED = [
	'gpuModel',
	'gpuCount',
	'minMemoryGiB',
	'formFactors',
	'durationHours',
	'maxUsdPerGpuHour',
	'continents',
	'countries',
	'excludedPricing',
] as const;

export type LinkedFields = Partial<Pick<JobForm, (typeof LINKED)[number]>>;

/** What whoever makes a link asked for and a job has no place for, as the form says it. */
const LEFT_BEHIND = {
	basket: 'the other GPUs that would do',
	places: 'some of the countries',
	prefer: 'the places that come first',
	networks: 'the choice of networks',
	sources: 'the choice of sources',
	width: 'the number of GPUs in one machine',
	uptime: 'the least uptime',
	search: 'the words searched for',
	restarts: 'what a restart loses',
} as const;
export type LeftBehind = keyof typeof LEFT_BEHIND;

/** The address of the job form with these fields filled in, which says what of the wish was left behind. */
export function newJobHref(fields: LinkedFields, leftBehind: readonly LeftBehind[] = []): string {
	const params = new URLSearchParams();
	for (const field of LINKED) {
		const value = fields[field];
		const text = Array.isArray(value) ? value.join(',') : String(value ?? '');
		if (text !== '') params.set(field, text);
	}
	if (leftBehind.length > 0) params.set('without', leftBehind.join(','));
	const query = params.toString();
	return query === '' ? '/jobs/new' : `/jobs/new?${query}`;
}

/** The fields that a link names. What is not understood is left out: the form shows what it took, and nothing is sent yet. */
export function linkedFields(params: Pick<URLSearchParams, 'get' | 'has'>): LinkedFields {
	const fields: LinkedFields = {};
	const text = (name: (typeof LINKED)[number]) => params.get(name) ?? '';
	const list = (name: (typeof LINKED)[number]) => text(name).split(',');

	if (/^[a-z0-9-]{1,16}$/.test(text('gpuModel'))) fields.gpuModel = text('gpuModel');
	if (/^\d{1,5}$/.test(text('gpuCount'))) fields.gpuCount = Number(text('gpuCount'));
	if (/^\d{1,5}$/.test(text('minMemoryGiB'))) fields.minMemoryGiB = Number(text('minMemoryGiB'));
	if (isDecimal(text('durationHours'))) fields.durationHours = text('durationHours');
	if (isDecimal(text('maxUsdPerGpuHour'))) fields.maxUsdPerGpuHour = text('maxUsdPerGpuHour');
	if (params.has('formFactors')) fields.formFactors = FORM_FACTORS.filter((word) => list('formFactors').includes(word));
	if (params.has('continents')) fields.continents = CONTINENTS.filter((word) => list('continents').includes(word));
	if (params.has('excludedPricing')) {
		fields.excludedPricing = PRICING_MODELS.filter((word) => list('excludedPricing').includes(word));
	}
	if (params.has('countries'))
		fields.countries = list('countries')
			.filter((code) => /^[A-Z]{2}$/.test(code))
			.slice(0, 8);
	return fields;
}

/** One sentence on what a link could not bring along; null when it brought everything. */
export function leftBehindWords(params: Pick<URLSearchParams, 'get'>): string | null {
	const named = (params.get('without') ?? '').split(',');
	const words = Object.entries(LEFT_BEHIND).flatMap(([key, word]) => (named.includes(key) ? [word] : []));
	if (words.length === 0) return null;
	const list = words.length === 1 ? words.join() : `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`;
	return `A job cannot hold all that the market was asked for. Not taken over: ${list}.`;
}

function isDecimal(text: string): boolean {
	return /^\d{1,9}(\.\d{1,6})?$/.test(text);
}
