import { z } from 'zod';

/** One reason why a request would be refused, where it lies and what to do about it. */
export const findingSchema = z.object({
	/** The request's field (`gpuCount`), or what pays for it: `team`, `session`, `payment`. */
	field: z.string(),
	/** Stable, for programs: `unknown_gpu_model`. */
	code: z.string(),
	/** What is wrong. */
	message: z.string(),
	/** What to do. */
	suggestion: z.string(),
});
export type Finding = z.output<typeof findingSchema>;
