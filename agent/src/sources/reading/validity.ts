/** From when to when a price holds, in whatever form a source writes it. */

const NOT_YET = 'not valid yet';
const NO_LONGER = 'no longer valid';
const UNREADABLE = 'validity not readable';

/** What stands where a price has no limit. */
const OPEN = /^(?:|-|n\/?a|none|null|never|current|ongoing|open|today|now|0|true|yes|valid|active)$/i;
const DAY = /^\d{4}[-/]\d{2}[-/]\d{2}$/;
const MOMENT = /^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)? ?(?:Z|UTC|[+-]\d{2}:?\d{2})?$/i;
const NUMBER = /^\d{9,13}(?:\.\d+)?$/;
const LAST_SECOND = 86_399;
/** Unix milliseconds have more digits than unix seconds up to the year 5138. */
const MILLISECONDS = 100_000_000_000;

export interface Validity {
	/** Days such as `2027-01-01`, moments in ISO 8601 (UTC without a zone), unix seconds or milliseconds. */
	from?: string | number | null | undefined;
	/** A day counts to its end. */
	until?: string | number | null | undefined;
}

/**
 * Why a price does not hold at a time; null when it does, or has no limits.
 *
 * @param now unix seconds
 */
export function validityTrouble({ from, until }: Validity, now: number): string | null {
	const [start, end] = [momentOf(from), momentOf(until)];
	if (start === undefined || end === undefined) return UNREADABLE;
	if (start !== null && start.begins > now) return NOT_YET;
	return end !== null && end.ends <= now ? NO_LONGER : null;
}

/** Unix seconds of a moment, or of a day's first and last second; null for no limit, undefined for what cannot be read. */
function momentOf(stated: string | number | null | undefined): { begins: number; ends: number } | null | undefined {
	const text = String(stated ?? '').trim();
	if (OPEN.test(text)) return null;
	if (NUMBER.test(text)) {
		const value = Number(text);
		const seconds = value >= MILLISECONDS ? value / 1_000 : value;
		return { begins: seconds, ends: seconds };
	}
	const seconds = DAY.test(text)
		? Date.parse(text.replaceAll('/', '-')) / 1_000
		: MOMENT.test(text)
			? Date.parse(isoOf(text)) / 1_000
			: Number.NaN;
	if (Number.isNaN(seconds)) return /^(?:false|no|expired|inactive)$/i.test(text) ? { begins: 0, ends: 0 } : undefined;
	return { begins: seconds, ends: DAY.test(text) ? seconds + LAST_SECOND : seconds };
}

function isoOf(text: string): string {
	const zoned = text.replace(' ', 'T').replace(/ ?UTC$/i, 'Z');
	return /(?:Z|[+-]\d{2}:?\d{2})$/i.test(zoned) ? zoned : `${zoned}Z`;
}
