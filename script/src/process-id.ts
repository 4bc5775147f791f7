import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { z } from 'zod';

/** A process, not just a number that another process may have got since. */
export const processIdSchema = z.object({ pid: z.int().positive(), born: z.string() });
export type ProcessId = z.infer<typeof processIdSchema>;

const run = promisify(execFile);

/** When a process started, as text to compare; '' if there is no such process. */
export async function bornAt(pid: number): Promise<string> {
	if (process.platform === 'linux') {
		try {
			const [boot, stat] = await Promise.all([
				readFile('/proc/sys/kernel/random/boot_id', 'utf8'),
				readFile(`/proc/${pid}/stat`, 'utf8'),
			]);
			// The second field is the program's name in brackets and may hold anything; the start time is field 22, the state field 3.
			const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
			if (fields[0] === 'Z') return '';
			return `${boot.trim()} ${fields[19] ?? ''}`;
		} catch {
			return '';
		}
	}
	try {
		const { stdout } = await run('ps', ['-o', 'lstart=', '-p', String(pid)]);
		return stdout.trim();
	} catch {
		return '';
	}
}

/** Whether this very process still runs. */
export async function isAlive(id: ProcessId): Promise<boolean> {
	return id.born !== '' && (await bornAt(id.pid)) === id.born;
}

/** Waits until a process is gone. Returns false if it is still there after `milliseconds`. */
export async function waitForEnd(id: ProcessId, milliseconds: number): Promise<boolean> {
	const until = performance.now() + milliseconds;
	while (await isAlive(id)) {
		if (performance.now() > until) return false;
		await new Promise((resolve) => setTimeout(resolve, 20));
	}
	return true;
}
