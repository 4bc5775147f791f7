import type { Finding } from '@necto/core';
import { BaseError, HttpRequestError, SocketClosedError, TimeoutError, WebSocketRequestError } from 'viem';
import { ZodError } from 'zod';
import { requestFailure } from './outside/words.ts';
import { scrub } from './scrub.ts';

/** An error that a person meets over HTTP: what is wrong and what to do about it. */
export class UserError extends Error {
	override name = 'UserError';
	readonly status: 400 | 403 | 404 | 405 | 409 | 413 | 415 | 422 | 429 | 500 | 502 | 503 | 504;
	/** Stable and machine readable, `snake_case`. */
	readonly code: string;
	readonly suggestion: string;
	/** Which fields of a request are at fault, where that is why. */
	readonly fields: readonly Finding[] | undefined;
	/** Whole seconds after which it is worth trying again; undefined when time alone changes nothing. Sent as `retry-after`. */
	readonly retryAfter: number | undefined;

	constructor(
		status: UserError['status'],
		code: string,
		message: string,
		suggestion: string,
		options?: ErrorOptions & { fields?: readonly Finding[]; retryAfter?: number },
	) {
		super(message, options);
		this.fields = options?.fields;
		this.retryAfter = options?.retryAfter;
		this.status = status;
		this.code = code;
		this.suggestion = suggestion;
	}
}

/** The message of whatever was thrown, fit for logs, activity and answers: no credentials, no addresses with keys in them. */
export function messageOf(error: unknown): string {
	// viem's full messages hold the RPC's address and the whole request; the short ones say what happened.
	if (error instanceof BaseError) return rpcFailure(error) ?? scrub(error.shortMessage);
	if (error instanceof ZodError) return `An answer is not of the documented shape (${placeOf(error)}).`;
	const message = scrub(error instanceof Error ? error.message : String(error));
	return isDiskFull(error)
		? `The database's disk is full (${message}): free some space; the agent then continues automatically.`
		: message;
}

/** Whether PostgreSQL had no room to write (`disk_full`). Nothing of the transaction is kept then. */
function isDiskFull(error: unknown): boolean {
	return error instanceof Error && 'code' in error && error.code === '53100';
}

const RPC = 'The RPC node of the settlement chain';

/** Why viem, which talks to no other chain, got no answer from the node; null for what a node or a contract answered. */
function rpcFailure(error: BaseError): string | null {
	const found = error.walk(
		(each) =>
			each instanceof HttpRequestError ||
			each instanceof TimeoutError ||
			each instanceof WebSocketRequestError ||
			each instanceof SocketClosedError,
	);
	if (found instanceof TimeoutError) return `${RPC} did not answer in time.`;
	if (found instanceof HttpRequestError && found.status !== undefined) {
		return `${RPC} answers with status ${found.status}.`;
	}
	return found === null ? null : requestFailure(RPC, found instanceof BaseError ? found.cause : found);
}

function placeOf({ issues: [issue] }: ZodError): string {
	const path = issue?.path.map(String).join('.') ?? '';
	return path === '' ? 'at the top' : `at ${path.slice(0, 80)}`;
}
