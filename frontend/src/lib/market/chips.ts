import { gpuName, wordFor } from '../jobs/words.ts';
import { basketOf, basketText, type FilterChange, type FilterField, type Filters, partsOf } from './filters.ts';
import { networkName } from './offer.ts';
import { placeName } from './places.ts';
import { evidenceWords, pricings, rentalTerms } from './words.ts';

/** One active filter in words, with the change that takes it away. */
export interface FilterChip {
	id: string;
	label: string;
	remove: FilterChange;
}

const LISTS: readonly [FilterField, (part: string) => string][] = [
	['form', wordFor],
	['region', placeName],
	['prefer', (part) => `Prefer ${placeName(part)}`],
	['network', networkName],
	['exclude', (part) => `Not ${networkName(part)}`],
	['source', (part) => `Source ${networkName(part)}`],
	['pricing', (part) => `${pricings[part as keyof typeof pricings]?.word ?? part} price`],
	['evidence', (part) => evidenceWords[part as keyof typeof evidenceWords] ?? part],
	['terms', (part) => (part === 'any' ? 'Any rental term' : (rentalTerms[part as keyof typeof rentalTerms] ?? part))],
];

const SINGLES: readonly [FilterField, (text: string) => string][] = [
	['q', (text) => `“${text}”`],
	['memory', (text) => `From ${text} GiB`],
	['width', (text) => `${text} GPUs in one machine`],
	['maxUsd', (text) => `Up to $${text}`],
	['minUptime', (text) => `From ${text} % uptime`],
	['routable', (text) => (text === 'true' ? 'Routable' : 'Compare only')],
	['available', (text) => (text === 'true' ? 'Not known to be taken' : 'None free')],
	['estimates', () => 'With estimates'],
];

/** The filters that narrow the list, each to be removed alone. The job is one of them: it adds a cost and hides nothing, but it is asked. */
export function chipsOf(filters: Filters): FilterChip[] {
	const basket = basketOf(filters.gpu);
	const chips: FilterChip[] = basket.map(({ model, performance }) => ({
		id: `gpu:${model}`,
		label: Number(performance) === 1 ? gpuName(model) : `${gpuName(model)} at ${performance} of the work`,
		remove: { gpu: basketText(basket.filter((other) => other.model !== model)) },
	}));
	for (const [field, word] of LISTS) {
		const parts = partsOf(filters[field]);
		for (const part of parts) {
			const rest = parts.filter((other) => other !== part).join(',');
			chips.push({ id: `${field}:${part}`, label: word(part), remove: { [field]: rest } });
		}
	}
	for (const [field, word] of SINGLES) {
		const text = filters[field];
		if (text !== undefined) chips.push({ id: field, label: word(text), remove: { [field]: '' } });
	}
	if (filters.gpus !== undefined || filters.hours !== undefined) {
		chips.push({
			id: 'job',
			label: `Job of ${filters.gpus ?? '1'} × ${filters.hours ?? '1'} h`,
			remove: { gpus: '', hours: '', restartMinutes: '' },
		});
	}
	return chips;
}

/** The fields behind "More filters", to say how many of them are in use. */
const MORE: readonly FilterField[] = [
	'form',
	'width',
	'prefer',
	'exclude',
	'source',
	'pricing',
	'evidence',
	'terms',
	'minUptime',
	'available',
	'estimates',
];

export function moreCount(filters: Filters): number {
	return MORE.filter((field) => filters[field] !== undefined).length;
}
