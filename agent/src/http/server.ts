/** The listening server, with bounds on connections: what happens before there is a request, and after there is an answer. */
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { createAdaptorServer, type Http2Bindings, type HttpBindings } from '@hono/node-server';
import type { OpenAPIHono } from '@hono/zod-openapi';
import { isAddressInside } from '@necto/core';
import type { ApiSettings } from '../settings/api.ts';
import { DEFAULT_PROXIES } from './client.ts';
import type { Env } from './context.ts';
import { DEFAULT_LIMITS } from './limits/settings.ts';

const MOST_CONNECTIONS = 2_000;
/** Connections of one peer that is no trusted proxy. */
const CONNECTIONS_OF_PEER = 128;
/** Time for the header of a request, and for all of it. Milliseconds. */
const HEADERS_MS = 10_000;
const REQUEST_MS = 30_000;
/** How long a connection without a request is kept. Milliseconds. */
const IDLE_MS = 10_000;

/** Where a server listens, and the setting that moves its port. */
export interface Place {
	host: string;
	port: number;
	setting: string;
}

/**
 * Listens. Slow senders and slow readers lose their connection, and nobody holds all of them.
 *
 * @throws Error in one sentence when the port is taken
 */
export function listen(
	app: OpenAPIHono<Env>,
	{ host, port, setting }: Place,
	{ proxies = DEFAULT_PROXIES, limits = {} }: Pick<Partial<ApiSettings>, 'proxies' | 'limits'> = {},
): Promise<Server> {
	return new Promise((resolve, reject) => {
		// Without TLS options the adapter makes a plain server.
		const server = createAdaptorServer({ fetch: (request, env) => app.fetch(request, bindingsOf(env)) }) as Server;
		server.maxConnections = MOST_CONNECTIONS;
		server.headersTimeout = HEADERS_MS;
		server.requestTimeout = REQUEST_MS;
		server.keepAliveTimeout = IDLE_MS;
		server.maxHeadersCount = 100;
		server.on('connection', boundPeers(proxies.trusted));
		server.on('request', boundReading(limits.readingMs ?? DEFAULT_LIMITS.readingMs));
		server.once('error', (error: NodeJS.ErrnoException) => {
			reject(error.code === 'EADDRINUSE' ? new Error(`Port ${port} is taken: set ${setting} to another one.`) : error);
		});
		// As many may wait to be accepted as may be open: a probe must not be turned away by a burst of others.
		server.listen({ host, port, backlog: MOST_CONNECTIONS }, () => resolve(server));
	});
}

/** Its address; the port may have been left to the system. */
export function urlOf(server: Server, host: string): string {
	// A server that listens on a port has an address of this kind.
	const { port } = server.address() as AddressInfo;
	return `http://${host}:${port}`;
}

export function closeServer(server: Server): Promise<void> {
	return new Promise((resolve) => {
		server.close(() => resolve());
		// Event streams never end by themselves.
		server.closeAllConnections();
	});
}

/** The adapter also knows HTTP/2, which this server does not speak. */
function bindingsOf(env: HttpBindings | Http2Bindings): HttpBindings {
	return env as HttpBindings;
}

/** One peer cannot hold all connections. A trusted proxy can: it speaks for many. */
function boundPeers(trusted: readonly string[]): (socket: Socket) => void {
	const peers = new Map<string, number>();
	return (socket) => {
		const peer = socket.remoteAddress;
		// It may be gone already.
		if (peer === undefined || isAddressInside(peer, trusted)) return;
		const open = peers.get(peer) ?? 0;
		if (open >= CONNECTIONS_OF_PEER) {
			socket.destroy();
			return;
		}
		peers.set(peer, open + 1);
		socket.once('close', () => {
			const left = (peers.get(peer) ?? 1) - 1;
			if (left > 0) peers.set(peer, left);
			else peers.delete(peer);
		});
	};
}

/** Ends answers that are not read in time. Event streams have limits of their own. */
function boundReading(milliseconds: number): (request: IncomingMessage, response: ServerResponse) => void {
	return (_, response) => {
		const timer = setTimeout(() => {
			const type = String(response.getHeader('content-type') ?? '');
			if (!response.writableFinished && !type.startsWith('text/event-stream')) response.destroy();
		}, milliseconds);
		timer.unref();
		response.once('close', () => clearTimeout(timer));
	};
}
