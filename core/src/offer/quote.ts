import { z } from 'zod';
import {
	type Address,
	addressSchema,
	type GpuModelKey,
	gpuModelKeySchema,
	type ListingId,
	listingIdSchema,
	type MicroUsd,
	type OfferKey,
	offerKeySchema,
	type ProviderId,
	providerIdSchema,
	type SourceId,
	sourceIdSchema,
	type UnixSeconds,
	unixSecondsSchema,
} from '../ids.ts';
import {
	basisPoints,
	count16,
	count32,
	countryCode,
	microUsdCodec,
	positive16,
	publishedNumber,
	u64Text,
	words,
} from '../json/fields.ts';
import {
	ATTESTATION_KINDS,
	type AttestationKind,
	attestationKindSchema,
	type Continent,
	continentSchema,
	type FormFactor,
	formFactorSchema,
	type ListingKind,
	listingKindSchema,
	type PricingModel,
	pricingModelSchema,
} from '../tables.ts';
import { type StatedTerm, statedTermSchema } from './term.ts';
import { TIER_LIMITS, type Tier } from './tiers.ts';

/** How we know: asked just now; a dated file; Necto's registry; typed in by an operator. */
export const EVIDENCES = ['live', 'snapshot', 'listing', 'manual'] as const;
export type Evidence = (typeof EVIDENCES)[number];

/**
 * What the number is. Only `listing` and `offer` are prices somebody stands ready to take; an `estimate` is what another good (a rendered frame) comes to and
 * rents no machine at all.
 */
export const MEANINGS = ['listing', 'offer', 'list-price', 'bid-history', 'floor', 'observation', 'estimate'] as const;
export type Meaning = (typeof MEANINGS)[number];

export interface QuotePrice {
	model: PricingModel;
	/** Exact decimal as published. Ignored for `dynamic` listings: their band and utilisation make the price. */
	amount: string;
	/** `USD`, or a token's symbol. */
	currency: string;
	/** The amount counts in units of 10^-exponent: 0 whole, 2 cents, 6 uakt or micro-USD. */
	exponent: number;
	/** What the amount buys: one GPU, or the whole priced unit of `gpus`. */
	per: 'gpu' | 'instance';
	time: 'hour' | 'second' | 'block';
	/** For `block`: the time of one block. */
	blockMilliseconds: number | null;
	/** Whether that time was measured on the chain or is what the network states; not said in older files. */
	blockTime?: 'measured' | 'stated' | undefined;
	/** What the renter pays on top of the amount. */
	feeBps: number;
	/** In the price: `cpu`, `ram`, `disk`, `fee`... */
	includes: string[];
	/** Costs extra, by an amount that depends on use: `storage`, `egress`, `fee`... */
	excludes?: string[] | undefined;
}

/** What a renter is bound to. */
export interface QuoteRental {
	/** Least time that is paid, in seconds; 0 by the second. */
	minSeconds: number | null;
	/** Whether it is paid in advance and not given back. */
	prepaid: boolean | null;
	/** Set when the price is neither on demand nor spot; such an offer is shown apart. */
	term?: StatedTerm | undefined;
}

/** How often such machines are taken back, as somebody published. */
export interface QuoteInterruption {
	/** Chance within a month of 730 hours, in basis points. */
	monthlyBps: number;
	/** `at-least`: the published class has no upper end. */
	bound: 'about' | 'at-most' | 'at-least';
	/** Seconds between the notice and the end. */
	noticeSeconds: number | null;
	/** Who says so, and of when: `AWS Spot Instance Advisor`. */
	source: string;
	observedAt: UnixSeconds;
}

/** What a verifier states of a listing's provider. */
export interface QuoteAttestation {
	kind: AttestationKind;
	/** The last second in which it stands. */
	expiresAt: UnixSeconds;
}

/** What is known about a listing in Necto's registry. */
export interface QuoteListing {
	id: ListingId;
	version: number;
	providerId: ProviderId;
	/** The provider's owner: who is paid. */
	provider: Address;
	providerName: string;
	name: string;
	kind: ListingKind;
	/** GPUs in all. */
	total: number;
	/** GPUs taken by running or routed jobs. */
	reserved: number;
	offline: boolean;
	floor: MicroUsd;
	ceiling: MicroUsd;
	/** 0 is open. */
	availableFrom: UnixSeconds | 0;
	/** 0 is open. */
	availableUntil: UnixSeconds | 0;
	/** By time of the week, in the order of their hours; empty without. Only own listings at a fixed or dynamic rate have any. */
	tiers: Tier[];
	/** Of the provider's owner, each kind at most once. */
	attestations: QuoteAttestation[];
	/** Whether it serves some buyers only. */
	restricted: boolean;
	/** The provider's jobs by the contract's own counters; see `reliabilityBps`. Nothing is ranked by them. */
	jobs?: { completed: number; failed: number; disputed: number } | undefined;
}

/** What one source said about one offer, before any arithmetic. Unknown stays `null`; zero never means free. */
export interface Quote {
	key: OfferKey;
	source: SourceId;
	/** The network it runs on: `necto`, `akash`, `io-net`. */
	network: string;
	evidence: Evidence;
	observedAt: UnixSeconds;
	meaning: Meaning;
	/** Who really owns a box that a broker resells. */
	upstream: { cloud: string; type: string } | null;
	/** `memoryGiB` is of one whole GPU. */
	gpu: { model: GpuModelKey; formFactor: FormFactor; memoryGiB: number | null; rawName: string };
	/** GPUs in one priced unit: 8/1 for a machine of eight, 1/6 for a sixth of a card. */
	gpus: { numerator: number; denominator: number };
	/** Of one priced unit. */
	host: { vcpus: number | null; ramGiB: number | null; diskGiB: number | null };
	region: { continent: Continent; country: string | null; raw: string };
	price: QuotePrice;
	/** `gpus`: free ones; `widest`: most in one machine. */
	availability: { state: 'available' | 'none' | 'unknown'; gpus: number | null; widest: number | null };
	/** Basis points of perfect (risk: of worst); latency in milliseconds. */
	quality: { uptimeBps: number | null; latencyMs: number | null; ratingBps: number | null; riskBps: number | null };
	rental?: QuoteRental | undefined;
	interruption?: QuoteInterruption | undefined;
	/** For a figure typed in by hand: who said so, and where. */
	origin?: string | undefined;
	/** Null: nobody fulfils it through Necto; compare only. */
	listing: QuoteListing | null;
}

const tiersSchema = z
	.array(
		z.strictObject({
			hour: z.int().min(0).max(TIER_LIMITS.hour),
			multiplier: z.int().min(1).max(TIER_LIMITS.multiplier),
		}),
	)
	.max(TIER_LIMITS.most)
	.refine(
		(tiers) => tiers.every(({ hour }, index) => index === 0 || hour > (tiers[index - 1]?.hour ?? hour)),
		'must be in the order of their hours, one for an hour',
	);

const attestationsSchema = z
	.array(z.strictObject({ kind: attestationKindSchema, expiresAt: unixSecondsSchema }))
	.max(ATTESTATION_KINDS.length)
	.refine((held) => new Set(held.map(({ kind }) => kind)).size === held.length, 'must not name a kind twice');

const quoteOf = <Money extends z.ZodType>(money: Money) =>
	z.strictObject({
		key: offerKeySchema,
		source: sourceIdSchema,
		network: z.string().regex(/^[a-z0-9][a-z0-9.-]{0,39}$/, 'must be 1 to 40 of a-z, 0-9, . and -'),
		evidence: z.enum(EVIDENCES),
		observedAt: unixSecondsSchema,
		meaning: z.enum(MEANINGS),
		upstream: z.strictObject({ cloud: words(80), type: words(120) }).nullable(),
		gpu: z.strictObject({
			model: gpuModelKeySchema,
			formFactor: formFactorSchema,
			memoryGiB: positive16.nullable(),
			rawName: words(200),
		}),
		gpus: z.strictObject({ numerator: positive16, denominator: positive16 }),
		host: z.strictObject({ vcpus: count32.nullable(), ramGiB: count32.nullable(), diskGiB: count32.nullable() }),
		region: z.strictObject({ continent: continentSchema, country: countryCode.nullable(), raw: words(200) }),
		price: z.strictObject({
			model: pricingModelSchema,
			amount: publishedNumber,
			currency: words(16).min(1),
			exponent: z.int().min(0).max(30),
			per: z.enum(['gpu', 'instance']),
			time: z.enum(['hour', 'second', 'block']),
			blockMilliseconds: z.int().min(1).max(3_600_000).nullable(),
			blockTime: z.enum(['measured', 'stated']).optional(),
			feeBps: z.int().min(0).max(1_000_000),
			includes: z.array(words(40)).max(20),
			excludes: z.array(words(40)).max(20).optional(),
		}),
		availability: z.strictObject({
			state: z.enum(['available', 'none', 'unknown']),
			gpus: count32.nullable(),
			widest: count32.nullable(),
		}),
		quality: z.strictObject({
			uptimeBps: basisPoints.nullable(),
			latencyMs: count32.nullable(),
			ratingBps: basisPoints.nullable(),
			riskBps: basisPoints.nullable(),
		}),
		rental: z
			.strictObject({
				minSeconds: count32.nullable(),
				prepaid: z.boolean().nullable(),
				term: statedTermSchema.optional(),
			})
			.optional(),
		interruption: z
			.strictObject({
				monthlyBps: basisPoints,
				bound: z.enum(['about', 'at-most', 'at-least']),
				noticeSeconds: count32.nullable(),
				source: words(120),
				observedAt: unixSecondsSchema,
			})
			.optional(),
		origin: words(320).optional(),
		listing: z
			.strictObject({
				id: listingIdSchema,
				version: count32,
				providerId: providerIdSchema,
				provider: addressSchema,
				providerName: words(200),
				name: words(200),
				kind: listingKindSchema,
				total: count16,
				reserved: count16,
				offline: z.boolean(),
				floor: money,
				ceiling: money,
				availableFrom: z.union([z.literal(0), unixSecondsSchema]),
				availableUntil: z.union([z.literal(0), unixSecondsSchema]),
				tiers: tiersSchema,
				attestations: attestationsSchema,
				restricted: z.boolean(),
				jobs: z.strictObject({ completed: count32, failed: count32, disputed: count32 }).optional(),
			})
			.nullable(),
	});

/** JSON with money as decimal strings <-> `Quote`. */
export const quoteSchema = quoteOf(microUsdCodec);
/** The JSON side alone, for API documents. */
export const quoteJsonSchema = quoteOf(u64Text);
export type QuoteJson = z.output<typeof quoteJsonSchema>;
