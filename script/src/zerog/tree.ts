import { concatBytes, type Hex, hexToBytes, keccak256 } from 'viem';

/** Bytes of a chunk (a "sector" on chain). */
export const CHUNK_BYTES = 256;
/** Chunks of a full segment, the unit of upload. */
export const SEGMENT_CHUNKS = 1024;
/** Bytes of a full segment. */
export const SEGMENT_BYTES = CHUNK_BYTES * SEGMENT_CHUNKS;

const EMPTY_CHUNK = keccak256(new Uint8Array(CHUNK_BYTES));

/** The parent of two nodes of 0G's tree: no sorting, no marks. */
export function parentOf(left: Hex, right: Hex): Hex {
	return keccak256(concatBytes([hexToBytes(left), hexToBytes(right)]));
}

/** The root over leaves from left to right; an odd last node is carried up as it is. */
export function rootOf(leaves: readonly Hex[]): Hex {
	let level = leaves;
	while (level.length > 1) {
		const above: Hex[] = [];
		for (let i = 0; i < level.length; i += 2) {
			const [left, right] = [level[i], level[i + 1]];
			if (left === undefined) continue;
			above.push(right === undefined ? left : parentOf(left, right));
		}
		level = above;
	}
	const [root] = level;
	if (root === undefined) throw new RangeError('A tree needs a leaf.');
	return root;
}

/** How many chunks a file's tree has, padding included: as few as give sub-trees that differ by less than four in height. */
export function paddedChunks(bytes: number): number {
	const chunks = Math.ceil(bytes / CHUNK_BYTES);
	const next = 2 ** Math.ceil(Math.log2(chunks));
	if (next === chunks) return chunks;
	const unit = next >= 16 ? next / 16 : 1;
	return Math.ceil(chunks / unit) * unit;
}

/** The root of one segment of a file of `fileBytes`, from the segment's data without the file's padding. */
export function segmentRoot(data: Uint8Array, index: number, fileBytes: number): Hex {
	const count = Math.min(SEGMENT_CHUNKS, paddedChunks(fileBytes) - index * SEGMENT_CHUNKS);
	const leaves = Array.from({ length: count }, (_, i) => {
		const chunk = data.subarray(i * CHUNK_BYTES, (i + 1) * CHUNK_BYTES);
		return chunk.length === 0 ? EMPTY_CHUNK : keccak256(chunk);
	});
	return rootOf(leaves);
}
