import { canonicalText } from '../json/canonical.ts';
import { formatRational, parseDecimal, type Rational } from '../money.ts';
import { medianTokenPrice } from '../offer/median.ts';
import type { TokenPrice, TokenPriceInput } from '../offer/tokenPrice.ts';
import { CLOCK_TOLERANCE } from '../policy/policy.ts';
import type { MarketSnapshot } from '../snapshot/snapshot.ts';
import { failed, type Outcome, same } from './checks.ts';
import type { TokenReference } from './facts.ts';

/** How dated prices that ship with the agent name their source. */
const DATED = 'snapshot';
const DAY = 86_400;

/** Farther than this from what the source itself says of that time, no honest reading lies: averages and exchanges differ by less. */
const OFF_BPS = 500n;

/**
 * Each token price against the sources that it names, and those against what the sources themselves say of that time where they were asked. Whether a source
 * said so cannot be recomputed without asking it.
 */
export function tokenPrices({ tokenPrices, takenAt }: MarketSnapshot, references: readonly TokenReference[]): Outcome {
	for (const price of tokenPrices) {
		const problem = price.sources === undefined ? datedProblem(price) : medianProblem(price, price.sources);
		if (problem !== null) return problem;
		const dates = [price.observedAt, ...(price.sources ?? []).map(({ observedAt }) => observedAt)];
		const latest = takenAt + CLOCK_TOLERANCE;
		const late = dates.find((at) => at > latest);
		if (late !== undefined) return failed(`${price.symbol}: at most ${latest}`, `${price.symbol}: dated ${late}`);
		for (const input of price.sources ?? []) {
			const off = offReference(price.symbol, input, references);
			if (off !== null) return off;
		}
	}
	const asked = references.length === 0 ? '' : `, ${references.length} of their sources asked`;
	const all = `${tokenPrices.length} token prices${asked}`;
	return same(all, all);
}

/** A price of the dated file was published at the beginning of a day. Other prices without sources are of older files: `notCheckable` names them. */
function datedProblem({ symbol, source, observedAt }: TokenPrice): Outcome | null {
	if (source !== DATED || observedAt % DAY === 0) return null;
	return failed(`${symbol}: the date of a file`, `${symbol}: dated ${observedAt}`);
}

function medianProblem(price: TokenPrice, sources: readonly TokenPriceInput[]): Outcome | null {
	const { symbol, maxSpreadBps } = price;
	if (new Set(sources.map(({ source }) => source)).size < sources.length) {
		return failed(`${symbol}: each source once`, `${symbol}: one of its sources counts twice`);
	}
	if (maxSpreadBps === undefined) {
		return failed(`${symbol}: how far its sources may differ`, `${symbol}: not said`);
	}
	// Whichever age the agent allows, what it left out is not in the file: all that is in it counts.
	const rule = { maxAge: Number.POSITIVE_INFINITY, maxSpreadBps };
	const rebuilt = medianTokenPrice(symbol, sources, price.observedAt, rule);
	const text = ({ usd, source, observedAt }: TokenPrice) => `${symbol}: ${usd} USD, ${source}, of ${observedAt}`;
	if (rebuilt === null) return failed(`${symbol}: a price`, `${symbol}: none of its sources gives one`);
	if (canonicalText(rebuilt) === canonicalText(price)) return null;
	return failed(
		text(rebuilt),
		`${text(price)}${text(rebuilt) === text(price) ? ', its sources in another order' : ''}`,
	);
}

function offReference(
	symbol: string,
	{ source, usd, observedAt }: TokenPriceInput,
	references: readonly TokenReference[],
): Outcome | null {
	const reference = references.find(
		(known) => known.symbol === symbol && known.source === source && known.at === observedAt,
	);
	if (reference === undefined) return null;
	const [said, low, high] = [parseDecimal(usd), parseDecimal(reference.low), parseDecimal(reference.high)];
	const least = scaled(low, 10_000n - OFF_BPS);
	const most = scaled(high, 10_000n + OFF_BPS);
	if (!isLess(said, least) && !isLess(most, said)) return null;
	return failed(
		`${symbol}: ${formatRational(least)} to ${formatRational(most)} USD at ${observedAt}, as ${source} says`,
		`${symbol}: ${usd} USD as of ${source}`,
	);
}

function scaled({ numerator, denominator }: Rational, bps: bigint): Rational {
	return { numerator: numerator * bps, denominator: denominator * 10_000n };
}

function isLess(a: Rational, b: Rational): boolean {
	return a.numerator * b.denominator < b.numerator * a.denominator;
}
