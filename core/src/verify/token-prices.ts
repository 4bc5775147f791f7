import { canonicalText } from '../json/canonical.ts';
import { formatRational, parseDecimal, type Rational } from '../money.ts';
import { MOST_SPREAD_BPS, medianTokenPrice, TOKEN_PRICE_SOURCE_IDS } from '../offer/median.ts';
import type { TokenPrice, TokenPriceInput } from '../offer/tokenPrice.ts';
import { CLOCK_TOLERANCE } from '../policy/policy.ts';
import type { MarketSnapshot } from '../snapshot/snapshot.ts';
import { failed, type Outcome, same } from './checks.ts';
import type { TokenAnswer, TokenQuestion, TokenReference } from './facts.ts';

/** How dated prices that ship with the agent name their source. */
const DATED = 'snapshot';
const DAY = 86_400;

/**
 * Basis points by which a reading may lie outside what its source itself says of the time around it. A reading is a rate or the middle of an order book that is
 * at most 5 % wide (`agent/src/tokenPrices`), the answer is of trades and averages.
 */
const OFF_BPS = 500n;

/**
 * Each token price against the sources that it names, and those against what the sources themselves say of that time where they answered. What a source said
 * cannot be recomputed without its answer: `notCheckable` lists those that gave none.
 *
 * @param byRules whether the record is of an engine whose agent takes prices of known sources only, within a fixed spread; older ones verify as they did
 */
export function tokenPrices(
	{ tokenPrices, takenAt }: MarketSnapshot,
	answers: readonly TokenAnswer[],
	byRules: boolean,
): Outcome {
	const answerOf = answersOf(answers);
	let compared = 0;
	let named = 0;
	for (const price of tokenPrices) {
		const problem =
			(byRules ? ruleProblem(price) : null) ??
			(price.sources === undefined ? datedProblem(price) : medianProblem(price, price.sources));
		if (problem !== null) return problem;
		const dates = [price.observedAt, ...(price.sources ?? []).map(({ observedAt }) => observedAt)];
		const latest = takenAt + CLOCK_TOLERANCE;
		const late = dates.find((at) => at > latest);
		if (late !== undefined) return failed(`${price.symbol}: at most ${latest}`, `${price.symbol}: dated ${late}`);
		for (const input of price.sources ?? []) {
			named++;
			const answer = answerOf(price.symbol, input);
			if (answer === undefined || 'missing' in answer) continue;
			const off = offReference(input, answer);
			if (off !== null) return off;
			compared++;
		}
	}
	const all = `${tokenPrices.length} token prices; ${compared} of their ${named} inputs compared with what the sources say`;
	return same(all, all);
}

/** What no agent of today writes. */
function ruleProblem({ symbol, source, sources, maxSpreadBps }: TokenPrice): Outcome | null {
	if (sources === undefined) {
		if (source === DATED && maxSpreadBps === undefined) return null;
		return failed(
			`${symbol}: the sources of its price, or the dated file`,
			`${symbol}: ${source}, without its sources`,
		);
	}
	const unknown = sources.find((input) => !TOKEN_PRICE_SOURCE_IDS.includes(input.source));
	if (unknown !== undefined) {
		return failed(
			`${symbol}: prices of ${TOKEN_PRICE_SOURCE_IDS.join(', ')}`,
			`${symbol}: a price of ${unknown.source}`,
		);
	}
	if (maxSpreadBps !== undefined && maxSpreadBps > MOST_SPREAD_BPS) {
		return failed(
			`${symbol}: sources at most ${MOST_SPREAD_BPS} basis points apart`,
			`${symbol}: ${maxSpreadBps} basis points allowed`,
		);
	}
	return null;
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

/** Finds what came of asking about an input of a token's price; undefined where nobody asked. */
export function answersOf(
	answers: readonly TokenAnswer[],
): (symbol: string, input: TokenPriceInput) => TokenAnswer | undefined {
	const key = ({ symbol, source, at }: TokenQuestion) => canonicalText([symbol, source, at]);
	const known = new Map(answers.map((answer) => [key(answer), answer]));
	return (symbol, { source, observedAt }) => known.get(key({ symbol, source, at: observedAt }));
}

function offReference({ source, usd }: TokenPriceInput, { symbol, low, high, at }: TokenReference): Outcome | null {
	const said = parseDecimal(usd);
	const least = scaled(parseDecimal(low), 10_000n - OFF_BPS);
	const most = scaled(parseDecimal(high), 10_000n + OFF_BPS);
	if (!isLess(said, least) && !isLess(most, said)) return null;
	return failed(
		`${symbol}: ${formatRational(least)} to ${formatRational(most)} USD at ${at}, as ${source} says`,
		`${symbol}: ${usd} USD as of ${source}`,
	);
}

function scaled({ numerator, denominator }: Rational, bps: bigint): Rational {
	return { numerator: numerator * bps, denominator: denominator * 10_000n };
}

function isLess(a: Rational, b: Rational): boolean {
	return a.numerator * b.denominator < b.numerator * a.denominator;
}
