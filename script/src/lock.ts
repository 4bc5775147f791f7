import { mkdir, open, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { StartError } from './errors.ts';
import { bornAt, isAlive, type ProcessId, processIdSchema } from './process-id.ts';

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

/** Takes a directory, or tells who has it. A lock whose holder no longer runs is ignored; it need not be released before the process ends. */
export async function tryLock(directory: string): Promise<Lock | ProcessId> {
	const file = join(directory, 'lock.json');
	await mkdir(directory, { recursive: true });
	const self: ProcessId = { pid: process.pid, born: await bornAt(process.pid) };
	for (let attempt = 0; attempt < 5; attempt++) {
		try {
			const handle = await open(file, 'wx', 0o600);
			await handle.writeFile(`${JSON.stringify(self)}\n`);
			await handle.close();
			return { release: () => rm(file, { force: true }) };
		} catch (error) {
			if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
		}
		const holder = await holderOf(file);
		if (holder !== undefined && (await isAlive(holder))) return holder;
		await rm(file, { force: true });
	}
	throw new StartError(`Another start is taking ${directory} at this moment; wait for it or stop it.`);
}

/**
 * Takes the data directory.
 *
 * @throws StartError when another start has it
 */
export async function takeLock(data: string): Promise<Lock> {
	const lock = await tryLock(data);
	if ('release' in lock) return lock;
	throw new StartError(
		`Necto already runs on ${data} (process ${lock.pid}): stop it with Ctrl-C in its terminal, or start on another directory with NECTO_DATA.`,
	);
}

/** Takes a directory as soon as nobody has it. */
export async function waitForLock(directory: string): Promise<Lock> {
	for (;;) {
		const lock = await tryLock(directory);
		if ('release' in lock) return lock;
		await new Promise((resolve) => setTimeout(resolve, 300));
	}
}
