import type { TokenPrice } from '../offer/tokenPrice.ts';
import { NECTO } from '../registry/listing.ts';
import { byText, type MarketSnapshot } from '../snapshot/snapshot.ts';
import type { ChainFacts, TokenReference } from './facts.ts';

/** A part of a record or a snapshot that nothing public says the truth of. */
export interface NotCheckable {
	/** What it is, as it stands after "not checked:". */
	what: string;
	/** Why, as a sentence. */
	why: string;
}

/** What of a decision stays the router's word, whichever checks passed. */
export function notCheckableOf(
	snapshot: MarketSnapshot | null,
	chain: ChainFacts,
	references: readonly TokenReference[],
): NotCheckable[] {
	if (snapshot === null) return [];
	const list: NotCheckable[] = [];
	const foreign = snapshot.quotes.filter(({ source }) => source !== NECTO).length;
	list.push({
		what: `prices of other networks (${foreign} offers), and offers that were left out`,
		why: 'No network signs its answers. None of these offers can be routed to: they are there to compare with.',
	});
	if (snapshot.sources.some(({ id }) => id !== NECTO)) {
		list.push({
			what: 'states, times and notes of the sources',
			why: 'Only the router saw whether a network answered, and when. The hash of an answer is recorded, the answer is not.',
		});
	}
	const asked = (symbol: string, source: string, at: number) =>
		references.some((known) => known.symbol === symbol && known.source === source && known.at === at);
	const isAsked = ({ symbol, sources }: TokenPrice) =>
		sources?.every((one) => asked(symbol, one.source, one.observedAt)) === true;
	const known = new Set(snapshot.tokenPrices.filter(isAsked).map(({ symbol }) => symbol));
	const used = [
		...snapshot.tokenPrices.map(({ symbol }) => symbol),
		...snapshot.quotes.map(({ price }) => price.currency).filter((currency) => currency !== 'USD'),
	];
	const unknown = [...new Set(used)].filter((symbol) => !known.has(symbol)).sort(byText);
	if (unknown.length > 0) {
		list.push({
			what: `what the sources of token prices said, or that none had a price (${unknown.join(', ')})`,
			why: 'They do not sign their answers and were not asked here what they said at that time. The median of what is recorded is recomputed.',
		});
	}
	if (snapshot.tokenPrices.some(({ sources }) => sources !== undefined)) {
		list.push({
			what: 'which sources of token prices were left out, and how far they may differ',
			why: 'Both are settings of the router. The recorded limit is the one that is replayed.',
		});
	}
	const { registryState } = chain;
	if (!('missing' in registryState) && registryState.listings.some(({ provider }) => provider.jobs === null)) {
		list.push({
			what: 'job counters of the providers',
			why: 'They are in no event and the chain’s node keeps no state of that block. Nothing is ranked by them.',
		});
	}
	list.push({
		what: 'whether a listing’s hardware exists and is what its provider says',
		why: 'The chain holds what a provider states, not what it runs.',
	});
	return list;
}
