/**
 * Most bytes of a record or a snapshot, 8 MiB: the agent stores nothing larger and a verifier reads nothing larger. A snapshot of the largest market that a
 * decision looks at has about a sixth of it.
 */
export const MAX_FILE_BYTES = 8 * 1024 * 1024;

/** Why a file of so many bytes is no record and no snapshot, as a sentence; null when it may be one. */
export function sizeProblem(bytes: number): string | null {
	if (bytes > 0 && bytes <= MAX_FILE_BYTES) return null;
	return `It has ${bytes} bytes; records and snapshots have 1 to ${MAX_FILE_BYTES}.`;
}
