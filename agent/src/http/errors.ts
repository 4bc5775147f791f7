import type { ApiError } from '@necto/core';
import type { Context, ErrorHandler } from 'hono';
import { HTTPException } from 'hono/http-exception';
import type { ZodError } from 'zod';
import { UserError } from '../errors.ts';
import { type FaultContext, faultText } from '../faults.ts';
import { isUnreachable } from '../journal/database.ts';
import type { Logger } from '../logger.ts';
import { SourceError } from '../sources/asking/source.ts';
import { StorageError } from '../zerog/reader.ts';
import type { Env } from './context.ts';

/** Every error of the API has this shape: what is wrong, what to do, and a request id for the operator. */
export function problem(c: Context<Env>, error: UserError): Response {
	const body: ApiError = {
		code: error.code,
		message: error.message,
		suggestion: error.suggestion,
		requestId: c.get('requestId') ?? '',
		...(error.fields === undefined ? {} : { fields: [...error.fields] }),
	};
	if (error.retryAfter !== undefined) c.header('retry-after', String(Math.max(1, Math.ceil(error.retryAfter))));
	return c.json(body, error.status);
}

/** The error for input that does not match a schema: which field, and what is wrong with it. */
export function invalid(error: ZodError, context: FaultContext = {}): UserError {
	// A value can break several rules of its field; the first is enough.
	const places = error.issues.map(({ path }) => path.map(String).join('.'));
	const issues = error.issues.filter((_, index) => places.indexOf(places[index] ?? '') === index);
	return new UserError(
		400,
		'invalid_request',
		issues
			.slice(0, 5)
			.map((issue) => faultText(issue, context))
			.join('; ')
			.slice(0, 1_000),
		'Correct the request; GET /openapi.json describes what is expected.',
	);
}

export function errorHandler(logger: Logger): ErrorHandler<Env> {
	return (error, c) => {
		const known = toUserError(error);
		if (known.status >= 500 && known !== error)
			logger.warn({ error, requestId: c.get('requestId'), path: c.req.path }, 'A request failed');
		return problem(c, known);
	};
}

function toUserError(error: unknown): UserError {
	if (error instanceof UserError) return error;
	if (isCancelledQuery(error)) return tookTooLong(error);
	if (isUnreachable(error)) {
		return new UserError(
			503,
			'database_unavailable',
			'The agent cannot reach its database at the moment.',
			'Try again in a few seconds; GET /ready says what is missing.',
			{ cause: error, retryAfter: 5 },
		);
	}
	if (error instanceof SourceError) {
		return new UserError(
			503,
			'market_unavailable',
			`The listings cannot be read. ${error.message}`,
			'Try again in a few seconds; GET /ready says what is missing.',
			{ cause: error, retryAfter: 5 },
		);
	}
	if (error instanceof StorageError && error.kind === 'not-found') return notFound('file');
	if (error instanceof StorageError) {
		return new UserError(
			502,
			'storage_unavailable',
			error.message,
			'Try again in a minute, or fetch the file from 0G yourself.',
			{ cause: error, retryAfter: 60 },
		);
	}
	if (error instanceof HTTPException && error.status === 413) {
		return new UserError(413, 'too_large', 'The request is too large.', 'Send less than 256 KiB.');
	}
	if (error instanceof HTTPException && error.status < 500) {
		return new UserError(
			400,
			'malformed_json',
			'The body is not JSON.',
			'Send JSON with the header content-type: application/json.',
		);
	}
	return new UserError(
		500,
		'internal',
		'The agent had an internal error.',
		'Try again. If the error persists, report this request id to the operator.',
		{
			cause: error,
		},
	);
}

/** The work for a response was aborted, by its deadline or by that of the database. */
export function tookTooLong(cause?: unknown): UserError {
	return new UserError(
		503,
		'took_too_long',
		'The request timed out.',
		'Request less at a time (fewer days, GPUs or requests), or try again later.',
		{ cause, retryAfter: 5 },
	);
}

/** SQLSTATE 57014: the statement was cancelled, by its time limit or because the client went away. */
function isCancelledQuery(error: unknown): boolean {
	return error instanceof Error && 'code' in error && error.code === '57014';
}

export function notFound(what: string): UserError {
	return new UserError(
		404,
		'not_found',
		`There is no such ${what}.`,
		'Check the address; GET /openapi.json lists all routes.',
	);
}

/** @param allowed the methods of the path */
export function methodNotAllowed(method: string, allowed: readonly string[]): UserError {
	return new UserError(
		405,
		'method_not_allowed',
		`${method} is not possible at this address.`,
		`Use ${allowed.join(' or ')}; GET /openapi.json lists all routes.`,
	);
}

export function metricsArePrivate(): UserError {
	return new UserError(
		403,
		'metrics_private',
		'Metrics are for the operator.',
		'Send the request from an address in METRICS_CLIENTS; GET /status and GET /ready are public.',
	);
}
