import { describe, expect, it } from 'vitest';
import { readDeposit, readWithdrawal } from './amounts.ts';

describe('SET-02 an amount to take out', () => {
	it('is all of it when nothing is typed, and else what is typed, to the micro-dollar', () => {
		expect(readWithdrawal(' ', 5_000_001n)).toEqual({ ok: true, value: 5_000_001n });
		expect(readWithdrawal('5.000001', 5_000_001n)).toEqual({ ok: true, value: 5_000_001n });
		expect(readWithdrawal('5.000002', 5_000_001n)).toEqual({ ok: false, error: 'Only $5.000001 is available.' });
	});

	it.each(['0', '-1', '1,5', 'all', '1.0000001'])('is not %j', (text) => {
		expect(readWithdrawal(text, 5_000_000n)).toEqual({ ok: false, error: expect.stringMatching(/^Give /) });
	});

	it('is none where there is nothing, whatever is typed', () => {
		expect(readWithdrawal('', 0n).ok).toBe(false);
		expect(readWithdrawal('1', 0n).ok).toBe(false);
	});
});

describe('SET-02 an amount to pay in', () => {
	it('is at most what the wallet holds, and has to be typed', () => {
		expect(readDeposit('20', 20_000_000n)).toEqual({ ok: true, value: 20_000_000n });
		expect(readDeposit('20.000001', 20_000_000n)).toEqual({
			ok: false,
			error: 'That is more than your wallet holds.',
		});
		expect(readDeposit('', 20_000_000n).ok).toBe(false);
	});
});
