/** A failure that the person at the terminal can do something about: its message says what is wrong and what to do. */
export class StartError extends Error {
	override readonly name = 'StartError';
}

/** What went wrong, for a sentence. */
export function reasonOf(error: unknown): string {
	return error instanceof Error ? error.message : String(error);
}
