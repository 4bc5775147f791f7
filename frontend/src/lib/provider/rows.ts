/** Providers and listings as the indexer keeps them. */
import { CONTINENTS, FORM_FACTORS, LISTING_KINDS, PRICING_MODELS } from '@necto/core';
import { z } from 'zod';
import { bigintColumn, secondsColumn } from '#lib/indexer/client.ts';
import { hexText } from '#lib/jobs/rows.ts';

export const providerRowSchema = z.object({
	id: z.int(),
	owner: hexText,
	name: z.string(),
	uri: z.string(),
	listings: z.int(),
	jobsRouted: z.int(),
	jobsSettled: z.int(),
	jobsFailed: z.int(),
	/** Routed here and not started in time. */
	jobsExpired: z.int(),
	/** Micro-USDC paid for settled jobs. */
	earned: bigintColumn,
	createdAt: secondsColumn,
});

export type ProviderRow = z.infer<typeof providerRowSchema>;
export const PROVIDER_FIELDS = Object.keys(providerRowSchema.shape).join(' ');

export const listingRowSchema = z.object({
	id: z.int(),
	providerId: z.int(),
	kind: z.enum(LISTING_KINDS),
	gpuModel: z.string(),
	memoryGiB: z.int(),
	formFactor: z.enum(FORM_FACTORS),
	total: z.int(),
	widest: z.int(),
	reserved: z.int(),
	offline: z.boolean(),
	continent: z.enum(CONTINENTS),
	country: z.string().nullable(),
	region: z.string(),
	network: z.string(),
	name: z.string(),
	vcpus: z.int(),
	ramGiB: z.int(),
	diskGiB: z.int(),
	pricingModel: z.enum(PRICING_MODELS),
	/** Micro-USD per GPU-hour, as `floor` and `ceiling`. */
	rate: bigintColumn,
	floor: bigintColumn,
	ceiling: bigintColumn,
	/** Millionths of a token per GPU-hour. */
	tokenAmount: bigintColumn,
	token: z.string(),
	availableFrom: secondsColumn,
	availableUntil: secondsColumn,
	version: z.int(),
	updatedAt: secondsColumn,
});

export type ListingRow = z.infer<typeof listingRowSchema>;
export const LISTING_FIELDS = Object.keys(listingRowSchema.shape).join(' ');
