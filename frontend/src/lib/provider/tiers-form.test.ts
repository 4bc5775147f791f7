import { describe, expect, it } from 'vitest';
import { hourWords, readTiers, tierDrafts } from './tiers-form.ts';

describe('PROV-08 price tiers', () => {
	const night = { day: '0', hour: '20', percent: '80' };
	const day = { day: '0', hour: '8', percent: '112.5' };

	it('are put in the order that the contract wants, and shown as they are', () => {
		const read = readTiers([night, day]);
		if (!read.ok) throw new Error(read.error);
		expect(read.tiers).toEqual([
			{ hour: 8, multiplier: 11_250 },
			{ hour: 20, multiplier: 8_000 },
		]);
		expect(tierDrafts(read.tiers)).toEqual([day, night]);
		expect(hourWords(167)).toBe('Sunday 23:00');
	});

	it('may be none', () => {
		expect(readTiers([])).toEqual({ ok: true, tiers: [] });
	});

	it.each(['0', '0.001', '656', '-1', 'cheap', ''])('refuse %j per cent', (percent) => {
		expect(readTiers([night, { ...day, percent }])).toMatchObject({ ok: false, row: 1 });
	});

	it('begin at different hours, and are ten at most', () => {
		expect(readTiers([night, { ...night, percent: '70' }])).toMatchObject({ ok: false, row: 1 });
		const eleven = Array.from({ length: 11 }, (_, index) => ({ ...day, hour: String(index) }));
		expect(readTiers(eleven)).toMatchObject({ ok: false, row: 10 });
	});
});
