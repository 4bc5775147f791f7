/** A failure that the person at the terminal can do something about: its message says what is wrong and what to do. */
export class StartError extends Error {
	override readonly name = 'StartError';
}

/** Whether something could not be written because there is no room. */
export function isDiskFull(error: unknown): boolean {
	return error instanceof Error && 'code' in error && (error.code === 'ENOSPC' || error.code === 'EDQUOT');
}

/** What went wrong, for a sentence. */
export function reasonOf(error: unknown): string {
	if (isDiskFull(error)) return 'The disk is full: free some space; it then continues automatically.';
	return error instanceof Error ? error.message : String(error);
}
