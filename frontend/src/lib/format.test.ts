import { describe, expect, test } from 'vitest';
import { formatAge, formatDate, formatDuration, formatMoney, formatTime, plural, shorten } from './format.ts';

describe('money', () => {
	test.each([
		[1_890_000n, 'price', '$1.8900'],
		[1_890_000n, 'total', '$1.89'],
		[1_234_567_891n, 'exact', '$1,234.567891'],
		[0n, 'total', '$0.00'],
		[-5_000_000n, 'total', '-$5.00'],
	] as const)('%s micro-USD as %s is %s', (micro, kind, text) => {
		expect(formatMoney(micro, kind)).toBe(text);
	});

	test('a little is never shown as nothing', () => {
		expect(formatMoney(1n, 'total')).toBe('$0.000001');
		expect(formatMoney(9_999n, 'total')).toBe('$0.009999');
		expect(formatMoney(10_000n, 'total')).toBe('$0.01');
	});
});

test.each([
	[0, '0 s'],
	[59, '59 s'],
	[60, '1 min'],
	[3_725, '1 h 2 min'],
	[86_400 + 60, '1 d'],
	[-5, '0 s'],
])('%d seconds last %s', (seconds, text) => {
	expect(formatDuration(seconds)).toBe(text);
});

test.each([
	[-3, 'just now'],
	[1, 'just now'],
	[2, '2 s ago'],
	[119, '1 min ago'],
	[7_200, '2 h ago'],
	[86_400 * 41, '41 d ago'],
])('%d seconds back is %s', (seconds, text) => {
	expect(formatAge(seconds)).toBe(text);
});

test('times say their zone', () => {
	expect(formatTime(0)).toBe('1 Jan 1970, 00:00:00 UTC');
	expect(formatDate(0)).toBe('1 Jan 1970');
});

test('hashes are shortened, short ones are not', () => {
	expect(shorten(`0x${'ab'.repeat(20)}`)).toBe('0xabab…abab');
	expect(shorten('0x1234')).toBe('0x1234');
});

test('one is not many', () => {
	expect([plural(1, 'offer'), plural(0, 'offer'), plural(1_200, 'offer')]).toEqual([
		'1 offer',
		'0 offers',
		'1,200 offers',
	]);
});
