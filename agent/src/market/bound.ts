/** How much of the other networks' offers goes into one decision. */
import {
	byPrice,
	byText,
	type GpuModelKey,
	isOnOtherTerms,
	offlinePolicy,
	priceOf,
	type Quote,
	type TokenPrice,
	type UnixSeconds,
} from '@necto/core';
import { type SourceRow, snapshotNote } from './sources.ts';

/**
 * Most offers of other networks in a snapshot. Every decision stores its snapshot and pays for each byte; what is offered elsewhere is there to compare with,
 * and nobody compares with more.
 */
export const MOST_COMPARED = 2_000;

/**
 * The rows without offers under other terms than on demand and spot: no decision compares an hour with them. How many each source has of them is said in its
 * row. Rows without any are the same objects.
 */
export function onComparableTerms(rows: readonly SourceRow[]): readonly SourceRow[] {
	return rows.map((row) =>
		row.quotes.some(isOnOtherTerms)
			? cut(
					row,
					row.quotes.filter((quote) => !isOnOtherTerms(quote)),
					'on other rental terms',
				)
			: row,
	);
}

/**
 * The rows as they are while they hold few offers; otherwise only offers of the asked models; and of those the cheapest if they are still too many. What is left
 * out is said in the source's row. The same rows give the same result, whoever asks.
 */
export function boundedRows(
	rows: readonly SourceRow[],
	gpuModels: readonly GpuModelKey[],
	prices: readonly TokenPrice[],
	takenAt: UnixSeconds,
	most = MOST_COMPARED,
): readonly SourceRow[] {
	if (count(rows) <= most) return rows;
	const ofModel = rows.map((row) =>
		cut(
			row,
			row.quotes.filter(({ gpu }) => gpuModels.includes(gpu.model)),
			'of other GPU models',
		),
	);
	if (count(ofModel) <= most) return ofModel;
	const cheapest = new Set(cheapestOf(ofModel, prices, takenAt).slice(0, most));
	return ofModel.map((row) =>
		cut(
			row,
			row.quotes.filter((quote) => cheapest.has(quote)),
			'at higher prices',
		),
	);
}

/** By price, then by key; what has no price comes last. By the policy that converts with token prices of any age: the decision's own may be stricter. */
function cheapestOf(rows: readonly SourceRow[], prices: readonly TokenPrice[], takenAt: UnixSeconds): Quote[] {
	return rows
		.flatMap(({ quotes }) => quotes)
		.map((quote) => {
			const price = priceOf(quote, prices, takenAt, offlinePolicy);
			return { quote, price: price.ok ? price.usdPerGpuHour : null };
		})
		.sort((a, b) => byPrice(a.price, b.price) || byText(a.quote.key, b.quote.key))
		.map(({ quote }) => quote);
}

function count(rows: readonly SourceRow[]): number {
	return rows.reduce((sum, { quotes }) => sum + quotes.length, 0);
}

function cut({ source, status, quotes }: SourceRow, kept: readonly Quote[], which: string): SourceRow {
	const left = quotes.length - kept.length;
	if (left === 0) return { source, status, quotes };
	const said = `${left} ${left === 1 ? 'offer' : 'offers'} ${which} left out.`;
	// What was left out comes last, so that a long note loses something else.
	const note = (known: string | null) => (known === null ? said : `${known.slice(0, 499 - said.length)} ${said}`);
	return {
		source: { ...source, quotes: kept.length, note: snapshotNote(note(source.note)) },
		status: { ...status, quotes: kept.length, note: note(status.note) },
		quotes: kept,
	};
}
