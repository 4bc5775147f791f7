/** `GET /offers/stream` as a browser meets it: a real server, a real connection. */
import { once } from 'node:events';
import type { Server } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { serve } from '@hono/node-server';
import { apiErrorSchema, marketQuerySchema, type OffersDelta, offersDeltaSchema } from '@necto/core';
import type { Hono } from 'hono';
import { afterEach, describe, expect, it } from 'vitest';
import type { Env } from '../src/http/context.ts';
import { emptyApi } from '../src/http/document.ts';
import { Streams } from '../src/http/limits/streams.ts';
import { OfferStreams } from '../src/http/stream.ts';
import {
	A100,
	logger,
	type MovingSource,
	movingSource,
	NOW,
	offer,
	offersApp,
	type TestMarket,
	testMarket,
} from './support/market.ts';
import { until } from './support/network.ts';

const ends: (() => Promise<void>)[] = [];

afterEach(async () => {
	for (const end of ends.splice(0).reverse()) await end();
});

interface World {
	url: string;
	made: TestMarket;
	akash: MovingSource;
	/** Lets Akash say something else, and makes the state of it. */
	move(...quotes: ReturnType<typeof offer>[]): Promise<string>;
}

async function world(app?: (made: TestMarket) => Pick<Hono<Env>, 'fetch'>): Promise<World> {
	const akash = movingSource('akash', offer('akash', 'a', '1.50'), offer('akash', 'b', '1.60'));
	const made = await testMarket([akash]);
	ends.push(() => made.close());
	await made.refresh();
	await made.feed.current();
	const { fetch } = (app ?? offersApp)(made);
	// Without TLS options the adapter makes a plain server.
	const server = serve({ fetch, port: 0, hostname: '127.0.0.1' }) as Server;
	await once(server, 'listening');
	ends.push(
		() =>
			new Promise((resolve) => {
				server.close(() => resolve());
				server.closeAllConnections();
			}),
	);
	return {
		// A server that listens on a port has an address of this kind.
		url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
		made,
		akash,
		async move(...quotes) {
			akash.says = { ...akash.says, quotes };
			await made.refresh();
			return (await made.feed.current()).version;
		},
	};
}

interface Reader {
	response: Response;
	/** The next event `offers`; null when the stream ended. */
	next(): Promise<{ id: string | null; delta: OffersDelta } | null>;
	/** All that came, heartbeats included. */
	text(): string;
	leave(): Promise<void>;
}

async function read(url: string, headers: Record<string, string> = {}): Promise<Reader> {
	const response = await fetch(url, { headers });
	const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
	if (reader === undefined) throw new Error('no stream');
	ends.push(() => reader.cancel());
	let pending = '';
	let all = '';
	return {
		response,
		text: () => all,
		leave: () => reader.cancel(),
		async next() {
			for (;;) {
				const end = pending.indexOf('\n\n');
				if (end >= 0) {
					const lines = pending.slice(0, end).split('\n');
					pending = pending.slice(end + 2);
					const field = (name: string) => lines.find((line) => line.startsWith(`${name}: `))?.slice(name.length + 2);
					if (field('event') !== 'offers') continue;
					return { id: field('id') ?? null, delta: offersDeltaSchema.parse(JSON.parse(field('data') ?? '')) };
				}
				const { value, done } = await reader.read();
				if (done) return null;
				pending += value;
				all += value;
			}
		},
	};
}

const keysOf = (event: { delta: OffersDelta } | null) => event?.delta.changed.map(({ quote }) => quote.key).sort();

describe('DISC-02 the market as it moves', () => {
	it('says everything first, then each change as it comes', async () => {
		const { url, move } = await world();
		const reader = await read(`${url}/offers/stream?source=akash`);
		expect(reader.response.headers.get('content-type')).toContain('text/event-stream');
		const first = await reader.next();
		expect(first).toMatchObject({ delta: { from: null, total: 2, removed: [] } });
		expect(keysOf(first)).toEqual(['akash:a', 'akash:b']);
		const version = await move(offer('akash', 'a', '1.40'), offer('akash', 'c', '1.70'));
		const second = await reader.next();
		expect(second).toMatchObject({
			id: version,
			delta: { from: first?.delta.version, version, total: 2, removed: ['akash:b'] },
		});
		expect(keysOf(second)).toEqual(['akash:a', 'akash:c']);
	});

	it('goes on after a version that the page was loaded with, by ?since or by what the browser saw last', async () => {
		const { url, made, move } = await world();
		const since = made.feed.latest?.version ?? '';
		const version = await move(offer('akash', 'a', '1.40'), offer('akash', 'b', '1.60'));
		for (const reader of [
			await read(`${url}/offers/stream?since=${since}`),
			await read(`${url}/offers/stream`, { 'last-event-id': since }),
			// A reconnecting browser keeps the address of its first call.
			await read(`${url}/offers/stream?since=forgotten`, { 'last-event-id': since }),
		]) {
			const event = await reader.next();
			expect(event).toMatchObject({ id: version, delta: { from: since, version } });
			expect(keysOf(event)).toEqual(['akash:a']);
		}
	});

	it('says nothing to whoever has the newest version, until something moves', async () => {
		const { url, made, move } = await world();
		const since = made.feed.latest?.version ?? '';
		const reader = await read(`${url}/offers/stream?since=${since}`);
		const event = reader.next();
		await move(offer('akash', 'a', '1.30'), offer('akash', 'b', '1.60'));
		expect(await event).toMatchObject({ delta: { from: since } });
	});

	it('says everything to whoever has a version that it does not know', async () => {
		const { url } = await world();
		const reader = await read(`${url}/offers/stream?since=another-agents-7`);
		expect(await reader.next()).toMatchObject({ delta: { from: null, total: 3 } });
	});

	it('tells each reader of its own query only', async () => {
		const { url, move } = await world();
		const a100 = (usd: string) => offer('akash', 'z', usd, { gpu: { ...offer('akash', 'z', usd).gpu, model: A100 } });
		await move(offer('akash', 'a', '1.50'), a100('0.90'));
		const h100s = await read(`${url}/offers/stream?gpu=h100&source=akash`);
		const a100s = await read(`${url}/offers/stream?gpu=a100&maxUsd=1`);
		expect(keysOf(await h100s.next())).toEqual(['akash:a']);
		expect(keysOf(await a100s.next())).toEqual(['akash:z']);
		await move(offer('akash', 'a', '1.45'), a100('1.10'));
		const changed = await h100s.next();
		expect([keysOf(changed), changed?.delta.removed]).toEqual([['akash:a'], []]);
		const left = await a100s.next();
		expect([keysOf(left), left?.delta.removed, left?.delta.total]).toEqual([[], ['akash:z'], 0]);
	});

	it('tells a reader that was slow all that happened at once', async () => {
		// More than the connection holds, so that the first event cannot be sent before somebody reads.
		const many = Array.from({ length: 20_000 }, (_, at) =>
			offer('akash', `${at}`, '1.50', {
				region: { continent: 'europe', country: 'DE', raw: '漢'.repeat(200) },
				gpu: { ...offer('akash', 'a', '1.50').gpu, rawName: '漢'.repeat(200) },
			}),
		);
		const { url, move, made } = await world();
		await move(...many);
		const first = made.feed.latest?.version;
		const reader = await read(`${url}/offers/stream?source=akash`);
		const seen = [await reader.next()];
		// Below the others', so that it stays among the first ten thousand.
		const prices = ['1.40', '1.35', '1.30', '1.25', '1.22', '1.20'];
		let last = '';
		for (const usd of prices) last = await move(offer('akash', '0', usd), ...many.slice(1));
		while (seen.at(-1)?.id !== last) seen.push(await reader.next());
		// At most ten thousand offers, two thousand in one event.
		expect(seen.slice(0, 5).map((event) => [event?.delta.from, event?.delta.version, event?.delta.more])).toEqual([
			[null, first, true],
			...Array.from({ length: 3 }, () => [first, first, true]),
			[first, first, false],
		]);
		const later = seen.slice(5);
		// How much a connection holds is the machine's: what was sent before it was full came by itself, the rest together.
		expect(later.length).toBeLessThan(prices.length);
		expect(later.map((event) => event?.delta.from)).toEqual([first, ...later.slice(0, -1).map((event) => event?.id)]);
		expect(seen.at(-1)?.delta.changed.map(({ usdPerGpuHour }) => usdPerGpuHour)).toEqual(['1200000']);
	});

	it('SYS-05 leaves a reader that takes nothing at all', async () => {
		const many = Array.from({ length: 20_000 }, (_, at) =>
			offer('akash', `${at}`, '1.50', { region: { continent: 'europe', country: 'DE', raw: 'x'.repeat(200) } }),
		);
		const streams = new Streams({ stallMs: 300, streamsOfClient: 1 });
		const { url, move } = await world((made) => limitedApp(made, streams));
		await move(...many);
		const socket = connect(Number(new URL(url).port), '127.0.0.1');
		ends.push(async () => void socket.destroy());
		socket.pause();
		socket.write('GET /offers/stream HTTP/1.1\r\nhost: x\r\n\r\n');
		await until(() => streams.open === 1);
		await until(() => streams.open === 0);
	});

	it('keeps the line alive while nothing happens', async () => {
		const { url } = await world((made) => limitedApp(made, new Streams({ heartbeatMs: 50 })));
		const reader = await read(`${url}/offers/stream`);
		await reader.next();
		void reader.next();
		// The first says that the line stands.
		await until(() => reader.text().split('event: heartbeat').length > 2);
	});

	it('refuses the ninth stream of a caller and the one above all, and takes another when one left', async () => {
		const { url, made } = await world((made) => limitedApp(made, new Streams({ streamsOfClient: 2, streams: 3 })));
		const from = (caller: string) => fetch(`${url}/offers/stream`, { headers: { 'x-forwarded-for': caller } });
		const first = await read(`${url}/offers/stream`, { 'x-forwarded-for': '198.51.100.1' });
		await read(`${url}/offers/stream`, { 'x-forwarded-for': '198.51.100.1' });
		const third = await from('198.51.100.1');
		expect(third.status).toBe(429);
		expect(apiErrorSchema.parse(await third.json())).toMatchObject({
			code: 'too_many_streams',
			suggestion: expect.stringContaining('GET /offers'),
		});
		await read(`${url}/offers/stream`, { 'x-forwarded-for': '198.51.100.2' });
		const fourth = await from('198.51.100.2');
		expect(fourth.status).toBe(503);
		expect(apiErrorSchema.parse(await fourth.json()).code).toBe('streams_full');
		await first.leave();
		await until(async () => {
			const again = await from('198.51.100.1');
			await again.body?.cancel();
			return again.status === 200;
		});
		expect(made.feed.latest?.takenAt).toBe(NOW);
	});

	it('ends when the agent stops', async () => {
		const { url, made } = await world();
		const reader = await read(`${url}/offers/stream`);
		await reader.next();
		const next = reader.next();
		await made.feed.close();
		expect(await next).toBeNull();
	});

	it.each(['since=a%20b', 'colour=red', 'maxUsd=cheap'])('refuses ?%s', async (query) => {
		const { url } = await world();
		const answer = await fetch(`${url}/offers/stream?${query}`);
		expect(answer.status).toBe(400);
		expect(apiErrorSchema.parse(await answer.json()).message).toContain(query.split('=')[0]);
	});
});

/** The stream alone, with limits that a test can reach. */
function limitedApp(made: TestMarket, streams: Streams): Hono<Env> {
	const offers = new OfferStreams(made.feed, made.answers, streams);
	const app = emptyApi(logger);
	app.get('/offers/stream', (c) => offers.answer(c, marketQuerySchema.parse({ limit: '10000' }), null));
	return app;
}
