import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { hourOfWeek, quoteSchema, type Tier, tierAt, tieredRate, unixSeconds } from '../src/index.ts';
import { listed } from './build.ts';

/** Monday, 16 November 2026, 00:00 UTC. */
const MONDAY = 1_794_787_200;
const HOUR = 3600;
const at = (hour: number, seconds = 0) => unixSeconds(MONDAY + hour * HOUR + seconds);

/** The same by a calendar. */
function hourByCalendar(seconds: number): number {
	const date = new Date(seconds * 1000);
	return ((date.getUTCDay() + 6) % 7) * 24 + date.getUTCHours();
}

const someTiers = fc
	.uniqueArray(fc.record({ hour: fc.integer({ min: 0, max: 167 }), multiplier: fc.integer({ min: 1, max: 65_535 }) }), {
		selector: ({ hour }) => hour,
		maxLength: 10,
	})
	.map((tiers) => tiers.toSorted((a, b) => a.hour - b.hour));

describe('PROV-08 a rate by time of the week', () => {
	test('counts the hours from Monday, as a calendar does', () => {
		fc.assert(
			fc.property(fc.integer({ min: 0, max: 8_000_000_000 }), (seconds) => {
				expect(hourOfWeek(unixSeconds(seconds))).toBe(hourByCalendar(seconds));
			}),
		);
	});

	test('is in the tier that began last, to the second', () => {
		const tiers: Tier[] = [
			{ hour: 8, multiplier: 12_000 },
			{ hour: 20, multiplier: 9_000 },
		];
		expect(tieredRate(1_000_000n, tiers, at(8, -1))).toBe(900_000n);
		expect(tieredRate(1_000_000n, tiers, at(8))).toBe(1_200_000n);
		expect(tieredRate(1_000_000n, tiers, at(20, -1))).toBe(1_200_000n);
		expect(tieredRate(1_000_000n, tiers, at(20))).toBe(900_000n);
		expect(tieredRate(1_000_000n, tiers, at(167, 3599))).toBe(900_000n);
	});

	test('is the same a week later, and one tier is for the whole week', () => {
		fc.assert(
			fc.property(someTiers, fc.integer({ min: 0, max: 2 ** 32 }), fc.bigInt(1n, 10n ** 12n), (tiers, second, rate) => {
				const price = tieredRate(rate, tiers, unixSeconds(second));
				expect(tieredRate(rate, tiers, unixSeconds(second + 168 * HOUR))).toBe(price);
				const tier = tierAt(tiers, unixSeconds(second));
				if (tier === null) expect(price).toBe(rate);
				else expect(tieredRate(rate, [tier], unixSeconds(0))).toBe(price);
			}),
		);
	});

	test('rounds down, is never free, and never more than a uint64', () => {
		expect(tieredRate(1_999_999n, [{ hour: 0, multiplier: 5_000 }], at(0))).toBe(999_999n);
		expect(tieredRate(9_999n, [{ hour: 0, multiplier: 1 }], at(0))).toBe(1n);
		expect(tieredRate(2n ** 64n - 1n, [{ hour: 0, multiplier: 10_001 }], at(0))).toBe(2n ** 64n - 1n);
	});

	test('is read only as the registry accepts it: ten at most, hours rising in the week, no zero', () => {
		const accepts = (tiers: Tier[]) => quoteSchema.safeEncode(listed(1, 1n, { terms: { tiers } })).success;
		const tier = (hour: number, multiplier = 10_000) => ({ hour, multiplier });
		expect(accepts([])).toBe(true);
		expect(accepts([tier(0, 1), tier(1), tier(167, 65_535)])).toBe(true);
		expect(accepts(Array.from({ length: 10 }, (_, hour) => tier(hour)))).toBe(true);
		expect(accepts(Array.from({ length: 11 }, (_, hour) => tier(hour)))).toBe(false);
		expect(accepts([tier(5), tier(5)])).toBe(false);
		expect(accepts([tier(6), tier(5)])).toBe(false);
		expect(accepts([tier(168)])).toBe(false);
		expect(accepts([tier(0, 0)])).toBe(false);
		expect(accepts([tier(0, 65_536)])).toBe(false);
	});
});
