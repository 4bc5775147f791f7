import { z } from 'zod';
import type { ListingId } from '../ids.ts';
import { canonicalText } from '../json/canonical.ts';
import { type Quote, quoteSchema } from '../offer/quote.ts';
import { admits, listingQuote, NECTO, type RegistryListing } from '../registry/listing.ts';
import type { JobRequest } from '../request/request.ts';
import { byText, type MarketSnapshot } from '../snapshot/snapshot.ts';
import { failed, notRun, type Outcome, type Run, same } from './checks.ts';
import type { ChainFacts, RegistryState, RequesterStanding, Unread } from './facts.ts';

const AT_BLOCK = 'the listings of the chain at the snapshot’s block';

/** The snapshot's own listings against the chain at its block. */
export function listingChecks(
	check: Run,
	record: { admitted: readonly ListingId[] },
	snapshot: MarketSnapshot,
	chain: ChainFacts,
): void {
	const { registryState: state, standing, request } = chain;
	const read = readable(state, snapshot);
	if ('missing' in read) {
		check('listings-complete', () => notRun(AT_BLOCK, read.missing));
		check('listings-equal', () => notRun(AT_BLOCK, read.missing));
	} else {
		const own = snapshot.quotes.filter(({ source }) => source === NECTO);
		check('listings-complete', () => complete(own, read));
		check('listings-equal', () => equal(own, read));
	}
	check('admitted', () => admitted(record.admitted, snapshot, request, read, standing));
}

function readable(state: RegistryState | Unread, { chain: { block } }: MarketSnapshot): RegistryState | Unread {
	if ('missing' in state || state.block.number === block) return state;
	return { missing: `the chain was read at block ${state.block.number}, not ${block}` };
}

/** The listings that a snapshot can represent; others are left out of decisions. */
function expectedOf(
	{ listings }: RegistryState,
	observedAt: number,
): Map<string, { quote: Quote; from: RegistryListing }> {
	const quotes = new Map<string, { quote: Quote; from: RegistryListing }>();
	for (const from of listings) {
		const quote = listingQuote(from, observedAt);
		if (quote !== null) quotes.set(quote.key, { quote, from });
	}
	return quotes;
}

function complete(own: readonly Quote[], state: RegistryState): Outcome {
	const expected = expectedOf(state, 0);
	const found = new Set<string>(own.map(({ key }) => key));
	const missing = [...expected.keys()].filter((key) => !found.has(key));
	const invented = [...found].filter((key) => !expected.has(key));
	const all = `${expected.size} listings at block ${state.block.number}`;
	if (missing.length > 0) return failed(all, `missing: ${missing.sort(byText).join(', ')}`);
	if (invented.length > 0) return failed(all, `extra: ${invented.sort(byText).join(', ')} (not on chain)`);
	return same(all, all);
}

function equal(own: readonly Quote[], state: RegistryState): Outcome {
	const expected = expectedOf(state, 0);
	let compared = 0;
	for (const quote of own) {
		const known = expected.get(quote.key);
		// Reported by `listings-complete`.
		if (known === undefined) continue;
		// Counters are compared only where both sides have them.
		const withJobs = known.from.provider.jobs !== null && quote.listing?.jobs !== undefined;
		const difference = differenceOf(comparable(known.quote, withJobs), comparable(quote, withJobs));
		if (difference !== null) {
			const at = `${quote.key} ${difference.path}`;
			return failed(`${at}: ${difference.expected}`, `${at}: ${difference.found}`);
		}
		compared++;
	}
	const all = `${compared} listings, field by field, at block ${state.block.number}`;
	return same(all, all);
}

/** Without `observedAt`, which `offer-times` checks. */
function comparable(quote: Quote, withJobs: boolean): unknown {
	const { observedAt: _, listing, ...rest } = z.encode(quoteSchema, quote);
	if (listing === null) return { ...rest, listing };
	const { jobs, ...terms } = listing;
	const attestations = terms.attestations.toSorted((a, b) => byText(a.kind, b.kind));
	return { ...rest, listing: { ...terms, attestations, ...(withJobs && jobs !== undefined ? { jobs } : {}) } };
}

interface Difference {
	path: string;
	expected: string;
	found: string;
}

/** The first place at which two JSON values differ. */
function differenceOf(expected: unknown, found: unknown, path = ''): Difference | null {
	const text = (value: unknown) => (value === undefined ? 'nothing' : canonicalText(value));
	if (!isObject(expected) || !isObject(found)) {
		return text(expected) === text(found) ? null : { path, expected: text(expected), found: text(found) };
	}
	for (const key of [...new Set([...Object.keys(expected), ...Object.keys(found)])].sort(byText)) {
		const difference = differenceOf(expected[key], found[key], path === '' ? key : `${path}.${key}`);
		if (difference !== null) return difference;
	}
	return null;
}

function isObject(value: unknown): value is Record<string, unknown> {
	return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * Compares the restricted listings that the decision took as open to the buyer with the chain. The agent queries this moments after it reads the listings,
 * so the state at the snapshot's block and the state just before the route are both accepted.
 */
function admitted(
	said: readonly ListingId[],
	{ quotes, takenAt }: MarketSnapshot,
	{ startWindow, duration }: JobRequest,
	state: RegistryState | Unread,
	standing: RequesterStanding | Unread | null,
): Outcome {
	const text = (ids: Iterable<number>) => {
		const rising = [...new Set(ids)].sort((a, b) => a - b);
		return rising.length === 0 ? 'no listing' : `listing ${rising.join(', ')}`;
	};
	if (standing === null) return same(text([]), text(said));
	const restricted = new Set<number>(
		quotes.flatMap(({ listing }) => (listing?.restricted === true ? [listing.id] : [])),
	);
	const unknown = said.filter((id) => !restricted.has(id));
	if (unknown.length > 0) return failed('restricted listings of the snapshot', text(unknown));
	if (restricted.size === 0) return same(text([]), text(said));
	if ('missing' in standing) return notRun('the buyer’s admission on chain', standing.missing);
	if ('missing' in state) return notRun(AT_BLOCK, state.missing);
	const until = takenAt + startWindow + duration;
	const rules = state.listings.filter(({ id, ruleAttestations, allowListOnly }) => {
		return (ruleAttestations !== 0 || allowListOnly) && restricted.has(id);
	});
	const open = (at: 'atSnapshot' | 'beforeRoute') =>
		new Set(rules.filter((listing) => admits(listing, standing[at], until)).map(({ id }) => id));
	const [then, later] = [open('atSnapshot'), open('beforeRoute')];
	const claims = new Set<number>(said);
	const wrong = [...restricted].filter((id) => {
		const claimed = claims.has(id);
		return then.has(id) !== claimed && later.has(id) !== claimed;
	});
	if (wrong.length === 0) return same(text(said), text(said));
	return failed(text(then), text(said));
}
