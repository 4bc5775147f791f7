/** From what networks publish to quotes: the checks and the fillings-in that all sources share. */
import {
	canonicalGpu,
	defaultPolicy,
	type Evidence,
	type FormFactor,
	type GpuModelKey,
	type Meaning,
	offerKey,
	type PricingModel,
	parseDecimal,
	plainWords,
	priceOf,
	type Quote,
	type QuoteInterruption,
	type QuoteRental,
	quoteSchema,
	type Region,
	regionOf,
	sourceId,
	termOf,
	type UnixSeconds,
	unixSeconds,
	withoutAddresses,
} from '@necto/core';
import type { z } from 'zod';
import type { SourceAnswer } from '../asking/source.ts';
import { readRows } from './rows.ts';

/** Above any real GPU-hour: what is dearer is a mistake in the unit, and is left out. */
const HIGHEST_MICRO_USD = 1_000_000_000n;

/** More than any network has. All others wait while a market is put together, so none may make it as large as it likes. */
export const MOST_OFFERS = 20_000;

/** One offer in the words of its network; what is not given is not known. */
export interface RawOffer {
	/** Unique inside the source. */
	id: string;
	/** As the network spells it. */
	gpu: string;
	/** If the network's own type says which model it is, whatever the name. */
	model?: GpuModelKey | undefined;
	/** GiB of one GPU, as published; in MiB divided by 1,024. */
	memoryGiB?: number | null | undefined;
	formFactor?: FormFactor | null | undefined;
	/** GPUs in the priced unit; 1 without. A fraction as `[1, 6]`. */
	gpus?: number | readonly [number, number] | undefined;
	vcpus?: number | null | undefined;
	ramGiB?: number | null | undefined;
	diskGiB?: number | null | undefined;
	/** As published. */
	region?: string | null | undefined;
	/** `fixed` without. */
	pricing?: PricingModel | undefined;
	meaning: Meaning;
	/** As published: a number, or its text. */
	amount: number | string;
	/** `USD` without. */
	currency?: string | undefined;
	/** The amount counts in 10^-exponent: 2 for cents. 0 without. */
	exponent?: number | undefined;
	/** Whether the amount is for one GPU or for all `gpus`. */
	per: 'gpu' | 'instance';
	/** `hour` without. */
	time?: 'hour' | 'second' | 'block' | undefined;
	block?: { milliseconds: number; from: 'measured' | 'stated' } | undefined;
	feeBps?: number | undefined;
	includes?: readonly string[] | undefined;
	excludes?: readonly string[] | undefined;
	/** `unknown` without. */
	available?: 'available' | 'none' | 'unknown' | undefined;
	/** Free GPUs. */
	free?: number | null | undefined;
	/** Most GPUs in one machine; the priced unit of a machine is one without. */
	widest?: number | null | undefined;
	uptimeBps?: number | null | undefined;
	riskBps?: number | null | undefined;
	upstream?: { cloud: string; type: string } | null | undefined;
	rental?: QuoteRental | undefined;
	/** The term of the price in the vendor's words; on demand, or spot as `pricing` says, without. */
	term?: string | null | undefined;
	interruption?: QuoteInterruption | undefined;
	/** When the network says that this was so; the time of the answer without. */
	observedAt?: number | undefined;
	/** For a figure typed in by hand: who said so, and where. */
	origin?: string | undefined;
	/** The network it runs on, if it is not the source's. */
	network?: string | undefined;
}

/** A JSON number as a plain decimal, digit for digit as JavaScript reads it. */
export function decimalText(value: number): string {
	const text = String(value);
	// Huge numbers keep their exponent in `toFixed`, and without its zeros 1e300 would be a thousand.
	return text.includes('e-') ? value.toFixed(20).replace(/\.?0+$/, '') : text;
}

/** Collects a source's offers: each is checked, and what makes none is counted by its reason. */
export class Offers {
	readonly #source: { id: string; network: string };
	readonly #observedAt: UnixSeconds;
	readonly #evidence: Evidence;
	readonly #quotes = new Map<string, Quote>();
	readonly #left = new Map<string, number>();
	/** Names and places come again and again: a catalogue has a hundred machines with one card. */
	readonly #gpus = new Map<string, GpuFound | string>();
	readonly #places = new Map<string, Region>();
	#incomplete: string | null = null;

	/** @param observedAt unix seconds */
	constructor(source: { id: string; network: string }, observedAt: number, evidence: Evidence = 'live') {
		this.#source = source;
		this.#observedAt = unixSeconds(observedAt);
		this.#evidence = evidence;
	}

	/**
	 * Reads rows of a documented shape, one by one: a row that is none is counted, the others stand.
	 *
	 * @param toOffers gives the row's offers, or in a few words why there is none
	 * @throws SourceError when there are rows and none has the shape
	 */
	read<Row>(
		rows: readonly unknown[],
		schema: z.ZodType<Row>,
		toOffers: (row: Row) => RawOffer | readonly RawOffer[] | string,
	): this {
		readRows(
			rows,
			schema,
			(row) => {
				const made = toOffers(row);
				if (typeof made === 'string') this.leave(made);
				else for (const offer of isMany(made) ? made : [made]) this.add(offer);
			},
			(reason) => this.leave(reason),
		);
		return this;
	}

	add(raw: RawOffer): void {
		const made = this.#quoteOf(raw);
		if (typeof made === 'string') this.leave(made);
		// Of two rows with one name, the first stands.
		else if (this.#quotes.has(made.key)) this.leave('named twice');
		else if (this.#quotes.size === MOST_OFFERS) {
			this.leave('too many');
			this.cut(`It has more than ${MOST_OFFERS} offers.`);
		} else this.#quotes.set(made.key, made);
	}

	/** Counts a row that makes no offer. */
	leave(reason: string, rows = 1): void {
		this.#left.set(reason, (this.#left.get(reason) ?? 0) + rows);
	}

	/** Says what did not come; the first reason stands. */
	cut(sentence: string): void {
		this.#incomplete ??= sentence;
	}

	get size(): number {
		return this.#quotes.size;
	}

	answer(): SourceAnswer {
		return {
			quotes: [...this.#quotes.values()],
			left: Object.fromEntries(this.#left),
			incomplete: this.#incomplete,
		};
	}

	#quoteOf(raw: RawOffer): Quote | string {
		const amount = typeof raw.amount === 'number' ? decimalText(raw.amount) : raw.amount.trim();
		if (!isPrice(amount)) return 'no price';
		const gpu = remembered(this.#gpus, JSON.stringify([raw.model, raw.gpu, raw.memoryGiB, raw.formFactor]), () =>
			gpuOf(raw),
		);
		if (typeof gpu === 'string') return gpu;
		const [numerator, denominator] = typeof raw.gpus === 'object' ? raw.gpus : [raw.gpus ?? 1, 1];
		const id = sourceId(this.#source.id);
		const place = remembered(this.#places, raw.region ?? '', (region) => regionOf(plainWords(region, 200)));
		const term = termOf(plainWords(raw.term ?? '', 200));
		const parsed = quoteSchema.safeParse({
			key: offerKey(id, nativeId(withoutAddresses(raw.id))),
			source: id,
			network: raw.network ?? this.#source.network,
			evidence: this.#evidence,
			observedAt: raw.observedAt ?? this.#observedAt,
			meaning: raw.meaning,
			upstream:
				raw.upstream == null
					? null
					: { cloud: plainWords(raw.upstream.cloud, 80), type: plainWords(raw.upstream.type, 120) },
			gpu: { ...gpu, rawName: plainWords(raw.gpu, 200) },
			gpus: { numerator, denominator },
			host: { vcpus: count(raw.vcpus), ramGiB: count(raw.ramGiB), diskGiB: count(raw.diskGiB) },
			region: place,
			price: {
				model: term.kind === 'spot' && raw.pricing !== 'token' ? 'dynamic' : (raw.pricing ?? 'fixed'),
				amount,
				currency: raw.currency ?? 'USD',
				exponent: raw.exponent ?? 0,
				per: raw.per,
				time: raw.time ?? 'hour',
				blockMilliseconds: raw.block?.milliseconds ?? null,
				...(raw.block === undefined ? {} : { blockTime: raw.block.from }),
				feeBps: raw.feeBps ?? 0,
				includes: [...(raw.includes ?? [])],
				...(raw.excludes === undefined ? {} : { excludes: [...raw.excludes] }),
			},
			availability: {
				state: raw.available ?? 'unknown',
				gpus: raw.available === 'none' ? 0 : count(raw.free),
				widest: count(raw.widest) ?? (raw.per === 'instance' ? Math.max(1, Math.floor(numerator / denominator)) : null),
			},
			quality: { uptimeBps: raw.uptimeBps ?? null, latencyMs: null, ratingBps: null, riskBps: raw.riskBps ?? null },
			...rentalOf(raw.rental, term),
			...(raw.interruption === undefined ? {} : { interruption: raw.interruption }),
			...(raw.origin === undefined ? {} : { origin: plainWords(raw.origin, 320) }),
			listing: null,
		});
		if (!parsed.success) return 'not of the documented shape';
		return isReasonable(parsed.data) ? parsed.data : 'price beyond reason';
	}
}

function isMany(made: RawOffer | readonly RawOffer[]): made is readonly RawOffer[] {
	return Array.isArray(made);
}

function remembered<Value>(known: Map<string, Value>, name: string, make: (name: string) => Value): Value {
	const found = known.get(name);
	if (found !== undefined) return found;
	const made = make(name);
	known.set(name, made);
	return made;
}

interface GpuFound {
	model: GpuModelKey;
	formFactor: FormFactor;
	memoryGiB: number | null;
}

function gpuOf(raw: RawOffer): GpuFound | string {
	const hints = { memoryGiB: raw.memoryGiB ?? null, formFactor: raw.formFactor ?? null };
	const found = canonicalGpu(raw.model ?? raw.gpu, hints);
	if ('ok' in found) return { ...found.ok, memoryGiB: found.ok.memoryGiB ?? null };
	return { unknown: 'GPU not known', ambiguous: 'GPU name of several models', 'not-a-gpu': 'not a GPU' }[found.refused];
}

/** What a renter is bound to, with the term if it is neither on demand nor spot. */
function rentalOf(
	rental: QuoteRental | undefined,
	{ kind, words }: ReturnType<typeof termOf>,
): { rental?: QuoteRental } {
	if (kind === 'on-demand' || kind === 'spot') return rental === undefined ? {} : { rental };
	return { rental: { ...(rental ?? { minSeconds: null, prepaid: null }), term: { kind, words } } };
}

/** No price is no price, and a price of zero is not a gift. */
function isPrice(amount: string): boolean {
	try {
		return parseDecimal(amount).numerator > 0n;
	} catch {
		return false;
	}
}

/** A price in a token is looked at when it is converted. */
function isReasonable(quote: Quote): boolean {
	if (quote.price.currency !== 'USD') return true;
	const price = priceOf(quote, [], quote.observedAt, defaultPolicy);
	return price.ok && price.usdPerGpuHour <= HIGHEST_MICRO_USD;
}

/** Whole numbers; what is none or less than nothing is not known. */
function count(value: number | null | undefined): number | null {
	return value == null || !Number.isFinite(value) || value < 0 ? null : Math.floor(value);
}

/** A key holds 200 characters, and each of the name's may take three there: of a name too long both ends stay, where rows differ. */
export function nativeId(id: string): string {
	const name = id.replace(/[^\x21-\x7e]+/g, '-') || '-';
	return encodeURIComponent(name).length <= 200 ? name : `${name.slice(0, 32)}...${name.slice(-31)}`;
}
