import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decimalOf, product, sumOf } from '../../src/sources/reading/decimals.ts';

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

describe('AGT-02 sums of published amounts', () => {
	it('are exact where binary fractions are not', () => {
		expect(sumOf([{ amount: 0.1 }, { amount: 0.2 }])).toBe('0.3');
		expect(sumOf([{ amount: '0.0563' }, { amount: 1e-7, times: 3 }])).toBe('0.0563003');
		expect(sumOf([{ amount: 0.83 }, { amount: 0.826667, times: -1 }])).toBe('0.003333');
		expect(sumOf([{ amount: '1' }, { amount: '2.5', times: -1 }])).toBe('-1.5');
		expect(sumOf([])).toBe('0');
	});

	it('equal the sum of whole numbers, however the point lies', () => {
		const part = fc.record({ digits: fc.bigInt({ min: 0n, max: 10n ** 12n }), times: fc.integer({ min: 0, max: 64 }) });
		fc.assert(
			fc.property(fc.array(part), (parts) => {
				const text = (micro: bigint) => `${micro / 1_000_000n}.${String(micro % 1_000_000n).padStart(6, '0')}`;
				const sum = sumOf(parts.map(({ digits, times }) => ({ amount: text(digits), times })));
				const micro = parts.reduce((total, { digits, times }) => total + digits * BigInt(times), 0n);
				expect(sum).toBe(text(micro).replace(/\.?0+$/, '') || '0');
			}),
		);
	});

	it('refuse what is no number', () => {
		expect(() => sumOf([{ amount: 'N/A' }])).toThrow(RangeError);
		expect(() => sumOf([{ amount: Number.NaN }])).toThrow(RangeError);
	});
});
