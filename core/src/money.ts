import { type MicroUsd, microUsd } from './ids.ts';

/** All arithmetic with money: integers only, every rounding named. */

export type Rounding = 'floor' | 'ceil' | 'halfUp';

/** An exact number: numerator / denominator, the denominator above zero. */
export interface Rational {
	numerator: bigint;
	denominator: bigint;
}

const DECIMAL = /^(-?)(\d{1,60})(?:\.(\d{1,60}))?(?:[eE]([+-]?[0-3]?\d))?$/;

/**
 * Reads a decimal number as it was published (`"1.29"`, `"9.0E-4"`) without ever being a float.
 *
 * @throws RangeError on anything that is not one: empty text, `N/A`, `NaN`, `1,000`
 */
export function parseDecimal(text: string): Rational {
	const match = DECIMAL.exec(text);
	if (match === null) throw new RangeError(`"${text.slice(0, 80)}" is not a decimal number.`);
	const [, sign, whole = '0', fraction = '', exponent = '0'] = match;
	const digits = BigInt(whole + fraction);
	const shift = Number(exponent) - fraction.length;
	return {
		numerator: (sign === '-' ? -digits : digits) * (shift > 0 ? 10n ** BigInt(shift) : 1n),
		denominator: shift < 0 ? 10n ** BigInt(-shift) : 1n,
	};
}

/** Reads a decimal number as an integer of `decimals` places: `scaledDecimal('1.29', 6) === 1_290_000n`. @throws RangeError when it does not fit exactly */
export function scaledDecimal(text: string, decimals: number): bigint {
	const { numerator, denominator } = parseDecimal(text);
	const scaled = numerator * 10n ** BigInt(decimals);
	if (scaled % denominator !== 0n) throw new RangeError(`"${text}" has more than ${decimals} decimals.`);
	return scaled / denominator;
}

/** `a / b` for `b > 0`, rounded; `halfUp` rounds halves towards positive infinity. */
export function divide(a: bigint, b: bigint, rounding: Rounding): bigint {
	if (b <= 0n) throw new RangeError('The divisor must be above zero.');
	const numerator = rounding === 'halfUp' ? 2n * a + b : rounding === 'ceil' ? a + b - 1n : a;
	const denominator = rounding === 'halfUp' ? 2n * b : b;
	const quotient = numerator / denominator;
	// bigint division truncates towards zero: below zero that is one too many.
	return numerator < 0n && quotient * denominator !== numerator ? quotient - 1n : quotient;
}

/** `a × b / c`, rounded once. */
export function mulDiv(a: bigint, b: bigint, c: bigint, rounding: Rounding): bigint {
	return divide(a * b, c, rounding);
}

const SECONDS_PER_HOUR = 3600n;

/** Lowest first: for sorting. */
export function byAmount(a: bigint, b: bigint): number {
	return a < b ? -1 : a > b ? 1 : 0;
}

/** What a job costs after `seconds`: micro-USD, rounded down, in the payer's favour. Equals `JobRegistry.costOf`. */
export function costOf(pricePerGpuHour: bigint, gpuCount: number, seconds: number): MicroUsd {
	return microUsd(mulDiv(pricePerGpuHour * BigInt(gpuCount), BigInt(seconds), SECONDS_PER_HOUR, 'floor'));
}

/**
 * What a request locks: micro-USD, rounded up for each part that it may be split into, so that it covers any cost. Equals `JobRegistry.lockFor`.
 */
export function lockFor(request: {
	maxPricePerGpuHour: bigint;
	gpuCount: number;
	duration: number;
	maxParts?: number;
}): MicroUsd {
	const perHour = request.maxPricePerGpuHour * BigInt(request.gpuCount);
	const whole = mulDiv(perHour, BigInt(request.duration), SECONDS_PER_HOUR, 'ceil');
	return microUsd(whole + BigInt(Math.max((request.maxParts ?? 0) - 1, 0)));
}

/** An exact number as text; a fraction that goes on is cut after twelve places (more for tiny numbers) and marked with `…`. */
export function formatRational({ numerator, denominator }: Rational): string {
	const negative = numerator < 0n;
	const absolute = negative ? -numerator : numerator;
	let places = 12;
	// Six digits at least are shown of a price in a token's smallest unit too.
	while (absolute > 0n && places < 120 && absolute * 10n ** BigInt(places) < denominator * 1_000_000n) places += 12;
	const scaled = (absolute * 10n ** BigInt(places)) / denominator;
	const exact = scaled * denominator === absolute * 10n ** BigInt(places);
	const digits = scaled.toString().padStart(places + 1, '0');
	const whole = digits.slice(0, digits.length - places);
	const fraction = digits.slice(digits.length - places);
	const shown = exact ? fraction.replace(/0+$/, '') : fraction;
	return `${negative ? '-' : ''}${whole}${shown === '' ? '' : `.${shown}`}${exact ? '' : '…'}`;
}

/**
 * Micro-USD for people: `formatUsd(2_345_678n)` is `$2.345678`; with `decimals` rounded half up to that many, otherwise as many as needed and at least two.
 */
export function formatUsd(micro: bigint, options: { decimals?: number } = {}): string {
	const decimals = options.decimals ?? 6;
	if (!Number.isInteger(decimals) || decimals < 0 || decimals > 6) throw new RangeError('decimals must be 0 to 6.');
	const negative = micro < 0n;
	const units = divide(negative ? -micro : micro, 10n ** BigInt(6 - decimals), 'halfUp');
	const digits = units.toString().padStart(decimals + 1, '0');
	const whole = digits.slice(0, digits.length - decimals).replace(/\B(?=(\d{3})+$)/g, ',');
	const all = digits.slice(digits.length - decimals);
	const fraction = options.decimals === undefined ? all.replace(/0{1,4}$/, '') : all;
	return `${negative && units !== 0n ? '-' : ''}$${whole}${fraction === '' ? '' : `.${fraction}`}`;
}

/** Micro-USD as a plain decimal of dollars, for steps of arithmetic: `2.5`. */
export function usdText(micro: bigint): string {
	return formatRational({ numerator: micro, denominator: 1_000_000n });
}
