import type { Quote } from '../offer/quote.ts';
import { CLOCK_TOLERANCE } from '../policy/policy.ts';
import { NECTO } from '../registry/listing.ts';
import type { MarketSnapshot, SnapshotSource } from '../snapshot/snapshot.ts';
import { failed, type Outcome, type Run, same } from './checks.ts';
import type { RegistryState, Unread } from './facts.ts';

/** What the snapshot says about its sources, against what it holds of them. */
export function sourceChecks(check: Run, snapshot: MarketSnapshot, state: RegistryState | Unread): void {
	check('sources', () => sources(snapshot));
	check('foreign-offers', () => foreignOffers(snapshot.quotes));
	check('offer-times', () => offerTimes(snapshot, state));
}

function sources({ sources, quotes }: MarketSnapshot): Outcome {
	const found = Map.groupBy(quotes, ({ source }): string => source);
	const seen = new Set<string>();
	for (const source of sources) {
		if (seen.has(source.id)) return failed('each source once', `${source.id} twice`);
		seen.add(source.id);
		const own = found.get(source.id) ?? [];
		if (own.length !== source.quotes) {
			return failed(`${source.id}: ${own.length} offers`, `${source.id}: said to have ${source.quotes}`);
		}
		const problem = source.id === NECTO ? registryProblem(source) : stateProblem(source, own);
		if (problem !== null) return failed(`${source.id}: ${problem.expected}`, `${source.id}: ${problem.found}`);
	}
	if (!seen.has(NECTO)) return failed(`the source ${NECTO}`, 'not named');
	const unnamed = [...found.keys()].find((id) => !seen.has(id));
	if (unnamed !== undefined) return failed('only offers of named sources', `offers of ${unnamed}, which is not named`);
	const all = `${sources.length} sources with ${quotes.length} offers`;
	return same(all, all);
}

type Problem = { expected: string; found: string } | null;

/** A decision reads the registry anew. There is no answer to hash: the block says which rows they are. */
function registryProblem({ state, fetchedAt, bodyHash }: SnapshotSource): Problem {
	const text = (isFresh: boolean, isRead: boolean, hasHash: boolean) =>
		`${isFresh ? 'fresh' : state}, ${isRead ? 'read' : 'not read'}, ${hasHash ? 'with' : 'without'} a hash`;
	const expected = text(true, true, false);
	const found = text(state === 'fresh', fetchedAt !== null, bodyHash !== null);
	return found === expected ? null : { expected, found };
}

function stateProblem({ state, fetchedAt, bodyHash }: SnapshotSource, quotes: readonly Quote[]): Problem {
	switch (state) {
		case 'fresh':
		case 'stale':
			return fetchedAt === null ? { expected: `a time of the answer while ${state}`, found: 'none' } : null;
		case 'failing':
		case 'not-configured':
			return quotes.length > 0 ? { expected: `no offers while ${state}`, found: `${quotes.length} offers` } : null;
		case 'snapshot': {
			const other = quotes.find(({ evidence }) => evidence !== 'snapshot');
			if (other !== undefined) {
				return { expected: 'dated offers from a dated file', found: `${other.key} with evidence ${other.evidence}` };
			}
			if (bodyHash !== null)
				return { expected: 'no hash of an answer that a dated file stands in for', found: bodyHash };
			const newest = quotes.reduce((latest, { observedAt }) => Math.max(latest, observedAt), 0);
			return fetchedAt === newest
				? null
				: { expected: `dated ${newest} as its newest offer`, found: `dated ${fetchedAt ?? 'nothing'}` };
		}
	}
}

/** Only a listing of the registry can be routed to, and only the registry has listings. */
function foreignOffers(quotes: readonly Quote[]): Outcome {
	for (const quote of quotes) {
		const isOwn = quote.source === NECTO;
		const problem = isOwn ? ownProblem(quote) : foreignProblem(quote);
		if (problem !== null) return failed(isOwn ? 'a listing of the registry' : 'an offer of another network', problem);
		if (!quote.key.startsWith(`${quote.source}:`)) {
			return failed(`a key that begins with ${quote.source}`, quote.key);
		}
	}
	const foreign = quotes.filter(({ source }) => source !== NECTO).length;
	const all = `${foreign} offers of other networks, none a listing`;
	return same(all, all);
}

function ownProblem({ key, listing }: Quote): string | null {
	return listing === null ? `${key} without a listing` : null;
}

function foreignProblem({ key, listing, evidence, meaning, network }: Quote): string | null {
	if (listing !== null) return `${key} with listing ${listing.id}`;
	if (evidence === 'listing') return `${key} with a listing as evidence`;
	if (meaning === 'listing') return `${key} as a listing`;
	return network === NECTO ? `${key} on the network ${NECTO}` : null;
}

function offerTimes({ sources, quotes, takenAt }: MarketSnapshot, state: RegistryState | Unread): Outcome {
	const latest = takenAt + CLOCK_TOLERANCE;
	const earliestOwn = 'missing' in state ? 0 : state.block.timestamp - CLOCK_TOLERANCE;
	const dated: { what: string; at: number; from: number }[] = [
		...sources.flatMap(({ id, fetchedAt }) =>
			fetchedAt === null ? [] : [{ what: `the answer of ${id}`, at: fetchedAt, from: id === NECTO ? earliestOwn : 0 }],
		),
		...quotes.map(({ key, source, observedAt }) => ({
			what: key,
			at: observedAt,
			from: source === NECTO ? earliestOwn : 0,
		})),
		...quotes.flatMap(({ key, interruption }) =>
			interruption === undefined ? [] : [{ what: `the interruptions of ${key}`, at: interruption.observedAt, from: 0 }],
		),
	];
	const late = dated.find(({ at }) => at > latest);
	if (late !== undefined)
		return failed(`at most ${latest}, five minutes after the snapshot`, `${late.what} at ${late.at}`);
	const early = dated.find(({ at, from }) => at < from);
	if (early !== undefined)
		return failed(`read after its block: ${early.from} or later`, `${early.what} at ${early.at}`);
	const all = `${dated.length} times, none after ${latest}`;
	return same(all, all);
}
