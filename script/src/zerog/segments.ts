import { mkdir, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Hex } from 'viem';
import { writeAtomically } from '../files.ts';

/** The segments of files, on disk: `<directory>/<file root>/<index>`. Written whole or not at all. */
export class Segments {
	readonly #directory: string;
	readonly #held = new Map<Hex, Set<number>>();

	constructor(directory: string) {
		this.#directory = directory;
	}

	/** Reads which segments an earlier run has left. */
	async open(): Promise<void> {
		await mkdir(this.#directory, { recursive: true });
		for (const name of await readdir(this.#directory)) {
			if (!/^0x[0-9a-f]{64}$/.test(name)) continue;
			const files = await readdir(join(this.#directory, name));
			// Checked above to be a root. A name that is not a plain number is a draft that a kill left.
			this.#held.set(name as Hex, new Set(files.filter((file) => /^\d+$/.test(file)).map(Number)));
		}
	}

	has(root: Hex, index: number): boolean {
		return this.#held.get(root)?.has(index) ?? false;
	}

	async put(root: Hex, index: number, data: Uint8Array): Promise<void> {
		await writeAtomically(join(this.#directory, root, String(index)), data);
		const held = this.#held.get(root) ?? new Set();
		this.#held.set(root, held.add(index));
	}

	/** A segment's bytes in whole chunks, without the file's padding. */
	get(root: Hex, index: number): Promise<Uint8Array> {
		return readFile(join(this.#directory, root, String(index)));
	}
}
