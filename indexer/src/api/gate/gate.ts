import { randomUUID } from 'node:crypto';
import type { IncomingMessage, RequestListener, Server, ServerResponse } from 'node:http';
import http from 'node:http';
import type { Clients, Refusal } from './clients.ts';

/** How long an answer may take, with the time that its reader takes. */
const DEADLINE_MILLISECONDS = 30_000;
const MOST_CONNECTIONS = 2_000;
/** Time for a request to arrive completely: until then it counts as a request in progress. */
const ARRIVAL_MILLISECONDS = 5_000;
/** Figures of the process, for its operator. */
const CLOSED = '/metrics';

export interface GateOptions {
	readonly clients: Clients;
	/** The name under which a request's client is counted. */
	readonly clientOf: (request: IncomingMessage) => string;
}

/**
 * A listener that lets a client's requests through as far as it may have them.
 *
 * @param listener what answers those that are let through
 */
export function gate({ clients, clientOf }: GateOptions, listener: RequestListener): RequestListener {
	return (request, response) => {
		void (async () => {
			const path = pathOf(request.url ?? '/');
			if (path === undefined || path === CLOSED) return refuse(response, NOTHING_THERE);
			const isStream = path === '/live';
			const leave = await clients.enter(clientOf(request), isStream ? 'stream' : 'answer');
			if (typeof leave !== 'function') return refuse(response, leave);
			const timer = isStream ? undefined : setTimeout(() => response.destroy(), DEADLINE_MILLISECONDS);
			const end = () => {
				clearTimeout(timer);
				leave();
			};
			// It may have gone while it was being counted.
			if (response.destroyed) return end();
			response.once('close', end);
			listener(request, response);
		})();
	};
}

/**
 * Puts the gate before the server that Ponder is about to make. Ponder answers `/health`, `/ready`, `/status` and `/metrics` before any route
 * of ours and has no hook in front of them, but it asks `node:http` for its server after it has loaded our API.
 */
export function gatePonder(options: GateOptions): void {
	const createServer = http.createServer;
	// Of its overloads Ponder uses the one with options, and before that one without a listener to look for a free port.
	http.createServer = ((serverOptions: http.ServerOptions, listener?: RequestListener): Server => {
		if (listener === undefined) return createServer(serverOptions);
		http.createServer = createServer;
		const server = createServer({ ...serverOptions, ...ARRIVAL }, gate(options, listener));
		server.maxConnections = MOST_CONNECTIONS;
		return server;
	}) as typeof createServer;
}

const ARRIVAL = {
	headersTimeout: ARRIVAL_MILLISECONDS,
	requestTimeout: ARRIVAL_MILLISECONDS,
	connectionsCheckingInterval: 1_000,
} as const satisfies http.ServerOptions;

/** The path as the router sees it, decoded and normalised; undefined if it is invalid. */
function pathOf(url: string): string | undefined {
	try {
		return decodeURIComponent(new URL(url, 'http://localhost').pathname);
	} catch {
		return undefined;
	}
}

const NOTHING_THERE = {
	status: 404,
	code: 'NOT_FOUND',
	message: `${CLOSED} is not public.`,
	suggestion: 'Ask the private process of this indexer.',
} as const;

function refuse(response: ServerResponse, refusal: Refusal | typeof NOTHING_THERE): void {
	const { status, ...problem } = refusal;
	const requestId = randomUUID();
	response.writeHead(status, {
		'content-type': 'application/json',
		'access-control-allow-origin': '*',
		'x-request-id': requestId,
		// What it sent and nobody read must not be taken for its next request.
		connection: 'close',
		...('retryAfter' in problem ? { 'retry-after': `${problem.retryAfter}` } : {}),
	});
	response.end(
		JSON.stringify({ code: problem.code, message: problem.message, suggestion: problem.suggestion, requestId }),
	);
}
