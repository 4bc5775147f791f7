import { execFile } from 'node:child_process';
import { rm, statfs, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** A small disk of its own. */
export interface SmallDisk {
	directory: string;
	/** Takes all that is left. */
	fill(): Promise<void>;
	/** Makes room again. */
	free(): Promise<void>;
	remove(): Promise<void>;
}

/** Mounts a file system in memory on an empty directory; undefined where this process may not mount. */
export async function smallDisk(directory: string, kibibytes: number): Promise<SmallDisk | undefined> {
	try {
		await run('mount', ['-t', 'tmpfs', '-o', `size=${kibibytes}k,mode=755`, 'tmpfs', directory]);
	} catch {
		return undefined;
	}
	const filler = join(directory, 'filler');
	return {
		directory,
		async fill() {
			const { bavail, bsize } = await statfs(directory);
			await writeFile(filler, Buffer.alloc(bavail * bsize));
		},
		free: () => rm(filler, { force: true }),
		async remove() {
			await run('umount', ['-l', directory]);
		},
	};
}
