import { randomUUID } from 'node:crypto';
import type { ProblemFields } from '#lib/problem.ts';
import { BodyTooLarge, passOn, readBody } from './body.ts';
import { Visitors } from './visitors.ts';

/** Checks a request's body: returns the body to forward, or why it is refused. */
export type BodyCheck = (text: string) => string | (Omit<ProblemFields, 'requestId'> & { status: number });

export interface Route {
	method: 'GET' | 'POST' | 'DELETE';
	path: RegExp;
	/** Whether the route may respond with an endless event stream; others are never requested as one. */
	stream?: boolean;
	check?: BodyCheck;
}

/** A service behind the pages' own origin, and the routes of it that browsers may reach. */
export interface Upstream {
	/** What people call it, e.g. "the agent". */
	name: string;
	/** Start of the error code, e.g. `agent` in `agent_unreachable`. */
	code: string;
	baseUrl: string;
	routes: readonly Route[];
}

const REQUEST_HEADERS = ['accept', 'content-type', 'if-none-match', 'last-event-id'];
const RESPONSE_HEADERS = ['cache-control', 'etag', 'retry-after', 'x-request-id'];
// Anyone can store files on 0G: nothing that a browser would run or render may be served from the pages' own origin.
const CONTENT_TYPES = new Set(['application/json', 'text/event-stream']);
const MAX_BODY_BYTES = 256 * 1024;
/** A record has at most 8 MiB; on 0G there are files of any size. */
const MAX_ANSWER_BYTES = 32 * 1024 * 1024;
/** For a whole response, including the time that the browser takes to read it. */
const TIMEOUT_MS = 60_000;
const BODY_TIMEOUT_MS = 15_000;
/** Services write to a stream at least every 15 seconds (heartbeat). */
const SILENCE_MS = 60_000;

export interface ForwardOptions {
	visitors?: Visitors;
	timeoutMs?: number;
	silenceMs?: number;
	maxAnswerBytes?: number;
}

const everybody = new Visitors();

/**
 * Forwards a request to a service and streams the response back. Cookies and headers that are not listed are not forwarded in either direction.
 * Errors of the proxy itself have the form `{code, message, suggestion, requestId}`.
 *
 * @param path the path at the service, with its leading slash
 * @param client the browser's address, for the limits here and at the service
 */
export async function forward(
	upstream: Upstream,
	request: Request,
	path: string,
	client: string,
	options: ForwardOptions = {},
): Promise<Response> {
	const requestId = randomUUID();
	const url = new URL(request.url);
	const allowed = upstream.routes.filter((route) => route.path.test(path));
	if (allowed.length === 0) {
		const message = `There is no ${url.pathname} here.`;
		return failure(404, { code: 'not_found', message, suggestion: 'Check the address.', requestId });
	}
	const route = allowed.find((route) => route.method === request.method);
	if (route === undefined) {
		const allow = allowed.map((route) => route.method).join(', ');
		const message = `${url.pathname} does not take ${request.method}.`;
		return failure(405, { code: 'method_not_allowed', message, suggestion: `Use ${allow}.`, requestId }, { allow });
	}
	const live = route.stream === true && (request.headers.get('accept')?.includes('text/event-stream') ?? false);
	const leave = (options.visitors ?? everybody).enter(client, live ? 'stream' : 'answer');
	if (typeof leave === 'string') return tooMany(leave, live, requestId);
	try {
		const answer = await handOn(upstream, route, request, { path, client, live, requestId, leave, ...options });
		// With a body, the request ends when the body does.
		if (answer.body === null || !answer.ok) leave();
		return answer;
	} catch (error) {
		leave();
		throw error;
	}
}

interface Errand extends ForwardOptions {
	path: string;
	client: string;
	live: boolean;
	requestId: string;
	leave: () => void;
}

async function handOn(upstream: Upstream, route: Route, request: Request, errand: Errand): Promise<Response> {
	const { requestId, live } = errand;
	let body: string | null = null;
	if (route.method === 'POST') {
		const read = await readChecked(route, request, requestId);
		if (read instanceof Response) return read;
		body = read;
	}
	const headers = new Headers({ 'accept-encoding': 'identity', 'x-request-id': requestId });
	headers.set('x-forwarded-for', errand.client);
	for (const name of REQUEST_HEADERS) {
		const value = request.headers.get(name);
		if (value !== null) headers.set(name, value);
	}
	const deadline = AbortSignal.timeout(errand.timeoutMs ?? TIMEOUT_MS);
	let answer: Response;
	try {
		answer = await fetch(`${upstream.baseUrl.replace(/\/$/, '')}${errand.path}${new URL(request.url).search}`, {
			method: route.method,
			headers,
			body,
			redirect: 'error',
			// Applies to the body as well.
			signal: live ? request.signal : AbortSignal.any([request.signal, deadline]),
		});
	} catch {
		return failure(502, {
			code: `${upstream.code}_unreachable`,
			message: `Necto cannot reach ${upstream.name}.`,
			suggestion: 'It may be starting. This page tries again by itself; if it stays, tell the operator.',
			requestId,
		});
	}
	return passedAnswer(answer, live ? undefined : deadline, errand);
}

async function readChecked(route: Route, request: Request, requestId: string): Promise<string | Response> {
	let text: string;
	try {
		const signal = AbortSignal.any([request.signal, AbortSignal.timeout(BODY_TIMEOUT_MS)]);
		text = await readBody(request, MAX_BODY_BYTES, signal);
	} catch (error) {
		if (error instanceof BodyTooLarge) {
			const message = `The request is larger than ${MAX_BODY_BYTES / 1024} KiB.`;
			return failure(413, { code: 'body_too_large', message, suggestion: 'Send less at once.', requestId });
		}
		const message = 'The request was incomplete.';
		return failure(408, { code: 'body_incomplete', message, suggestion: 'Send it again.', requestId });
	}
	if (route.check === undefined) return text;
	const checked = route.check(text);
	if (typeof checked === 'string') return checked;
	const { status, ...problem } = checked;
	return failure(status, { ...problem, requestId });
}

function passedAnswer(answer: Response, deadline: AbortSignal | undefined, errand: Errand): Response {
	const { requestId, live, leave } = errand;
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
	if (live) {
		// Asks proxies in front of the pages not to collect the stream.
		passed.set('x-accel-buffering', 'no');
		passed.set('cache-control', 'no-cache, no-transform');
	}
	if (answer.body === null) return new Response(null, { status: answer.status, headers: passed });
	const body = passOn(answer.body, {
		maxBytes: live ? Number.POSITIVE_INFINITY : (errand.maxAnswerBytes ?? MAX_ANSWER_BYTES),
		idleMilliseconds: errand.silenceMs ?? SILENCE_MS,
		deadline,
		onEnd: leave,
	});
	return new Response(body, { status: answer.status, headers: passed });
}

function tooMany(which: 'ofOne' | 'ofAll', live: boolean, requestId: string): Response {
	const what = live ? 'streams' : 'requests';
	if (which === 'ofOne') {
		const message = `Your address has reached the limit of concurrent ${what}.`;
		const suggestion = live ? 'Close other windows of Necto.' : 'Wait for the responses before sending more requests.';
		return failure(429, { code: `too_many_${what}`, message, suggestion, requestId }, { 'retry-after': '5' });
	}
	const message = `This server is handling its maximum number of ${what}.`;
	const problem = { code: 'busy', message, suggestion: 'Try again in a moment.', requestId };
	return failure(503, problem, { 'retry-after': '5' });
}

/** The response to a request without the header that carries the client address. */
export function noAddress(): Response {
	return failure(400, {
		code: 'no_client_address',
		message: 'The client address header is missing.',
		suggestion:
			'Use the public address of this site. Operators: set ADDRESS_HEADER and XFF_DEPTH to match the reverse proxy.',
		requestId: randomUUID(),
	});
}

function failure(status: number, problem: ProblemFields, headers: Record<string, string> = {}): Response {
	return Response.json(problem, { status, headers: { 'x-request-id': problem.requestId ?? '', ...headers } });
}
