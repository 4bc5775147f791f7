import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
	costOf,
	divide,
	formatRational,
	formatUsd,
	lockFor,
	mulDiv,
	parseDecimal,
	type Rational,
	scaledDecimal,
} from '../src/index.ts';

const equal = (a: Rational, b: Rational) => a.numerator * b.denominator === b.numerator * a.denominator;

describe('parseDecimal', () => {
	test.each([
		['1.29', 129n, 100n],
		['0', 0n, 1n],
		['007.50', 75n, 10n],
		['-2.5', -25n, 10n],
		['9.0E-4', 9n, 10_000n],
		['1.5e3', 1500n, 1n],
	])('reads %s exactly', (text, numerator, denominator) => {
		expect(equal(parseDecimal(text), { numerator, denominator })).toBe(true);
	});

	test.each(['', ' ', 'N/A*', 'NaN', 'Infinity', '1,000', '1.', '.5', '0x10', '1e99', '--1', '1 ', '1e', '١'])(
		'AGT-02 refuses %j instead of reading something',
		(text) => {
			expect(() => parseDecimal(text)).toThrow(RangeError);
		},
	);

	test('keeps what a float would lose', () => {
		const { numerator, denominator } = parseDecimal('0.1000000000000000055511151231257827');
		expect(numerator * 10n ** 34n).toBe(1_000_000_000_000_000_055_511_151_231_257_827n * denominator);
	});

	test('is the inverse of writing an integer with a point', () => {
		fc.assert(
			fc.property(fc.bigInt({ min: 0n, max: 10n ** 40n }), fc.integer({ min: 1, max: 30 }), (value, decimals) => {
				const digits = value.toString().padStart(decimals + 1, '0');
				const text = `${digits.slice(0, -decimals)}.${digits.slice(-decimals)}`;
				expect(scaledDecimal(text, decimals)).toBe(value);
			}),
		);
	});

	test('scaledDecimal refuses more decimals than it can hold', () => {
		expect(scaledDecimal('1.290', 2)).toBe(129n);
		expect(() => scaledDecimal('1.291', 2)).toThrow('decimals');
	});
});

describe('divide and mulDiv', () => {
	test('floor, ceil and halfUp are what their names say, below zero too', () => {
		fc.assert(
			fc.property(fc.bigInt(), fc.bigInt({ min: 1n }), (a, b) => {
				const floor = divide(a, b, 'floor');
				const ceil = divide(a, b, 'ceil');
				expect(floor * b <= a && a < (floor + 1n) * b).toBe(true);
				expect((ceil - 1n) * b < a && a <= ceil * b).toBe(true);
				const half = divide(a, b, 'halfUp');
				expect(2n * half * b <= 2n * a + b && 2n * a + b < 2n * (half + 1n) * b).toBe(true);
			}),
		);
	});

	test('a divisor of zero or less is refused', () => {
		expect(() => divide(1n, 0n, 'floor')).toThrow(RangeError);
		expect(() => mulDiv(1n, 1n, -1n, 'floor')).toThrow(RangeError);
	});
});

describe('lockFor and costOf', () => {
	const price = fc.bigInt({ min: 1n, max: 10n ** 12n });
	const gpus = fc.integer({ min: 1, max: 65_535 });
	const duration = fc.integer({ min: 60, max: 7_776_000 });

	test('SET-02 the lock covers any price up to the maximum for any time up to the duration', () => {
		fc.assert(
			fc.property(price, price, gpus, duration, duration, (one, other, gpuCount, a, b) => {
				const [paid, maximum] = one < other ? [one, other] : [other, one];
				const [elapsed, whole] = a < b ? [a, b] : [b, a];
				const max = maximum / 65_535n + 1n;
				const rate = paid < max ? paid : max;
				expect(lockFor({ maxPricePerGpuHour: max, gpuCount, duration: whole })).toBeGreaterThanOrEqual(
					costOf(rate, gpuCount, elapsed),
				);
			}),
		);
	});

	test('both round in the payer’s favour, by less than one micro-USD', () => {
		expect(lockFor({ maxPricePerGpuHour: 1n, gpuCount: 1, duration: 60 })).toBe(1n);
		// Each part of a split job is rounded up by itself.
		expect(lockFor({ maxPricePerGpuHour: 1n, gpuCount: 4, duration: 60, maxParts: 4 })).toBe(4n);
		expect(lockFor({ maxPricePerGpuHour: 1n, gpuCount: 4, duration: 60, maxParts: 1 })).toBe(1n);
		expect(costOf(1n, 1, 3599)).toBe(0n);
		expect(costOf(2_000_000n, 8, 5400)).toBe(24_000_000n);
	});

	test('an amount no uint64 can hold is refused, not wrapped', () => {
		expect(() => lockFor({ maxPricePerGpuHour: 2n ** 64n - 1n, gpuCount: 2, duration: 3600 })).toThrow();
	});
});

describe('formats', () => {
	test.each([
		[2_345_678n, undefined, '$2.345678'],
		[2_000_000n, undefined, '$2.00'],
		[2_500_000n, undefined, '$2.50'],
		[1_234_567_890_000n, undefined, '$1,234,567.89'],
		[1n, undefined, '$0.000001'],
		[-1_500_000n, undefined, '-$1.50'],
		[1_005_000n, 2, '$1.01'],
		[1_004_999n, 2, '$1.00'],
		[999_999n, 0, '$1'],
		[-1n, 2, '$0.00'],
	])('formatUsd(%s, %s) is %s', (micro, decimals, text) => {
		expect(formatUsd(micro, decimals === undefined ? {} : { decimals })).toBe(text);
	});

	test('formatUsd without decimals loses nothing', () => {
		fc.assert(
			fc.property(fc.bigInt({ min: 0n, max: 2n ** 64n }), (micro) => {
				expect(scaledDecimal(formatUsd(micro).replace(/[$,]/g, ''), 6)).toBe(micro);
			}),
		);
	});

	test('formatRational marks what it cuts', () => {
		expect(formatRational({ numerator: 1n, denominator: 3n })).toBe('0.333333333333…');
		expect(formatRational({ numerator: 399n, denominator: 100n })).toBe('3.99');
		expect(formatRational({ numerator: -5n, denominator: 2n })).toBe('-2.5');
		expect(formatRational({ numerator: 12_345_678n, denominator: 10n ** 24n })).toBe('0.000000000000000012345678');
	});
});
