/** An error that a person meets over HTTP: what is wrong and what to do about it. */
export class UserError extends Error {
	override name = 'UserError';
	readonly status: 400 | 403 | 404 | 409 | 413 | 415 | 422 | 429 | 500 | 502 | 503 | 504;
	/** Stable and machine readable, `snake_case`. */
	readonly code: string;
	readonly suggestion: string;

	constructor(status: UserError['status'], code: string, message: string, suggestion: string, options?: ErrorOptions) {
		super(message, options);
		this.status = status;
		this.code = code;
		this.suggestion = suggestion;
	}
}

/** The message of whatever was thrown. */
export function messageOf(error: unknown): string {
	return error instanceof Error ? error.message : String(error);
}
