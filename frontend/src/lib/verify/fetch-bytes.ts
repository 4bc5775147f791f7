/**
 * Gets a file by its 0G root. The bytes are asked for from 0G Storage first and from the agent's copy second, and in both cases are only
 * taken when their own root is the one asked for: where they come from does not matter then.
 */
import { MAX_FILE_BYTES, zeroGRoot } from '@necto/core';
import type { Hex } from 'viem';
import { Problem } from '#lib/problem.ts';
import { readAtMost, TooLargeError } from './read-at-most.ts';

export type ByteSource = '0g' | 'agent' | 'file';

/** The places in words, as in "fetched from …". */
export const SOURCE_WORDS: Readonly<Record<ByteSource, string>> = {
	'0g': '0G Storage',
	agent: "the agent's copy",
	file: 'your file',
};

export interface FetchedBytes {
	readonly bytes: Uint8Array;
	readonly source: ByteSource;
	/** Why an earlier place was passed over, in words; empty when the first one served. */
	readonly notes: readonly string[];
}

const TIMEOUT_MS = 15_000;

interface Place {
	readonly source: ByteSource;
	readonly name: string;
	readonly url: (root: Hex) => string;
}

const PLACES: readonly Place[] = [
	{ source: '0g', name: '0G Storage', url: (root) => `/api/zerog/file?root=${root}` },
	{ source: 'agent', name: "The agent's copy", url: (root) => `/api/agent/records/${root}` },
];

/**
 * Fetches a file.
 *
 * @param root the 0G root that the chain (or a checked record) names
 * @throws Problem `file_not_found` when no place serves bytes with this root; its message lists what each one answered
 */
export async function fetchByRoot(root: Hex, get: typeof fetch = fetch): Promise<FetchedBytes> {
	const notes: string[] = [];
	for (const place of PLACES) {
		try {
			const bytes = await download(place.url(root), get);
			const found = zeroGRoot(bytes);
			if (found === root.toLowerCase()) return { bytes, source: place.source, notes };
			// 0G's gateway says "not found" with HTTP 200 and a JSON body, so a wrong root is the usual sign of a missing file.
			notes.push(`${place.name} answered with other bytes (root ${found}).`);
		} catch (error) {
			notes.push(`${place.name}: ${error instanceof Error ? error.message : String(error)}`);
		}
	}
	throw new Problem({
		code: 'file_not_found',
		message: `Nobody serves the file ${root} now. ${notes.join(' ')}`,
		suggestion:
			'Try again in a moment: a new file can take some seconds to spread. Anyone who kept it can load it from disk.',
	});
}

async function download(url: string, get: typeof fetch): Promise<Uint8Array> {
	const response = await get(url, { signal: AbortSignal.timeout(TIMEOUT_MS) });
	if (!response.ok) throw new Error(`answered with status ${response.status}.`);
	try {
		return await readAtMost(response, MAX_FILE_BYTES);
	} catch (error) {
		if (!(error instanceof TooLargeError)) throw error;
		throw new Error(`${error.message}, the most that a record or a snapshot has.`);
	}
}
