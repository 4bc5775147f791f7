/** What Necto makes of a file that a network's API or an operator's catalogue wrote: for trying it before it counts. */
import {
	boundedPrice,
	byPrice,
	byText,
	defaultPolicy,
	formatUsd,
	isOnOtherTerms,
	normalise,
	oldestInput,
	type Quote,
	type RentalTerm,
	rentalTermOf,
	type TokenPrice,
	unixSeconds,
} from '@necto/core';
import { messageOf } from '../errors.ts';
import { SOURCES } from '../sources/all.ts';
import { AmbiguousAnswer, type SourceAnswer, type SourceDefinition, SourceError } from '../sources/asking/source.ts';
import { parseJson } from '../sources/reading/json.ts';

export interface Reading {
	source: SourceDefinition;
	answer: SourceAnswer;
}

/**
 * Reads a file as an answer of a network. Without the network's id, every source that can read files tries: the one that finds most offers is
 * it, and if several find equally many, the first.
 *
 * @param taken unix seconds, as which the figures are dated
 * @throws SourceError when no source makes anything of it, with what each said, or when it can be read in two ways
 */
export function readOffers(text: string, taken: number, id?: string): Reading {
	const readers = SOURCES.filter((source) => source.read !== undefined && (id === undefined || source.id === id));
	if (readers.length === 0) throw new SourceError('shape', `No source '${id}' reads files.`);
	const body = bodyOf(text);
	const troubles: string[] = [];
	const readings = readers.flatMap((source): Reading[] => {
		try {
			const answer = source.read?.(body, taken);
			return answer === undefined ? [] : [{ source, answer }];
		} catch (error) {
			const trouble = `${source.name}: ${messageOf(error)}`;
			// Who finds a name twice has got further than those who do not know the file.
			if (error instanceof AmbiguousAnswer) troubles.unshift(trouble);
			else troubles.push(trouble);
			return [];
		}
	});
	const [best] = readings.toSorted(
		(a, b) =>
			sizeOf(b.answer) - sizeOf(a.answer) ||
			strangeRows(a.answer) - strangeRows(b.answer) ||
			rowsLeft(b.answer) - rowsLeft(a.answer),
	);
	if (best === undefined) throw new SourceError('shape', `No source can read it. ${troubles.join(' ')}`);
	return best;
}

function sizeOf({ quotes, inference = [] }: SourceAnswer): number {
	return quotes.length + inference.length;
}

/** Rows that the source does not recognise. */
function strangeRows({ left }: SourceAnswer): number {
	return left['not of the documented shape'] ?? 0;
}

/** Of readers that find no offer, the one that can say why of the most rows has understood the file. */
function rowsLeft({ left }: SourceAnswer): number {
	return Object.values(left).reduce((sum, rows) => sum + rows, 0);
}

/** JSON, or else the text as it is. @throws AmbiguousAnswer when it is JSON with a member twice */
function bodyOf(text: string): unknown {
	if (!/^\ufeff?\s*[[{]/.test(text)) return text;
	try {
		return parseJson(text);
	} catch (error) {
		if (error instanceof AmbiguousAnswer) throw error;
		return text;
	}
}

/** One line of the table: what an offer is and what it comes to. */
export interface OfferLine {
	key: string;
	/** `h100 sxm 80 GiB`. */
	gpu: string;
	/** GPUs in the priced unit: `8`, `1/6`. */
	gpus: string;
	/** Micro-USD; null when the price is refused. */
	usdPerGpuHour: bigint | null;
	/** `$3.99`, or why there is none. */
	price: string;
	pricing: string;
	term: RentalTerm;
	/** The vendor's words for a term that is neither on demand nor spot; null otherwise. */
	termAsPublished: string | null;
	/** Unix seconds. */
	observedAt: number;
	/** Of the oldest figure that the price is made of. Unix seconds. */
	pricedAt: number;
	region: string;
	available: string;
	steps: string[];
}

/** Offers with their prices, cheapest first; those without a price last. What is neither on demand nor spot is ranked by itself. */
export function linesOf(
	quotes: readonly Quote[],
	tokenPrices: readonly TokenPrice[],
	taken: number,
): { offers: OfferLine[]; otherTerms: OfferLine[] } {
	const ranked = (some: readonly Quote[]) => rankedLines(some, tokenPrices, taken);
	return {
		offers: ranked(quotes.filter((quote) => !isOnOtherTerms(quote))),
		otherTerms: ranked(quotes.filter(isOnOtherTerms)),
	};
}

function rankedLines(quotes: readonly Quote[], tokenPrices: readonly TokenPrice[], taken: number): OfferLine[] {
	return quotes
		.map((quote) => lineOf(quote, tokenPrices, taken))
		.sort((a, b) => byPrice(a.usdPerGpuHour, b.usdPerGpuHour) || byText(a.key, b.key));
}

function lineOf(quote: Quote, tokenPrices: readonly TokenPrice[], taken: number): OfferLine {
	const worked = normalise(quote, tokenPrices, unixSeconds(taken), defaultPolicy);
	const price = { ...boundedPrice(quote, worked), steps: worked.steps };
	const { model, formFactor, memoryGiB } = quote.gpu;
	const { numerator, denominator } = quote.gpus;
	return {
		key: quote.key,
		gpu: [model, formFactor, memoryGiB === null ? 'memory unknown' : `${memoryGiB} GiB`].join(' '),
		gpus: denominator === 1 ? `${numerator}` : `${numerator}/${denominator}`,
		usdPerGpuHour: price.ok ? price.usdPerGpuHour : null,
		price: price.ok ? formatUsd(price.usdPerGpuHour) : price.message,
		pricing: `${quote.price.model} ${quote.meaning}`,
		term: rentalTermOf(quote),
		termAsPublished: quote.rental?.term?.words ?? null,
		observedAt: quote.observedAt,
		pricedAt: oldestInput(quote, tokenPrices),
		region: quote.region.country ?? quote.region.continent,
		available: quote.availability.state,
		steps: price.steps.map(({ formula, value, unit }) => `${formula} = ${value} ${unit}`),
	};
}
