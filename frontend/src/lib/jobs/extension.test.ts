import { describe, expect, it } from 'vitest';
import { readExtension } from './extension.ts';

// Two GPUs for an hour at $1.50, locked at a ceiling of $2.
const job = { duration: 3_600, gpuCount: 2, locked: 4_000_000n, pricePerGpuHour: 1_500_000n, startedAt: 1_000 };

describe('running longer', () => {
	it('uses what is locked already before it locks more', () => {
		expect(readExtension('0.25', job)).toEqual({ extraSeconds: 900, endsAt: 5_500, extraLock: 0n });
		expect(readExtension('1', job)).toEqual({ extraSeconds: 3_600, endsAt: 8_200, extraLock: 2_000_000n });
	});

	it('rounds a fraction of a second and of a micro-dollar up, as the contract does', () => {
		expect(readExtension('0.0001', { ...job, locked: 0n, pricePerGpuHour: 1n, gpuCount: 1 })).toEqual({
			extraSeconds: 1,
			endsAt: 4_601,
			extraLock: 2n,
		});
	});

	it.each(['', '0', '-1', '1,5', 'two', '2159.1'])('says what is wrong with %j', (hours) => {
		expect(readExtension(hours, job)).toBeTypeOf('string');
	});

	it('goes up to 90 days in all', () => {
		expect(readExtension('2159', job)).toMatchObject({ extraSeconds: 2_159 * 3_600 });
	});
});
