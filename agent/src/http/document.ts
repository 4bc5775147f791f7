/** What the routes share: how answers are described, and how they are sent beside the typed ones. */
import { OpenAPIHono } from '@hono/zod-openapi';
import { apiErrorSchema } from '@necto/core';
import type { Context } from 'hono';
import { requestId } from 'hono/request-id';
import type { z } from 'zod';
import type { Logger } from '../logger.ts';
import { DEFAULT_PROXIES, identify } from './client.ts';
import type { Env } from './context.ts';
import { errorHandler, invalid, methodNotAllowed, notFound, problem } from './errors.ts';

/** An API without routes, in which everything that goes wrong has the same shape. */
export function emptyApi(logger: Logger, proxies = DEFAULT_PROXIES): OpenAPIHono<Env> {
	const app = new OpenAPIHono<Env>({
		defaultHook: (result, c) =>
			result.success ? undefined : problem(c, invalid(result.error, { input: inputOf(result) })),
	});
	app.onError(errorHandler(logger));
	app.notFound((c) => {
		const allowed = methodsAt(app, c.req.path);
		if (allowed.length === 0) return problem(c, notFound('page'));
		c.header('allow', allowed.join(', '));
		return problem(c, methodNotAllowed(c.req.method, allowed));
	});
	app.use(requestId({ limitLength: 64 }));
	app.use(identify(proxies));
	return app;
}

/** The methods that some route takes at a path; empty where there is none. */
function methodsAt(app: OpenAPIHono<Env>, path: string): string[] {
	const methods = [...new Set(app.routes.map(({ method }) => method))].filter((method) =>
		app.router.match(method, path)[0].some(([[, route]]) => route.method === method && method !== 'ALL'),
	);
	return methods.includes('GET') ? ['GET', 'HEAD', ...methods.filter((method) => method !== 'GET')] : methods;
}

/** What was validated, as it came: the validator hands it to hooks, and its types leave it out. */
function inputOf(result: object): unknown {
	return 'data' in result ? result.data : undefined;
}

export const json = <Schema extends z.ZodType>(schema: Schema, description: string) => ({
	content: { 'application/json': { schema } },
	description,
});

const later = (description: string) => ({
	...json(apiErrorSchema, description),
	headers: { 'retry-after': { description: 'Seconds', schema: { type: 'integer' as const, minimum: 1 } } },
});

/** For routes that take nothing that could be wrong: all can be refused for a while. `retry-after` says when it is worth trying again. */
export const limited = {
	429: later(
		'Too much from this address: `too_many_requests`, `too_many_at_once`, `too_many_streams`, `too_many_watches`, `too_much_unread`',
	),
};

export const errors = {
	...limited,
	503: later(
		'Too much at the moment: `busy`, `streams_full`, `watches_full`, `took_too_long`; or a part that is away: `database_unavailable`, `market_unavailable`',
	),
	'4XX': json(apiErrorSchema, 'What is wrong with the request, and what to do'),
	'5XX': json(apiErrorSchema, 'What the agent cannot do now, and what to do'),
};

/** The typed routes know JSON only. Bytes, streams and "not modified" are answered beside them, hence the cast. */
export function direct(response: Response): never {
	return response as never;
}

/** Whether the caller has this version already. */
export function matches(header: string | undefined, etag: string): boolean {
	return header?.split(',').some((part) => part.trim().replace(/^W\//, '') === etag || part.trim() === '*') ?? false;
}

/** Refuses a query that does not fit, and names what there is to ask for if something else was asked. */
export function queryHook(schema: z.ZodObject) {
	const known = Object.keys(schema.shape);
	return (result: { success: true } | { success: false; error: z.ZodError }, c: Context<Env>) =>
		result.success ? undefined : direct(problem(c, invalid(result.error, { known, schema, input: inputOf(result) })));
}
