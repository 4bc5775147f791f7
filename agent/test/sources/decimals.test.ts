import { describe, expect, it } from 'vitest';
import { decimalOf, product } from '../../src/sources/decimals.ts';

describe('AGT-02 decimals of computed prices', () => {
	it.each([
		[1n, 1n, '1'],
		[5n, 100n, '0.05'],
		[3n, 8n, '0.375'],
		[1n, 10n ** 22n, `0.${'0'.repeat(21)}1`],
		[0n, 7n, '0'],
	])('%d / %d is %s', (numerator, denominator, text) => {
		expect(decimalOf({ numerator, denominator })).toBe(text);
	});

	it('rounds up what has no end', () => {
		expect(decimalOf({ numerator: 1n, denominator: 3n })).toBe(`0.${'3'.repeat(39)}4`);
	});

	it('multiplies without losing a digit', () => {
		expect(product('0.1', '0.2')).toBe('0.02');
		expect(product('12345678901234567890.123456789', '1000000')).toBe('12345678901234567890123456.789');
		expect(() => product('1', 'free')).toThrow(RangeError);
	});
});
