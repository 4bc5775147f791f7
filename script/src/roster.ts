import { join } from 'node:path';
import { z } from 'zod';
import { readIfThere, toJson, writeAtomically } from './files.ts';
import { isAlive, type ProcessId, processIdSchema, waitForEnd } from './process-id.ts';

const entrySchema = processIdSchema.extend({
	name: z.string(),
	signal: z.enum(['SIGINT', 'SIGTERM']),
	/** Of a chain: where it answers. */
	rpc: z.url().optional(),
});

/** A process that a start left to itself when it was killed. */
export type Entry = z.infer<typeof entrySchema>;

/**
 * The processes of a start, on disk. A start that is killed cannot stop its processes; the next one finds them here, so that nothing
 * keeps a port or writes into the data directory behind its back.
 */
export class Roster {
	readonly #file: string;
	readonly #entries = new Map<number, Entry>();
	#writing: Promise<void> = Promise.resolve();

	constructor(data: string) {
		this.#file = join(data, 'processes.json');
	}

	/** What the last start left running. */
	async orphans(): Promise<Entry[]> {
		const text = await readIfThere(this.#file);
		if (text === undefined) return [];
		let entries: Entry[];
		try {
			entries = z.array(entrySchema).parse(JSON.parse(text));
		} catch {
			return [];
		}
		const alive = await Promise.all(entries.map(isAlive));
		return entries.filter((_, index) => alive[index]);
	}

	add(entry: Entry): Promise<void> {
		this.#entries.set(entry.pid, entry);
		return this.#write();
	}

	remove(pid: number): Promise<void> {
		this.#entries.delete(pid);
		return this.#write();
	}

	#write(): Promise<void> {
		// A write that failed, on a full disk say, must not fail the ones after it: each writes the whole list.
		this.#writing = this.#writing
			.catch(() => undefined)
			.then(() => writeAtomically(this.#file, toJson([...this.#entries.values()])));
		return this.#writing;
	}
}

/** Stops a process that is not ours any more: politely, then for good. */
export async function endOrphan(orphan: ProcessId & { signal: 'SIGINT' | 'SIGTERM' }): Promise<void> {
	for (const [signal, patience] of [
		[orphan.signal, 8000],
		['SIGKILL', 2000],
	] as const) {
		try {
			process.kill(orphan.pid, signal);
		} catch {
			return;
		}
		if (await waitForEnd(orphan, patience)) return;
	}
}
