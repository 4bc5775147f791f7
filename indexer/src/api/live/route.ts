import type { Context } from 'hono';
import { streamSSE } from 'hono/streaming';
import { respondWith } from '../problem.ts';
import { isTableName, TABLES, type TableName } from '../tables.ts';
import { type Change, narrow, toWire } from './change.ts';
import type { ChangeFeed } from './feed.ts';
import { Mailbox } from './mailbox.ts';

const HEARTBEAT_MILLISECONDS = 15_000;
const MOST_SUBSCRIBERS = 1_000;

/**
 * `GET /live?tables=job,listing`: server-sent events, one `change` for each block in which one of the tables changed. Without `tables`: all.
 *
 * Every event has its block as id, so a browser that lost its connection comes back with `Last-Event-ID` and is told at once what it may
 * have missed. A client that reads slowly gets several blocks as one event.
 */
export function liveRoute(feed: ChangeFeed): (c: Context) => Promise<Response> {
	return async (c) => {
		const names = c.req.query('tables')?.split(',') ?? [...TABLES];
		const wanted = new Set(names.filter(isTableName));
		const unknown = names.filter((name) => !isTableName(name));
		if (unknown.length > 0) {
			return respondWith(c, {
				status: 400,
				code: 'UNKNOWN_TABLE',
				message: `There is no table ${unknown.map((name) => JSON.stringify(name.slice(0, 64))).join(', ')}.`,
				suggestion: `Ask for some of ${TABLES.join(',')}.`,
			});
		}
		if (feed.size >= MOST_SUBSCRIBERS) {
			return respondWith(c, {
				status: 503,
				code: 'TOO_MANY_SUBSCRIBERS',
				message: `The most subscribers that this indexer serves, ${MOST_SUBSCRIBERS}, are connected.`,
				suggestion: 'Try again later, or ask GraphQL every few seconds.',
			});
		}
		return stream(c, feed, wanted);
	};
}

async function stream(c: Context, feed: ChangeFeed, wanted: ReadonlySet<TableName>): Promise<Response> {
	const mailbox = new Mailbox();
	const deliver = (change: Change) => {
		const relevant = narrow(change, wanted);
		if (relevant !== undefined) mailbox.put(relevant);
	};

	// Subscribed before the answer begins: whoever sees it open misses nothing from then on.
	const end = await feed.subscribe(deliver).catch(() => undefined);
	if (end === undefined) {
		return respondWith(c, {
			status: 503,
			code: 'LIVE_UNAVAILABLE',
			message: 'The indexer cannot listen to its database at the moment.',
			suggestion: 'Try again in a few seconds, or ask GraphQL.',
		});
	}

	// Proxies that collect answers before they pass them on would hold the events back.
	c.header('X-Accel-Buffering', 'no');
	c.header('Cache-Control', 'no-cache, no-transform');
	return streamSSE(c, async (sse) => {
		sse.onAbort(() => mailbox.close());
		try {
			const last = c.req.header('Last-Event-ID');
			const missed = await feed.since(last !== undefined && /^\d{1,18}$/.test(last) ? BigInt(last) : undefined);
			const block = missed.block.toString();
			await sse.writeSSE({ event: 'ready', id: block, data: JSON.stringify({ block }) });
			if (last !== undefined) deliver(missed);

			while (!mailbox.isClosed) {
				const change = await mailbox.take(HEARTBEAT_MILLISECONDS);
				// An event and no comment: pages cannot see comments, and it is by its absence that they notice a proxy that collects answers.
				if (change === undefined) await sse.writeSSE({ event: 'heartbeat', data: '{}' });
				else await sse.writeSSE({ event: 'change', id: change.block.toString(), data: toWire(change) });
			}
		} finally {
			end();
		}
	});
}
