import { z } from 'zod';
import { words } from '../json/fields.ts';
import type { Quote } from './quote.ts';

/**
 * The conditions under which a price holds. `on-demand` and `spot` are what a machine costs for an hour that begins now; every other kind needs something else
 * from the renter (a period, an advance payment, a reservation), so its price is no comparison for an hour on demand.
 */
export const RENTAL_TERMS = [
	'on-demand',
	'spot',
	'reserved',
	'committed',
	'prepaid',
	'monthly',
	'variable',
	'capacity-block',
	'other',
] as const;
export type RentalTerm = (typeof RENTAL_TERMS)[number];

/** The kinds that are neither on demand nor spot. */
export const OTHER_TERMS = RENTAL_TERMS.slice(2) as readonly OtherTerm[]; // The slice leaves out exactly the two that the type excludes.
export type OtherTerm = Exclude<RentalTerm, 'on-demand' | 'spot'>;

/** A term that is neither on demand nor spot, with the vendor's own words for it. */
export interface StatedTerm {
	kind: OtherTerm;
	words: string;
}

export const MAX_TERM_WORDS = 60;

export const statedTermSchema = z.strictObject({ kind: z.enum(OTHER_TERMS), words: words(MAX_TERM_WORDS).min(1) });

/** Spellings that mean on demand, letters and digits only. Anything that is not listed here is not on demand. */
const ON_DEMAND: ReadonlySet<string> = new Set([
	'consumption',
	'hourly',
	'ondemand',
	'ondemandinstance',
	'ondemandinstances',
	'ondemandlinux',
	'payasyougo',
	'payasyouuse',
	'payg',
	'paygo',
	'payperuse',
	'postpaid',
	'postpaidbyhour',
]);

/** Spellings that mean a machine that can be taken back, letters and digits only. */
const SPOT: ReadonlySet<string> = new Set([
	'bid',
	'interruptable',
	'interruptible',
	'lowpriority',
	'preemptable',
	'preemptible',
	'preemptiblevm',
	'preemptiblevms',
	'spot',
	'spotinstance',
	'spotinstances',
	'spotpreemptible',
	'spotvm',
	'spotvms',
]);

/** Words that tell the other kinds, the most specific first. */
const OTHERS: readonly (readonly [OtherTerm, RegExp])[] = [
	['capacity-block', /capacity ?blocks?\b/],
	['reserved', /\breserv|\bri\b/],
	[
		'committed',
		/\bcommit|\bcuds?\b|\bsavings ?plans?\b|\bno upfront\b|\bcontract|\bannual|\byear|\b\d+ ?(?:yr?|years?)\b|\b(?:[2-9]|\d\d+) ?(?:mo|months?)\b/,
	],
	['prepaid', /\bpre ?pa(?:id|y)|\bupfront\b|\bin advance\b/],
	['monthly', /\bmonth|\b\d+ ?mo\b/],
	['variable', /^(?:variable|is variable|variable price|dynamic|dynamic price)$/],
];

/**
 * The kind of a term in a vendor's words. An allow list: what is not a known spelling of on demand or spot is another term, and what is not known at all is
 * `other`. Nothing said (null, undefined, blank) is on demand: callers ask only where the source's documentation says that its price is one unless it says so.
 *
 * @returns the kind, and the words with their spaces put in order, cut to 60 characters
 */
export function termOf(stated: string | null | undefined): { kind: RentalTerm; words: string } {
	const said = (stated ?? '').replace(/\s+/gu, ' ').trim();
	const kept = said.slice(0, MAX_TERM_WORDS).trim();
	// `CapacityBlock`, `capacity_block` and `capacity-block` read as `capacity block`.
	const plain = plainOf(said);
	const compact = plain.replaceAll(' ', '');
	if (said === '' || ON_DEMAND.has(compact)) return { kind: 'on-demand', words: kept };
	if (SPOT.has(compact)) return { kind: 'spot', words: kept };
	return { kind: OTHERS.find(([, pattern]) => pattern.test(plain))?.[0] ?? 'other', words: kept };
}

function plainOf(text: string): string {
	return text
		.replace(/([a-z])([A-Z])/g, '$1 $2')
		.toLowerCase()
		.replace(/[^\p{L}\p{N}]+/gu, ' ')
		.trim();
}

/** Statements that a term does not apply: `non-interruptible`, `no commitment required`, `without contract`. */
const DENIED =
	/\b(?:no|non|not|un|without|zero)(?: a| any)? ?(?:long ?term )?(?:commit|contract|reserv|interrupt|preempt|spot|upfront|pre ?pa)\w*/g;

/** Words for spot inside a longer text. `bid` is not among them: it is also a verb and a part of identifiers. */
const SPOT_IN_TEXT = /\b(?:spots?|pre ?empt\w*|interrupt[ai]ble|evictable|low ?priority)\b/;

/** Words for the other kinds: without those that `OTHERS` reads only where they are the whole statement (`RI`, `variable`), and with those that only texts have. */
const OTHERS_IN_TEXT: typeof OTHERS = OTHERS.flatMap(([kind, pattern]): (typeof OTHERS)[number][] =>
	kind === 'variable' ? [] : [[kind, kind === 'reserved' ? /\breserv(?:ed|ation|ations)\b/ : pattern]],
).concat([
	['monthly', /\b(?:weekly|monthly|subscriptions?)\b/],
	['committed', /\b(?:yearly|yrs?|leases?|leased)\b/],
]);

/**
 * The term that a text names which is not a statement of a term by itself: a machine type (`h100-spot`), a description (`1x H100, reserved for 1 year`), a note.
 * Words that name no term are passed over, so a text without one says nothing.
 *
 * @returns the kind with the text, cut to 60 characters; null when no term is named. Of spot and another kind the other one, as it binds the renter.
 */
export function termNamedIn(text: string): { kind: RentalTerm; words: string } | null {
	const plain = plainOf(text.slice(0, 500)).replace(DENIED, ' ');
	const kind =
		OTHERS_IN_TEXT.find(([, pattern]) => pattern.test(plain))?.[0] ?? (SPOT_IN_TEXT.test(plain) ? 'spot' : null);
	return kind === null ? null : { kind, words: text.replace(/\s+/gu, ' ').trim().slice(0, MAX_TERM_WORDS).trim() };
}

/** The term under which a quote's price holds. Its own listings at a dynamic rate are on demand: nobody takes their machines back. */
export function rentalTermOf({
	rental,
	price,
	listing,
}: {
	rental?: Quote['rental'];
	price: Pick<Quote['price'], 'model'>;
	listing: unknown;
}): RentalTerm {
	if (rental?.term !== undefined) return rental.term.kind;
	return price.model === 'dynamic' && listing === null ? 'spot' : 'on-demand';
}

/** Whether a price holds under a term that is neither on demand nor spot: it is shown apart and never stands for what an hour costs. */
export function isOnOtherTerms({ rental }: Pick<Quote, 'rental'>): boolean {
	return rental?.term !== undefined;
}
