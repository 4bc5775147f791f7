import { randomUUID } from 'node:crypto';
import type { ProblemFields } from '#lib/problem.ts';

/** A service behind the pages' own origin, and exactly what of it browsers may reach. */
export interface Upstream {
	/** What people call it, e.g. "the agent". */
	name: string;
	/** Start of the error code, e.g. `agent` in `agent_unreachable`. */
	code: string;
	baseUrl: string;
	routes: readonly { method: 'GET' | 'POST' | 'DELETE'; path: RegExp }[];
}

const REQUEST_HEADERS = ['accept', 'content-type', 'if-none-match', 'last-event-id'];
const RESPONSE_HEADERS = ['cache-control', 'etag', 'retry-after', 'x-request-id'];
// Files on 0G are anybody's: nothing that a browser would run or render may come out under the pages' own origin.
const CONTENT_TYPES = new Set(['application/json', 'text/event-stream']);
const MAX_BODY_BYTES = 256 * 1024;
const TIMEOUT_MS = 60_000;

/**
 * Hands a request on to a service and streams the answer back. No cookies and no other headers pass in either direction.
 * What the service does not say itself becomes `{code, message, suggestion, requestId}`.
 *
 * @param path the path at the service, with its leading slash
 * @param client the browser's address, for the service's rate limits
 */
export async function forward(upstream: Upstream, request: Request, path: string, client: string): Promise<Response> {
	const requestId = randomUUID();
	const url = new URL(request.url);
	const allowed = upstream.routes.filter((route) => route.path.test(path));
	if (allowed.length === 0) {
		return failure(404, {
			code: 'not_found',
			message: `There is no ${url.pathname} here.`,
			suggestion: 'Check the address.',
			requestId,
		});
	}
	const route = allowed.find((route) => route.method === request.method);
	if (route === undefined) {
		const methods = allowed.map((route) => route.method).join(', ');
		return failure(
			405,
			{
				code: 'method_not_allowed',
				message: `${url.pathname} does not take ${request.method}.`,
				suggestion: `Use ${methods}.`,
				requestId,
			},
			{ allow: methods },
		);
	}

	let body: ArrayBuffer | null = null;
	if (route.method === 'POST') {
		body = await request.arrayBuffer();
		if (body.byteLength > MAX_BODY_BYTES) {
			return failure(413, {
				code: 'body_too_large',
				message: `The request is larger than ${MAX_BODY_BYTES / 1024} KiB.`,
				suggestion: 'Send less at once.',
				requestId,
			});
		}
	}

	const headers = new Headers({ 'accept-encoding': 'identity', 'x-request-id': requestId, 'x-forwarded-for': client });
	for (const name of REQUEST_HEADERS) {
		const value = request.headers.get(name);
		if (value !== null) headers.set(name, value);
	}
	const live = headers.get('accept')?.includes('text/event-stream') ?? false;
	const signals = live ? [request.signal] : [request.signal, AbortSignal.timeout(TIMEOUT_MS)];

	let answer: Response;
	try {
		answer = await fetch(`${upstream.baseUrl.replace(/\/$/, '')}${path}${url.search}`, {
			method: route.method,
			headers,
			body,
			redirect: 'error',
			signal: AbortSignal.any(signals),
		});
	} catch {
		return failure(502, {
			code: `${upstream.code}_unreachable`,
			message: `Necto cannot reach ${upstream.name}.`,
			suggestion: 'It may be starting. This page tries again by itself; if it stays, tell the operator.',
			requestId,
		});
	}

	const passed = new Headers({ 'x-content-type-options': 'nosniff', 'x-request-id': requestId });
	for (const name of RESPONSE_HEADERS) {
		const value = answer.headers.get(name);
		if (value !== null) passed.set(name, value);
	}
	const type = answer.headers.get('content-type');
	if (type !== null && CONTENT_TYPES.has(type.split(';')[0]?.trim() ?? '')) {
		passed.set('content-type', type);
	} else if (answer.body !== null) {
		passed.set('content-type', 'application/octet-stream');
		passed.set('content-disposition', 'attachment');
	}
	if (live) passed.set('x-accel-buffering', 'no');
	return new Response(answer.body, { status: answer.status, headers: passed });
}

function failure(status: number, problem: ProblemFields, headers: Record<string, string> = {}): Response {
	return Response.json(problem, { status, headers: { 'x-request-id': problem.requestId ?? '', ...headers } });
}
