import { mkdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { z } from 'zod';
import { StartError } from './errors.ts';
import { toJson, writeAtomically } from './files.ts';
import { bornAt, isAlive, type ProcessId, processIdSchema } from './process-id.ts';

/** SQLite's code for a file that another connection has locked. */
const SQLITE_BUSY = 5;

/** Keeps one data directory for one start. */
export interface Lock {
	release(): Promise<void>;
}

async function holderOf(file: string): Promise<ProcessId | undefined> {
	try {
		return processIdSchema.parse(JSON.parse(await readFile(file, 'utf8')));
	} catch (error) {
		// Half-written by a start that was killed in the middle of it, or gone meanwhile.
		if (error instanceof SyntaxError || error instanceof z.ZodError) return undefined;
		if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
		throw error;
	}
}

/**
 * Takes a directory, or tells who has it; undefined when it was taken this very moment. The lock is SQLite's on a file of the directory, which the operating
 * system gives up when the process ends, however it ends. `lock.json` beside it only says who the holder is; earlier versions knew no other lock.
 */
export async function tryLock(directory: string): Promise<Lock | ProcessId | undefined> {
	await mkdir(directory, { recursive: true });
	const file = join(directory, 'lock.json');
	const database = exclusively(join(directory, 'lock.db'));
	if (database === undefined) return holderOf(file);
	try {
		const holder = await holderOf(file);
		if (holder !== undefined && holder.pid !== process.pid && (await isAlive(holder))) {
			database.close();
			return holder;
		}
		await writeAtomically(file, toJson({ pid: process.pid, born: await bornAt(process.pid) } satisfies ProcessId));
	} catch (error) {
		database.close();
		throw error;
	}
	return {
		async release() {
			await rm(file, { force: true });
			database.close();
		},
	};
}

/** Opens a file that no other process, and nobody else in this one, has open in this way; undefined if one has. */
function exclusively(file: string): DatabaseSync | undefined {
	const database = new DatabaseSync(file, { timeout: 0 });
	try {
		database.exec('BEGIN EXCLUSIVE');
		return database;
	} catch (error) {
		database.close();
		if (error instanceof Error && 'errcode' in error && error.errcode === SQLITE_BUSY) return undefined;
		throw error;
	}
}

/**
 * Takes the data directory.
 *
 * @throws StartError when another start has it
 */
export async function takeLock(data: string): Promise<Lock> {
	const lock = await tryLock(data);
	if (lock !== undefined && 'release' in lock) return lock;
	const [holder, kill] = lock === undefined ? ['', ''] : [` (process ${lock.pid})`, ` or \`kill ${lock.pid}\``];
	throw new StartError(
		`Necto already runs on ${data}${holder}: stop it with Ctrl-C in its terminal${kill}, or start on another directory with NECTO_DATA.`,
	);
}

/** Takes a directory as soon as nobody has it. */
export async function waitForLock(directory: string): Promise<Lock> {
	for (;;) {
		const lock = await tryLock(directory);
		if (lock !== undefined && 'release' in lock) return lock;
		await new Promise((resolve) => setTimeout(resolve, 300));
	}
}
