import type { Finding } from '@necto/core';
import { BaseError } from 'viem';

/** An error that a person meets over HTTP: what is wrong and what to do about it. */
export class UserError extends Error {
	override name = 'UserError';
	readonly status: 400 | 403 | 404 | 409 | 413 | 415 | 422 | 429 | 500 | 502 | 503 | 504;
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
	if (error instanceof BaseError) return scrub(error.shortMessage);
	const message = scrub(error instanceof Error ? error.message : String(error));
	return isDiskFull(error)
		? `The database's disk is full (${message}): free some space; the agent then continues automatically.`
		: message;
}

/** Whether PostgreSQL had no room to write (`disk_full`). Nothing of the transaction is kept then. */
function isDiskFull(error: unknown): boolean {
	return error instanceof Error && 'code' in error && error.code === '53100';
}

/** Leaves of each URL only scheme and host: keys stand in user names, paths and queries. */
export function scrub(text: string): string {
	return text.replace(/\b([a-z][a-z0-9+.-]*:\/\/)(?:[^\s/@"']*@)?([^\s/?#"']+)[^\s"']*/gi, '$1$2');
}
