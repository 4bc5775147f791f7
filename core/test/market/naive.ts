import { z } from 'zod';
import {
	boundedIfConverted,
	type Collapse,
	doubtsOf,
	gpuModel,
	type JobCost,
	jobCost,
	jobOf,
	type MarketQuery,
	normalise,
	type OfferView,
	type Pricing,
	type Quote,
	quoteJsonSchema,
	quoteSchema,
	unixSeconds,
} from '../../src/index.ts';
import { countryOf } from '../../src/region/countries.ts';

/** What a query means, said in the plainest way: price all, filter all, sort all. The index has to give the same. */

const text = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);
const number = (a: number, b: number) => a - b;

interface Line {
	quote: Quote;
	price: bigint | null;
	cost: bigint | null;
	preferred: boolean;
	believable: boolean;
	view: OfferView;
}

export function naiveQuery(
	quotes: readonly Quote[],
	pricing: Pricing,
	collapse: Collapse,
	query: MarketQuery,
): { total: number; offers: OfferView[]; otherTerms: Record<string, number> } {
	const job = jobOf(query);
	const priced = quotes.map((quote) => {
		const result = boundedIfConverted(quote, normalise(quote, pricing.tokenPrices, pricing.takenAt, pricing.policy));
		return {
			quote,
			usdPerGpuHour: result.ok ? result.usdPerGpuHour : null,
			refusal: result.ok ? null : { code: result.reason, message: result.message },
		};
	});
	const rank = (a: { quote: Quote; usdPerGpuHour: bigint | null }, b: typeof a) =>
		a.usdPerGpuHour === b.usdPerGpuHour
			? number(b.quote.quality.uptimeBps ?? -1, a.quote.quality.uptimeBps ?? -1) || text(a.quote.key, b.quote.key)
			: a.usdPerGpuHour === null
				? 1
				: b.usdPerGpuHour === null
					? -1
					: a.usdPerGpuHour < b.usdPerGpuHour
						? -1
						: 1;
	const doubts = doubtsOf(priced);
	const alternatives = collapse(priced.toSorted(rank).filter(({ quote }) => !doubts.has(quote.key)));
	const lines = priced.map(({ quote, usdPerGpuHour, refusal }): Line => {
		const performance = query.gpu?.find(({ model }) => model === quote.gpu.model)?.performanceBps ?? 10_000;
		const costs = job === null || usdPerGpuHour === null ? null : jobCost(quote, usdPerGpuHour, job, performance);
		const doubt = doubts.get(quote.key) ?? null;
		const cost: JobCost | null =
			costs === null ? null : { total: `${costs.total}`, perGpuHour: `${costs.perGpuHour}`, steps: costs.steps };
		return {
			quote,
			price: usdPerGpuHour,
			cost: costs?.perGpuHour ?? null,
			preferred: query.prefer === undefined || among(query.prefer, quote),
			believable:
				doubt === null &&
				quote.meaning !== 'floor' &&
				quote.meaning !== 'estimate' &&
				quote.rental?.term === undefined &&
				quote.availability.state !== 'none',
			view: {
				quote: quoteJsonSchema.parse(z.encode(quoteSchema, quote)),
				usdPerGpuHour: usdPerGpuHour === null ? null : `${usdPerGpuHour}`,
				refusal,
				pricedAt: unixSeconds(
					Math.min(
						quote.observedAt,
						...pricing.tokenPrices
							.filter(({ symbol }) => symbol === quote.price.currency)
							.map(({ observedAt }) => observedAt),
					),
				),
				routable: quote.listing !== null,
				alternatives: (alternatives.get(quote.key) ?? []).map((one) => ({
					...one,
					usdPerGpuHour: `${one.usdPerGpuHour}`,
				})),
				doubt,
				cost,
			},
		};
	});
	const alike = lines.filter((line) => fits(line, query));
	const fitting = alike.filter((line) => isOfTerms(line, query));
	const otherTerms: Record<string, number> = {};
	for (const { quote } of alike.filter((line) => !isOfTerms(line, query))) {
		const term = termName(quote);
		otherTerms[term] = (otherTerms[term] ?? 0) + 1;
	}
	const fittingBy = new Map(fitting.map((line) => [line.quote.key, line]));
	const hidden = new Set(
		[...alternatives].flatMap(([key, behind]) => {
			const original = fittingBy.get(key);
			return original === undefined
				? []
				: behind.map((one) => one.key).filter((one) => !isDearer(original, fittingBy.get(one)));
		}),
	);
	const shown = fitting.filter(({ quote }) => !hidden.has(quote.key));
	const all = shown.toSorted((a, b) => order(a, b, query, job !== null));
	const end = query.limit === undefined ? undefined : query.offset + query.limit;
	return { total: all.length, offers: all.slice(query.offset, end).map(({ view }) => view), otherTerms };
}

/** Whether a job costs more at an offer than at one that stands behind it. */
function isDearer(original: Line, behind: Line | undefined): boolean {
	return behind?.cost != null && (original.cost === null || behind.cost < original.cost);
}

function among(places: readonly string[], { region }: Quote): boolean {
	return places.some((place) => place === region.continent || place === region.country?.toLowerCase());
}

function termName({ rental, price, listing }: Quote): string {
	if (rental?.term !== undefined) return rental.term.kind;
	return price.model === 'dynamic' && listing === null ? 'spot' : 'on-demand';
}

function isOfTerms({ quote }: Line, { terms }: MarketQuery): boolean {
	const term = termName(quote);
	if (terms === undefined) return term === 'on-demand' || term === 'spot';
	return terms.some((asked) => asked === 'any' || asked === term);
}

function fits({ quote, price }: Line, query: MarketQuery): boolean {
	const { gpu, region, source, network, listing, availability, quality } = quote;
	const names = [
		[gpuModel(gpu.model)?.name, gpu.model, gpu.rawName, gpu.formFactor],
		[source, network],
		[region.raw, region.continent, region.country, countryOf(region.country ?? '')?.name],
		[quote.upstream?.cloud, quote.upstream?.type],
		[listing?.name, listing?.providerName],
	];
	return (
		(query.gpu?.some(({ model }) => model === gpu.model) ?? true) &&
		(query.memory === undefined || query.memory === 0 || (gpu.memoryGiB ?? 0) >= query.memory) &&
		(query.form?.includes(gpu.formFactor) ?? true) &&
		(query.region === undefined || among(query.region, quote)) &&
		(query.source?.includes(source) ?? true) &&
		(query.network?.includes(network) ?? true) &&
		!(query.exclude?.includes(network) ?? false) &&
		(query.pricing?.includes(quote.price.model) ?? true) &&
		(query.evidence?.includes(quote.evidence) ?? true) &&
		(query.maxUsd === undefined || (price !== null && price <= query.maxUsd)) &&
		(query.width === undefined || query.width === 0 || oneMachine(quote, query.width)) &&
		(query.minUptime === undefined || (quality.uptimeBps !== null && quality.uptimeBps >= query.minUptime)) &&
		(query.routable === undefined || query.routable === (listing !== null)) &&
		(query.available === undefined || query.available === (availability.state !== 'none')) &&
		(query.estimates || quote.meaning !== 'estimate') &&
		(query.q ?? '')
			.toLowerCase()
			.split(' ')
			.every((word) => word === '' || names.some((group) => group.join(' ').toLowerCase().includes(word)))
	);
}

/** The rule of a routed job: the widest machine if it is known, and whole machines only. */
function oneMachine({ gpus, price, availability: { widest } }: Quote, wanted: number): boolean {
	if (widest !== null && widest < wanted) return false;
	if (price.per === 'gpu') return true;
	const machines = (wanted * gpus.denominator) / gpus.numerator;
	return Number.isInteger(machines) && (machines === 1 || widest !== null || machines < 1);
}

function amount(a: bigint | null, b: bigint | null): number {
	if (a === null || b === null) return number(a === null ? 1 : 0, b === null ? 1 : 0);
	return a < b ? -1 : a > b ? 1 : 0;
}

function order(a: Line, b: Line, { sort }: MarketQuery, ofJob: boolean): number {
	const yes = (x: boolean, y: boolean) => number(x ? 0 : 1, y ? 0 : 1);
	const last =
		amount(a.price, b.price) ||
		number(b.quote.quality.uptimeBps ?? -1, a.quote.quality.uptimeBps ?? -1) ||
		text(a.quote.key, b.quote.key);
	switch (sort) {
		case 'best': {
			const figure = (line: Line) => (ofJob ? line.cost : line.price);
			return (
				yes(figure(a) !== null, figure(b) !== null) ||
				yes(a.preferred, b.preferred) ||
				yes(a.believable, b.believable) ||
				amount(figure(a), figure(b)) ||
				last
			);
		}
		case 'price':
			return last;
		case '-price':
			return a.price === null || b.price === null ? last : amount(b.price, a.price) || last;
		case 'age':
			return number(b.view.pricedAt, a.view.pricedAt) || last;
		case 'gpu':
			return text(a.quote.gpu.model, b.quote.gpu.model) || last;
		case 'source':
			return text(a.quote.source, b.quote.source) || last;
	}
}
