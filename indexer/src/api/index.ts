/**
 * The indexer's HTTP API, beside Ponder's own `/health`, `/ready`, `/status` and `/metrics`. Ponder lets any origin call it.
 */
import { db } from 'ponder:api';
import schema from 'ponder:schema';
import { Hono } from 'hono';
import { requestId } from 'hono/request-id';
import { client, graphql } from 'ponder';
import { readSettings } from '../../settings.ts';
import { postgresBell } from './live/bell.ts';
import { ChangeFeed } from './live/feed.ts';
import { ponderIndex, ponderSchema } from './live/ponder-index.ts';
import { liveRoute } from './live/route.ts';
import { respondWith } from './problem.ts';
import { checkSqlRequest } from './sql.ts';
import { readTotals } from './totals.ts';

const feed = new ChangeFeed(ponderIndex, postgresBell(readSettings(process.env).databaseUrl, ponderSchema));

const app = new Hono();
app.use(requestId());
app.use('/graphql', graphql({ db, schema }));
app.use('/sql/*', checkSqlRequest, client({ db, schema }));
app.get('/live', liveRoute(feed));
app.get('/totals', async (c) => c.json(await readTotals()));
app.all('*', (c) =>
	respondWith(c, {
		status: 404,
		code: 'NOT_FOUND',
		message: `There is nothing at ${c.req.method} ${c.req.path}.`,
		suggestion: 'The indexer serves /graphql, /sql/*, /live, /totals, /health, /ready, /status and /metrics.',
	}),
);

export default app;
