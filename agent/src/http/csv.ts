/** Offers as a table for spreadsheets: RFC 4180, one header row, and no cell that a spreadsheet would run. */
import { formatRational, type OfferView, rentalTermOf } from '@necto/core';

type Cell = string | number | boolean | null;

const COLUMNS: readonly (readonly [title: string, cell: (offer: OfferView) => Cell])[] = [
	['Offer', ({ quote }) => quote.key],
	['Source', ({ quote }) => quote.source],
	['Network', ({ quote }) => quote.network],
	['GPU model', ({ quote }) => quote.gpu.model],
	['GPU as published', ({ quote }) => quote.gpu.rawName],
	['Form factor', ({ quote }) => quote.gpu.formFactor],
	['Memory of one GPU (GiB)', ({ quote }) => quote.gpu.memoryGiB],
	['GPUs in the priced unit', ({ quote: { gpus } }) => fraction(gpus)],
	['vCPUs of the priced unit', ({ quote }) => quote.host.vcpus],
	['RAM of the priced unit (GiB)', ({ quote }) => quote.host.ramGiB],
	['Disk of the priced unit (GiB)', ({ quote }) => quote.host.diskGiB],
	['Price (USD per GPU-hour)', ({ usdPerGpuHour }) => usd(usdPerGpuHour)],
	['Why there is no price', ({ refusal }) => refusal?.message ?? null],
	['Doubt', ({ doubt }) => doubt?.message ?? null],
	['Job in all (USD)', ({ cost }) => usd(cost?.total ?? null)],
	['Job (USD per GPU-hour of work)', ({ cost }) => usd(cost?.perGpuHour ?? null)],
	['Published amount', ({ quote }) => quote.price.amount],
	['Decimal places to shift the amount by', ({ quote }) => quote.price.exponent],
	['Currency', ({ quote }) => quote.price.currency],
	['Amount is for one', ({ quote: { price } }) => `${price.per}-${price.time}`],
	['Fee on top (%)', ({ quote }) => hundredth(quote.price.feeBps)],
	['Pricing model', ({ quote }) => quote.price.model],
	['What the figure is', ({ quote }) => quote.meaning],
	['Evidence', ({ quote }) => quote.evidence],
	['Observed at (UTC)', ({ quote }) => new Date(quote.observedAt * 1000).toISOString()],
	['Oldest figure in the price (UTC)', ({ pricedAt }) => new Date(pricedAt * 1000).toISOString()],
	['Continent', ({ quote }) => quote.region.continent],
	['Country', ({ quote }) => quote.region.country],
	['Region as published', ({ quote }) => quote.region.raw],
	['Availability', ({ quote }) => quote.availability.state],
	['Free GPUs', ({ quote }) => quote.availability.gpus],
	['Most GPUs in one machine', ({ quote }) => quote.availability.widest],
	['Uptime (%)', ({ quote }) => hundredth(quote.quality.uptimeBps)],
	['Interrupted within a month (%)', ({ quote }) => hundredth(quote.interruption?.monthlyBps ?? null)],
	['Rental term', ({ quote }) => rentalTermOf(quote)],
	['Rental term as published', ({ quote }) => quote.rental?.term?.words ?? null],
	['Least paid time (s)', ({ quote }) => quote.rental?.minSeconds ?? null],
	['Owner of the machine', ({ quote }) => quote.upstream?.cloud ?? null],
	['Offered elsewhere as', ({ alternatives }) => alternatives.map(({ key }) => key).join(' ')],
	['Routable through Necto', ({ routable }) => routable],
	['Provider', ({ quote }) => quote.listing?.providerName ?? null],
];

/** Rows that are made without a pause. */
const ROWS_AT_ONCE = 250;

/** The table in parts, each a fraction of a millisecond's work for every row: between them others can have their turn. The header row comes first. */
export function* csvOf(offers: readonly OfferView[]): Generator<string> {
	yield textOf([COLUMNS.map(([title]) => title)]);
	for (let at = 0; at < offers.length; at += ROWS_AT_ONCE) {
		yield textOf(offers.slice(at, at + ROWS_AT_ONCE).map((offer) => COLUMNS.map(([, cell]) => cell(offer))));
	}
}

function textOf(rows: readonly (readonly Cell[])[]): string {
	return rows.map((row) => `${row.map(cellText).join(',')}\r\n`).join('');
}

/** What providers write must not become a formula in somebody's spreadsheet. Unknown is an empty cell. */
function cellText(cell: Cell): string {
	const plain = cell === null ? '' : String(cell);
	// Where a comma is the decimal sign, spreadsheets part cells at semicolons whatever the file says.
	const text = plain.replace(/(^|;["'\s]*)(?=[=+\-@\t\r])/g, "$1'");
	return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

function usd(micro: string | null): string | null {
	return micro === null ? null : formatRational({ numerator: BigInt(micro), denominator: 1_000_000n });
}

/** Basis points as percent. */
function hundredth(bps: number | null): string | null {
	return bps === null ? null : formatRational({ numerator: BigInt(bps), denominator: 100n });
}

function fraction({ numerator, denominator }: { numerator: number; denominator: number }): string {
	return denominator === 1 ? String(numerator) : `${numerator}/${denominator}`;
}
