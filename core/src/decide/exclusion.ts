import { z } from 'zod';
import { type OfferKey, offerKeySchema } from '../ids.ts';

/** The rules that can exclude an offer, in the order in which they are asked: the first that fails is the one named. */
export const RULES = [
	'price-refused',
	'gpu-model',
	'memory',
	'form-factor',
	'region',
	'pricing-model',
	'network',
	'gpu-count',
	'capacity',
	'offline',
	'availability-window',
	'attestations',
	'access',
	'passed-over',
	'max-price',
	'stale',
	'not-rentable',
] as const;
export type Rule = (typeof RULES)[number];

/** Why an offer is out: the rule and the two values it compared. */
export interface Exclusion {
	rule: Rule;
	wanted: string;
	found: string;
	/** The same in one sentence. */
	message: string;
}

export interface OfferExclusion extends Exclusion {
	key: OfferKey;
}

export const exclusionSchema = z.strictObject({
	key: offerKeySchema,
	rule: z.enum(RULES),
	wanted: z.string().max(5000),
	found: z.string().max(500),
	message: z.string().max(1000),
});
