/** A failed check in one word, for labels. */
import { SourceError } from '../sources/asking/source.ts';

/** A check's problem with the word for it: `behind`. */
export class CheckError extends Error {
	override name = 'CheckError';
	readonly reason: string;

	constructor(reason: string, message: string) {
		super(message);
		this.reason = reason;
	}
}

/** `unreachable`, `timeout`, `behind` and so on; null where the check's name says it all. */
export function reasonOf(error: unknown): string | null {
	if (error instanceof CheckError) return error.reason;
	return error instanceof SourceError ? error.failure : null;
}
