import { z } from 'zod';
import { gpuModelKeySchema, offerKeySchema, sourceIdSchema, type UnixSeconds, unixSecondsSchema } from '../ids.ts';
import { basisPoints, count16, count32, countryCode, positive16, u64Text, u128Text, words } from '../json/fields.ts';
import { refusalSchema, stepSchema } from '../normalise/step.ts';
import { inferenceOfferSchema } from '../offer/inference.ts';
import { quoteJsonSchema } from '../offer/quote.ts';
import { RENTAL_TERMS } from '../offer/term.ts';
import { tokenPriceSchema } from '../offer/tokenPrice.ts';
import { SOURCE_STATES } from '../snapshot/snapshot.ts';
import { continentSchema, formFactorSchema, pricingModelSchema } from '../tables.ts';

/** The market over HTTP: what `/offers`, its stream, `/history`, `/watches` and `/inference` say and take. */

export const sourceStatusSchema = z.object({
	id: sourceIdSchema,
	/** For people: `AWS spot`. */
	name: z.string(),
	state: z.enum(SOURCE_STATES),
	fetchedAt: unixSecondsSchema.nullable(),
	/** When its answers began to fail; null while they do not. */
	failingSince: unixSecondsSchema.nullable(),
	/** Offers; of a source of token prices, prices. */
	quotes: z.int().min(0),
	/** Rows of its last answer that made no offer, by reason: `no price` 12. */
	left: z.record(z.string(), z.int().min(1)),
	note: z.string().nullable(),
	/** Where a person can look: never with a key in it. */
	url: z.string().nullable(),
	/** What it gives, if that is not offers. */
	gives: z.literal('token-prices').optional(),
});
export type SourceStatus = z.output<typeof sourceStatusSchema>;

/** Why a figure is not believed at first sight. It stays in the list, marked, and is never called the cheapest. */
export const DOUBTS = ['far-below', 'far-above'] as const;
export const doubtSchema = z.object({ code: z.enum(DOUBTS), message: z.string() });
export type Doubt = z.output<typeof doubtSchema>;

/** The same machine, offered by somebody else. */
export const alternativeSchema = z.object({ key: offerKeySchema, source: sourceIdSchema, usdPerGpuHour: u64Text });
export type Alternative = z.output<typeof alternativeSchema>;

/** What a job of the asked size would cost there, all in. Micro-USD. */
export const jobCostSchema = z.object({
	/** For the whole job: GPUs, least time, expected restarts. */
	total: u128Text,
	/** The total for each GPU-hour of the job's own work, divided by performance: what offers are ranked by. */
	perGpuHour: u64Text,
	/** Each step from the price to the total. */
	steps: z.array(stepSchema),
});
export type JobCost = z.output<typeof jobCostSchema>;

export const offerViewSchema = z.object({
	quote: quoteJsonSchema,
	/** Micro-USD. */
	usdPerGpuHour: u64Text.nullable(),
	refusal: refusalSchema.nullable(),
	/** Of the oldest figure that the price is made of: the offer's age counts from here. */
	pricedAt: unixSecondsSchema,
	/** Whether somebody fulfils it through Necto. */
	routable: z.boolean(),
	/** Resellers of the same machine at the same or a higher price. */
	alternatives: z.array(alternativeSchema),
	doubt: doubtSchema.nullable(),
	/** Null unless the query names a job. */
	cost: jobCostSchema.nullable(),
});
export type OfferView = z.output<typeof offerViewSchema>;

/** A cloud's cheapest on-demand price for a GPU, to hold offers against. */
export const referenceSchema = z.object({
	/** `aws`, `gcp`, `azure`. */
	cloud: sourceIdSchema,
	gpuModel: gpuModelKeySchema,
	formFactor: formFactorSchema,
	memoryGiB: count16.nullable(),
	key: offerKeySchema,
	/** GPUs in the machine with that price: `8`. */
	gpus: z.string(),
	region: words(200),
	usdPerGpuHour: u64Text,
	observedAt: unixSecondsSchema,
});
export type Reference = z.output<typeof referenceSchema>;

/** How many offers there are, by rental term; terms without any are not named. */
const otherTermsSchema = z.partialRecord(z.enum(RENTAL_TERMS), z.int().min(1));
export type OtherTermCounts = z.output<typeof otherTermsSchema>;

/** `GET /offers` */
export const offersResponseSchema = z.object({
	/** Names this state of the market; a stream goes on after it. */
	version: z.string(),
	takenAt: unixSecondsSchema,
	block: u64Text,
	sources: z.array(sourceStatusSchema),
	tokenPrices: z.array(tokenPriceSchema),
	references: z.array(referenceSchema),
	offers: z.array(offerViewSchema),
	/** Before paging. */
	total: z.int().min(0),
	/** Offers that fit in everything but the rental terms that are asked for; those are on demand and spot unless `terms` says otherwise. */
	otherTerms: otherTermsSchema,
});
export type OffersResponse = z.output<typeof offersResponseSchema>;

/** `GET /offers/{key}` */
export const offerDetailSchema = offerViewSchema.extend({
	takenAt: unixSecondsSchema,
	/** Each step from the published price to USD per GPU-hour. */
	steps: z.array(stepSchema),
	references: z.array(referenceSchema),
});
export type OfferDetail = z.output<typeof offerDetailSchema>;

/** One event `offers` of `GET /offers/stream`: what is other than in the version before. */
export const offersDeltaSchema = z.object({
	/** The version that this is a change of, `version` itself for what follows of a long one; null: forget what was, this is everything. */
	from: z.string().nullable(),
	version: z.string(),
	/** Whether another event brings more of this version; only the one that says no has the version as its id, to go on after. */
	more: z.boolean(),
	takenAt: unixSecondsSchema,
	block: u64Text,
	total: z.int().min(0),
	otherTerms: otherTermsSchema,
	/** Null when nothing about them changed. */
	sources: z.array(sourceStatusSchema).nullable(),
	tokenPrices: z.array(tokenPriceSchema).nullable(),
	references: z.array(referenceSchema).nullable(),
	changed: z.array(offerViewSchema),
	removed: z.array(offerKeySchema),
	/** Offers that a source confirmed without a change: only their time of observation is another. */
	seen: z.array(z.object({ observedAt: unixSecondsSchema, keys: z.array(offerKeySchema) })),
});
export type OffersDelta = z.output<typeof offersDeltaSchema>;

/**
 * An offer that its source confirmed without a change, as `seen` of a delta says. Its price is as old as the observation, unless it already waited on the price of
 * a token: had that moved, the offer would be told as a change.
 */
export function seenAgain(view: OfferView, observedAt: UnixSeconds): OfferView {
	const pricedAt = view.pricedAt === view.quote.observedAt ? observedAt : view.pricedAt;
	return { ...view, pricedAt, quote: { ...view.quote, observedAt } };
}

/** One stretch of time in which a GPU's prices at a source stood still. Micro-USD per GPU-hour. */
export const pricePointSchema = z.object({
	from: unixSecondsSchema,
	/** Last time the same was seen. */
	until: unixSecondsSchema,
	low: u64Text,
	median: u64Text,
	high: u64Text,
	/** At the last look. */
	offers: count32,
	/** Free GPUs at the last look, as far as they are known. */
	free: count32.nullable().optional(),
});
export type PricePoint = z.output<typeof pricePointSchema>;

/** `GET /history`: prices of one GPU model over time, a series for each source and pricing model. */
export const historyResponseSchema = z.object({
	gpu: gpuModelKeySchema,
	from: unixSecondsSchema,
	to: unixSecondsSchema,
	series: z.array(
		z.object({
			source: sourceIdSchema,
			pricing: pricingModelSchema,
			/** Dated figures that ship with Necto, not what this agent saw. */
			dated: z.boolean(),
			points: z.array(pricePointSchema),
			/** Standard deviation of the low price's daily change, in basis points; null with fewer than ten days. */
			volatilityBps: basisPoints.nullable(),
			/** Seconds since its last figure was seen. */
			staleSeconds: count32,
			/** Where dated figures come from; null for what this agent saw. */
			origin: z.string().nullable().optional(),
		}),
	),
});
export type HistoryResponse = z.output<typeof historyResponseSchema>;

/** `GET /history/tokens` */
export const tokenHistoryResponseSchema = z.object({
	symbol: words(16),
	points: z.array(z.object({ from: unixSecondsSchema, until: unixSecondsSchema, usd: z.string(), source: words(80) })),
	volatilityBps: basisPoints.nullable(),
});
export type TokenHistoryResponse = z.output<typeof tokenHistoryResponseSchema>;

/** What a watch waits for: "an H100 in Europe under $2". */
export const watchWishSchema = z.strictObject({
	gpuModel: gpuModelKeySchema,
	continents: z.array(continentSchema).max(8).default([]),
	countries: z.array(countryCode).max(8).default([]),
	minMemoryGiB: count16.default(0),
	gpuCount: positive16.default(1),
	/** Micro-USD per GPU-hour; at or below it tells. */
	maxPricePerGpuHour: u64Text,
	/** Only offers that Necto can route to. */
	routableOnly: z.boolean().default(false),
});
export type WatchWish = z.output<typeof watchWishSchema>;

export const watchSchema = z.object({
	/** Secret: who knows it can read and end the watch. */
	id: z.string().regex(/^[A-Za-z0-9_-]{22,64}$/, 'must be the id of a watch'),
	wish: watchWishSchema,
	createdAt: unixSecondsSchema,
	/** Until when it watches. */
	expiresAt: unixSecondsSchema,
	/** Whether an offer fits now. */
	met: z.boolean(),
	/** Times at which an offer began to fit, newest first; at most twenty. */
	hits: z.array(
		z.object({
			at: unixSecondsSchema,
			key: offerKeySchema,
			usdPerGpuHour: u64Text,
			/** In words, for people. */
			text: z.string(),
		}),
	),
});
export type Watch = z.output<typeof watchSchema>;

/** `GET /inference` */
export const inferenceResponseSchema = z.object({
	sources: z.array(sourceStatusSchema),
	offers: z.array(inferenceOfferSchema),
});
export type InferenceResponse = z.output<typeof inferenceResponseSchema>;
