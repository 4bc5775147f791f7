import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { chmod, chown, lstat, mkdir, readdir, rename, rm, rmdir } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { z } from 'zod';
import { StartError } from './errors.ts';
import { readIfThere, toJson, writeAtomically } from './files.ts';
import { takeLock } from './lock.ts';
import { Roster } from './roster.ts';

/** Files that belong to one run or one machine and are useless later. */
const LEFT_OUT = new Set([
	'logs',
	'locks',
	'lock.json',
	'lock.db',
	'lock.db-journal',
	'ready.json',
	'processes.json',
	'postgres/postmaster.pid',
]);
const MANIFEST = 'necto-backup.json';

const entrySchema = z.object({
	path: z
		.string()
		.refine((path) => !path.startsWith('/') && !path.split('/').includes('..'), 'leads out of the backup'),
	/** Null for a directory. */
	sha256: z.string().nullable(),
	mode: z.int(),
	uid: z.int(),
	gid: z.int(),
});
type Entry = z.infer<typeof entrySchema>;
type Found = Omit<Entry, 'sha256'> & { isFile: boolean };
const manifestSchema = z.object({ version: z.literal(1), entries: z.array(entrySchema).min(1) });

/**
 * Copies all data of a stopped local network into a new directory, with a list of all files and their checksums. The directory appears only when it is
 * complete.
 *
 * @throws StartError when the network runs, or the directory exists
 */
export async function backUp(data: string, target: string): Promise<{ files: number }> {
	if ((await kindOf(target)) !== undefined) {
		throw new StartError(`${target} exists already: give the backup a new directory.`);
	}
	if ((await kindOf(join(data, 'chains'))) === undefined) {
		throw new StartError(`There is nothing to back up in ${data}: it has no chain.`);
	}
	const lock = await takeLock(data);
	const draft = `${resolve(target)}.partial`;
	try {
		if ((await new Roster(data).orphans()).length > 0) {
			throw new StartError(
				'The last start was killed and its processes still run: start Necto once more, stop it with Ctrl-C, and back up then.',
			);
		}
		await rm(draft, { recursive: true, force: true });
		await mkdir(draft, { recursive: true, mode: 0o700 });
		const entries: Entry[] = [];
		for (const found of await list(data, '')) {
			const { isFile: _, ...rest } = found;
			entries.push({ ...rest, sha256: await copy(data, draft, found) });
		}
		await writeAtomically(join(draft, MANIFEST), toJson({ version: 1, entries }));
		await rename(draft, target);
		return { files: entries.filter(({ sha256 }) => sha256 !== null).length };
	} catch (error) {
		await rm(draft, { recursive: true, force: true });
		throw error;
	} finally {
		await lock.release();
	}
}

/**
 * Restores a backup to a data directory that does not exist yet. The checksum of every file is verified; the directory appears only when it is complete.
 *
 * @throws StartError when there is data already, or the backup is damaged
 */
export async function restore(source: string, data: string): Promise<{ files: number }> {
	const text = await readIfThere(join(source, MANIFEST));
	if (text === undefined) throw new StartError(`${source} is not a backup: ${MANIFEST} is missing.`);
	const manifest = manifestSchema.safeParse(parsed(text));
	if (!manifest.success) {
		throw new StartError(
			`${join(source, MANIFEST)} is damaged, or of another version of Necto: ${z.prettifyError(manifest.error)}`,
		);
	}
	const present = (await kindOf(data)) === undefined ? [] : await readdir(data);
	if (present.length > 0) {
		throw new StartError(
			`${data} is not empty: stop Necto, move the directory away, and restore again. Nothing was changed.`,
		);
	}
	const draft = `${resolve(data)}.partial`;
	try {
		await rm(draft, { recursive: true, force: true });
		await mkdir(draft, { recursive: true, mode: 0o700 });
		const { entries } = manifest.data;
		for (const entry of entries) {
			const sha256 = await copy(source, draft, { ...entry, isFile: entry.sha256 !== null });
			if (sha256 !== entry.sha256) {
				throw new StartError(
					`The backup is damaged: the checksum of ${entry.path} does not match. Nothing was changed.`,
				);
			}
		}
		// The empty directory that may be there.
		await rmdir(data).catch(() => undefined);
		await mkdir(dirname(resolve(data)), { recursive: true });
		await rename(draft, data);
		return { files: entries.filter(({ sha256 }) => sha256 !== null).length };
	} catch (error) {
		await rm(draft, { recursive: true, force: true });
		throw error;
	}
}

function parsed(text: string): unknown {
	try {
		return JSON.parse(text);
	} catch {
		return undefined;
	}
}

async function kindOf(path: string): Promise<'directory' | 'file' | undefined> {
	try {
		return (await lstat(path)).isDirectory() ? 'directory' : 'file';
	} catch (error) {
		if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
		throw error;
	}
}

/** All entries below a directory, each directory before its content. */
async function list(base: string, under: string): Promise<Found[]> {
	const all: Found[] = [];
	for (const found of await readdir(join(base, under), { withFileTypes: true })) {
		const path = under === '' ? found.name : `${under}/${found.name}`;
		if (LEFT_OUT.has(path) || !(found.isFile() || found.isDirectory())) continue;
		const { mode, uid, gid } = await lstat(join(base, path));
		all.push({ path, isFile: found.isFile(), mode: mode & 0o7777, uid, gid });
		if (found.isDirectory()) all.push(...(await list(base, path)));
	}
	return all;
}

/** Copies one file or creates one directory. Returns the file's checksum as it was read, null for a directory. */
async function copy(from: string, to: string, { path, isFile, mode, uid, gid }: Found): Promise<string | null> {
	const target = join(to, path);
	const sha256 = isFile ? await copyFile(join(from, path), target) : null;
	if (!isFile) await mkdir(target, { mode: 0o700 });
	// PostgreSQL must own its files. Only root can change owners; any other user owns all of them.
	if (process.getuid?.() === 0) await chown(target, uid, gid);
	await chmod(target, mode);
	return sha256;
}

/** Returns the checksum of what was read. */
async function copyFile(from: string, to: string): Promise<string> {
	const hash = createHash('sha256');
	try {
		await pipeline(
			createReadStream(from),
			async function* (parts: AsyncIterable<Buffer>) {
				for await (const part of parts) {
					hash.update(part);
					yield part;
				}
			},
			createWriteStream(to, { flags: 'wx', mode: 0o600, flush: true }),
		);
	} catch (error) {
		if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error;
		throw new StartError(`The backup is damaged: ${from} is missing. Nothing was changed.`);
	}
	return hash.digest('hex');
}
