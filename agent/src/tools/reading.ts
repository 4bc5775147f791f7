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
import { named } from '../outside/words.ts';
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
	const troubles: Trouble[] = [];
	const readings = readers.flatMap((source): Reading[] => {
		try {
			const answer = source.read?.(body, taken);
			return answer === undefined ? [] : [{ source, answer }];
		} catch (error) {
			troubles.push({ id: source.id, text: named(source.name, messageOf(error)), rank: closeness(error, body) });
			return [];
		}
	});
	const [best] = readings.toSorted(
		(a, b) =>
			sizeOf(b.answer) - sizeOf(a.answer) ||
			strangeRows(a.answer) - strangeRows(b.answer) ||
			rowsLeft(b.answer) - rowsLeft(a.answer),
	);
	if (best === undefined) throw new SourceError('shape', unread(troubles));
	return best;
}

interface Trouble {
	/** The source's id. */
	id: string;
	text: string;
	/** Higher for a reader that came closer. */
	rank: number;
}

/** Reasons that are shown of a file that nothing reads. */
const SHOWN_TROUBLES = 3;

/** A short sentence, and a line for each of the readers that came closest. */
function unread(troubles: readonly Trouble[]): string {
	const closest = troubles.toSorted((a, b) => b.rank - a.rank).slice(0, SHOWN_TROUBLES);
	const more = troubles.length - closest.length;
	return [
		more === 0 ? 'It cannot be read.' : `None of ${troubles.length} sources can read it.`,
		...closest.map(({ id, text }) => `  ${id}: ${text}`),
		...(more === 0 ? [] : [`  --source ID shows the reason of one of the other ${more}.`]),
	].join('\n');
}

/** Who finds a name twice has read all of the file, and who finds fault with one place of it knows its format. */
function closeness(error: unknown, body: unknown): number {
	if (error instanceof AmbiguousAnswer) return 3;
	const message = messageOf(error);
	if (/ is wrong at (?!format|the top)/.test(message)) return 2;
	// A reader of tables says nothing of use about JSON, and the other way round.
	const isOfTables = /table|CSV|catalogue of machines|script/.test(message);
	return isOfTables === (typeof body === 'string') ? 1 : 0;
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
