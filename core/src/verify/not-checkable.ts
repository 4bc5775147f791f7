import { MOST_SPREAD_BPS } from '../offer/median.ts';
import { NECTO } from '../registry/listing.ts';
import { byText, type MarketSnapshot } from '../snapshot/snapshot.ts';
import type { ChainFacts, TokenAnswer } from './facts.ts';
import { answersOf } from './token-prices.ts';

/** A part of a record or a snapshot that cannot be verified from public data. */
export interface NotCheckable {
	/** What it is, as a phrase that can follow "not checked:". */
	what: string;
	/** Why, as a sentence. */
	why: string;
}

/** The parts of a decision for which the router has to be trusted, whichever checks passed. */
export function notCheckableOf(
	snapshot: MarketSnapshot | null,
	chain: ChainFacts,
	answers: readonly TokenAnswer[],
): NotCheckable[] {
	if (snapshot === null) return [];
	const list: NotCheckable[] = [];
	const foreign = snapshot.quotes.filter(({ source }) => source !== NECTO).length;
	list.push({
		what: `prices of other networks (${foreign} offers), and offers that were left out`,
		why: 'Networks do not sign their responses. These offers are for comparison only; a job cannot be routed to them.',
	});
	if (snapshot.sources.some(({ id }) => id !== NECTO)) {
		list.push({
			what: 'states, times and notes of the sources',
			why: 'Only the router knows whether and when a network responded. The hash of a response is recorded, the response is not.',
		});
	}
	list.push(...tokenSources(snapshot, answers));
	if (snapshot.tokenPrices.some(({ sources }) => sources !== undefined)) {
		list.push({
			what: `which sources of token prices were left out, and how far they may differ up to ${MOST_SPREAD_BPS / 100} %`,
			why: 'Both are settings of the router. The recorded limit is the one that is replayed.',
		});
	}
	const { registryState } = chain;
	if (!('missing' in registryState) && registryState.listings.some(({ provider }) => provider.jobs === null)) {
		list.push({
			what: 'job counters of the providers',
			why: 'No event contains them and the RPC node has no state for that block. They do not affect the ranking.',
		});
	}
	if (chain.partOf !== null) {
		list.push({
			what: `whether job ${chain.partOf} had to be split, and into these parts`,
			why: 'A record covers one part. No market snapshot is recorded for the split itself: one machine may have had enough free GPUs for the whole job at that time.',
		});
	}
	list.push({
		what: 'whether a listing’s hardware exists and is what its provider says',
		why: 'The chain stores what a provider states, not what it operates.',
	});
	return list;
}

/** Most names in one sentence: a forged snapshot may hold any number. */
const MOST_NAMES = 20;

function names(all: Iterable<string>): string {
	const sorted = [...all].sort(byText);
	const more = sorted.length > MOST_NAMES ? ` and ${sorted.length - MOST_NAMES} more` : '';
	return `${sorted.slice(0, MOST_NAMES).join(', ')}${more}`;
}

/** Token prices that could not be compared with their sources, grouped by the reason. */
function tokenSources({ tokenPrices, quotes }: MarketSnapshot, answers: readonly TokenAnswer[]): NotCheckable[] {
	const answerOf = answersOf(answers);
	const silent = new Map<string, { what: Set<string>; why: string }>();
	const without = new Set(quotes.map(({ price }) => price.currency).filter((currency) => currency !== 'USD'));
	const unasked = new Set<string>();
	const sourceless = new Set<string>();
	for (const { symbol, sources } of tokenPrices) {
		if (sources === undefined) sourceless.add(symbol);
		without.delete(symbol);
		for (const input of sources ?? []) {
			const answer = answerOf(symbol, input);
			if (answer === undefined) unasked.add(symbol);
			else if ('missing' in answer) {
				const reason = silent.get(answer.missing) ?? { what: new Set(), why: answer.missing };
				silent.set(answer.missing, reason);
				reason.what.add(`${symbol} by ${input.source}`);
			}
		}
	}
	const list = [...silent.values()].map(({ what, why }) => ({ what: `token prices (${names(what)})`, why }));
	if (sourceless.size > 0) {
		list.push({
			what: `token prices of a dated file, or without sources (${names(sourceless)})`,
			why: 'The record names no source that could be asked, and nothing that the price could be computed from.',
		});
	}
	if (without.size > 0) {
		list.push({
			what: `that no source had a token price (${names(without)})`,
			why: 'The sources do not sign that they have no price.',
		});
	}
	if (unasked.size > 0) {
		list.push({
			what: `token prices that were not compared with their sources (${names(unasked)})`,
			why: 'The sources do not sign their responses and were not queried in this verification. The median of the recorded values was recomputed.',
		});
	}
	return list;
}
