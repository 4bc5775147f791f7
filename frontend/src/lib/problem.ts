import { z } from 'zod';

/** How every service of Necto words a failure. */
export const problemSchema = z.object({
	code: z.string(),
	message: z.string(),
	suggestion: z.string().default(''),
	requestId: z.string().nullable().default(null),
});

export type ProblemFields = z.infer<typeof problemSchema>;

/** A failure that a person can be told: what is wrong, what to do, and the id to ask about. */
export class Problem extends Error {
	override readonly name = 'Problem';
	/** Stable word for programs and tests, e.g. `agent_unreachable`. */
	readonly code: string;
	/** What to do about it; may be empty. */
	readonly suggestion: string;
	readonly requestId: string | null;

	constructor(
		fields: { code: string; message: string; suggestion?: string; requestId?: string | null },
		cause?: unknown,
	) {
		super(fields.message, { cause });
		this.code = fields.code;
		this.suggestion = fields.suggestion ?? '';
		this.requestId = fields.requestId ?? null;
	}
}

/** Any thrown thing as a {@link Problem}; what is unknown keeps its message under the code `unexpected`. */
export function problemOf(error: unknown): Problem {
	if (error instanceof Problem) return error;
	const message = error instanceof Error ? error.message : String(error);
	return new Problem({ code: 'unexpected', message, suggestion: 'Reload the page and try again.' }, error);
}

/** Whether a request was given up on purpose (navigation, newer request): nothing to tell anybody. */
export function isAbort(error: unknown): boolean {
	return error instanceof DOMException && error.name === 'AbortError';
}
