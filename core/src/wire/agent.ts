import { z } from 'zod';
import { decisionJsonSchema } from '../decide/decision.ts';
import { addressSchema, listingIdSchema, offerKeySchema, unixSecondsSchema } from '../ids.ts';
import { u64Text } from '../json/fields.ts';
import { policySchema } from '../policy/policy.ts';
import { findingSchema } from '../request/finding.ts';
import { requestJsonSchema } from '../request/request.ts';
import { jobFormSchema } from './form.ts';

/** What the agent's HTTP API says and takes. JSON only: big integers are decimal strings, times are unix seconds unless named otherwise. */

/** Every error the API answers with. */
export const apiErrorSchema = z.object({
	/** Stable, for programs: `not-found`. */
	code: z.string(),
	/** What is wrong. */
	message: z.string(),
	/** What to do. */
	suggestion: z.string(),
	requestId: z.string(),
	/** What is wrong with which field of a request, where that is why. */
	fields: z.array(findingSchema).optional(),
});
export type ApiError = z.output<typeof apiErrorSchema>;

/** `POST /quotes`: a decision without a job, or the decisions of several jobs that are wanted together. */
export const quoteRequestSchema = z
	.strictObject({
		request: requestJsonSchema.optional(),
		/** Instead of `request`: decided one after the other, so that none counts on the GPUs that one before it got. */
		requests: z.array(requestJsonSchema).min(1).max(16).optional(),
		policy: policySchema.optional(),
	})
	.refine(
		({ request, requests }) => (request === undefined) !== (requests === undefined),
		'must hold either a request or requests',
	);
export type QuoteRequest = z.output<typeof quoteRequestSchema>;

/** A job that no one machine has room for, as the agent would split it now. Money in micro-USDC. */
export const splitPreviewSchema = z.object({
	parts: z.array(
		z.object({
			gpuCount: z.int().min(1),
			/** Null when the market moved by the parts before it, and nothing serves this one. */
			chosen: z.object({ key: offerKeySchema, listing: listingIdSchema, pricePerGpuHour: u64Text }).nullable(),
			/** What stays locked for it until it ends. */
			locked: u64Text,
			/** What it costs for the full duration at the price found; null without one. */
			cost: u64Text.nullable(),
		}),
	),
	/** Of all parts together. */
	locked: u64Text,
	cost: u64Text.nullable(),
});
export type SplitPreviewJson = z.output<typeof splitPreviewSchema>;

export const quoteResponseSchema = z.object({
	/** The first one's of several. */
	decision: decisionJsonSchema,
	/** Of `requests`, in their order; left out for a single one. */
	decisions: z.array(decisionJsonSchema).optional(),
	/** For a single `request` that may be split and has to be; null where it is served whole, or not at all. */
	split: splitPreviewSchema.nullable().optional(),
	snapshotTakenAt: unixSecondsSchema,
});
export type QuoteResponse = z.output<typeof quoteResponseSchema>;

/** `POST /parse`: plain words to form fields. */
export const parseRequestSchema = z.strictObject({ text: z.string().trim().min(1).max(2000) });
export type ParseRequest = z.output<typeof parseRequestSchema>;

export const parseResponseSchema = z.object({
	/** Only what the words say. */
	fields: jobFormSchema.partial(),
	/** Fields the form still needs. */
	missing: z.array(z.string()),
	/** What was assumed or left out. */
	notes: z.array(z.string()),
	/** Which model read it. */
	model: z.string(),
});
export type ParseResponse = z.output<typeof parseResponseSchema>;

export const ACTIVITY_STEPS = [
	'observed',
	'collecting',
	'source',
	'collected',
	'normalised',
	'filtered',
	'ranked',
	'chosen',
	'unservable',
	'uploading',
	'uploaded',
	'submitting',
	'routed',
	'reopened',
	'split',
	'superseded',
	'failed',
	'waiting',
	'refused',
] as const;
export type ActivityStep = (typeof ACTIVITY_STEPS)[number];

/** One step of the agent's work on a job (SSE). */
export const activityEventSchema = z.object({
	/** Grows; resume after the last one seen. */
	id: z.int().min(0),
	jobId: u64Text,
	/** Milliseconds since 1970. */
	at: z.int().min(0),
	step: z.enum(ACTIVITY_STEPS),
	title: z.string(),
	detail: z.string().nullable(),
	data: z.record(z.string(), z.json()),
});
export type ActivityEvent = z.output<typeof activityEventSchema>;

/** `GET /health`: the process answers. */
export const healthSchema = z.object({
	status: z.literal('ok'),
	version: z.string(),
	uptimeSeconds: z.number().min(0),
});
export type Health = z.output<typeof healthSchema>;

/** `GET /ready`: it can do its work; otherwise what is in the way. */
export const readySchema = z.object({
	ready: z.boolean(),
	checks: z.array(
		z.object({
			name: z.string(),
			ok: z.boolean(),
			/** What is wrong, as a sentence; null when it is in order. */
			detail: z.string().nullable(),
			/** The same in one word where the name does not say it: an indexer is `behind` or `unreachable`. */
			reason: z.string().nullable().optional(),
		}),
	),
});
export type Ready = z.output<typeof readySchema>;

/** `GET /config`: what a page has to know to work with this agent. */
export const agentConfigSchema = z.object({
	chainId: z.int().min(1),
	contracts: z.object({
		accessControl: addressSchema,
		escrow: addressSchema,
		providerRegistry: addressSchema,
		jobRegistry: addressSchema,
		usdc: addressSchema,
	}),
	parse: z.object({ available: z.boolean(), reason: z.string().nullable() }),
	zerog: z.object({ gateway: z.string().nullable() }),
});
export type AgentConfig = z.output<typeof agentConfigSchema>;
