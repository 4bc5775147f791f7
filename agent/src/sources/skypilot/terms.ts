/** What a table says beside its prices: in which currency and unit they are, and on which terms. SkyPilot's own catalogues say none of it. */
import { termNamedIn, termOf } from '@necto/core';
import { SLICE } from '../reading/statements.ts';
import type { Validity } from '../reading/validity.ts';
import { type ColumnKind, columnKind, isOtherPrice } from './columns.ts';

const SYSTEM = ['operatingsystem', 'os', 'platform'];

type Columns = ReadonlyMap<string, string>;
type Term = ReturnType<typeof termOf>;

/** The columns of a kind that say something, with their names. */
function said(columns: Columns, ...kinds: ColumnKind[]): (readonly [name: string, text: string])[] {
	return [...columns].filter(
		([name, text]) => kinds.includes(columnKind(name)) && text !== '' && !isOtherPrice(name, text),
	);
}

/** Why the row's prices are not what a machine costs in an hour, in the words in which all sources count it; null when nothing speaks against it. */
export function unlikeTerms(columns: Columns): string | null {
	if (said(columns, 'currency').some(([, text]) => !/^(?:usd|us ?\$|\$)$/i.test(text)))
		return 'price in another currency';
	if (said(columns, 'unit').some(([, text]) => !isMachineHour(text))) return 'unit not known';
	// Systems that cost nothing: RHEL, SUSE and Windows have their licence in the price.
	const free = /^(?:linux|unix|ubuntu|debian|centos|rocky|alma|fedora|none|any|all|n\/?a|-)/i;
	if (SYSTEM.some((name) => (columns.get(name) ?? '') !== '' && !free.test(columns.get(name) ?? '')))
		return 'with a licence';
	return said(columns, 'share').some(([, text]) => !NO.test(text) && !WHOLE.test(text)) ? SLICE : null;
}

/** What a column about shares says of a whole GPU. */
const WHOLE = /^(?:1(?:\.0+)?|100(?:\.0+)? ?%|full|whole|entire|dedicated|exclusive)$/i;

/** Texts in columns that nobody knows: a note, a description, a product's name. */
export function textsIn(columns: Columns): string[] {
	return said(columns, 'text').flatMap(([, text]) => (/^[\d.,:/ -]*$/.test(text) ? [] : [text]));
}

/** The limits of the row's prices in time; of several columns the first that says something. */
export function validityIn(columns: Columns): Validity {
	const [[, from] = []] = said(columns, 'valid-from');
	const [[, until] = []] = said(columns, 'valid-until');
	return { from, until };
}

/**
 * The term of a row's prices in the file's words: the first that is not on demand. Only known words are on demand, and only known words are spot; what a column about
 * terms says in words that nobody knows is a term that nobody knows. Other texts count where they name a term.
 *
 * @param names texts that name the machine: its type, its GPU
 */
export function statedTerm(columns: Columns, names: readonly string[]): Term {
	const stated = said(columns, 'term').flatMap(([name, text]) => termFrom(name, text));
	const named = [...names, ...said(columns, 'text').map(([, text]) => text)].flatMap((text) => termNamedIn(text) ?? []);
	const terms: Term[] = [...stated, ...named];
	return (
		terms.find(({ kind }) => kind !== 'on-demand' && kind !== 'spot') ??
		terms.find(({ kind }) => kind === 'spot') ?? { kind: 'on-demand', words: '' }
	);
}

const NO = /^(?:|no|none|false|0(?:\.0+)?|n\/?a|null|-)$/i;

function termFrom(name: string, text: string): Term[] {
	if (NO.test(text)) return [];
	if (/^(?:true|yes|y|x)$/i.test(text) || (text === '1' && FLAGS.test(name))) return [termOf(name.replace(/^is/, ''))];
	// A number says nothing without the name of its column: 12 months, 1,000 dollars.
	return [termOf(/^[\d.,]+$/.test(text) ? `${wordsOf(name)} ${text}` : text)];
}

/** A column's name with its words apart, as far as they tell a term: `upfrontfee` is `upfront fee`. */
function wordsOf(name: string): string {
	return name
		.replace(/upfront|prepaid|prepay|commit(?:ment|ted)?|reserv(?:ed|ation)|contract|month(?:ly|s)?|years?/g, ' $& ')
		.replace(/ +/g, ' ')
		.trim();
}

/** Columns that say yes or no to a term that is their name. */
const FLAGS = /^(?:is)?(?:spot|preemptible|interruptible|reserved|committed|prepaid|monthly|variable)$/;

/** `Hrs`, `1 Hour`, `USD/hour`, `hourly`; not `GPU-hour` and not `Month`. */
function isMachineHour(text: string): boolean {
	return /^(?:usd|us\$|\$|per|1|instance|vm|machine|[\s/-])*h(?:ourly|ours?|rs?)?$/i.test(text);
}
