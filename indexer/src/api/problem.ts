import type { Context } from 'hono';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import { ReadFailure } from './reads/session.ts';
import { NoSlot } from './reads/slots.ts';

/** What a caller is told when something goes wrong: what it is and what to do. */
export interface Problem {
	readonly status: ContentfulStatusCode;
	/** For programs. */
	readonly code: string;
	readonly message: string;
	readonly suggestion: string;
	/** Seconds after which another try makes sense. */
	readonly retryAfter?: number;
}

/** Answers with a problem; the id ties it to the indexer's log. GraphQL clients find the message where they look for it. */
export function respondWith(c: Context, { status, retryAfter, ...problem }: Problem): Response {
	if (retryAfter !== undefined) c.header('retry-after', `${retryAfter}`);
	const errors = c.req.path === '/graphql' ? { errors: [{ message: `${problem.message} ${problem.suggestion}` }] } : {};
	return c.json({ ...problem, requestId: c.get('requestId'), ...errors }, status);
}

/**
 * Answers for a read that did not succeed.
 *
 * @throws the error itself when it is none that a client can do something about
 */
export function respondToFailure(c: Context, error: unknown): Response {
	if (error instanceof NoSlot) {
		return respondWith(c, {
			status: 503,
			code: 'BUSY',
			message: 'The indexer is at its limit of concurrent queries.',
			suggestion: 'Try again in a moment.',
			retryAfter: 1,
		});
	}
	if (!(error instanceof ReadFailure)) throw error;
	switch (error.reason) {
		case 'timeout':
			return respondWith(c, {
				status: 504,
				code: 'QUERY_TIMEOUT',
				message: 'The query took too long and was stopped.',
				suggestion: 'Ask for fewer rows, or filter by an indexed column such as the id.',
			});
		case 'too-large':
			return respondWith(c, {
				status: 422,
				code: 'RESULT_TOO_LARGE',
				message: 'The result is larger than this indexer sends.',
				suggestion: 'Ask for fewer rows or columns, page by page.',
			});
		case 'refused':
			return respondWith(c, {
				status: 400,
				code: 'QUERY_REFUSED',
				message: `The database refused the query: ${error.message}.`,
				suggestion: 'Correct the query.',
			});
		case 'left':
			// Nobody reads it.
			return respondWith(c, {
				status: 503,
				code: 'CANCELLED',
				message: 'The request was cancelled.',
				suggestion: 'Send it again.',
			});
	}
}
