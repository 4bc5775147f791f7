import { NO_LIMIT } from '@necto/core';
import { describe, expect, it } from 'vitest';
import { limitText, readAddress, readAmount, readDays, readLimit } from './forms.ts';

describe('the forms of the team page', () => {
	it('take a limit as typed, none for nothing, and zero for nothing at all', () => {
		expect(readLimit(' ')).toEqual({ ok: true, value: NO_LIMIT });
		expect(readLimit('0')).toEqual({ ok: true, value: 0n });
		expect(readLimit('250.5')).toEqual({ ok: true, value: 250_500_000n });
		expect(readLimit('-1').ok).toBe(false);
		expect(readAmount('0').ok).toBe(false);
	});

	it.each([NO_LIMIT, 0n, 1n, 250_500_000n, 100_000_000n])('show the limit %s so that it is read back', (limit) => {
		expect(readLimit(limitText(limit))).toEqual({ ok: true, value: limit });
	});

	it('refuse a mistyped address', () => {
		expect(readAddress('0x90F79bf6EB2c4f870365E785982E1f101E93b906').ok).toBe(true);
		expect(readAddress('0x90f79bf6eb2c4f870365e785982e1f101e93b906').ok).toBe(true);
		for (const text of ['', '0x12', '0x90F79bf6EB2c4f870365E785982E1f101E93b90A', `0x${'0'.repeat(40)}`]) {
			expect(readAddress(text).ok).toBe(false);
		}
	});

	it('count days from now', () => {
		expect(readDays('7', 100)).toEqual({ ok: true, value: 100 + 7 * 86_400 });
		expect(readDays('0', 100).ok).toBe(false);
	});
});
