import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

/** An empty directory for one test, or for as long as `after` says. */
export async function scratch(after: (work: () => Promise<void>) => void = onTestFinished): Promise<string> {
	const directory = await mkdtemp(join(tmpdir(), 'necto-test-'));
	after(() => rm(directory, { recursive: true, force: true }));
	return directory;
}
