/** Quotes carry decimals as text. These compute with them without ever being a float. */
import { divide, parseDecimal, type Rational } from '@necto/core';
import { decimalText } from './offers.ts';

/** More digits than any network publishes. */
const MOST_PLACES = 40;

/** A number with all its digits. One without an end is rounded away from zero at the fortieth place: a price is never understated. */
export function decimalOf({ numerator, denominator }: Rational): string {
	if (numerator < 0n) return `-${decimalOf({ numerator: -numerator, denominator })}`;
	let places = 0;
	while (places < MOST_PLACES && (numerator * 10n ** BigInt(places)) % denominator !== 0n) places++;
	const digits = divide(numerator * 10n ** BigInt(places), denominator, 'ceil')
		.toString()
		.padStart(places + 1, '0');
	return places === 0 ? digits : `${digits.slice(0, -places)}.${digits.slice(-places)}`;
}

/** The product of two decimals, exactly. @throws RangeError when one of them is none */
export function product(a: string, b: string): string {
	const [left, right] = [parseDecimal(a), parseDecimal(b)];
	return decimalOf({
		numerator: left.numerator * right.numerator,
		denominator: left.denominator * right.denominator,
	});
}

/** One of a machine's parts that are priced one by one. */
export interface Part {
	/** As published: a number, or its text. */
	amount: number | string;
	/** How many of it; 1 without, -1 takes it off. */
	times?: number;
}

/**
 * The sum of published amounts, exact to the last digit.
 *
 * @throws RangeError when an amount is no decimal number, or a count is not whole
 */
export function sumOf(parts: readonly Part[]): string {
	const sum = parts.reduce<Rational>(
		(total, { amount, times = 1 }) => {
			const part = parseDecimal(typeof amount === 'number' ? decimalText(amount) : amount.trim());
			return {
				numerator: total.numerator * part.denominator + part.numerator * BigInt(times) * total.denominator,
				denominator: total.denominator * part.denominator,
			};
		},
		{ numerator: 0n, denominator: 1n },
	);
	return decimalOf(sum);
}
