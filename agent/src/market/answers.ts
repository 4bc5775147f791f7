/** Answers to questions about the market: worked out once for a state and a question, however many ask. */
import {
	type GpuModelKey,
	MarketIndex,
	type MarketQuery,
	type OffersDelta,
	type OffersPage,
	type OffersResponse,
	POLICIES,
	type PolicyName,
	type Reference,
} from '@necto/core';
import { type OffersChange, offersChange } from './delta.ts';
import type { MarketState } from './feed.ts';
import { Lru } from './lru.ts';
import { encoded, MadeOnce } from './made.ts';

/** Indexes of the newest state under both policies, and of an older one that somebody goes on from. */
const INDEXES = 4;
/** Offers in all the answers that are kept; each is held once by the state, an answer only points to it. */
const KEPT_OFFERS = 300_000;
/** An answer without any offer still takes room, and its question is as long as an address may be. */
const EMPTY_WEIGHT = 50;
/** Bytes of all the texts that are kept. */
const KEPT_BYTES = 64 * 1024 * 1024;
/** Offers in one event: a slow reader holds no more than this in memory. */
const OFFERS_AN_EVENT = 2_000;
/** Offers that are written without a pause. */
const OFFERS_AT_ONCE = 500;
/** Up to this size the market of an earlier version is made ready again for whoever goes on from it; beyond it that takes seconds. */
const MOST_REMADE = 20_000;

interface Answer extends OffersPage {
	references: Reference[];
}

export class Answers {
	readonly #indexes = new Lru<string, MarketIndex>(INDEXES);
	readonly #answers = new Lru<string, Answer>(KEPT_OFFERS, weigh);
	readonly #changes = new Lru<string, OffersChange>(KEPT_OFFERS, weightOf);
	readonly #bodies = new MadeOnce<Uint8Array<ArrayBuffer>>(
		KEPT_BYTES,
		({ byteLength }, name) => byteLength + name.length,
	);
	readonly #events = new Lru<string, string>(KEPT_BYTES, ({ length }, name) => length + name.length);

	/** The market of a state, ready for questions. */
	index(state: MarketState, policy: PolicyName): MarketIndex {
		return this.#indexes.take(`${state.version} ${policy}`, () => {
			const { quotes, tokenPrices, takenAt } = state;
			return new MarketIndex(quotes, { tokenPrices, takenAt, policy: POLICIES[policy] });
		});
	}

	answer(state: MarketState, query: MarketQuery): Answer {
		return this.#answers.take(`${state.version} ${nameOf(query)}`, () => {
			const index = this.index(state, query.policy);
			const models = query.gpu?.map(({ model }) => model) ?? null;
			return { ...index.query(query), references: this.references(index, models) };
		});
	}

	/** The clouds' prices to hold offers of some models against; of all with null. */
	references(index: MarketIndex, models: readonly GpuModelKey[] | null): Reference[] {
		return index.references.filter(({ gpuModel }) => models === null || models.includes(gpuModel));
	}

	/** The body of `GET /offers`: JSON, made once, and in parts between which others have their turn. */
	body(state: MarketState, query: MarketQuery): Promise<Uint8Array<ArrayBuffer>> {
		return this.#bodies.take(`${state.version} ${nameOf(query)}`, () =>
			encoded(bodyOf(state, this.answer(state, query))),
		);
	}

	/**
	 * The events that turn the answer of one state into that of another, each as the text of an `OffersDelta`. Long ones come in parts: all but the last say that
	 * there is more. Made as they are taken, so that nobody who reads slowly makes the agent hold them all. They begin from nothing when the earlier state is none, or
	 * not at hand any more.
	 */
	*events(known: MarketState | null, to: MarketState, query: MarketQuery): Generator<{ data: string; more: boolean }> {
		const from = known !== null && this.#isAtHand(known, query) ? known : null;
		const name = `${from?.version ?? ''} ${to.version} ${nameOf(query)}`;
		const before = from === null ? null : this.answer(from, query);
		const after = this.answer(to, query);
		const change = this.#changes.take(name, () => offersChange(before?.offers ?? null, after.offers));
		const parts = Math.max(1, Math.ceil(change.changed.length / OFFERS_AN_EVENT));
		for (let part = 0; part < parts; part++) {
			const more = part < parts - 1;
			const isFirst = part === 0;
			const make = (): OffersDelta => ({
				from: isFirst ? (from?.version ?? null) : to.version,
				version: to.version,
				more,
				takenAt: to.takenAt,
				block: to.block.toString(),
				total: after.total,
				otherTerms: after.otherTerms,
				sources: isFirst && from?.sources !== to.sources ? [...to.sources] : null,
				tokenPrices: isFirst && from?.tokenPrices !== to.tokenPrices ? [...to.tokenPrices] : null,
				references: isFirst && !sameText(before?.references, after.references) ? after.references : null,
				changed: change.changed.slice(part * OFFERS_AN_EVENT, (part + 1) * OFFERS_AN_EVENT),
				removed: isFirst ? change.removed : [],
				seen: isFirst ? change.seen : [],
			});
			yield { data: this.#events.take(`${part} ${name}`, () => JSON.stringify(make())), more };
		}
	}

	/** Whether a state's answer costs little. Otherwise whoever goes on from old versions, one after the other, would have large markets made ready all the time. */
	#isAtHand(state: MarketState, query: MarketQuery): boolean {
		return (
			state.quotes.length <= MOST_REMADE ||
			this.#indexes.has(`${state.version} ${query.policy}`) ||
			this.#answers.has(`${state.version} ${nameOf(query)}`)
		);
	}
}

function* bodyOf(
	{ version, takenAt, block, sources, tokenPrices }: MarketState,
	{ offers, total, otherTerms, references }: Answer,
): Generator<string> {
	const head: Omit<OffersResponse, 'offers' | 'total'> = {
		version,
		takenAt,
		block: block.toString(),
		sources: [...sources],
		tokenPrices: [...tokenPrices],
		references,
		otherTerms,
	};
	yield `${JSON.stringify(head).slice(0, -1)},"offers":[`;
	for (let at = 0; at < offers.length; at += OFFERS_AT_ONCE) {
		const part = JSON.stringify(offers.slice(at, at + OFFERS_AT_ONCE));
		yield `${at === 0 ? '' : ','}${part.slice(1, -1)}`;
	}
	yield `],"total":${total}}`;
}

/** Equal for equal questions. */
export function nameOf(query: MarketQuery): string {
	const entries = Object.entries(query).filter(([, value]) => value !== undefined);
	return JSON.stringify(
		entries.sort(([a], [b]) => (a < b ? -1 : 1)),
		(_, value: unknown) => (typeof value === 'bigint' ? value.toString() : value),
	);
}

/** A job's cost with its lines is several times what an offer needs without. */
function weigh({ offers }: Answer): number {
	return EMPTY_WEIGHT + offers.length * (offers[0]?.cost == null ? 1 : 4);
}

function weightOf({ changed, removed, seen }: OffersChange): number {
	return EMPTY_WEIGHT + changed.length + removed.length + seen.reduce((sum, { keys }) => sum + keys.length, 0);
}

function sameText(a: readonly Reference[] | undefined, b: readonly Reference[]): boolean {
	return a !== undefined && JSON.stringify(a) === JSON.stringify(b);
}
