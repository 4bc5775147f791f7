import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, onTestFinished } from 'vitest';

/** An empty directory for one test, or for as long as `after` says. */
export async function scratch(after: (work: () => Promise<void>) => void = onTestFinished): Promise<string> {
	const directory = await mkdtemp(join(tmpdir(), 'necto-test-'));
	after(() => rm(directory, { recursive: true, force: true }));
	return directory;
}

/**
 * What a file's tests leave behind, put away in the reverse order once they are over. Call it at the top of the file: inside a hook, vitest would
 * take no notice of another one.
 */
export function afterFile(): (work: () => Promise<unknown>) => void {
	const works: (() => Promise<unknown>)[] = [];
	afterAll(async () => {
		for (const work of works.toReversed()) await work();
	});
	return (work) => {
		works.push(work);
	};
}
