import { describe, expect, test } from 'vitest';
import {
	address,
	CONTINENTS,
	FORM_FACTORS,
	fromBits,
	gpuModelKey,
	hex32,
	jobId,
	listingId,
	microUsd,
	offerKey,
	PRICING_MODELS,
	sourceId,
	toBits,
	unixSeconds,
	wordOf,
} from '../src/index.ts';

describe('the words behind the contracts’ enums', () => {
	test('every bit set goes there and back', () => {
		for (let bits = 0; bits < 1 << CONTINENTS.length; bits++)
			expect(toBits(CONTINENTS, fromBits(CONTINENTS, bits))).toBe(bits);
	});

	test('order and repetition of words do not matter', () => {
		expect(toBits(FORM_FACTORS, ['sxm', 'pcie', 'sxm'])).toBe(0b110);
	});

	test.each([1 << 6, -1, 1.5, Number.NaN])('a bit set of %s is refused', (bits) => {
		expect(() => fromBits(FORM_FACTORS, bits)).toThrow(RangeError);
	});

	test('a number without a word is refused', () => {
		expect(wordOf(PRICING_MODELS, 2)).toBe('token');
		expect(() => wordOf(PRICING_MODELS, 3)).toThrow('stands for none');
	});
});

describe('ids', () => {
	test('take what the chain can hold and nothing else', () => {
		expect(listingId(0xffff_ffff)).toBe(0xffff_ffff);
		expect(() => listingId(0)).toThrow();
		expect(() => listingId(2 ** 32)).toThrow();
		expect(() => listingId(1.5)).toThrow();
		expect(jobId(2n ** 64n - 1n)).toBe(2n ** 64n - 1n);
		expect(() => jobId(0n)).toThrow();
		expect(() => microUsd(-1n)).toThrow();
		expect(() => microUsd(2n ** 64n)).toThrow();
		expect(() => unixSeconds(-1)).toThrow();
	});

	test('an address has one spelling', () => {
		expect(address('0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266')).toBe('0xf39fd6e51aad88f6f4ce6ab8827279cfffb92266');
		expect(() => address('0xf39f')).toThrow();
		expect(() => hex32(`0x${'g'.repeat(64)}`)).toThrow();
	});

	test('a key holds any native id, in plain ASCII', () => {
		expect(offerKey(sourceId('vast'), '143 692/é')).toBe('vast:143%20692%2F%C3%A9');
		expect(() => offerKey(sourceId('vast'), '')).toThrow();
		expect(() => sourceId('Vast.ai')).toThrow();
		expect(() => gpuModelKey('H100')).toThrow();
		expect(() => gpuModelKey('a-key-that-is-too-long')).toThrow();
	});
});
