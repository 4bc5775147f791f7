/** What a table says beside its prices: in which currency and unit they are, and on which terms. SkyPilot's own catalogues say none of it. */
import { termOf } from '@necto/core';

const CURRENCY = ['currency', 'currencycode', 'pricecurrency'];
const UNIT = ['unit', 'unitofmeasure', 'priceunit', 'pricingunit', 'billingunit', 'billingperiod'];
const SYSTEM = ['operatingsystem', 'os', 'platform'];
/** Columns with the term in words. */
const TERM = [
	'term',
	'terms',
	'termtype',
	'type',
	'purchaseoption',
	'purchasetype',
	'purchasingoption',
	'pricingmodel',
	'pricingtype',
	'pricetype',
	'pricemodel',
	'billing',
	'billingtype',
	'billingmodel',
	'billingmode',
	'chargetype',
	'rentaltype',
	'offertype',
	'offerterm',
	'offeringtype',
	'usagetype',
	'capacitytype',
	'markettype',
	'market',
	'lifecycle',
	'paymentoption',
	'plan',
	'tenure',
	'duration',
	'contract',
	'contractlength',
	'leasecontractlength',
	'leaselength',
	'commitment',
	'commitmentterm',
	'commitmentperiod',
	'reservation',
	'reservationterm',
];
/** Columns that say yes or no to a term that is their name. */
const FLAGS = [
	'spot',
	'isspot',
	'preemptible',
	'interruptible',
	'reserved',
	'isreserved',
	'committed',
	'prepaid',
	'isprepaid',
	'monthly',
	'variable',
	'isvariable',
];

/** Why the row's prices are not what a machine costs in an hour, in the words in which all sources count it; null when nothing speaks against it. */
export function unlikeTerms(columns: ReadonlyMap<string, string>): string | null {
	const said = (names: readonly string[], right: RegExp | ((text: string) => boolean)) =>
		names.some((name) => {
			const text = columns.get(name) ?? '';
			return text !== '' && !(typeof right === 'function' ? right(text) : right.test(text));
		});
	if (said(CURRENCY, /^(?:usd|us ?\$|\$)$/i)) return 'price in another currency';
	if (said(UNIT, isMachineHour)) return 'unit not known';
	// Systems that cost nothing: RHEL, SUSE and Windows have their licence in the price.
	if (said(SYSTEM, /^(?:linux|unix|ubuntu|debian|centos|rocky|alma|fedora|none|any|all|n\/?a|-)/i))
		return 'with a licence';
	return null;
}

/**
 * The term of a row's prices in the file's words: the first that is not on demand. Only known words are on demand, and only known words are spot; what a column says in
 * words that nobody knows is a term that nobody knows.
 */
export function statedTerm(columns: ReadonlyMap<string, string>): ReturnType<typeof termOf> {
	const terms = [
		...FLAGS.flatMap((name) => flagged(name, columns.get(name) ?? '')),
		...TERM.map((name) => columns.get(name) ?? '').filter((text) => !NO.test(text)),
	].map(termOf);
	return (
		terms.find(({ kind }) => kind !== 'on-demand' && kind !== 'spot') ??
		terms.find(({ kind }) => kind === 'spot') ?? { kind: 'on-demand', words: '' }
	);
}

const NO = /^(?:|no|none|false|0|n\/?a|null|-)$/i;

function flagged(name: string, text: string): string[] {
	if (NO.test(text)) return [];
	return [/^(?:true|yes|y|1|x)$/i.test(text) ? name.replace(/^is/, '') : text];
}

/** `Hrs`, `1 Hour`, `USD/hour`, `hourly`; not `GPU-hour` and not `Month`. */
function isMachineHour(text: string): boolean {
	return /^(?:usd|us\$|\$|per|1|instance|vm|machine|[\s/-])*h(?:ourly|ours?|rs?)?$/i.test(text);
}
