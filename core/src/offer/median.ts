/** One price of a token from what several sources say, and whether they agree. */
import { type UnixSeconds, unixSeconds } from '../ids.ts';
import { parseDecimal, type Rational } from '../money.ts';
import { byText } from '../snapshot/snapshot.ts';
import type { TokenPrice, TokenPriceInput } from './tokenPrice.ts';

/** Longer than any source's price; two of this length still have a midpoint that fits its field. */
const MAX_DIGITS = 40;

/** Most by which an agent may let the sources of a token's price differ, in basis points of the lowest. */
export const MOST_SPREAD_BPS = 500;

/** Every source that a token's price may be the median of. */
export const TOKEN_PRICE_SOURCE_IDS: readonly string[] = ['coinbase', 'coingecko', 'kraken', 'pyth'];

export interface MedianRule {
	/** Seconds after which a source's price does not count. */
	maxAge: number;
	/** Most by which the sources may differ, in basis points of the lowest. */
	maxSpreadBps: number;
}

/**
 * A token's price from its sources: the median of those that are not too old. Of an even number the two in the middle are halved exactly, so the figure
 * need not be one that anybody published. Its age is that of the oldest source that counts.
 *
 * Sources that are all too old leave the newest of them, with its date: whoever converts with it refuses it by that.
 *
 * @param inputs at most one of a source; what is not a price above zero does not count
 * @returns null when no source has a price
 */
export function medianTokenPrice(
	symbol: string,
	inputs: readonly TokenPriceInput[],
	now: UnixSeconds,
	{ maxAge, maxSpreadBps }: MedianRule,
): TokenPrice | null {
	const usable = inputs.filter(({ usd }) => usd.length <= MAX_DIGITS && isPrice(usd));
	const fresh = usable.filter(({ observedAt }) => now - observedAt <= maxAge);
	const newest = usable.reduce<TokenPriceInput | null>(
		(best, input) => (best === null || input.observedAt > best.observedAt ? input : best),
		null,
	);
	if (newest === null) return null;
	const sources = (fresh.length > 0 ? fresh : [newest]).toSorted((a, b) => byText(a.source, b.source));
	return {
		symbol,
		usd: medianOf(sources.map(({ usd }) => usd)),
		source: inWords(sources.map(({ source }) => source)),
		observedAt: oldestOf(sources),
		sources,
		maxSpreadBps,
	};
}

/** What is wrong with a price and its sources, as the end of a sentence; null when they agree, or are not named. */
export function disputeOf({ usd, observedAt, sources, maxSpreadBps }: TokenPrice): string | null {
	if (sources === undefined) return null;
	if (!sources.every((input) => isPrice(input.usd))) return 'one of its sources gives no price';
	if (new Set(sources.map(({ source }) => source)).size < sources.length) return 'one of its sources counts twice';
	if (
		!isPrice(usd) ||
		compare(medianOf(sources.map((input) => input.usd)), usd) !== 0 ||
		oldestOf(sources) !== observedAt
	) {
		return 'it is not the median of its sources';
	}
	if (maxSpreadBps === undefined) return null;
	const sorted = sources.toSorted((a, b) => compare(a.usd, b.usd));
	const [low, high] = [sorted[0], sorted.at(-1)];
	if (low === undefined || high === undefined) return null;
	const { numerator: lowest, denominator: over } = parseDecimal(low.usd);
	const { numerator: highest, denominator: under } = parseDecimal(high.usd);
	// (high − low) ÷ low > limit, without dividing.
	if ((highest * over - lowest * under) * 10_000n <= lowest * under * BigInt(maxSpreadBps)) return null;
	const percent = `${Math.floor(maxSpreadBps / 100)}.${String(maxSpreadBps % 100).padStart(2, '0')}`.replace(
		/\.?0+$/,
		'',
	);
	return `${low.source} says ${low.usd} and ${high.source} ${high.usd}, which is more than ${percent} % apart`;
}

/** The middle one of decimals, or exactly half of the two in the middle, as a decimal without an end of zeros. */
export function medianOf(decimals: readonly string[]): string {
	const sorted = decimals.toSorted(compare);
	const upper = sorted[Math.floor(sorted.length / 2)];
	const lower = sorted[Math.floor((sorted.length - 1) / 2)];
	if (upper === undefined || lower === undefined) throw new RangeError('There is no median of nothing.');
	return upper === lower ? upper : midpointOf(lower, upper);
}

/** Exactly half of the sum of two decimals, none below zero. @throws RangeError on what is no decimal */
export function midpointOf(a: string, b: string): string {
	const [first, second] = [parseDecimal(a), parseDecimal(b)];
	// Both denominators are powers of ten, so the larger holds both; a half needs one digit more.
	const { denominator } = first.denominator < second.denominator ? second : first;
	const sum = scaled(first, denominator) + scaled(second, denominator);
	const places = denominator.toString().length;
	const digits = (sum * 5n).toString().padStart(places + 1, '0');
	const fraction = digits.slice(-places).replace(/0+$/, '');
	return `${digits.slice(0, -places)}${fraction === '' ? '' : `.${fraction}`}`;
}

function scaled({ numerator, denominator }: Rational, to: bigint): bigint {
	return numerator * (to / denominator);
}

function compare(a: string, b: string): number {
	const [left, right] = [parseDecimal(a), parseDecimal(b)];
	const difference = left.numerator * right.denominator - right.numerator * left.denominator;
	return difference < 0n ? -1 : difference > 0n ? 1 : 0;
}

function isPrice(text: string): boolean {
	try {
		return parseDecimal(text).numerator > 0n;
	} catch {
		return false;
	}
}

function oldestOf(sources: readonly TokenPriceInput[]): UnixSeconds {
	return unixSeconds(Math.min(...sources.map(({ observedAt }) => observedAt)));
}

function inWords(names: readonly string[]): string {
	const [only] = names;
	if (names.length === 1) return `${only} alone`;
	const all = `median of ${names.join(', ')}`;
	return all.length <= 80 ? all : `median of ${names.length} sources`;
}
