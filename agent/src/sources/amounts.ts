/** Sums of published amounts: what a machine costs whose parts are priced one by one. */
import { parseDecimal, type Rational } from '@necto/core';
import { decimalText } from './offers.ts';

export interface Part {
	/** As published: a number, or its text. */
	amount: number | string;
	/** How many of it; 1 without, -1 takes it off. */
	times?: number;
}

/**
 * The sum as a plain decimal, exact to the last digit.
 *
 * @throws RangeError when an amount is no decimal number, or a count is not whole
 */
export function sumOf(parts: readonly Part[]): string {
	const exact = parts.map(({ amount, times = 1 }): Rational => {
		const { numerator, denominator } = parseDecimal(typeof amount === 'number' ? decimalText(amount) : amount.trim());
		return { numerator: numerator * BigInt(times), denominator };
	});
	// Denominators of decimals are powers of ten: the largest one is common to all.
	let common = 1n;
	for (const { denominator } of exact) if (denominator > common) common = denominator;
	const sum = exact.reduce((total, { numerator, denominator }) => total + numerator * (common / denominator), 0n);
	const places = common.toString().length - 1;
	const digits = (sum < 0n ? -sum : sum).toString().padStart(places + 1, '0');
	const whole = digits.slice(0, digits.length - places);
	const fraction = digits.slice(digits.length - places).replace(/0+$/, '');
	return `${sum < 0n ? '-' : ''}${whole}${fraction === '' ? '' : `.${fraction}`}`;
}
