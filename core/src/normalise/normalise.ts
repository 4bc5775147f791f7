import { type MicroUsd, microUsd, type UnixSeconds } from '../ids.ts';
import { divide, formatRational, formatUsd, parseDecimal, type Rational, usdText } from '../money.ts';
import { disputeOf } from '../offer/median.ts';
import type { Quote, QuoteListing } from '../offer/quote.ts';
import { hourOfWeek, tierAt, tieredRate } from '../offer/tiers.ts';
import type { TokenPrice } from '../offer/tokenPrice.ts';
import { CLOCK_TOLERANCE, type RoutingPolicy } from '../policy/policy.ts';
import type { RefusalCode, Step, StepName } from './step.ts';

/** A price in micro-USD per GPU-hour, or why there is none. */
export type Price = { ok: true; usdPerGpuHour: MicroUsd } | { ok: false; reason: RefusalCode; message: string };

export type Normalised = Price & { steps: Step[] };

/** Where the lines of the arithmetic go. Null when nobody reads them: writing them takes longer than the arithmetic itself. */
type Steps = Step[] | null;

const MICRO = 1_000_000n;
const U64 = 2n ** 64n - 1n;
const MS_PER_HOUR = 3_600_000n;

/** Thrown and caught inside this file only: the arithmetic stops at the first thing that cannot be known. */
class Refused extends Error {
	readonly reason: RefusalCode;
	constructor(reason: RefusalCode, message: string) {
		super(message);
		this.reason = reason;
	}
}

/**
 * Turns what a source published into micro-USD per GPU-hour and keeps each step.
 *
 * The arithmetic is exact until one rounding at the end, up to the next micro-USD: a price is never understated. What is not known is refused, never
 * guessed: no price of a token older than the policy allows, no block time that nobody measured, and zero is not a price.
 */
export function normalise(
	quote: Quote,
	tokenPrices: readonly TokenPrice[],
	takenAt: UnixSeconds,
	policy: RoutingPolicy,
): Normalised {
	const steps: Step[] = [];
	return { ...work(quote, tokenPrices, takenAt, policy, steps), steps };
}

/** The same arithmetic without its lines: for whole markets, of which few offers are ever looked at that closely. */
export function priceOf(
	quote: Quote,
	tokenPrices: readonly TokenPrice[],
	takenAt: UnixSeconds,
	policy: RoutingPolicy,
): Price {
	return work(quote, tokenPrices, takenAt, policy, null);
}

function work(
	quote: Quote,
	tokenPrices: readonly TokenPrice[],
	takenAt: UnixSeconds,
	policy: RoutingPolicy,
	steps: Steps,
): Price {
	try {
		const { listing } = quote;
		let rate: bigint;
		if (listing !== null && quote.price.model === 'dynamic') rate = dynamicRate(listing, steps);
		// A network listing may state its band alone: then the floor is what its operator asks for.
		else if (listing?.kind === 'network' && quote.price.model === 'fixed' && quote.price.amount === '0') rate = 0n;
		else rate = publishedRate(quote, tokenPrices, takenAt, policy, steps);
		let price = rate;
		if (listing !== null) {
			price = hasBand(quote, listing) ? intoBand(rate, listing, steps) : atThisHour(rate, listing, takenAt, steps);
		}
		if (price > U64) throw new Refused('too-large', `${formatUsd(price)} per GPU-hour cannot be a price.`);
		return { ok: true, usdPerGpuHour: microUsd(price) };
	} catch (error) {
		if (!(error instanceof Refused)) throw error;
		return { ok: false, reason: error.reason, message: error.message };
	}
}

/** Network listings and token prices may move between a floor and a ceiling only; a dynamic rate lies between them by its making. */
function hasBand(quote: Quote, listing: QuoteListing): boolean {
	return quote.price.model !== 'dynamic' && (quote.price.model === 'token' || listing.kind === 'network');
}

/** `floor + (ceiling − floor) × reserved ÷ total`, rounded down, as `ProviderRegistry` computes it. */
function dynamicRate(listing: QuoteListing, steps: Steps): bigint {
	const { floor, ceiling, reserved, total } = listing;
	if (total === 0) throw new Refused('no-capacity', 'The listing has no GPUs, so its dynamic rate is undefined.');
	if (floor === 0n || floor > ceiling) {
		throw new Refused('bad-band', `The listing's band ${formatUsd(floor)} to ${formatUsd(ceiling)} is not a band.`);
	}
	const rate = floor + ((ceiling - floor) * BigInt(reserved)) / BigInt(total);
	steps?.push({
		name: 'dynamic-rate',
		formula: `${formatUsd(floor)} + (${formatUsd(ceiling)} − ${formatUsd(floor)}) × ${reserved} reserved ÷ ${total} GPUs, rounded down`,
		value: usdText(rate),
		unit: 'USD per GPU-hour',
	});
	return rate;
}

/** A published amount, converted step by step, in micro-USD per GPU-hour rounded up. */
function publishedRate(
	quote: Quote,
	tokenPrices: readonly TokenPrice[],
	takenAt: UnixSeconds,
	policy: RoutingPolicy,
	steps: Steps,
): bigint {
	const { price, gpus } = quote;
	let value = decimal(price.amount, 'price');
	if (value.numerator <= 0n) {
		throw new Refused('zero-price', `A price of ${price.amount.slice(0, 40)} is not an offer: zero never means free.`);
	}
	let currency = price.currency;
	const unit = () => `${currency} per ${perUnit}-${time}`;
	let perUnit: string = price.per === 'gpu' ? 'GPU' : 'machine';
	let time: string = price.time;
	const step = (name: StepName, formula: () => string, next: Rational) => {
		// The formula is of the value before the step.
		steps?.push({ name, formula: formula(), value: formatRational(next), unit: unit() });
		value = next;
	};

	const scale = 10n ** BigInt(price.exponent);
	const scaled = { numerator: value.numerator, denominator: value.denominator * scale };
	step('native', () => (price.exponent === 0 ? price.amount : `${price.amount} ÷ 10^${price.exponent}`), scaled);

	if (price.time === 'second') {
		time = 'hour';
		step('second-to-hour', () => `${formatRational(value)} × 3600 seconds`, times(value, 3600n, 1n));
	} else if (price.time === 'block') {
		if (price.blockMilliseconds === null) {
			throw new Refused('unknown-block-time', 'The price is per block and nobody measured how long a block takes.');
		}
		time = 'hour';
		step(
			'block-to-hour',
			() =>
				`${formatRational(value)} × 3600 s ÷ ${price.blockMilliseconds} ms per block${price.blockTime === undefined ? '' : ` (${price.blockTime})`}`,
			times(value, MS_PER_HOUR, BigInt(price.blockMilliseconds)),
		);
	}

	if (currency !== 'USD') {
		const token = currency;
		const rate = tokenRate(token, tokenPrices, takenAt, policy);
		currency = 'USD';
		step(
			'token-to-usd',
			() =>
				`${formatRational(value)} ${token} × ${rate.price.usd} USD (${rate.price.source}, ${takenAt - rate.price.observedAt} s old)`,
			times(value, rate.usd.numerator, rate.usd.denominator),
		);
	}

	if (price.feeBps > 0) {
		const factor = () => formatRational({ numerator: BigInt(10_000 + price.feeBps), denominator: 10_000n });
		step('fee', () => `${formatRational(value)} × ${factor()}`, times(value, BigInt(10_000 + price.feeBps), 10_000n));
	}

	if (price.per === 'instance') {
		const { numerator, denominator } = gpus;
		perUnit = 'GPU';
		step(
			'per-gpu',
			() => `${formatRational(value)} ÷ ${denominator === 1 ? numerator : `${numerator}/${denominator}`} GPUs`,
			times(value, BigInt(denominator), BigInt(numerator)),
		);
	}

	const exact = value.numerator * MICRO;
	const rate = divide(exact, value.denominator, 'ceil');
	if (rate * value.denominator !== exact) {
		step('rounding', () => `${formatRational(value)} rounded up to a millionth`, {
			numerator: rate,
			denominator: MICRO,
		});
	}
	return rate;
}

function tokenRate(
	symbol: string,
	tokenPrices: readonly TokenPrice[],
	takenAt: UnixSeconds,
	policy: RoutingPolicy,
): { price: TokenPrice; usd: Rational } {
	const price = tokenPrices.find((candidate) => candidate.symbol === symbol);
	if (price === undefined) throw new Refused('no-token-price', `No price of ${symbol} in USD is known.`);
	const age = takenAt - price.observedAt;
	if (age > policy.tokenPriceMaxAge) {
		throw new Refused(
			'stale-token-price',
			`The price of ${symbol} is ${age} s old; the policy allows ${policy.tokenPriceMaxAge} s.`,
		);
	}
	if (age < -CLOCK_TOLERANCE) {
		throw new Refused('stale-token-price', `The price of ${symbol} is dated ${-age} s in the future.`);
	}
	const usd = decimal(price.usd, `price of ${symbol}`);
	if (usd.numerator <= 0n) throw new Refused('no-token-price', `The price of ${symbol} is given as ${price.usd}.`);
	const dispute = disputeOf(price);
	if (dispute !== null) throw new Refused('disputed-token-price', `The price of ${symbol} is not certain: ${dispute}.`);
	return { price, usd };
}

const DAYS = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'];

/** The rate in the tier of the week's hour in which the snapshot was taken, as `ProviderRegistry` computes it. */
function atThisHour(rate: bigint, { tiers }: QuoteListing, takenAt: UnixSeconds, steps: Steps): bigint {
	const tier = tierAt(tiers, takenAt);
	if (tier === null) return rate;
	const price = tieredRate(rate, tiers, takenAt);
	const clock = (hour: number) => `${DAYS[Math.floor(hour / 24)]} ${String(hour % 24).padStart(2, '0')}:00`;
	const factor = formatRational({ numerator: BigInt(tier.multiplier), denominator: 10_000n });
	steps?.push({
		name: 'tier',
		formula: `${formatUsd(rate)} × ${factor}, the rate from ${clock(tier.hour)} UTC on (the hour is ${clock(hourOfWeek(takenAt))}), rounded down`,
		value: usdText(price),
		unit: 'USD per GPU-hour',
	});
	return price;
}

function intoBand(rate: bigint, listing: QuoteListing, steps: Steps): bigint {
	const { floor, ceiling } = listing;
	if (floor === 0n || floor > ceiling) {
		throw new Refused('bad-band', `The listing's band ${formatUsd(floor)} to ${formatUsd(ceiling)} is not a band.`);
	}
	if (rate > ceiling) {
		throw new Refused(
			'above-band',
			`${formatUsd(rate)} per GPU-hour is above the listing's ceiling of ${formatUsd(ceiling)}: the contract would refuse it.`,
		);
	}
	if (rate >= floor) return rate;
	steps?.push({
		name: 'band',
		formula:
			rate === 0n
				? `no usual rate is stated: the listing's floor ${formatUsd(floor)}`
				: `at least the listing's floor: max(${formatUsd(rate)}, ${formatUsd(floor)})`,
		value: usdText(floor),
		unit: 'USD per GPU-hour',
	});
	return floor;
}

function decimal(text: string, what: string): Rational {
	try {
		return parseDecimal(text);
	} catch {
		throw new Refused('not-a-number', `The ${what} is given as "${text.slice(0, 40)}", which is not a number.`);
	}
}

function times(value: Rational, by: bigint, over: bigint): Rational {
	return { numerator: value.numerator * by, denominator: value.denominator * over };
}
