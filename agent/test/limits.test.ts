/** What one client, and all together, may ask of the HTTP API; and that others are answered meanwhile. */
import { once } from 'node:events';
import type { Server } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { apiErrorSchema } from '@necto/core';
import type { Context } from 'hono';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { DEFAULT_PROXIES } from '../src/http/client.ts';
import type { Env } from '../src/http/context.ts';
import { emptyApi } from '../src/http/document.ts';
import { costOf } from '../src/http/limits/classes.ts';
import { Gate } from '../src/http/limits/gate.ts';
import { Limits } from '../src/http/limits/limits.ts';
import { Rate } from '../src/http/limits/rate.ts';
import type { LimitSettings } from '../src/http/limits/settings.ts';
import { closeServer, listen } from '../src/http/server.ts';
import { shared } from '../src/http/shared.ts';
import { createLogger } from '../src/logger.ts';
import { until } from './support/network.ts';

const logger = createLogger('silent');
const servers: Server[] = [];
afterEach(async () => {
	vi.useRealTimers();
	for (const server of servers.splice(0)) await closeServer(server);
});

interface World {
	url: string;
	limits: Limits;
	/** Answers of `/offers` that wait until they are let go. */
	held: (() => void)[];
	/** Asks in the name of somebody behind the proxy on this machine. */
	as(client: string, path: string, init?: RequestInit): Promise<Response>;
}

/** A server with the limits in front of routes that do as little or as much as a test wants. */
async function world(changes: Partial<LimitSettings> = {}, proxies = DEFAULT_PROXIES): Promise<World> {
	const app = emptyApi(logger, proxies);
	const limits = new Limits(changes);
	const held: World['held'] = [];
	app.use(limits.middleware);
	app.get('/health', (c) => c.text('ok'));
	app.get('/config', (c) => c.text(c.get('client') ?? ''));
	app.get('/offers', async (c) => {
		await new Promise<void>((resolve) => held.push(resolve));
		return c.text('offers');
	});
	app.get('/history', (c) => large(c));
	app.get('/activity', (c) =>
		limits.streams.answer(c, 'GET /jobs', async (stream) => {
			while (!stream.gone.aborted) await stream.rest();
		}),
	);
	app.post('/quotes', async (c) => c.json(await c.req.json()));
	const large = (c: Context<Env>) => {
		const bytes = new Uint8Array(8 * 1024 * 1024);
		limits.unread.hold(c, bytes.byteLength);
		return c.body(bytes, 200, { 'content-length': String(bytes.byteLength) });
	};
	const server = await listen(app, { host: '127.0.0.1', port: 0, setting: 'AGENT_PORT' }, { proxies, limits: changes });
	servers.push(server);
	// A server that listens on a port has an address of this kind.
	const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
	return {
		url,
		limits,
		held,
		as: (client, path, init = {}) =>
			fetch(`${url}${path}`, { ...init, headers: { ...init.headers, 'x-forwarded-for': client } }),
	};
}

async function refusal(response: Response) {
	const { code, message, suggestion } = apiErrorSchema.parse(await response.json());
	expect(message).not.toBe('');
	expect(suggestion).not.toBe('');
	const retryAfter = response.headers.get('retry-after');
	return { status: response.status, code, retryAfter: retryAfter === null ? null : Number(retryAfter) };
}

const A = '198.51.100.1';
const B = '198.51.100.2';

describe('SYS-05 requests of a client', () => {
	it('are counted by client: two visitors behind one proxy are two', async () => {
		const { as } = await world({ readsAMinute: 2 });
		expect((await as(A, '/config')).status).toBe(200);
		expect((await as(A, '/config')).status).toBe(200);
		const { retryAfter, ...refused } = await refusal(await as(A, '/config'));
		expect(refused).toEqual({ status: 429, code: 'too_many_requests' });
		expect(retryAfter).toBeGreaterThan(0);
		expect(retryAfter).toBeLessThanOrEqual(60);
		expect((await as(B, '/config')).status).toBe(200);
	});

	it('are not counted as somebody else’s by a header that nobody trusted wrote', async () => {
		const { as } = await world({ readsAMinute: 2 }, { trusted: ['192.0.2.1'], header: 'x-forwarded-for' });
		expect(await (await as(A, '/config')).text()).toBe('127.0.0.1');
		expect((await as(B, '/config')).status).toBe(200);
		expect(await refusal(await as('203.0.113.77', '/config'))).toMatchObject({ status: 429 });
	});

	it('are named by the header of the setting', async () => {
		const { url } = await world({}, { trusted: ['127.0.0.1'], header: 'cf-connecting-ip' });
		const named = await fetch(`${url}/config`, { headers: { 'cf-connecting-ip': A, 'x-forwarded-for': B } });
		expect(await named.text()).toBe(A);
	});

	it('are free for a probe, whatever else was asked', async () => {
		const { as } = await world({ readsAMinute: 1 });
		await as(A, '/config');
		for (let count = 0; count < 5; count++) expect((await as(A, '/health')).status).toBe(200);
	});

	it('are possible again when the minute is over', async () => {
		vi.useFakeTimers();
		const rate = new Rate(1, { what: 'requests', suggestion: 'Wait.' });
		await rate.take('a');
		await expect(rate.take('a')).rejects.toMatchObject({ status: 429, retryAfter: 60 });
		await rate.take('b');
		vi.advanceTimersByTime(60_001);
		await rate.take('a');
	});

	it.each([
		['GET', '/health', 'free'],
		['OPTIONS', '/quotes', 'free'],
		['GET', '/offers', 'heavy'],
		['HEAD', '/offers.csv', 'heavy'],
		['GET', '/offers/akash:1', 'heavy'],
		['GET', '/offers/stream', 'stream'],
		['GET', '/activity', 'stream'],
		['GET', '/history/tokens', 'heavy'],
		['GET', '/jobs/7/activity', 'heavy'],
		['GET', `/records/0x${'11'.repeat(32)}`, 'record'],
		['POST', '/quotes', 'quote'],
		['POST', '/quotes/preview', 'quote'],
		['POST', '/parse', 'parse'],
		['POST', '/watches', 'watch'],
		['DELETE', '/watches/x', 'read'],
		['GET', '/nothing', 'read'],
		['POST', '/nothing', 'heavy'],
	])('%s %s costs as %s', (method, path, cost) => {
		expect(costOf(method, path)).toBe(cost);
	});
});

describe('SYS-05 heavy requests', () => {
	it('of one client wait for its own places, and those of others go on', async () => {
		const { as, held } = await world({ heavyAtOnce: 2, heavyOfClient: 1 });
		const own = Array.from({ length: 6 }, () => as(A, '/offers'));
		await until(() => held.length === 1);
		// One is worked on, four wait, the sixth is refused.
		expect(await refusal(await Promise.any(own))).toEqual({ status: 429, code: 'too_many_at_once', retryAfter: 1 });
		const other = as(B, '/offers');
		await until(() => held.length === 2);
		held.splice(1, 1)[0]?.();
		expect((await other).status).toBe(200);
		for (let done = 0; done < 5; done++) {
			await until(() => held.length > 0);
			held.shift()?.();
		}
		expect((await Promise.all(own)).map(({ status }) => status).sort()).toEqual([200, 200, 200, 200, 200, 429]);
	});

	it('are refused with 503 when too many of all wait', async () => {
		const gate = new Gate(1, 1);
		const never = new AbortController().signal;
		let end = () => undefined as undefined;
		const first = gate.run('0', never, () => new Promise<void>((resolve) => (end = () => void resolve())));
		const waiting = [1, 2, 3, 4].map((client) => gate.run(String(client), never, async () => client));
		await expect(gate.run('5', never, async () => 5)).rejects.toMatchObject({
			status: 503,
			code: 'busy',
			retryAfter: 2,
		});
		end();
		await first;
		expect(await Promise.all(waiting)).toEqual([1, 2, 3, 4]);
		expect(gate.active).toBe(0);
	});

	it('leave the queue with their client', async () => {
		const { as, held, url } = await world({ heavyAtOnce: 1, heavyOfClient: 1 });
		const first = as(A, '/offers');
		await until(() => held.length === 1);
		const leaving = new AbortController();
		const queued = fetch(`${url}/offers`, { headers: { 'x-forwarded-for': B }, signal: leaving.signal });
		const after = as('198.51.100.3', '/offers');
		leaving.abort();
		await expect(queued).rejects.toThrow();
		held.shift()?.();
		await first;
		// The place goes to the next that still waits: nothing was begun for the one that left.
		await until(() => held.length === 1);
		held.shift()?.();
		expect((await after).status).toBe(200);
		expect(held).toHaveLength(0);
	});

	it('are given up after their time, and keep their place until the work has really ended', async () => {
		const { as, held } = await world({ heavyAtOnce: 1, heavyOfClient: 1, deadlineMs: 150 });
		expect(await refusal(await as(A, '/offers'))).toEqual({ status: 503, code: 'took_too_long', retryAfter: 5 });
		expect(await refusal(await as(B, '/offers'))).toMatchObject({ status: 503, code: 'took_too_long' });
		expect(held).toHaveLength(1);
		held.shift()?.();
	});

	it('with a body that comes slowly take no place', async () => {
		const { url, as } = await world({ heavyAtOnce: 1, heavyOfClient: 1 });
		const socket = connect(Number(new URL(url).port), '127.0.0.1');
		socket.on('error', () => undefined);
		socket.write('POST /quotes HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{');
		await once(socket, 'connect');
		const answer = await as(A, '/quotes', {
			method: 'POST',
			headers: { 'content-type': 'application/json' },
			body: '{"a":1}',
		});
		expect(await answer.json()).toEqual({ a: 1 });
		socket.destroy();
	});
});

describe('SYS-05 streams', () => {
	it('of one client are bounded, and so are those of all', async () => {
		const { as, limits } = await world({ streams: 3, streamsOfClient: 2 });
		const leaving = new AbortController();
		const first = await as(A, '/activity', { signal: leaving.signal });
		expect(first.headers.get('content-type')).toContain('text/event-stream');
		const open = [await as(A, '/activity')];
		expect(await refusal(await as(A, '/activity'))).toEqual({ status: 429, code: 'too_many_streams', retryAfter: 10 });
		open.push(await as(B, '/activity'));
		expect(await refusal(await as('198.51.100.3', '/activity'))).toEqual({
			status: 503,
			code: 'streams_full',
			retryAfter: 60,
		});
		leaving.abort();
		await until(() => limits.streams.open === 2);
		open.push(await as(A, '/activity'));
		expect(open.map(({ status }) => status)).toEqual([200, 200, 200]);
		for (const { body } of open) await body?.cancel();
		await until(() => limits.streams.open === 0);
	});

	it('500 of them asked for at the same time are still bounded', async () => {
		const { as, limits } = await world({ streams: 30, streamsOfClient: 8, streamsAMinute: 1_000 });
		const all = await Promise.all(Array.from({ length: 500 }, () => as(A, '/activity')));
		expect(all.filter(({ status }) => status === 200)).toHaveLength(8);
		expect(all.filter(({ status }) => status === 429)).toHaveLength(492);
		expect(limits.streams.open).toBe(8);
		for (const { body } of all) await body?.cancel();
	});
});

describe('SYS-05 answers that are not read', () => {
	/** Asks for a large answer and reads none of it. */
	function stalled(url: string, client: string) {
		const socket = connect(Number(new URL(url).port), '127.0.0.1');
		socket.on('error', () => undefined);
		socket.pause();
		socket.write(`GET /history HTTP/1.1\r\nhost: x\r\nx-forwarded-for: ${client}\r\n\r\n`);
		return socket;
	}

	it('are bounded in bytes for one client, and let go with the connection', async () => {
		const MiB = 1024 * 1024;
		const { url, as, limits } = await world({ unreadBytesOfClient: 20 * MiB, unreadBytes: 30 * MiB });
		const sockets = [stalled(url, A), stalled(url, A)];
		await until(() => limits.unread.total === 16 * MiB);
		expect(await refusal(await as(A, '/history'))).toEqual({ status: 429, code: 'too_much_unread', retryAfter: 5 });
		sockets.push(stalled(url, B));
		await until(() => limits.unread.total === 24 * MiB);
		expect(await refusal(await as('198.51.100.3', '/history'))).toEqual({ status: 503, code: 'busy', retryAfter: 5 });
		for (const socket of sockets) socket.destroy();
		await until(() => limits.unread.total === 0);
		expect((await (await as(A, '/history')).arrayBuffer()).byteLength).toBe(8 * MiB);
	});

	it('end after their time', async () => {
		const { url, limits } = await world({ readingMs: 300 });
		const socket = stalled(url, A);
		await until(() => limits.unread.total > 0);
		await until(() => limits.unread.total === 0);
		socket.destroy();
	});
});

describe('SYS-05 connections', () => {
	it('of one peer are bounded; a trusted proxy speaks for many', async () => {
		const direct = await world({}, { trusted: [], header: 'x-forwarded-for' });
		const proxied = await world();
		const opened = async (url: string) => {
			const sockets = Array.from({ length: 140 }, () => connect(Number(new URL(url).port), '127.0.0.1'));
			for (const socket of sockets) {
				socket.on('error', () => undefined);
				socket.write('GET /health HTTP/1.1\r\nhost: x\r\n\r\n');
			}
			const answered = await Promise.all(
				sockets.map(
					(socket) =>
						new Promise<boolean>((resolve) => {
							socket.once('data', () => resolve(true));
							socket.once('close', () => resolve(false));
						}),
				),
			);
			for (const socket of sockets) socket.destroy();
			return answered.filter((yes) => yes).length;
		};
		expect(await opened(direct.url)).toBe(128);
		expect(await opened(proxied.url)).toBe(140);
	});
});

describe('what everybody asks', () => {
	it('is asked once for all, and not kept when it fails', async () => {
		let [asked, now] = [0, 0];
		const answers = shared(
			async () => {
				if (++asked === 2) throw new Error('down');
				return asked;
			},
			1_000,
			() => now,
		);
		expect(await Promise.all([answers(), answers()])).toEqual([1, 1]);
		now = 999;
		expect(await answers()).toBe(1);
		now = 1_000;
		await expect(answers()).rejects.toThrow('down');
		expect(await answers()).toBe(3);
	});
});
