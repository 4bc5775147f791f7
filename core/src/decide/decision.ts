import type { Hex } from 'viem';
import { z } from 'zod';
import {
	type Address,
	addressSchema,
	hex32Schema,
	type JobId,
	type ListingId,
	listingIdSchema,
	type MicroUsd,
	type OfferKey,
	offerKeySchema,
} from '../ids.ts';
import {
	basisPoints,
	count32,
	jobIdCodec,
	microUsdCodec,
	u64Text,
	u128Codec,
	u128Text,
	words,
} from '../json/fields.ts';
import { type Refusal, refusalSchema, type Step, stepSchema } from '../normalise/step.ts';
import { exclusionSchema, type OfferExclusion } from './exclusion.ts';
import type { Distances } from './rank.ts';

/** Which job a decision is for. An untracked job, and a decision without a job, has no requester. */
export interface JobRef {
	chainId: number;
	/** The JobRegistry. */
	registry: Address;
	id: JobId | null;
	requester: Address | null;
}

/** One offer of the snapshot with its price, or with the reason why it has none. */
export interface PricedOffer {
	key: OfferKey;
	usdPerGpuHour: MicroUsd | null;
	steps: Step[];
	refusal: Refusal | null;
}

/** What may be missing behind a place in the ranking. */
export const UNKNOWNS = ['uptime', 'latency', 'rating', 'risk', 'capacity', 'widest'] as const;
export type Unknown = (typeof UNKNOWNS)[number];

export interface RankedOffer {
	key: OfferKey;
	price: MicroUsd;
	distances: Distances;
	/** Basis points added to the price. */
	penalties: bigint;
	score: bigint;
	/** Whether somebody fulfils it through Necto; otherwise compare only. */
	routable: boolean;
	/** 0 when not routable. */
	listing: ListingId | 0;
	/** 0 when not routable. */
	listingVersion: number;
	unknowns: Unknown[];
}

export interface Chosen {
	key: OfferKey;
	listing: ListingId;
	listingVersion: number;
	provider: Address;
	pricePerGpuHour: MicroUsd;
	score: bigint;
}

/** A better-placed offer than the chosen one that Necto cannot route to. */
export interface CompareOnly {
	key: OfferKey;
	price: MicroUsd;
}

export interface Decision {
	outcome: 'routed' | 'unservable';
	/** Restricted listings that admit this buyer, in rising order; none for an untracked job, whose buyer the decision must not know. */
	admitted: ListingId[];
	/** Listings that had this job and declined it or did not start it, in rising order. */
	passedOver: ListingId[];
	/** In the order of their keys, as in the snapshot's file. */
	offers: PricedOffer[];
	/** In the order of their keys. */
	exclusions: OfferExclusion[];
	/** Best first. */
	ranking: RankedOffer[];
	chosen: Chosen | null;
	/**
	 * The cheapest offer of the ranking that cannot be routed, if it is cheaper than the chosen one (or nothing was chosen). Floors of auctions and figures far
	 * from everybody else's are in the ranking, and not named here.
	 */
	cheapestCompareOnly: CompareOnly | null;
	/** Root of the tree over the ranking; zero when the ranking is empty. */
	candidatesRoot: Hex;
	/** Plain words, written by code. */
	summary: string;
}

const risingIds = z
	.array(listingIdSchema)
	.max(100_000)
	.refine(
		(listings) => listings.every((id, index) => index === 0 || id > (listings[index - 1] ?? id)),
		'must be in rising order, each once',
	);

/** Every part of a decision, for records and for the API; `money`, `score` and `job` say how JSON's strings are read. */
export const decisionFields = <Money extends z.ZodType, Score extends z.ZodType>(money: Money, score: Score) => ({
	outcome: z.enum(['routed', 'unservable']),
	admitted: risingIds,
	passedOver: risingIds,
	offers: z
		.array(
			z.strictObject({
				key: offerKeySchema,
				usdPerGpuHour: money.nullable(),
				steps: z.array(stepSchema).max(20),
				refusal: refusalSchema.nullable(),
			}),
		)
		.max(100_000),
	exclusions: z.array(exclusionSchema).max(100_000),
	ranking: z
		.array(
			z.strictObject({
				key: offerKeySchema,
				price: money,
				distances: z.strictObject({
					uptime: basisPoints,
					latency: basisPoints,
					rating: basisPoints,
					risk: basisPoints,
				}),
				penalties: score,
				score,
				routable: z.boolean(),
				listing: z.union([z.literal(0), listingIdSchema]),
				listingVersion: count32,
				unknowns: z.array(z.enum(UNKNOWNS)).max(UNKNOWNS.length),
			}),
		)
		.max(100_000),
	chosen: z
		.strictObject({
			key: offerKeySchema,
			listing: listingIdSchema,
			listingVersion: count32,
			provider: addressSchema,
			pricePerGpuHour: money,
			score,
		})
		.nullable(),
	cheapestCompareOnly: z.strictObject({ key: offerKeySchema, price: money }).nullable(),
	candidatesRoot: hex32Schema,
	summary: words(4000),
});

/** JSON <-> `Decision`. */
export const decisionSchema = z.strictObject(decisionFields(microUsdCodec, u128Codec));
/** The JSON side alone, for API documents. */
export const decisionJsonSchema = z.strictObject(decisionFields(u64Text, u128Text));
export type DecisionJson = z.output<typeof decisionJsonSchema>;

/** The job inside a record: an untracked one has no requester key at all. */
export const jobRefSchema = z.strictObject({
	chainId: z.int().min(1),
	registry: addressSchema,
	id: jobIdCodec.nullable(),
	requester: addressSchema.optional(),
});
