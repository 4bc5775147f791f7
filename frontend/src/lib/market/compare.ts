import { isBelievable } from '@necto/core';
import { formatDate, formatDuration, formatMoney } from '../format.ts';
import { wordFor } from '../jobs/words.ts';
import { interruptionOf, networkName, type Offer, unitOf } from './offer.ts';
import { evidences, meanings, pricingWord, rentalTerms } from './words.ts';

/** One line of the comparison: the same fact of each offer. */
export interface CompareRow {
	name: string;
	values: string[];
	/** Which values are the best, and what they are: `lowest`. Null where nothing is better than another, or all are equal. */
	best: { places: ReadonlySet<number>; word: string } | null;
	/** Whether they differ. */
	differs: boolean;
}

interface Fact {
	name: string;
	value: (offer: Offer) => string;
	/** The figure that is compared; null when it is not known. */
	figure?: (offer: Offer) => bigint | number | null;
	/** Which figure is the best, and the word for it. */
	better?: readonly ['low' | 'high', string];
}

const NOT_KNOWN = 'Not known';
const some = (text: string | null | undefined) =>
	text === null || text === undefined || text === '' ? NOT_KNOWN : text;

const FACTS: readonly Fact[] = [
	{
		name: 'USD per GPU-hour',
		value: ({ price, view }) =>
			price === null ? `Refused: ${view.refusal?.message ?? ''}` : formatMoney(price, 'exact'),
		// What is doubted or asked by nobody is never called the best.
		figure: ({ price, view }) => (isBelievable(view) ? price : null),
		better: ['low', 'lowest'],
	},
	{ name: 'Doubt', value: ({ view }) => view.doubt?.message ?? 'None' },
	{
		name: 'Your job, whole',
		value: ({ cost }) => (cost === null ? NOT_KNOWN : formatMoney(cost.total, 'total')),
		figure: ({ cost, view }) => (isBelievable(view) ? (cost?.total ?? null) : null),
		better: ['low', 'lowest'],
	},
	{
		name: 'Per GPU-hour of work',
		value: ({ cost }) => (cost === null ? NOT_KNOWN : formatMoney(cost.perGpuHour, 'price')),
		figure: ({ cost, view }) => (isBelievable(view) ? (cost?.perGpuHour ?? null) : null),
		better: ['low', 'lowest'],
	},
	{ name: 'As published', value: ({ native }) => native },
	{ name: 'Pricing', value: ({ view }) => pricingWord(view.quote.price.model) },
	{ name: 'What the figure is', value: ({ view }) => meanings[view.quote.meaning].long },
	{ name: 'GPU', value: ({ gpu }) => gpu },
	{
		name: 'Memory',
		value: ({ view }) => (view.quote.gpu.memoryGiB === null ? NOT_KNOWN : `${view.quote.gpu.memoryGiB} GiB`),
		figure: ({ view }) => view.quote.gpu.memoryGiB,
		better: ['high', 'most'],
	},
	{
		name: 'Form factor',
		value: ({ view }) => (view.quote.gpu.formFactor === 'unknown' ? NOT_KNOWN : wordFor(view.quote.gpu.formFactor)),
	},
	{ name: 'Priced unit', value: ({ view }) => unitOf(view.quote.gpus) },
	{
		name: 'Most GPUs in one machine',
		value: ({ view }) => some(view.quote.availability.widest?.toLocaleString('en')),
		figure: ({ view }) => view.quote.availability.widest,
		better: ['high', 'most'],
	},
	{ name: 'Region', value: ({ region, place }) => [region, place].filter(Boolean).join(', ') },
	{ name: 'Host', value: ({ view }) => hostOf(view.quote) ?? 'Not stated' },
	{
		name: 'Free GPUs',
		value: ({ free }) => (free === '?' ? NOT_KNOWN : free),
		figure: ({ view }) => (view.quote.availability.state === 'none' ? 0 : view.quote.availability.gpus),
		better: ['high', 'most'],
	},
	{
		name: 'Uptime',
		value: ({ view }) =>
			view.quote.quality.uptimeBps === null ? NOT_KNOWN : `${view.quote.quality.uptimeBps / 100} %`,
		figure: ({ view }) => view.quote.quality.uptimeBps,
		better: ['high', 'highest'],
	},
	{
		name: 'Taken back',
		value: ({ view }) => some(interruptionOf(view.quote)),
		figure: ({ view }) => view.quote.interruption?.monthlyBps ?? null,
		better: ['low', 'least often'],
	},
	{ name: 'Terms', value: ({ view }) => some(termsOf(view.quote)) },
	{ name: 'Fees and extras', value: ({ view }) => extrasOf(view.quote) },
	{ name: 'Can be routed', value: ({ view }) => (view.routable ? 'Yes, through Necto' : 'No, compare only') },
	{ name: 'Network', value: ({ network, provider }) => `${networkName(network)}, ${provider}` },
	{ name: 'Source', value: ({ view }) => `${networkName(view.quote.source)}, ${evidences[view.quote.evidence]}` },
	{
		name: 'Seen',
		value: ({ pricedAt }) => formatDate(pricedAt),
		figure: ({ pricedAt }) => pricedAt,
		better: ['high', 'latest'],
	},
];

/** The facts of a few offers side by side. Facts that none of them has are left out. */
export function compareRows(offers: readonly Offer[]): CompareRow[] {
	return FACTS.map(({ name, value, figure, better }) => {
		const values = offers.map(value);
		return {
			name,
			values,
			best: figure && better ? bestOf(offers.map(figure), better) : null,
			differs: new Set(values).size > 1,
		};
	}).filter(
		({ name, values }) =>
			!(name === 'Doubt' ? values.every((each) => each === 'None') : values.every((each) => each === NOT_KNOWN)),
	);
}

function bestOf(
	figures: readonly (bigint | number | null)[],
	[way, word]: readonly ['low' | 'high', string],
): CompareRow['best'] {
	const known = figures.filter((figure) => figure !== null);
	// With fewer than two that are known, or all alike, there is no best.
	if (known.length < 2 || known.every((figure) => figure === known[0])) return null;
	const best = known.reduce((a, b) => ((way === 'low' ? b < a : b > a) ? b : a));
	return { places: new Set(figures.flatMap((figure, place) => (figure === best ? [place] : []))), word };
}

type QuoteJson = Offer['view']['quote'];

/** `26 vCPUs, 225 GiB RAM`; null when nothing is said. */
export function hostOf({ host }: QuoteJson): string | null {
	const known = [
		host.vcpus && `${host.vcpus} vCPUs`,
		host.ramGiB && `${host.ramGiB} GiB RAM`,
		host.diskGiB && `${host.diskGiB} GiB disk`,
	].filter(Boolean);
	return known.join(', ') || null;
}

/** What a renter is bound to; null when nothing is said. */
export function termsOf({ rental }: QuoteJson): string | null {
	if (rental === undefined) return null;
	const { minSeconds, prepaid, term } = rental;
	const least =
		minSeconds === null
			? null
			: minSeconds === 0
				? 'paid by the second'
				: `at least ${formatDuration(minSeconds)} is paid`;
	const ahead = prepaid === null ? null : prepaid ? 'in advance, not given back' : 'afterwards';
	const stated = term === undefined ? null : `${rentalTerms[term.kind].toLowerCase()} (“${term.words}”)`;
	const known = [stated, least, ahead].filter((each) => each !== null);
	return known.length === 0 ? null : known.join(', ');
}

/** Fees, and what is in the price and what costs extra. */
export function extrasOf({ price }: QuoteJson): string {
	return [
		price.feeBps > 0 ? `${price.feeBps / 100} % fee on top` : 'No fee on top is known',
		price.includes.length > 0 && `includes ${price.includes.join(', ')}`,
		price.excludes !== undefined && price.excludes.length > 0 && `${price.excludes.join(', ')} cost extra`,
	]
		.filter(Boolean)
		.join('; ');
}
