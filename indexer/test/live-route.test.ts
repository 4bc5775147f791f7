import { Hono } from 'hono';
import { expect, test } from 'vitest';
import { ChangeFeed } from '../src/api/live/feed.ts';
import { Mailbox } from '../src/api/live/mailbox.ts';
import { liveRoute } from '../src/api/live/route.ts';
import type { TableName } from '../src/api/tables.ts';

function start() {
	let ring: (tables: TableName[]) => void = () => undefined;
	let stopped = 0;
	let block = 7n;
	const index = {
		head: async () => ({ block, mark: `${block}` }),
		jobsAbove: async () => [4n],
	};
	const feed = new ChangeFeed(index, {
		async listen(onBlock) {
			ring = onBlock;
			return async () => {
				stopped += 1;
			};
		},
	});
	const app = new Hono().get('/live', liveRoute(feed));
	/** A new block rings once. */
	const next = (tables: TableName[]) => {
		block += 1n;
		ring(tables);
	};
	return { app, feed, ring: next, stops: () => stopped };
}

/** Reads server-sent events one by one. */
async function* eventsOf(response: Response): AsyncGenerator<string> {
	let text = '';
	if (response.body === null) throw new Error('The answer has no body.');
	for await (const chunk of response.body.pipeThrough(new TextDecoderStream())) {
		text += chunk;
		for (let end = text.indexOf('\n\n'); end >= 0; end = text.indexOf('\n\n')) {
			yield text.slice(0, end);
			text = text.slice(end + 2);
		}
	}
}

test('SYS-05 a subscriber hears of the tables it asked for, and of no others', async () => {
	const { app, ring } = start();
	const response = await app.request('/live?tables=job,listing');
	expect(response.headers.get('content-type')).toContain('text/event-stream');
	const events = eventsOf(response);
	expect((await events.next()).value).toBe('event: ready\ndata: {"block":"7"}\nid: 7');
	ring(['team']);
	ring(['job', 'escrowEntry']);
	expect((await events.next()).value).toBe('event: change\ndata: {"block":"9","tables":["job"],"jobs":["4"]}\nid: 9');
	await events.return(undefined);
});

test('a browser that comes back is told at once', async () => {
	const { app } = start();
	const events = eventsOf(await app.request('/live?tables=listing', { headers: { 'Last-Event-ID': '5' } }));
	await events.next();
	expect((await events.next()).value).toContain('data: {"block":"7","tables":["listing"],"jobs":[]}');
	await events.return(undefined);
});

test('a Last-Event-ID that is none of ours means: everything may have changed', async () => {
	const { app } = start();
	const events = eventsOf(await app.request('/live', { headers: { 'Last-Event-ID': '-1; drop table' } }));
	await events.next();
	expect((await events.next()).value).toContain('"tables":["provider","listing"');
	await events.return(undefined);
});

test('a subscriber that leaves is forgotten', async () => {
	const { app, feed, stops } = start();
	const events = eventsOf(await app.request('/live'));
	await events.next();
	expect(feed.size).toBe(1);
	await events.return(undefined);
	await expect.poll(() => feed.size).toBe(0);
	await expect.poll(stops).toBe(1);
});

test('a table that does not exist is an error that names those that do', async () => {
	const { app, feed } = start();
	const response = await app.request('/live?tables=job,jobz');
	expect(response.status).toBe(400);
	expect(await response.json()).toMatchObject({
		code: 'UNKNOWN_TABLE',
		message: 'There is no table "jobz".',
		suggestion: expect.stringContaining('provider,listing,'),
	});
	expect(feed.size).toBe(0);
});

test('without its database it says so', async () => {
	const broken = async () => {
		throw new Error('no database');
	};
	const feed = new ChangeFeed({ head: broken, jobsAbove: broken }, { listen: broken });
	const response = await new Hono().get('/live', liveRoute(feed)).request('/live');
	expect(response.status).toBe(503);
	expect(await response.json()).toMatchObject({ code: 'LIVE_UNAVAILABLE' });
});

test('a slow reader gets several blocks as one change', async () => {
	const mailbox = new Mailbox();
	mailbox.put({ block: 1n, tables: ['job'], jobs: [1n] });
	mailbox.put({ block: 2n, tables: ['listing'], jobs: [] });
	mailbox.put({ block: 3n, tables: ['job'], jobs: [1n, 2n] });
	expect(await mailbox.take(1)).toEqual({ block: 3n, tables: ['listing', 'job'], jobs: [1n, 2n] });
	expect(await mailbox.take(1)).toBeUndefined();
});

test('a reader that waits is woken', async () => {
	const mailbox = new Mailbox();
	const taken = mailbox.take(60_000);
	mailbox.put({ block: 1n, tables: ['job'], jobs: [] });
	expect(await taken).toMatchObject({ block: 1n });
	const closed = mailbox.take(60_000);
	mailbox.close();
	expect(await closed).toBeUndefined();
});
