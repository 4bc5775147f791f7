/** Quotes carry decimals as text. These compute with them without ever being a float. */
import { divide, parseDecimal, type Rational } from '@necto/core';

/** More digits than any network publishes. */
const MOST_PLACES = 40;

/** A number with all its digits. One without an end is rounded up at the fortieth place: a price is never understated. */
export function decimalOf({ numerator, denominator }: Rational): string {
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
