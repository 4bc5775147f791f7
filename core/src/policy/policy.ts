import { type Hex, keccak256 } from 'viem';
import { z } from 'zod';
import { ZERO_HASH } from '../ids.ts';
import { canonicalBytes } from '../json/canonical.ts';
import { words } from '../json/fields.ts';

/** The rules of routing that are not the buyer's limits. A job on chain names its policy by hash. */
export interface RoutingPolicy {
	format: 'necto.policy/1';
	/** Seconds after which a token's price is too old to convert with. */
	tokenPriceMaxAge: number;
	/** Seconds after which a live answer is too old to compare with. */
	liveOfferMaxAge: number;
	/** Whether offers of dated files are compared at all. */
	snapshotOffers: 'compare' | 'ignore';
	/** Networks that are not wanted: `akash`. */
	excludedNetworks: string[];
}

const TEN_YEARS = 315_360_000;

export const policySchema = z.strictObject({
	format: z.literal('necto.policy/1'),
	tokenPriceMaxAge: z.int().min(0).max(TEN_YEARS),
	liveOfferMaxAge: z.int().min(0).max(TEN_YEARS),
	snapshotOffers: z.enum(['compare', 'ignore']),
	excludedNetworks: z.array(words(40).min(1)).max(100),
});

/** Seconds by which two honest clocks (a source's, a chain's, the agent's) may differ: a time further ahead is not believed. */
export const CLOCK_TOLERANCE = 300;

/** What a job with a zero policy hash is decided by. Token prices move a percent in minutes; providers' lists change over hours. */
export const defaultPolicy: RoutingPolicy = {
	format: 'necto.policy/1',
	tokenPriceMaxAge: 900,
	liveOfferMaxAge: 3600,
	snapshotOffers: 'compare',
	excludedNetworks: [],
};

/**
 * For a network without the internet: tokens are converted at the price of a dated file, and the price's age stands in the record. Never the default; a
 * job asks for it by its hash.
 */
export const offlinePolicy: RoutingPolicy = { ...defaultPolicy, tokenPriceMaxAge: TEN_YEARS };

/** The policies that everybody knows by name. */
export const POLICIES = { default: defaultPolicy, offline: offlinePolicy } as const;
export type PolicyName = keyof typeof POLICIES;

/** The known policy that a job names by hash, null for a stranger's. */
export function knownPolicy(hash: Hex): RoutingPolicy | null {
	return Object.values(POLICIES).find((policy) => isPolicyOf(policy, hash)) ?? null;
}

/** keccak256 of the policy's canonical JSON; networks count as a set. */
export function policyHash(policy: RoutingPolicy): Hex {
	const excludedNetworks = [...new Set(policy.excludedNetworks)].sort();
	return keccak256(canonicalBytes({ ...policySchema.parse(policy), excludedNetworks }));
}

/** Whether a job that names `hash` is decided by this policy: zero names the default. */
export function isPolicyOf(policy: RoutingPolicy, hash: Hex): boolean {
	return policyHash(policy) === (hash === ZERO_HASH ? policyHash(defaultPolicy) : hash);
}
