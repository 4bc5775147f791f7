import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { root } from './paths.ts';

const LEFT_OUT = new Set([
	'node_modules',
	'build',
	'.svelte-kit',
	'.ponder',
	'test',
	'tests',
	'test-results',
	'coverage',
	// These two are written by Ponder each time it starts: whoever reads them meanwhile would get another hash.
	'generated',
	'ponder-env.d.ts',
]);

async function filesIn(directory: string): Promise<string[]> {
	const files: string[] = [];
	for (const entry of await readdir(directory, { withFileTypes: true })) {
		const path = join(directory, entry.name);
		if (LEFT_OUT.has(entry.name)) continue;
		if (entry.isDirectory()) {
			files.push(...(await filesIn(path)));
		} else if (entry.isFile()) {
			files.push(path);
		}
	}
	return files;
}

/**
 * A hash over names and contents of files and folders of the repository, to see whether what was made of them is still good.
 * Tests and generated files do not count.
 *
 * @param paths from the top of the repository; what does not exist is left out
 * @param extra anything else that the result depends on
 */
export async function hashOf(paths: readonly string[], extra: readonly string[] = []): Promise<string> {
	const files: string[] = [];
	for (const path of paths) {
		const full = join(root, path);
		try {
			files.push(...(await filesIn(full)));
		} catch (error) {
			if (!(error instanceof Error && 'code' in error)) throw error;
			if (error.code === 'ENOTDIR') files.push(full);
			else if (error.code !== 'ENOENT') throw error;
		}
	}
	const hash = createHash('sha256');
	for (const text of extra) hash.update(`${text}\0`);
	for (const file of files.sort()) {
		hash.update(`${relative(root, file)}\0`);
		hash.update(await readFile(file));
		hash.update('\0');
	}
	return hash.digest('hex');
}
