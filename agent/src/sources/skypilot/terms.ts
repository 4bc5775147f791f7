/** What a table says beside its prices: in which currency and unit they are, and on which terms. SkyPilot's own catalogues say none of it. */

const CURRENCY = ['currency', 'currencycode', 'pricecurrency'];
const UNIT = ['unit', 'unitofmeasure', 'priceunit', 'pricingunit', 'billingunit', 'billingperiod'];
const SYSTEM = ['operatingsystem', 'os', 'platform'];
const TERM = ['term', 'termtype', 'type', 'purchaseoption', 'pricingmodel', 'commitment'];
const SPOT = ['spot', 'isspot', 'preemptible', 'interruptible'];

/** Why the row's prices are not what a machine costs in an hour, in the words in which all sources count it; null when nothing speaks against it. */
export function unlikeTerms(columns: ReadonlyMap<string, string>): string | null {
	const said = (names: readonly string[], wrong: (text: string) => boolean) =>
		names.some((name) => {
			const text = columns.get(name) ?? '';
			return text !== '' && wrong(text);
		});
	if (said(CURRENCY, (text) => !/^(?:usd|us ?\$|\$)$/i.test(text))) return 'price in another currency';
	if (said(UNIT, (text) => !isMachineHour(text))) return 'unit not known';
	if (said(SYSTEM, (text) => /windows/i.test(text))) return 'with a licence';
	if (said(TERM, (text) => /reserv|commit|savings|\b\d ?-?(?:yr|year|month)/i.test(text))) return 'not on demand';
	return null;
}

/** Whether the row's price is that of spot machines: some tables have a row for each, and a column that tells which it is. */
export function isSpotRow(columns: ReadonlyMap<string, string>): boolean {
	return (
		SPOT.some((name) => /^(?:true|yes|1|spot)$/i.test(columns.get(name) ?? '')) ||
		TERM.some((name) => /^(?:spot|preemptible|interruptible)$/i.test(columns.get(name) ?? ''))
	);
}

/** `Hrs`, `1 Hour`, `USD/hour`, `hourly`; not `GPU-hour` and not `Month`. */
function isMachineHour(text: string): boolean {
	return /^(?:usd|us\$|\$|per|1|instance|vm|machine|[\s/-])*h(?:ourly|ours?|rs?)?$/i.test(text);
}
