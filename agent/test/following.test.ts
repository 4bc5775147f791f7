/** Whoever follows the stream has, after any changes and any breaks of the line, what `GET /offers` would say. */
import {
	type MarketQuery,
	type OfferKey,
	type OffersDelta,
	type OfferView,
	offersDeltaSchema,
	offersResponseSchema,
	orderOf,
	type Quote,
	seenAgain,
	unixSeconds,
} from '@necto/core';
import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { anyOffers, anyQuery } from '../../core/test/market/markets.ts';
import type { MarketState } from '../src/market/feed.ts';
import { listingRow } from './support/indexer.ts';
import { movingSource, NOW, type TestMarket, testMarket } from './support/market.ts';

const SOURCES = ['aws', 'gcp', 'lambda', 'vast', 'akash', 'shadeform'];
/** Becomes too old to convert with on the way. */
const akt = (usd: string) => ({ symbol: 'AKT', usd, source: 'test', observedAt: unixSeconds(NOW - 850) });

/** Lambda's machines and those that Shadeform resells are alike, so that they stand behind each other. */
function alike(quote: Quote): Quote {
	if (quote.source !== 'lambda' && quote.source !== 'shadeform') return quote;
	return {
		...quote,
		gpu: { ...quote.gpu, formFactor: 'sxm', memoryGiB: 80 },
		gpus: { numerator: 8, denominator: 1 },
		region: { continent: 'europe', country: 'DE', raw: 'Frankfurt' },
		price: { ...quote.price, model: 'fixed' },
		meaning: 'offer',
		evidence: 'live',
		upstream: quote.source === 'lambda' ? null : { cloud: 'lambda-labs', type: 'h100' },
	};
}

const open: TestMarket[] = [];

afterEach(async () => {
	for (const made of open.splice(0)) await made.close();
});

/** What a reader holds: applies events as the wire's words say, parts of one change together. */
class Reader {
	version: string | null = null;
	total = 0;
	references: unknown;
	readonly query: MarketQuery;
	readonly views = new Map<OfferKey, OfferView>();

	constructor(query: MarketQuery) {
		this.query = query;
	}

	take(parts: readonly OffersDelta[]): void {
		for (const [index, part] of parts.entries()) {
			expect(part.from).toBe(index === 0 ? this.version : part.version);
			expect(part.more).toBe(index < parts.length - 1);
			if (part.from === null) this.views.clear();
			for (const view of part.changed) this.views.set(view.quote.key, view);
			for (const key of part.removed) expect(this.views.delete(key)).toBe(true);
			for (const { observedAt, keys } of part.seen) {
				for (const key of keys) {
					const view = this.views.get(key);
					if (view === undefined) throw new Error(`${key} was seen, but is not there.`);
					this.views.set(key, seenAgain(view, observedAt));
				}
			}
			this.total = part.total;
			this.references = part.references ?? this.references;
		}
		this.version = parts.at(-1)?.version ?? this.version;
	}

	get offers(): OfferView[] {
		return [...this.views.values()].sort(orderOf(this.query));
	}
}

/** A refusal's words may say how old something is; they alone are no change. */
const settled = (offers: readonly OfferView[]) =>
	offers.map((view) => ({ ...view, refusal: view.refusal === null ? null : view.refusal.code }));

function deltas({ answers }: TestMarket, from: MarketState | null, to: MarketState, query: MarketQuery): OffersDelta[] {
	return [...answers.events(from, to, query)].map(({ data }) => offersDeltaSchema.parse(JSON.parse(data)));
}

/** One step: what every source says from now on, and how much later it is. */
const anyStep = fc.record({
	offers: anyOffers,
	keep: fc.double({ min: 0, max: 1, noNaN: true }),
	later: fc.nat(40),
	/** Of Necto's own listing. */
	rate: fc.constantFrom('1990000', '2500000', '90000'),
	akt: fc.constantFrom('0.8', '0.8', '2'),
});

describe('DISC-02 following the market', () => {
	it('comes to what asking anew gives, whatever moved, whatever was asked, and wherever the line broke', async () => {
		await fc.assert(
			fc.asyncProperty(
				fc.array(anyStep, { minLength: 2, maxLength: 6 }),
				fc.array(fc.tuple(anyQuery, fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 6, maxLength: 6 })), {
					minLength: 4,
					maxLength: 4,
				}),
				async (steps, asked) => {
					const sources = SOURCES.map((id) => movingSource(id));
					const tokens = [akt('0.8')];
					const made = await testMarket(sources, tokens);
					open.push(made);
					const readers = asked.map(([query, breaks]) => ({ reader: new Reader(query), breaks }));
					let known: readonly Quote[] = [];
					for (const [at, { offers, keep, later, rate, akt: usd }] of steps.entries()) {
						made.clock.now += later;
						tokens.splice(0, 1, akt(usd));
						made.indexer.block++;
						made.indexer.rows = [listingRow({ rate, version: at + 1 })];
						// Some stay as they are, some are only seen again, the rest is what the step brings.
						const staying = known
							.filter((_, index) => index / known.length < keep)
							.map((quote, index) => (index % 2 === 0 ? quote : { ...quote, observedAt: unixSeconds(made.clock.now) }));
						const kept = new Set(staying.map(({ key }) => key));
						known = [
							...staying,
							...offers.map(alike).filter(({ key, source }) => source !== 'necto' && !kept.has(key)),
						];
						for (const source of sources) {
							source.says = {
								...source.says,
								quotes: structuredClone(known.filter((quote) => quote.source === source.id)),
							};
						}
						await made.refresh();
						const state = await made.feed.current();
						for (const { reader, breaks } of readers) {
							// 0: away meanwhile, comes back later with the version it has; 1: begins anew.
							if (breaks[at] === 0 && at < steps.length - 1) continue;
							const from = breaks[at] === 1 || reader.version === null ? null : made.feed.known(reader.version);
							if (from === null) reader.version = null;
							if (from === state) continue;
							reader.take(deltas(made, from, state, reader.query));
							const fresh = offersResponseSchema.parse(
								JSON.parse(new TextDecoder().decode(await made.answers.body(state, reader.query))),
							);
							expect(settled(reader.offers)).toEqual(settled(fresh.offers));
							expect([reader.version, reader.total, reader.references]).toEqual([
								fresh.version,
								fresh.total,
								fresh.references,
							]);
						}
					}
					await open.pop()?.close();
				},
			),
			{ numRuns: 150 },
		);
	});
});
