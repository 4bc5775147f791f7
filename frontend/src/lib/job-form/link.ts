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

/** The address of the job form with these fields filled in. */
export function newJobHref(fields: LinkedFields): string {
	const params = new URLSearchParams();
	for (const field of LINKED) {
		const value = fields[field];
		const text = Array.isArray(value) ? value.join(',') : String(value ?? '');
		if (text !== '') params.set(field, text);
	}
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

function isDecimal(text: string): boolean {
	return /^\d{1,9}(\.\d{1,6})?$/.test(text);
}
