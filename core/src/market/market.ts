import type { OfferKey } from '../ids.ts';
import type { Step } from '../normalise/step.ts';
import type { Quote } from '../offer/quote.ts';
import { byText } from '../snapshot/snapshot.ts';
import type { Doubt, OfferView, OtherTermCounts, Reference } from '../wire/market.ts';
import { oldestInput } from './age.ts';
import { type Columns, columnsOf } from './columns.ts';
import { costJson, jobCost } from './cost.ts';
import { doubtsOf } from './doubt.ts';
import { byPrice, byUptime, isBelievable } from './order.ts';
import { type PricedQuote, type Pricing, pricedQuotes, stepsOf } from './priced.ts';
import { jobOf, type MarketQuery, performanceOf } from './query.ts';
import { questionOf, termsOf } from './question.ts';
import { referencesOf } from './references.ts';
import { type OfferRow, viewOf } from './row.ts';
import { costsOf, sortingOf } from './sorting.ts';
import { type Collapse, collapseSupply, type Resold } from './supply.ts';
import { keeperOf } from './top.ts';

/** A page of an answer: `total` counts all that fit, before paging. */
export interface OffersPage {
	total: number;
	offers: OfferView[];
	/** Offers that fit in everything but the rental terms that are asked for, by term. */
	otherTerms: OtherTermCounts;
}

/**
 * The market at one moment, made ready for questions: every offer priced once, doubted where its figure is far from everybody else's, put behind the offer
 * whose machine it sells once more, and laid out in columns in the order of price, uptime and key. A question walks columns of small numbers and keeps the
 * few offers that it returns.
 *
 * Pure: the same quotes in any order give the same answers.
 */
export class MarketIndex {
	readonly pricing: Pricing;
	/** By price, the lowest first, then known uptime, then key; without a price last. A row's place here is its number. */
	readonly rows: readonly OfferRow[];
	readonly #columns: Columns;
	/** Row numbers of each GPU model, rising. */
	readonly #byModel: ReadonlyMap<string, Uint32Array>;
	/** The row whose machine a row sells once more; itself if it is nobody's. */
	readonly #original: Uint32Array;
	readonly #numbers: ReadonlyMap<OfferKey, number>;
	#references: readonly Reference[] | null = null;
	readonly #views: (OfferView | undefined)[] = [];

	/** @param collapse which offers are other offers' machines sold once more */
	constructor(quotes: readonly Quote[], pricing: Pricing, collapse: Collapse = collapseSupply) {
		this.pricing = pricing;
		const priced = inOrder(pricedQuotes(quotes, pricing));
		const doubts = doubtsOf(priced);
		// A figure that is not believed stands for nobody's machine: an honest offer must not vanish behind it.
		const resold = collapse(priced.filter(({ quote }) => !doubts.has(quote.key)));
		this.rows = rowsOf(priced, doubts, resold, pricing.tokenPrices);
		this.#columns = columnsOf(this.rows);
		this.#numbers = new Map(this.rows.map(({ quote }, at) => [quote.key, at]));
		this.#byModel = byModel(this.rows);
		this.#original = Uint32Array.from(this.rows.keys());
		for (const [key, alternatives] of resold) {
			const original = this.#numbers.get(key);
			if (original === undefined) continue;
			for (const alternative of alternatives) {
				const at = this.#numbers.get(alternative.key);
				if (at !== undefined) this.#original[at] = original;
			}
		}
	}

	get size(): number {
		return this.rows.length;
	}

	/** The clouds' on-demand prices that offers are held against. */
	get references(): readonly Reference[] {
		this.#references ??= referencesOf(this.rows);
		return this.#references;
	}

	/** One offer, whether it stands behind another or not; null when the market does not hold the key. */
	offer(key: OfferKey, query: MarketQuery | null = null): OfferView | null {
		const at = this.#numbers.get(key);
		if (at === undefined) return null;
		return query === null ? this.#view(at) : this.#viewFor(at, query);
	}

	/** Each line from the published price of an offer to USD per GPU-hour, worked out anew; none when the market does not hold the key. */
	steps(key: OfferKey): Step[] {
		const row = this.rows[this.#numbers.get(key) ?? -1];
		return row === undefined ? [] : stepsOf(row.quote, this.pricing);
	}

	/**
	 * The offers that fit, in the order of `orderOf`. One that sells another's machine once more is left out where that other is in the answer, unless the
	 * asked job costs less there.
	 */
	query(query: MarketQuery): OffersPage {
		const { total, numbers, otherTerms } = this.#select(query);
		return { total, offers: numbers.map((at) => this.#viewFor(at, query)), otherTerms };
	}

	/** The keys of the same answer, without making its offers ready to be sent. */
	keys(query: MarketQuery): { total: number; keys: OfferKey[] } {
		const { total, numbers } = this.#select(query);
		return { total, keys: numbers.map((at) => this.#row(at).quote.key) };
	}

	#select(query: MarketQuery): { total: number; numbers: number[]; otherTerms: OtherTermCounts } {
		const fits = questionOf(query, this.#columns);
		const isOfTerms = termsOf(query, this.#columns);
		const termAt = this.#columns.term.map((term) => term);
		const otherTerms: OtherTermCounts = {};
		const candidates = this.#candidates(query);
		const end = query.maxUsd === undefined ? this.rows.length : this.#dearerThan(query.maxUsd);
		const { offset, limit = this.rows.length } = query;
		const cost = costsOf(query, this.rows, this.#columns);
		const kept = keeperOf(Math.min(offset + limit, this.rows.length), sortingOf(query, this.rows, this.#columns, cost));
		const original = this.#original;
		let total = 0;
		const count = candidates?.length ?? end;
		for (let index = 0; index < count; index++) {
			const at = candidates === null ? index : (candidates[index] ?? end);
			if (at >= end) break;
			if (!fits(at)) continue;
			if (!isOfTerms(at)) {
				const term = termAt(at);
				otherTerms[term] = (otherTerms[term] ?? 0) + 1;
				continue;
			}
			const stands = original[at] ?? at;
			// Behind one that is not asked for, or that its terms make dearer for this job, it speaks for the machine itself.
			if (
				stands !== at &&
				stands < end &&
				fits(stands) &&
				isOfTerms(stands) &&
				!(cost !== null && cost(at) < cost(stands))
			)
				continue;
			total++;
			kept.offer(at);
		}
		return { total, numbers: kept.sorted().slice(offset), otherTerms };
	}

	/** Rows of the models that would do, rising; null for all. */
	#candidates({ gpu }: MarketQuery): Uint32Array | null {
		if (gpu === undefined) return null;
		const lists = [...new Set(gpu.map(({ model }) => model))].flatMap((model) => this.#byModel.get(model) ?? []);
		if (lists.length === 1) return lists[0] ?? null;
		const all = new Uint32Array(lists.reduce((sum, { length }) => sum + length, 0));
		let at = 0;
		for (const list of lists) {
			all.set(list, at);
			at += list.length;
		}
		return all.sort();
	}

	/** The first row with a higher price, or without any. */
	#dearerThan(limit: bigint): number {
		let [low, high] = [0, this.rows.length];
		while (low < high) {
			const middle = (low + high) >> 1;
			const price = this.rows[middle]?.usdPerGpuHour ?? null;
			if (price !== null && price <= limit) low = middle + 1;
			else high = middle;
		}
		return low;
	}

	#view(at: number): OfferView {
		let view = this.#views[at];
		if (view === undefined) {
			view = viewOf(this.#row(at));
			this.#views[at] = view;
		}
		return view;
	}

	#viewFor(at: number, query: MarketQuery): OfferView {
		const job = jobOf(query);
		const { quote, usdPerGpuHour } = this.#row(at);
		if (job === null || usdPerGpuHour === null) return this.#view(at);
		const cost = jobCost(quote, usdPerGpuHour, job, performanceOf(query, quote.gpu.model));
		return cost === null ? this.#view(at) : { ...this.#view(at), cost: costJson(cost) };
	}

	#row(at: number): OfferRow {
		const row = this.rows[at];
		if (row === undefined) throw new RangeError(`There is no offer ${at}.`);
		return row;
	}
}

/** By price, known uptime and key. Most prices are told apart as plain numbers, which is several times as fast as with big integers. */
function inOrder(priced: readonly PricedQuote[]): PricedQuote[] {
	const lines = priced.map((offer) => ({ offer, price: Number(offer.usdPerGpuHour ?? U64) }));
	lines.sort(
		(a, b) =>
			a.price - b.price ||
			byPrice(a.offer.usdPerGpuHour, b.offer.usdPerGpuHour) ||
			byUptime(a.offer.quote.quality.uptimeBps, b.offer.quote.quality.uptimeBps) ||
			byText(a.offer.quote.key, b.offer.quote.key),
	);
	return lines.map(({ offer }) => offer);
}

/** No price is above. */
const U64 = 2n ** 64n - 1n;

function rowsOf(
	priced: readonly PricedQuote[],
	doubts: ReadonlyMap<OfferKey, Doubt>,
	resold: ReadonlyMap<OfferKey, readonly Resold[]>,
	tokenPrices: Pricing['tokenPrices'],
): OfferRow[] {
	return priced.map(({ quote, usdPerGpuHour, refusal }) => {
		const doubt = doubts.get(quote.key) ?? null;
		const alternatives = resold.get(quote.key) ?? NONE;
		const pricedAt = oldestInput(quote, tokenPrices);
		return { quote, usdPerGpuHour, refusal, pricedAt, doubt, alternatives, believable: isBelievable({ quote, doubt }) };
	});
}

const NONE: readonly Resold[] = [];

function byModel(rows: readonly OfferRow[]): Map<string, Uint32Array> {
	const lists = new Map<string, number[]>();
	rows.forEach(({ quote }, at) => {
		const list = lists.get(quote.gpu.model);
		if (list === undefined) lists.set(quote.gpu.model, [at]);
		else list.push(at);
	});
	return new Map([...lists].map(([model, list]) => [model, Uint32Array.from(list)]));
}
