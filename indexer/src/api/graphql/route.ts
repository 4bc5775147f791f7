import { buildClientSchema, type DocumentNode, type GraphQLSchema, getIntrospectionQuery, parse } from 'graphql';
import type { Context, Hono } from 'hono';
import { z } from 'zod';
import { type Problem, respondToFailure, respondWith } from '../problem.ts';
import type { Reader, Reads } from '../reads/reads.ts';
import { costOf, MOST_TOKENS, objectionTo, shapeOf } from './cost.ts';

export interface GraphqlOptions {
	/** Ponder's own GraphQL, at `/graphql`. */
	readonly ponder: Hono;
	readonly reads: Reads;
	readonly mostCost: number;
	readonly readerOf: (c: Context) => Reader;
}

const requestSchema = z.object({
	query: z.string(),
	variables: z.record(z.string(), z.unknown()).nullish(),
	operationName: z.string().nullish(),
});
const introspectionSchema = z.object({ data: z.looseObject({ __schema: z.unknown() }) });

type GraphqlRequest = z.infer<typeof requestSchema>;

const refusal = (code: string, message: string, suggestion: string): Problem => ({
	status: 400,
	code,
	message,
	suggestion,
});

/**
 * `POST /graphql`: the cost of a query is computed before it runs. One operation per request: a batch would be many queries that count as one.
 * `GET` shows Ponder's playground.
 */
export function graphqlRoute(options: GraphqlOptions): (c: Context) => Promise<Response> {
	const { ponder, reads, readerOf } = options;
	let schema: Promise<GraphQLSchema> | undefined;
	return async (c) => {
		if (c.req.method === 'GET') return ponder.fetch(c.req.raw);
		if (c.req.method !== 'POST') {
			c.header('allow', 'GET, POST');
			const problem = refusal(
				'METHOD_NOT_ALLOWED',
				`/graphql does not support the method ${c.req.method}.`,
				'Use POST.',
			);
			return respondWith(c, { ...problem, status: 405 });
		}
		schema ??= schemaOf(ponder);
		const known = await schema.catch((error: unknown) => {
			schema = undefined;
			throw error;
		});
		const request = readRequest(await c.req.text());
		if ('code' in request) return respondWith(c, request);
		const objection = objectionOf(known, request, options.mostCost);
		if (objection !== undefined) return respondWith(c, objection);
		try {
			return await reads.run(readerOf(c), 'own', () => ask(ponder, request));
		} catch (error) {
			return respondToFailure(c, error);
		}
	};
}

/** Forwards a request to Ponder, without the client's headers. */
async function ask(ponder: Hono, request: GraphqlRequest): Promise<Response> {
	return ponder.request('/graphql', {
		method: 'POST',
		headers: { 'content-type': 'application/json', accept: 'application/json' },
		body: JSON.stringify(request),
	});
}

/** Ponder does not export its GraphQL schema, so it is read by introspection. */
async function schemaOf(ponder: Hono): Promise<GraphQLSchema> {
	const answer = await ask(ponder, { query: getIntrospectionQuery() });
	const { data } = introspectionSchema.parse(await answer.json());
	// The answer to the introspection query, whose shape is that of GraphQL's specification.
	return buildClientSchema(data as unknown as Parameters<typeof buildClientSchema>[0]);
}

function readRequest(text: string): GraphqlRequest | Problem {
	let content: unknown;
	try {
		content = JSON.parse(text);
	} catch {
		return refusal('MALFORMED_REQUEST', 'The body is invalid JSON.', 'Send {"query":"{ ... }","variables":{}}.');
	}
	if (Array.isArray(content)) {
		return refusal('NO_BATCHES', 'Batched queries are not supported.', 'Send each query in a request of its own.');
	}
	const request = requestSchema.safeParse(content);
	if (request.success) return request.data;
	const wrong = request.error.issues[0]?.path.join('.') ?? 'body';
	return refusal(
		'MALFORMED_REQUEST',
		`Invalid GraphQL request: "${wrong}" is missing or has the wrong type.`,
		'Send {"query":"{ ... }","variables":{}}.',
	);
}

function objectionOf(schema: GraphQLSchema, request: GraphqlRequest, mostCost: number): Problem | undefined {
	let document: DocumentNode;
	let cost: number;
	try {
		document = parse(request.query, { noLocation: true, maxTokens: MOST_TOKENS });
		const objection = objectionTo(shapeOf(document));
		if (objection !== undefined) return refusal('QUERY_TOO_COMPLEX', objection, 'Split it into simpler queries.');
		cost = costOf(schema, document, request.variables ?? {}, request.operationName ?? undefined);
	} catch (error) {
		const message = error instanceof Error ? error.message : String(error);
		return refusal('MALFORMED_QUERY', `Invalid GraphQL query: ${message}`, 'Correct the query.');
	}
	if (cost <= mostCost) return undefined;
	return refusal(
		'QUERY_TOO_COSTLY',
		`The query costs ${cost}; the limit is ${mostCost}. Each row that it can read costs 1, each condition of a filter 5.`,
		'Use smaller limits, above all for nested lists: page sizes multiply. Query many ids with one list (id_in).',
	);
}
