import { CONTINENTS, PRICING_MODELS } from '@necto/core';
import { formatMoney } from '../format.ts';
import { type LeftBehind, type LinkedFields, newJobHref } from '../job-form/link.ts';
import { basketOf, type Filters, partsOf } from './filters.ts';
import type { Offer } from './offer.ts';

/** As many as a job can name. */
const MOST_COUNTRIES = 8;

/** The address of the job form, filled so that this offer fits what the market was asked for; its price is the ceiling. */
export function jobHref(offer: Offer, filters: Filters): string {
	const { gpu } = offer.view.quote;
	const count = filters.gpus ?? filters.width;
	const places = partsOf(filters.region);
	const pricing = partsOf(filters.pricing);
	const fields: LinkedFields = {
		gpuModel: gpu.model,
		minMemoryGiB: gpu.memoryGiB ?? 0,
		formFactors: gpu.formFactor === 'unknown' ? [] : [gpu.formFactor],
		maxUsdPerGpuHour: offer.price === null ? '' : formatMoney(offer.price, 'exact').slice(1).replaceAll(',', ''),
		continents: CONTINENTS.filter((continent) => places.includes(continent)),
		countries: countriesOf(places).slice(0, MOST_COUNTRIES),
		excludedPricing: pricing.length === 0 ? [] : PRICING_MODELS.filter((model) => !pricing.includes(model)),
	};
	if (count !== undefined && Number(count) > 0) fields.gpuCount = Number(count);
	if (filters.hours !== undefined) fields.durationHours = filters.hours;
	return newJobHref(fields, leftBehind(filters));
}

/** What of the filters a job has no place for. */
function leftBehind(filters: Filters): LeftBehind[] {
	const basket = basketOf(filters.gpu);
	// A job takes all of its GPUs in one machine anyway.
	const isWider = filters.gpus !== undefined && Number(filters.width ?? 0) > Number(filters.gpus);
	const left: Record<LeftBehind, boolean> = {
		basket: basket.length > 1 || basket.some(({ performance }) => Number(performance) !== 1),
		places: countriesOf(partsOf(filters.region)).length > MOST_COUNTRIES,
		prefer: filters.prefer !== undefined,
		networks: (filters.network ?? filters.exclude) !== undefined,
		sources: (filters.source ?? filters.evidence) !== undefined,
		width: isWider,
		uptime: filters.minUptime !== undefined,
		search: filters.q !== undefined,
		restarts: filters.restartMinutes !== undefined,
	};
	// Object.entries forgets the keys' type; they are the same keys.
	return Object.entries(left).flatMap(([key, isLeft]) => (isLeft ? [key as LeftBehind] : []));
}

function countriesOf(places: readonly string[]): string[] {
	return places.filter((place) => place.length === 2).map((code) => code.toUpperCase());
}
