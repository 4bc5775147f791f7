import { gpuModel } from '../gpu/catalogue.ts';
import type { Quote } from '../offer/quote.ts';
import { countryOf } from '../region/countries.ts';
import { Column } from './column.ts';
import type { OfferRow } from './row.ts';

/** The properties of all offers that questions are asked about. */
export type Columns = ReturnType<typeof columnsOf>;

export function columnsOf(rows: readonly OfferRow[]) {
	const quotes = rows.map(({ quote }) => quote);
	const column = <Value>(read: (quote: Quote) => Value, nameOf: (value: Value) => string | number | null) =>
		new Column(quotes.map(read), nameOf);
	const word = <Value extends string | number | null>(read: (quote: Quote) => Value) => column(read, (value) => value);
	const texts = (read: (quote: Quote) => (string | null | undefined)[]) =>
		word((quote) => read(quote).join(' ').toLowerCase());
	return {
		model: word(({ gpu }) => gpu.model),
		memory: word(({ gpu }) => gpu.memoryGiB),
		form: word(({ gpu }) => gpu.formFactor),
		place: column(
			({ region: { continent, country } }) => ({ continent, country }),
			({ continent, country }) => `${continent} ${country}`,
		),
		source: word(({ source }) => source),
		network: word(({ network }) => network),
		pricing: word(({ price }) => price.model),
		evidence: word(({ evidence }) => evidence),
		uptime: word(({ quality }) => quality.uptimeBps),
		routable: word(({ listing }) => (listing === null ? 0 : 1)),
		state: word(({ availability }) => availability.state),
		meaning: word(({ meaning }) => meaning),
		believable: new Column(
			rows.map((row) => row.believable),
			(value) => (value ? 1 : 0),
		),
		/** Micro-USD, 0 without; exact where it is a safe integer. */
		prices: Float64Array.from(rows, ({ usdPerGpuHour }) => Number(usdPerGpuHour ?? 0n)),
		observedAt: Float64Array.from(quotes, ({ observedAt }) => observedAt),
		/** How it is sold. */
		sale: column(
			({ gpus, price: { per }, availability: { widest } }) => ({ gpus, price: { per }, availability: { widest } }),
			({ gpus, price, availability }) => `${gpus.numerator}/${gpus.denominator} ${price.per} ${availability.widest}`,
		),
		/** What a job's cost depends on beside the price. */
		terms: column(
			({ gpus, price: { per, model }, rental, interruption, listing, gpu }) => ({
				terms: { gpus, price: { per, model }, rental, interruption, listing },
				model: gpu.model,
			}),
			({ terms: { gpus, price, rental, interruption }, model }) =>
				`${model} ${gpus.numerator}/${gpus.denominator} ${price.per} ${rental?.minSeconds ?? 0} ${interruption?.monthlyBps ?? 0}`,
		),
		/** What free words are looked for in, in small letters. */
		texts: [
			texts(({ gpu }) => [gpuModel(gpu.model)?.name, gpu.model, gpu.rawName, gpu.formFactor]),
			texts(({ source, network }) => [source, network]),
			texts(({ region: { continent, country, raw } }) => [
				raw,
				continent,
				country,
				country === null ? null : countryOf(country)?.name,
			]),
			texts(({ upstream }) => [upstream?.cloud, upstream?.type]),
			texts(({ listing }) => [listing?.name, listing?.providerName]),
		],
	};
}
