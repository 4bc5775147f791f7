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
	/** Most jobs that it may be split into; 0 and 1 forbid it. */
	maxParts: z.int(),
	/** Seconds. */
	duration: z.int(),
	maxPricePerGpuHour: bigintColumn,
	continents: z.int(),
	countries: z.string(),
	excludedPricing: z.int(),
	/** Bits over core's ATTESTATION_KINDS. */
	attestations: z.int(),
	uptimeWeight: z.int(),
	latencyWeight: z.int(),
	ratingWeight: z.int(),
	riskWeight: z.int(),
	routeDeadline: secondsColumn,
	/** Seconds. */
	startWindow: z.int(),
	specHash: hexText,
	policyHash: hexText,
	requestHash: hexText,
	locked: bigintColumn,
	listingId: z.int().nullable(),
	provider: hexText.nullable(),
	pricePerGpuHour: bigintColumn.nullable(),
	/** Basis points of what is paid. */
	fee: z.int().nullable(),
	router: hexText.nullable(),
	commitment: hexText.nullable(),
	/** The job that it is a part of. */
	parent: bigintColumn.nullable(),
	/** How often it lost its place. */
	reopened: z.int(),
	startDeadline: secondsColumn.nullable(),
	requestedAt: secondsColumn,
	routedAt: secondsColumn.nullable(),
	startedAt: secondsColumn.nullable(),
	endsAt: secondsColumn.nullable(),
	endedAt: secondsColumn.nullable(),
	disputedAt: secondsColumn.nullable(),
	/** What the provider would have been paid when the dispute stopped the meter. */
	due: bigintColumn.nullable(),
	paid: bigintColumn.nullable(),
	/** Of what was paid, the platform's. */
	feePaid: bigintColumn.nullable(),
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
	/** The event's own values as JSON. */
	data: z.string(),
});

export type JobEventRow = z.infer<typeof jobEventRowSchema>;

export const JOB_EVENT_FIELDS = Object.keys(jobEventRowSchema.shape).join(' ');
