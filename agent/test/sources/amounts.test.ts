import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sumOf } from '../../src/sources/amounts.ts';
import { placeOf } from '../../src/sources/place.ts';

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

describe('DISC-04 a place in two fields', () => {
	it.each([
		['US-KS-2', 'US', 'US-KS-2'],
		['hall-2', 'FI', 'FI, hall-2'],
		['CA-2', 'US', 'US, CA-2'],
		[null, 'US', 'US'],
		['us-west-1', null, 'us-west-1'],
		['', '', ''],
	])('%s in %s is %s', (place, wider, whole) => {
		expect(placeOf(place, wider)).toBe(whole);
	});
});
