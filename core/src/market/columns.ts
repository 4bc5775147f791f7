import { gpuModel } from '../gpu/catalogue.ts';
import type { Quote } from '../offer/quote.ts';
import { rentalTermOf } from '../offer/term.ts';
import { countryOf } from '../region/countries.ts';
import { Column } from './column.ts';
import type { OfferRow } from './row.ts';

/** The properties of all offers that questions are asked about. */
export type Columns = ReturnType<typeof columnsOf>;

type Name = string | number | boolean | null;

export function columnsOf(rows: readonly OfferRow[]) {
	const row = (at: number) => {
		const found = rows[at];
		if (found === undefined) throw new RangeError(`There is no offer ${at}.`);
		return found;
	};
	/** @param nameOf quotes of equal names have equal values */
	const column = <Value>(nameOf: (quote: Quote) => Name, read: (quote: Quote) => Value) =>
		new Column(
			rows.length,
			(at) => nameOf(row(at).quote),
			(at) => read(row(at).quote),
		);
	const word = <Value extends Name>(read: (quote: Quote) => Value) => column(read, read);
	const text = (nameOf: (quote: Quote) => Name, read: (quote: Quote) => (string | null | undefined)[]) =>
		column(nameOf, (quote) => read(quote).join(' ').toLowerCase());
	return {
		model: word(({ gpu }) => gpu.model),
		memory: word(({ gpu }) => gpu.memoryGiB),
		form: word(({ gpu }) => gpu.formFactor),
		place: column(
			({ region: { continent, country } }) => `${continent} ${country}`,
			({ region: { continent, country } }) => ({ continent, country }),
		),
		source: word(({ source }) => source),
		network: word(({ network }) => network),
		pricing: word(({ price }) => price.model),
		evidence: word(({ evidence }) => evidence),
		term: word(rentalTermOf),
		uptime: word(({ quality }) => quality.uptimeBps),
		routable: word(({ listing }) => listing !== null),
		state: word(({ availability }) => availability.state),
		meaning: word(({ meaning }) => meaning),
		believable: new Column(
			rows.length,
			(at) => row(at).believable,
			(at) => row(at).believable,
		),
		/** Micro-USD, 0 without; exact where it is a safe integer. */
		prices: Float64Array.from(rows, ({ usdPerGpuHour }) => Number(usdPerGpuHour ?? 0n)),
		pricedAt: Float64Array.from(rows, ({ pricedAt }) => pricedAt),
		/** How it is sold. */
		sale: column(
			({ gpus, price: { per }, availability: { widest } }) => `${gpus.numerator}/${gpus.denominator} ${per} ${widest}`,
			({ gpus, price: { per }, availability: { widest } }) => ({ gpus, price: { per }, availability: { widest } }),
		),
		/** What a job's cost depends on beside the price. */
		terms: column(
			({ gpus, price, rental, interruption, gpu }) =>
				`${gpu.model} ${gpus.numerator}/${gpus.denominator} ${price.per} ${rental?.minSeconds ?? 0} ${interruption?.monthlyBps ?? 0}`,
			({ gpus, price: { per }, rental, interruption, gpu }) => ({
				terms: { gpus, price: { per }, rental, interruption },
				model: gpu.model,
			}),
		),
		/** What free words are looked for in, in small letters. */
		texts: [
			text(
				({ gpu }) => `${gpu.model} ${gpu.formFactor} ${gpu.rawName}`,
				({ gpu }) => [gpuModel(gpu.model)?.name, gpu.model, gpu.rawName, gpu.formFactor],
			),
			text(
				({ source, network }) => `${source} ${network}`,
				({ source, network }) => [source, network],
			),
			text(
				({ region: { continent, country, raw } }) => `${continent} ${country} ${raw}`,
				({ region: { continent, country, raw } }) => [
					raw,
					continent,
					country,
					country === null ? null : countryOf(country)?.name,
				],
			),
			text(
				({ upstream }) => (upstream === null ? null : `${upstream.cloud} ${upstream.type}`),
				({ upstream }) => [upstream?.cloud, upstream?.type],
			),
			text(
				({ listing }) => listing?.id ?? null,
				({ listing }) => [listing?.name, listing?.providerName],
			),
		],
	};
}
