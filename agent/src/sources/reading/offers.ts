/** From what networks publish to quotes: the checks and the fillings-in that all sources share. */
import {
	boundedPrice,
	type CanonicalGpu,
	canonicalGpu,
	defaultPolicy,
	type Evidence,
	type FormFactor,
	type GpuModelKey,
	type GpuRefusal,
	type Meaning,
	namesSlice,
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
import { conflictOf, type Entry, NOT_GROWING, notGrowing } from './contradictions.ts';
import { readRows } from './rows.ts';
import { contradictionIn, termIn } from './statements.ts';
import { type Undocumented, undocumentedIn } from './undocumented.ts';
import { type Validity, validityTrouble } from './validity.ts';

/** More than any network has. All others wait while a market is put together, so none may make it as large as it likes. */
export const MOST_OFFERS = 20_000;

/** One offer in the words of its network; what is not given is not known. */
export interface RawOffer {
	/** Unique inside the source. */
	id: string;
	/** As the network spells it. */
	gpu: string;
	/** Another name that the network has for the same GPU: an id that tells the edition which its title leaves out. */
	otherName?: string | undefined;
	/**
	 * What else the row says about the machine, as published: its id, type, name, description. Read for what contradicts the offer: a part of a GPU, another count
	 * or model, a term. The upstream type is read without being named here.
	 */
	texts?: readonly (string | null | undefined)[] | undefined;
	/** When the price holds, as published. */
	validity?: Validity | undefined;
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
	/** The part of the region that the price is for. */
	zone?: string | null | undefined;
	/**
	 * Who sets the prices of all machines of this list, so that they have to grow with the GPUs; null where each machine is its owner's. The upstream cloud without,
	 * and the source itself for list prices and observations.
	 */
	seller?: string | null | undefined;
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
	readonly #entries = new Map<string, Entry>();
	/** Names of offers that contradict each other, with how. */
	readonly #contested = new Map<string, string>();
	readonly #left = new Map<string, number>();
	/** Names and places come again and again: a catalogue has a hundred machines with one card. */
	readonly #gpus = new Map<string, GpuFound | string>();
	readonly #contradictions = new Map<string, string | null>();
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
			(row, raw) => {
				const made = toOffers(row);
				if (typeof made === 'string') this.leave(made);
				else {
					const further = undocumentedIn(raw, row);
					for (const offer of isMany(made) ? made : [made]) this.add(withFurther(offer, further));
				}
			},
			(reason) => this.leave(reason),
		);
		return this;
	}

	add(raw: RawOffer): void {
		const made = this.#quoteOf(raw);
		if (typeof made === 'string') {
			this.leave(made);
			return;
		}
		const contested = this.#contested.get(made.key);
		const known = this.#entries.get(made.key)?.quote;
		if (contested !== undefined) this.leave(contested);
		else if (known !== undefined) this.#addAgain(known, made);
		else if (this.#entries.size === MOST_OFFERS) {
			this.leave('too many');
			this.cut(`It has more than ${MOST_OFFERS} offers.`);
		} else {
			// Without its numbers, but for those of a generation: `_v3`.
			const line = raw.id.replace(/(?<!v)\d+/gi, '#');
			const place = raw.zone ?? raw.region ?? '';
			this.#entries.set(made.key, { quote: made, seller: sellerOf(raw, made), line, place });
		}
	}

	/** Of two rows that say the same, the first stands. Of two that contradict each other, none does: nobody can tell which of them is right. */
	#addAgain(known: Quote, made: Quote): void {
		const conflict = conflictOf(known, made);
		if (conflict === null) {
			this.leave('named twice');
			return;
		}
		this.#entries.delete(known.key);
		this.#contested.set(known.key, conflict);
		this.leave(conflict, 2);
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
		return this.#entries.size;
	}

	answer(): SourceAnswer {
		const entries = [...this.#entries.values()];
		const wrong = notGrowing(entries);
		const left = new Map(this.#left);
		if (wrong.size > 0) left.set(NOT_GROWING, wrong.size);
		return {
			quotes: entries.filter((entry) => !wrong.has(entry)).map(({ quote }) => quote),
			left: Object.fromEntries(left),
			incomplete: this.#incomplete,
		};
	}

	#quoteOf(raw: RawOffer): Quote | string {
		const amount = typeof raw.amount === 'number' ? decimalText(raw.amount) : raw.amount.trim();
		if (!isPrice(amount)) return 'no price';
		const gpu = remembered(
			this.#gpus,
			JSON.stringify([raw.model, raw.gpu, raw.otherName, raw.memoryGiB, raw.formFactor]),
			() => gpuOf(raw),
		);
		if (typeof gpu === 'string') return gpu;
		const trouble = validityTrouble(raw.validity ?? {}, this.#observedAt);
		if (trouble !== null) return trouble;
		const [numerator, denominator] = typeof raw.gpus === 'object' ? raw.gpus : [raw.gpus ?? 1, 1];
		const id = sourceId(this.#source.id);
		const place = remembered(this.#places, raw.region ?? '', (region) => regionOf(plainWords(region, 200)));
		const texts = textsOf(raw);
		const reading = { model: gpu.model, gpus: [numerator, denominator] as const };
		const contradiction = remembered(this.#contradictions, JSON.stringify([texts, reading]), () =>
			contradictionIn(texts, reading),
		);
		if (contradiction !== null) return contradiction;
		const term = termFrom(raw, texts);
		const parsed = quoteSchema.safeParse({
			key: offerKey(id, nativeId(withoutAddresses(raw.id))),
			source: id,
			network: raw.network ?? this.#source.network,
			evidence: this.#evidence,
			observedAt: raw.observedAt ?? this.#observedAt,
			meaning: term.kind === 'spot' && raw.meaning === 'list-price' ? 'observation' : raw.meaning,
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
		return outOfBounds(parsed.data) ?? parsed.data;
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

const GPU_REASONS: Readonly<Record<GpuRefusal, string>> = {
	unknown: 'GPU not known',
	ambiguous: 'GPU name of several models',
	'not-a-gpu': 'not a GPU',
	slice: 'part of a GPU',
	contradiction: 'memory contradicts the model',
};

function gpuOf(raw: RawOffer): GpuFound | string {
	const hints = { memoryGiB: raw.memoryGiB ?? null, formFactor: raw.formFactor ?? null };
	const names = raw.model === undefined ? [raw.gpu, raw.otherName] : [raw.model];
	const found = names.flatMap((name) => (name === undefined ? [] : [canonicalGpu(name, hints)]));
	// A key says nothing of slices; the name beside it may.
	if (raw.model !== undefined && namesSlice(raw.gpu)) return GPU_REASONS.slice;
	const gpu = oneOf(found);
	if ('ok' in gpu) return { ...gpu.ok, memoryGiB: gpu.ok.memoryGiB ?? null };
	return GPU_REASONS[gpu.refused];
}

/** What stands behind the key of a card where a name gives the edition: `rtxpro6000s`, `l40s`. */
const EDITION = /^(?:s|mq|d|ti|tis|g)$/;

/** Of two names of one GPU the one that says more: the other may leave out the edition, and may be none that is known, but must not name another card. */
function oneOf([first, second]: readonly CanonicalGpu[]): CanonicalGpu {
	if (first === undefined || second === undefined) return first ?? { refused: 'unknown', message: '', candidates: [] };
	for (const each of [first, second]) {
		if ('refused' in each && (each.refused === 'slice' || each.refused === 'contradiction')) return each;
	}
	if (!('ok' in second)) return first;
	if (!('ok' in first)) return first.candidates.length === 0 || first.refused === 'ambiguous' ? second : first;
	const [one, other] = [first.ok, second.ok];
	const isMore = (long: string, short: string) => long.startsWith(short) && EDITION.test(long.slice(short.length));
	if (one.model === other.model) return one.formFactor === 'unknown' ? second : first;
	if (isMore(other.model, one.model)) return second;
	if (isMore(one.model, other.model)) return first;
	const candidates = [one.model, other.model];
	return { refused: 'ambiguous', message: `One offer names ${candidates.join(' and ')}.`, candidates };
}

/** Who sets the prices of a list; of an open market's machines, each its owner. */
function sellerOf(raw: RawOffer, { source, network, meaning, upstream }: Quote): string | null {
	if (raw.seller !== undefined) return raw.seller;
	if (upstream !== null) return `${source} ${upstream.cloud}`;
	return meaning === 'list-price' || meaning === 'observation' ? `${source} ${network}` : null;
}

/** An offer with what its row says in fields that its reader does not know. */
function withFurther(offer: RawOffer, { texts, validity }: Undocumented): RawOffer {
	return { ...offer, validity: { ...validity, ...offer.validity }, texts: [...(offer.texts ?? []), ...texts] };
}

function textsOf({ texts = [], gpu, otherName, upstream }: RawOffer): string[] {
	const all = [...texts, gpu, otherName, upstream?.type];
	return [...new Set(all.flatMap((text) => (text == null || text === '' ? [] : [plainWords(text, 300)])))];
}

/** The stated term, unless a text names one that binds the renter more, or takes the machine back: a flag and a name that contradict each other are no price on demand. */
function termFrom({ term, pricing }: RawOffer, texts: readonly string[]): ReturnType<typeof termOf> {
	const stated = termOf(plainWords(term ?? '', 200));
	const isSpot = stated.kind === 'spot' || pricing === 'dynamic';
	const named = termIn(texts);
	if (named === null || (named.kind === 'spot' && isSpot)) return stated;
	return stated.kind === 'on-demand' || stated.kind === 'spot' ? named : stated;
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

/** Why a price in USD cannot be one of a GPU-hour; null when it can. A price in a token is looked at when it is converted. */
function outOfBounds(quote: Quote): string | null {
	if (quote.price.currency !== 'USD') return null;
	const price = boundedPrice(quote, priceOf(quote, [], quote.observedAt, defaultPolicy));
	if (price.ok) return null;
	return price.reason === 'below-any-price' ? 'price below any real one' : 'price beyond reason';
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
