/**
 * Rows of the indexer's tables as the pages use them. GraphQL gives big numbers as text: money becomes `bigint` micro-USD, times become
 * numbers of unix seconds. A row of another shape is refused here and nowhere later.
 */
import { z } from 'zod';
import { bigintColumn, secondsColumn } from '#lib/indexer/client.ts';
import { jobStatusSchema } from './status.ts';

export const hexText = z
	.string()
	.regex(/^0x[0-9a-fA-F]*$/, 'not hexadecimal')
	// The pattern above is the type's definition.
	.transform((text) => text as `0x${string}`);

export const jobRowSchema = z.object({
	id: bigintColumn,
	status: jobStatusSchema,
	tracked: z.boolean(),
	/** Null for an untracked job: the indexer keeps no identity. */
	requester: hexText.nullable(),
	/** 0 is no team. */
	team: z.int().nonnegative(),
	gpuModel: z.string(),
	minMemoryGiB: z.int(),
	formFactors: z.int(),
	gpuCount: z.int(),
	/** Seconds. */
	duration: z.int(),
	maxPricePerGpuHour: bigintColumn,
	continents: z.int(),
	countries: z.string(),
	excludedPricing: z.int(),
	uptimeWeight: z.int(),
	latencyWeight: z.int(),
	ratingWeight: z.int(),
	riskWeight: z.int(),
	routeDeadline: secondsColumn,
	/** Seconds. */
	startWindow: z.int(),
	specHash: hexText,
	policyHash: hexText,
	locked: bigintColumn,
	listingId: z.int().nullable(),
	provider: hexText.nullable(),
	pricePerGpuHour: bigintColumn.nullable(),
	startDeadline: secondsColumn.nullable(),
	requestedAt: secondsColumn,
	routedAt: secondsColumn.nullable(),
	startedAt: secondsColumn.nullable(),
	endsAt: secondsColumn.nullable(),
	endedAt: secondsColumn.nullable(),
	paid: bigintColumn.nullable(),
	refunded: bigintColumn.nullable(),
	/** Seconds paid for. */
	elapsed: z.int().nullable(),
	requestedBlock: bigintColumn,
	updatedAt: secondsColumn,
});

export type JobRow = z.infer<typeof jobRowSchema>;

/** The fields of `jobRowSchema` for a GraphQL selection. */
export const JOB_FIELDS = Object.keys(jobRowSchema.shape).join(' ');

export const routingRowSchema = z.object({
	jobId: bigintColumn,
	listingId: z.int(),
	listingVersion: z.int(),
	provider: hexText,
	pricePerGpuHour: bigintColumn,
	startDeadline: secondsColumn,
	candidatesRoot: hexText,
	recordRoot: hexText,
	recordHash: hexText,
	commitment: hexText,
	at: secondsColumn,
	block: bigintColumn,
	txHash: hexText,
});

/** What `route` stored for a job, and where. */
export type RoutingRow = z.infer<typeof routingRowSchema>;

export const ROUTING_FIELDS = Object.keys(routingRowSchema.shape).join(' ');

export const jobEventRowSchema = z.object({
	kind: z.string(),
	at: secondsColumn,
	block: bigintColumn,
	logIndex: z.int(),
	/** Null where the transaction would name an untracked buyer. */
	txHash: hexText.nullable(),
});

export type JobEventRow = z.infer<typeof jobEventRowSchema>;

export const JOB_EVENT_FIELDS = Object.keys(jobEventRowSchema.shape).join(' ');
