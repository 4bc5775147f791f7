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

/**
 * Takes the data directory. A lock whose holder no longer runs is ignored.
 *
 * @throws StartError when another start has it
 */
export async function takeLock(data: string): Promise<Lock> {
	const file = join(data, 'lock.json');
	await mkdir(data, { recursive: true });
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
		if (holder !== undefined && (await isAlive(holder))) {
			throw new StartError(
				`Necto already runs on ${data} (process ${holder.pid}): stop it with Ctrl-C in its terminal, or start on another directory with NECTO_DATA.`,
			);
		}
		await rm(file, { force: true });
	}
	throw new StartError(`Another start is taking ${data} at this moment; wait for it or stop it.`);
}
