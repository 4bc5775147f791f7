import type { MicroUsd, OfferKey, SourceId } from '../ids.ts';
import type { Meaning, Quote } from '../offer/quote.ts';
import type { PricedQuote } from './priced.ts';

/** The same machine, offered by somebody else. The wire's `Alternative` with money as money. */
export interface Resold {
	key: OfferKey;
	source: SourceId;
	usdPerGpuHour: MicroUsd;
}

/** An offer with what it comes to; null when that cannot be told. */
export type SupplyOffer = Pick<PricedQuote, 'quote' | 'usdPerGpuHour'>;

/**
 * Which offers are other offers' machines sold once more: for the key of one that stands for a machine, those that stand behind it. A key stands behind one
 * other at most, and none that stands behind another has any behind itself.
 */
export type Collapse = (offers: readonly SupplyOffer[]) => ReadonlyMap<OfferKey, readonly Resold[]>;

/** Other names of clouds, letters and digits only; all others stand for themselves. */
const CLOUD_NAMES: ReadonlyMap<string, string> = new Map([
	['amazon', 'aws'],
	['amazonwebservices', 'aws'],
	['datacrunch', 'verda'],
	['google', 'gcp'],
	['googlecloud', 'gcp'],
	['lambdacloud', 'lambda'],
	['lambdalabs', 'lambda'],
	['latitudesh', 'latitude'],
	['microsoft', 'azure'],
	['microsoftazure', 'azure'],
	['vastai', 'vast'],
]);

/** No machine that somebody offers: past bids, lower ends of prices, and what another good comes to. */
const NO_MACHINE: ReadonlySet<Meaning> = new Set<Meaning>(['bid-history', 'floor', 'estimate']);

/**
 * One name for a cloud, however it is written: `lambda-labs`, `LambdaLabs` and `lambda` are one, and so are `io.net` and `io-net`. Lower-case letters and
 * digits only.
 */
export function cloudName(name: string): string {
	const compact = name.toLowerCase().replace(/[^a-z0-9]/g, '');
	return CLOUD_NAMES.get(compact) ?? compact;
}

/**
 * What makes two sources' offers one supply: the cloud that owns it, the GPU, how many in the unit, where, and whether it can be taken back. What is gone
 * is not what can be had, and what a dated file knows is not what was just heard: neither stands for the other.
 */
function identityOf({ upstream, network, gpu, gpus, region, price, availability, evidence, rental }: Quote): string {
	return JSON.stringify([
		cloudName(upstream?.cloud ?? network),
		gpu.model,
		gpu.formFactor,
		gpu.memoryGiB,
		gpus.numerator,
		gpus.denominator,
		region.country ?? region.raw.toLowerCase(),
		price.model,
		availability.state === 'none',
		evidence,
		rental?.term?.kind,
		rental?.term?.words,
	]);
}

interface Ranked {
	quote: Quote;
	price: MicroUsd;
	/** Whether the cloud itself offers it. */
	own: boolean;
}

/**
 * Puts the offers of one supply together: a machine that brokers resell beside its own cloud stands once, at its cheapest. Gives, for the key of each offer that
 * stands for others, those others, cheapest first; a key is behind one other at most, and none that is behind another has any behind itself.
 *
 * The offers of one source are always different machines. So within an identity each source's offers are put in the order of their prices, and the first ones of
 * all sources are one supply, the second ones another. Left alone are offers without a price, Necto's own listings, and what is no machine for rent. The
 * order in which the offers come does not matter. Takes n log n.
 */
export function collapseSupply(offers: readonly SupplyOffer[]): ReadonlyMap<OfferKey, readonly Resold[]> {
	const identities = new Map<string, Map<SourceId, Ranked[]>>();
	for (const offer of offers) {
		const ranked = rankedOf(offer);
		if (ranked === null) continue;
		const sources = entry(identities, identityOf(ranked.quote), () => new Map<SourceId, Ranked[]>());
		entry(sources, ranked.quote.source, (): Ranked[] => []).push(ranked);
	}
	const behind = new Map<OfferKey, Resold[]>();
	for (const sources of identities.values()) {
		if (sources.size === 1) continue;
		for (const [first, ...others] of rounds([...sources.values()])) {
			if (first !== undefined && others.length > 0) behind.set(first.quote.key, others.map(resoldOf));
		}
	}
	return behind;
}

function rankedOf({ quote, usdPerGpuHour: price }: SupplyOffer): Ranked | null {
	if (price === null || quote.listing !== null || NO_MACHINE.has(quote.meaning)) return null;
	return { quote, price, own: quote.upstream === null };
}

/** The k-th offers of all sources, cheapest first, for each k. */
function rounds(sources: readonly Ranked[][]): Ranked[][] {
	const result: Ranked[][] = [];
	for (const rows of sources) {
		for (const [k, row] of rows.toSorted(compare).entries()) {
			const round = result[k];
			if (round === undefined) result.push([row]);
			else round.push(row);
		}
	}
	return result.map((round) => round.toSorted(compare));
}

/** At one price the cloud itself comes before who resells it; then the key decides. */
function compare(a: Ranked, b: Ranked): number {
	if (a.price !== b.price) return a.price < b.price ? -1 : 1;
	if (a.own !== b.own) return a.own ? -1 : 1;
	return a.quote.key < b.quote.key ? -1 : 1;
}

function resoldOf({ quote, price }: Ranked): Resold {
	return { key: quote.key, source: quote.source, usdPerGpuHour: price };
}

function entry<Key, Value>(map: Map<Key, Value>, key: Key, make: () => Value): Value {
	const found = map.get(key);
	if (found !== undefined) return found;
	const made = make();
	map.set(key, made);
	return made;
}
