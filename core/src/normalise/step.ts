import { z } from 'zod';

/**
 * The kinds of arithmetic, in the order in which they come: between a published price and USD per GPU-hour, then between that and what a job costs. A
 * decision has the first kind alone.
 */
export const STEP_NAMES = [
	'native',
	'dynamic-rate',
	'second-to-hour',
	'block-to-hour',
	'token-to-usd',
	'fee',
	'per-gpu',
	'rounding',
	'tier',
	'band',
	'machines',
	'work-time',
	'restarts',
	'least-time',
	'job-total',
	'job-rate',
] as const;
export type StepName = (typeof STEP_NAMES)[number];

/** One line of the arithmetic, as a person would write it down. */
export interface Step {
	name: StepName;
	/** `31.92 USD ÷ 8 GPUs`. */
	formula: string;
	/** The result, a decimal; `…` marks a fraction that does not end (the arithmetic itself is exact). */
	value: string;
	/** `USD per GPU-hour`. */
	unit: string;
}

export const stepSchema = z.strictObject({
	name: z.enum(STEP_NAMES),
	formula: z.string().max(1000),
	value: z.string().max(400),
	unit: z.string().max(100),
});

export const REFUSALS = [
	'not-a-number',
	'zero-price',
	'unknown-block-time',
	'no-token-price',
	'stale-token-price',
	'disputed-token-price',
	'no-capacity',
	'bad-band',
	'above-band',
	'too-large',
	'below-any-price',
	'above-any-price',
] as const;
/** Why a price cannot be compared. */
export type RefusalCode = (typeof REFUSALS)[number];

export interface Refusal {
	code: RefusalCode;
	message: string;
}

export const refusalSchema = z.strictObject({ code: z.enum(REFUSALS), message: z.string().max(500) });
