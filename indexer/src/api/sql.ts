import { randomBytes, randomUUID } from 'node:crypto';
import type { Context, Hono } from 'hono';
import { z } from 'zod';
import { respondToFailure, respondWith } from './problem.ts';
import type { Reader, Reads } from './reads/reads.ts';

/** A query as `@ponder/client` sends it: superjson of a statement and its parameters. */
const querySchema = z.looseObject({ json: z.looseObject({ sql: z.string().min(1), params: z.array(z.unknown()) }) });
type Query = z.infer<typeof querySchema>;

/** Ponder's parser takes 5,000. */
const MOST_CHARACTERS = 4_900;

/**
 * Ponder caches which statements it allows by 40 bits of their hash. A pair of statements with the same 40 bits, one allowed and one not, can be found in
 * a second. A secret prefix makes finding such a pair infeasible.
 */
const SEAL = `/* ${randomBytes(16).toString('hex')} */ `;

export interface SqlOptions {
	/** Ponder's own SQL over HTTP, at `/sql/db`. */
	readonly ponder: Hono;
	readonly reads: Reads;
	readonly readerOf: (c: Context) => Reader;
}

function readQuery(text: string | undefined): Query | undefined {
	if (text === undefined) return undefined;
	try {
		return querySchema.safeParse(JSON.parse(text)).data;
	} catch {
		return undefined;
	}
}

/**
 * `GET /sql/db`: a `SELECT` of the client, on the session of its request. Malformed ones do not reach Ponder, which would answer 500.
 *
 * Ponder's live SQL (`/sql/live`) is not served: it would run a client's statement with every block for as long as the client is connected. `/live`
 * reports when to query again.
 */
export function sqlRoute({ ponder, reads, readerOf }: SqlOptions): (c: Context) => Promise<Response> {
	return async (c) => {
		if (c.req.path !== '/sql/db') {
			return respondWith(c, {
				status: 404,
				code: 'NOT_FOUND',
				message: 'Unknown path. SQL over HTTP is served at /sql/db.',
				suggestion:
					'Use createClient of @ponder/client with this address and /sql; GET /live reports when to query again.',
			});
		}
		const query = readQuery(c.req.query('sql'));
		if (query === undefined) {
			return respondWith(c, {
				status: 400,
				code: 'MALFORMED_QUERY',
				message: 'The parameter "sql" is not a query: {"json":{"sql":"select ...","params":[]}}, URL-encoded.',
				suggestion: 'Use createClient of @ponder/client, or write the parameter like that.',
			});
		}
		if (query.json.sql.length > MOST_CHARACTERS) {
			return respondWith(c, {
				status: 400,
				code: 'QUERY_TOO_LONG',
				message: `The statement has more than ${MOST_CHARACTERS} characters.`,
				suggestion: 'Shorten it.',
			});
		}
		// Ponder shares one result among equal queries; when shared, one client's cancelled query would fail for all of them.
		const own = { ...query, json: { ...query.json, sql: SEAL + query.json.sql }, id: randomUUID() };
		const url = `/sql/db?sql=${encodeURIComponent(JSON.stringify(own))}`;
		try {
			return await reads.run(readerOf(c), 'sql', async (session) => {
				const answer = await ponder.request(url);
				// Ponder answers 500 to every error of a query.
				if (answer.ok) return answer;
				if (session.failure !== undefined) throw session.failure;
				// Errors of the parser are objects, which Ponder sends as `[object Object]`.
				const why = (await answer.text()).replace('[object Object]', 'it is not valid SQL');
				return respondWith(c, {
					status: 400,
					code: 'QUERY_REFUSED',
					message: `The indexer refused the query: ${why}.`,
					suggestion: 'Send a single SELECT on the tables listed in docs/indexer.md, using the allowed functions.',
				});
			});
		} catch (error) {
			return respondToFailure(c, error);
		}
	};
}
