/**
 * The indexer's HTTP API, beside Ponder's own `/health`, `/ready`, `/status` and `/metrics`. Ponder lets any origin call it.
 */
import type { IncomingMessage } from 'node:http';
import { db } from 'ponder:api';
import schema from 'ponder:schema';
import { clientAddress } from '@necto/core';
import { type Context, Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { requestId } from 'hono/request-id';
import { client, graphql } from 'ponder';
import { readLimits } from '../../limits.ts';
import { readSettings } from '../../settings.ts';
import { Clients } from './gate/clients.ts';
import { gatePonder } from './gate/gate.ts';
import { MOST_ALIASES, MOST_TOKENS } from './graphql/cost.ts';
import { graphqlRoute } from './graphql/route.ts';
import { indexHealth } from './health.ts';
import { postgresBell } from './live/bell.ts';
import { ChangeFeed } from './live/feed.ts';
import { ponderIndex, ponderSchema } from './live/ponder-index.ts';
import { liveRoute } from './live/route.ts';
import { respondToFailure, respondWith } from './problem.ts';
import { type Pools, type Reader, Reads } from './reads/reads.ts';
import { sqlRoute } from './sql.ts';
import { readTotals } from './totals.ts';

const limits = readLimits(process.env);

const clientOf = (request: IncomingMessage): string => {
	const header = request.headers[limits.clientAddressHeader];
	return clientAddress(
		request.socket.remoteAddress,
		Array.isArray(header) ? header.join(',') : header,
		limits.trustedProxies,
	);
};
if (limits.audience === 'public') {
	const { requests, streams } = limits;
	gatePonder({ clients: new Clients({ requests, streams }), clientOf });
}

// Set by Ponder before it loads this file, and how its own middlewares find the database; it has no other name for it.
const { driver } = (globalThis as unknown as { PONDER_DATABASE: { driver: Pools } }).PONDER_DATABASE;
const reads = new Reads(driver, {
	most: limits.queries,
	milliseconds: limits.queryMilliseconds,
	bytes: limits.resultBytes,
});
const readerOf = (c: Context): Reader => {
	// What the Node adapter adds, which Ponder's type of an app does not have.
	const { incoming } = c.env as { incoming?: IncomingMessage };
	const isCounted = limits.audience === 'public' && incoming !== undefined;
	// Uncounted, each request is a client of its own.
	return { client: isCounted ? clientOf(incoming) : c.get('requestId'), signal: c.req.raw.signal };
};

const settings = readSettings(process.env);
const feed = new ChangeFeed(ponderIndex, postgresBell(settings.databaseUrl, ponderSchema));

/** Levels that the usual introspection query has, with its fragments. What is asked of the tables may have less. */
const INTROSPECTION_DEPTH = 25;
const ponderGraphql = new Hono().use(
	'/graphql',
	graphql(
		{ db, schema },
		{ maxOperationAliases: MOST_ALIASES, maxOperationTokens: MOST_TOKENS, maxOperationDepth: INTROSPECTION_DEPTH },
	),
);
const ponderSql = new Hono().use('/sql/*', client({ db, schema }));

const BODY_BYTES = 64 * 1024;

const app = new Hono();
app.use(requestId());
app.use(
	bodyLimit({
		maxSize: BODY_BYTES,
		onError: (c) =>
			respondWith(c, {
				status: 413,
				code: 'BODY_TOO_LARGE',
				message: `The request is larger than ${BODY_BYTES / 1024} KiB.`,
				suggestion: 'Send less at once.',
			}),
	}),
);
app.all('/graphql', graphqlRoute({ ponder: ponderGraphql, reads, mostCost: limits.queryCost, readerOf }));
app.get('/sql/*', sqlRoute({ ponder: ponderSql, reads, readerOf }));
app.get('/live', liveRoute(feed));
app.get('/totals', async (c) => {
	try {
		return c.json(await reads.run(readerOf(c), 'own', readTotals));
	} catch (error) {
		return respondToFailure(c, error);
	}
});
app.get('/health/index', indexHealth(settings));
app.all('*', (c) =>
	respondWith(c, {
		status: 404,
		code: 'NOT_FOUND',
		message: `There is nothing at ${c.req.method} ${c.req.path}.`,
		suggestion: 'The indexer serves /graphql, /sql/db, /live, /totals, /health, /health/index, /ready and /status.',
	}),
);

export default app;
