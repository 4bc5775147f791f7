import type { UnixSeconds } from '../ids.ts';

/** From an hour of the week on, a listing's rate is multiplied. The last tier of a week lasts into the next one. */
export interface Tier {
	/** Hours since Monday 00:00 UTC, 0 to 167. */
	hour: number;
	/** Basis points of the rate: 8,000 is a fifth off. */
	multiplier: number;
}

/** What the ProviderRegistry accepts: at most ten, hours rising, no multiplier of zero. */
export const TIER_LIMITS = { most: 10, hour: 167, multiplier: 65_535 } as const;

const HOURS_OF_WEEK = 168;
/** The first of January 1970 was a Thursday, three days after Monday. */
const HOURS_OF_EPOCH = 72;
const BASIS = 10_000n;
const U64 = 2n ** 64n - 1n;

/** Hours since Monday 00:00 UTC. */
export function hourOfWeek(at: UnixSeconds): number {
	return (Math.floor(at / 3600) + HOURS_OF_EPOCH) % HOURS_OF_WEEK;
}

/** The tier in force: the last that began by now, or else the week's last one; null without tiers. `tiers` are in the order of their hours. */
export function tierAt(tiers: readonly Tier[], at: UnixSeconds): Tier | null {
	const hour = hourOfWeek(at);
	return tiers.findLast((tier) => tier.hour <= hour) ?? tiers.at(-1) ?? null;
}

/**
 * `rate × multiplier ÷ 10,000`, rounded down, at least 1 and at most a uint64, in micro-USD; the rate itself without tiers. Equals
 * `contracts/src/libraries/Tiers.sol`; both are tested against `vectors/tiers.json`.
 */
export function tieredRate(rate: bigint, tiers: readonly Tier[], at: UnixSeconds): bigint {
	const tier = tierAt(tiers, at);
	if (tier === null) return rate;
	const scaled = (rate * BigInt(tier.multiplier)) / BASIS;
	return scaled === 0n ? 1n : scaled > U64 ? U64 : scaled;
}
