import { createMiddleware } from 'hono/factory';
import { z } from 'zod';
import { respondWith } from './problem.ts';

/** A query as `@ponder/client` sends it: superjson of a statement and its parameters. */
const querySchema = z.object({ json: z.object({ sql: z.string().min(1), params: z.array(z.unknown()) }) });

function isQuery(text: string | undefined): boolean {
	if (text === undefined) return false;
	try {
		return querySchema.safeParse(JSON.parse(text)).success;
	} catch {
		return false;
	}
}

/** Answers malformed queries before they reach Ponder, which would call them its own mistake. */
export const checkSqlRequest = createMiddleware(async (c, next) => {
	if (c.req.path !== '/sql/db' && c.req.path !== '/sql/live') {
		return respondWith(c, {
			status: 404,
			code: 'NOT_FOUND',
			message: 'SQL over HTTP has /sql/db and /sql/live.',
			suggestion: 'Use createClient of @ponder/client with this address and /sql.',
		});
	}
	if (!isQuery(c.req.query('sql'))) {
		return respondWith(c, {
			status: 400,
			code: 'MALFORMED_QUERY',
			message: 'The parameter "sql" is not a query: {"json":{"sql":"select ...","params":[]}}, URL-encoded.',
			suggestion: 'Use createClient of @ponder/client, or write the parameter like that.',
		});
	}
	return next();
});
