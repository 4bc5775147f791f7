import { once } from 'node:events';
import http from 'node:http';
import { connect } from 'node:net';
import { clientAddress } from '@necto/core';
import { afterEach, expect, test } from 'vitest';
import { Clients } from '../src/api/gate/clients.ts';
import { gate, gatePonder } from '../src/api/gate/gate.ts';

const servers: http.Server[] = [];
afterEach(() => {
	for (const server of servers.splice(0)) {
		server.closeAllConnections();
		server.close();
	}
});

const clientOf = (request: http.IncomingMessage) =>
	clientAddress(request.socket.remoteAddress, request.headers['x-forwarded-for']?.toString(), ['127.0.0.1']);

async function listen(server: http.Server): Promise<string> {
	servers.push(server);
	server.listen(0, '127.0.0.1');
	await once(server, 'listening');
	const address = server.address();
	if (address === null || typeof address === 'string') throw new Error('no port');
	return `http://127.0.0.1:${address.port}`;
}

/** Answers at once, but `/live` and `/slow` only begin to. */
const answer: http.RequestListener = (request, response) => {
	if (request.url === '/live' || request.url === '/slow') response.write('begun');
	else response.end('done');
};
const start = (limits: { requests?: number; streams?: number }) =>
	listen(
		http.createServer(gate({ clients: new Clients({ requests: 1_000, streams: 20, ...limits }), clientOf }, answer)),
	);
/** What a server answers to these bytes, until it closes. */
async function raw(url: string, bytes: string): Promise<string> {
	const socket = connect(Number(new URL(url).port), '127.0.0.1');
	socket.end(bytes);
	let text = '';
	for await (const chunk of socket) text += String(chunk);
	return text;
}

const from = (address: string) => ({ headers: { 'x-forwarded-for': address } });

test('SYS-02 a client that asks too often is told when to come back; others are served', async () => {
	const url = await start({ requests: 3 });
	for (let count = 0; count < 3; count++) expect((await fetch(`${url}/status`, from('203.0.113.1'))).status).toBe(200);
	const refused = await fetch(`${url}/status`, from('203.0.113.1'));
	expect(refused.status).toBe(429);
	expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
	expect(refused.headers.get('access-control-allow-origin')).toBe('*');
	expect(await refused.json()).toEqual({
		code: 'TOO_MANY_REQUESTS',
		message: expect.any(String),
		suggestion: expect.any(String),
		requestId: expect.any(String),
	});
	expect((await fetch(`${url}/status`, from('203.0.113.2'))).status).toBe(200);
	// What a client writes itself in front of the chain does not make it somebody else.
	expect((await fetch(`${url}/status`, from('198.51.100.7, 203.0.113.1'))).status).toBe(429);
});

test('SYS-02 a client has so many streams at a time', async () => {
	const url = await start({ streams: 2 });
	const open = await Promise.all([fetch(`${url}/live`), fetch(`${url}/live`)]);
	const refused = await fetch(`${url}/live?tables=job`);
	expect(refused.status).toBe(429);
	expect(await refused.json()).toMatchObject({ code: 'TOO_MANY_STREAMS' });
	expect((await fetch(`${url}/live`, from('203.0.113.2'))).status).toBe(200);
	await open[0]?.body?.cancel();
	await expect.poll(async () => (await fetch(`${url}/live`)).status).toBe(200);
});

test('SYS-02 answers that a client does not take count, for it and for all', async () => {
	const url = await start({});
	// Held on to: an answer that is thrown away is one that was taken.
	const open: Response[] = [];
	const slow = async (address: string) => {
		const response = await fetch(`${url}/slow`, from(address));
		open.push(response);
		return response;
	};
	await Promise.all(Array.from({ length: 16 }, () => slow('203.0.113.1')));
	expect((await slow('203.0.113.1')).status).toBe(429);
	for (const client of [2, 3, 4]) await Promise.all(Array.from({ length: 16 }, () => slow(`203.0.113.${client}`)));
	const busy = await slow('203.0.113.9');
	expect(busy.status).toBe(503);
	expect(busy.headers.get('retry-after')).toBe('1');
	expect(open.filter(({ status }) => status === 200)).toHaveLength(64);
});

test('what refuses is complete: the figures of the process are not for the public', async () => {
	const url = await start({});
	expect((await fetch(`${url}/metrics`)).status).toBe(404);
	for (const path of ['/metrics?x', '/%6Detrics', '/./metrics', '/x/../metrics', '/x/%2e%2e/metrics', '/%']) {
		expect((await raw(url, `GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`)).slice(0, 12), path).toBe(
			'HTTP/1.1 404',
		);
	}
});

test('SYS-02 a request that does not arrive is given up', async () => {
	gatePonder({ clients: new Clients({ requests: 1_000, streams: 1 }), clientOf });
	const server = http.createServer({}, answer);
	await listen(server);
	expect(server.requestTimeout).toBeLessThanOrEqual(5_000);
	expect(server.headersTimeout).toBeLessThanOrEqual(5_000);
});

test('it stands before the server that is made with a listener, and before no other', async () => {
	const usual = http.createServer;
	gatePonder({ clients: new Clients({ requests: 1, streams: 1 }), clientOf });
	// As Ponder looks for a free port.
	http.createServer().close();
	const url = await listen(http.createServer({}, answer));
	expect(http.createServer).toBe(usual);
	expect((await fetch(url)).status).toBe(200);
	expect((await fetch(url)).status).toBe(429);
});
