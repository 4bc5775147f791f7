import type { Context } from 'hono';
import type { ContentfulStatusCode } from 'hono/utils/http-status';

/** What a caller is told when something goes wrong: what it is and what to do. */
export interface Problem {
	readonly status: ContentfulStatusCode;
	/** For programs. */
	readonly code: string;
	readonly message: string;
	readonly suggestion: string;
}

/** Answers with a problem; the id ties it to the indexer's log. */
export function respondWith(c: Context, { status, ...problem }: Problem): Response {
	return c.json({ ...problem, requestId: c.get('requestId') }, status);
}
