import type { z } from 'zod';
import { isAbort, Problem, problemSchema } from './problem.ts';

export interface JsonRequest {
	method?: 'GET' | 'POST' | 'DELETE';
	/** Sent as JSON. */
	body?: unknown;
	signal?: AbortSignal | undefined;
	/** For a poll: the last answer's tag. */
	etag?: string | null;
	/** Statuses besides 2xx whose answer has the asked shape, as 503 of a readiness check. */
	accept?: readonly number[];
}

export interface JsonAnswer<T> {
	value: T;
	etag: string | null;
}

/**
 * Asks one of our services and checks the answer's shape.
 *
 * @returns null when an `etag` was given and nothing changed since
 * @throws Problem with the service's own words where it said some; AbortError when the signal was used
 */
export async function fetchJson<T>(
	path: string,
	schema: z.ZodType<T>,
	request: JsonRequest = {},
): Promise<JsonAnswer<T> | null> {
	const headers = new Headers({ accept: 'application/json' });
	// Without a type the pages' server takes what changes something for another site's form and refuses it.
	if (request.method !== undefined && request.method !== 'GET') headers.set('content-type', 'application/json');
	if (request.etag) headers.set('if-none-match', request.etag);

	let response: Response;
	let text: string;
	try {
		response = await fetch(path, {
			method: request.method ?? 'GET',
			headers,
			body: request.body === undefined ? null : JSON.stringify(request.body),
			signal: request.signal ?? null,
			// The tag is compared by us; the browser's own cache would answer 200 for a 304.
			cache: 'no-store',
		});
		if (response.status === 304) return null;
		text = await response.text();
	} catch (error) {
		if (isAbort(error)) throw error;
		throw new Problem(
			{
				code: 'offline',
				message: "Necto's server does not answer.",
				suggestion: 'Check your connection; this page tries again by itself.',
			},
			error,
		);
	}

	const requestId = response.headers.get('x-request-id');
	const json = parseJson(text);
	if (!response.ok && !(request.accept?.includes(response.status) && schema.safeParse(json).success)) {
		const said = problemSchema.safeParse(json);
		if (said.success) throw new Problem({ ...said.data, requestId: said.data.requestId ?? requestId });
		throw new Problem({
			code: `http_${response.status}`,
			message: `${path} answered ${response.status}.`,
			suggestion: 'Try again in a moment.',
			requestId,
		});
	}
	const parsed = schema.safeParse(json);
	if (!parsed.success) {
		const first = parsed.error.issues[0];
		throw new Problem(
			{
				code: 'unexpected_answer',
				message: `${path} answered something this page does not understand.`,
				suggestion: `The parts of this installation may be of different versions (${first?.path.join('.')}: ${first?.message}).`,
				requestId,
			},
			parsed.error,
		);
	}
	return { value: parsed.data, etag: response.headers.get('etag') };
}

/** {@link fetchJson} for one answer without polling. */
export async function requestJson<T>(
	path: string,
	schema: z.ZodType<T>,
	request: Omit<JsonRequest, 'etag'> = {},
): Promise<T> {
	const answer = await fetchJson(path, schema, request);
	// Without an etag no service of ours answers 304.
	if (answer === null) throw new Problem({ code: 'unexpected_answer', message: `${path} answered nothing.` });
	return answer.value;
}

/** Any text as JSON; undefined when it is none. */
export function parseJson(text: unknown): unknown {
	try {
		return JSON.parse(String(text));
	} catch {
		return undefined;
	}
}
