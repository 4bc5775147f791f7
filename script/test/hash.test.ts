import { mkdir, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { describe, expect, it } from 'vitest';
import { hashOf } from '../src/hash.ts';
import { root } from '../src/paths.ts';
import { scratch } from './scratch.ts';

describe('the hash of sources', () => {
	it('SYS-05 leaves out what Ponder generates at each start', async () => {
		const directory = await scratch();
		const paths = [relative(root, directory)];
		await mkdir(join(directory, 'generated'));
		await writeFile(join(directory, 'ponder.schema.ts'), 'one');
		const hash = await hashOf(paths);
		await writeFile(join(directory, 'ponder-env.d.ts'), '');
		await writeFile(join(directory, 'generated/schema.graphql'), 'type Query');
		expect(await hashOf(paths)).toBe(hash);
		await writeFile(join(directory, 'ponder.schema.ts'), 'two');
		expect(await hashOf(paths)).not.toBe(hash);
	});
});
