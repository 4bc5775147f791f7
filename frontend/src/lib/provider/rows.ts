/** Providers and listings as the indexer keeps them. */
import { ATTESTATION_KINDS, CONTINENTS, FORM_FACTORS, fromBits, LISTING_KINDS, PRICING_MODELS } from '@necto/core';
import { z } from 'zod';
import { bigintColumn, secondsColumn } from '#lib/indexer/client.ts';
import { hexText } from '#lib/jobs/rows.ts';
import { wordFor } from '#lib/jobs/words.ts';

export const providerRowSchema = z.object({
	id: z.int(),
	owner: hexText,
	name: z.string(),
	uri: z.string(),
	listings: z.int(),
	jobsRouted: z.int(),
	jobsSettled: z.int(),
	/** Paid for: `completed` of the contract. */
	jobsCompleted: z.int(),
	/** Declined, not started in time, given up, or ruled against. */
	jobsFailed: z.int(),
	/** Disputed by a buyer, whatever came of it. */
	jobsDisputed: z.int(),
	/** Routed here and not started in time. */
	jobsExpired: z.int(),
	/** Micro-USDC paid for settled jobs. */
	earned: bigintColumn,
	createdAt: secondsColumn,
});

export type ProviderRow = z.infer<typeof providerRowSchema>;
export const PROVIDER_FIELDS = Object.keys(providerRowSchema.shape).join(' ');

/** A week's price tiers: JSON that the indexer wrote. */
const tiersColumn = z
	.string()
	.transform((text, context): unknown => {
		try {
			return JSON.parse(text);
		} catch {
			context.addIssue({ code: 'custom', message: 'not JSON' });
			return z.NEVER;
		}
	})
	.pipe(z.array(z.object({ hour: z.int(), multiplier: z.int() })));

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
	tiers: tiersColumn,
	/** Bits over core's ATTESTATION_KINDS: what a buyer has to have. */
	ruleAttestations: z.int(),
	/** Whether it serves only the buyers on its provider's list. */
	allowListOnly: z.boolean(),
	version: z.int(),
	updatedAt: secondsColumn,
});

export type ListingRow = z.infer<typeof listingRowSchema>;
export const LISTING_FIELDS = Object.keys(listingRowSchema.shape).join(' ');

/** Whom a listing serves, in words; null when everybody. */
export function accessWords({
	ruleAttestations,
	allowListOnly,
}: Pick<ListingRow, 'ruleAttestations' | 'allowListOnly'>): string | null {
	let kinds: string[];
	try {
		kinds = fromBits(ATTESTATION_KINDS, ruleAttestations).map(wordFor);
	} catch {
		kinds = [`unknown (${ruleAttestations})`];
	}
	const parts = [allowListOnly ? 'on your list' : '', kinds.length > 0 ? `attested ${kinds.join(', ')}` : ''];
	const rules = parts.filter((part) => part !== '');
	return rules.length === 0 ? null : `Only buyers ${rules.join(' and ')}`;
}
