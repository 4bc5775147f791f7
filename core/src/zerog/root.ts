import { type Hex, keccak256, toHex } from 'viem';

/**
 * The 0G Storage root of a file: computed here because the storage SDK's download checks nothing.
 *
 * A file is cut into chunks of 256 bytes, the last one filled with zeros, and padded with zero chunks (`paddedChunks`). 1024 chunks are a
 * segment; the root is a tree over the segments' roots. In a tree, pairs are hashed level by level from the left, and an odd last one goes up
 * unhashed; the pairs are not sorted and nothing tells a leaf from an inner hash. Checked against 0G's own SDKs (`vectors/zerog-root.json`).
 *
 * The root does not bind the file's length: always keep a hash of the bytes beside it.
 */

const CHUNK = 256;
const CHUNKS_PER_SEGMENT = 1024;

/** The hash of 256 zero bytes. */
const EMPTY_CHUNK = keccak256(new Uint8Array(CHUNK), 'bytes');

/** 0G pads to the next power of two, or for larger files to the next sixteenth of it. */
function paddedChunks(chunks: number): number {
	const power = 2 ** Math.ceil(Math.log2(chunks));
	const unit = power >= 16 ? power / 16 : 1;
	return power === chunks ? chunks : Math.ceil(chunks / unit) * unit;
}

function treeRoot(leaves: Uint8Array[]): Uint8Array {
	let level = leaves;
	const pair = new Uint8Array(64);
	while (level.length > 1) {
		const next: Uint8Array[] = [];
		for (let index = 0; index < level.length; index += 2) {
			const left = level[index];
			const right = level[index + 1];
			if (left === undefined) break;
			if (right === undefined) {
				next.push(left);
			} else {
				pair.set(left, 0);
				pair.set(right, 32);
				next.push(keccak256(pair, 'bytes'));
			}
		}
		level = next;
	}
	return level[0] ?? EMPTY_CHUNK;
}

function chunkHash(bytes: Uint8Array, index: number): Uint8Array {
	const start = index * CHUNK;
	if (start >= bytes.length) return EMPTY_CHUNK;
	const chunk = bytes.subarray(start, start + CHUNK);
	if (chunk.length === CHUNK) return keccak256(chunk, 'bytes');
	const padded = new Uint8Array(CHUNK);
	padded.set(chunk);
	return keccak256(padded, 'bytes');
}

/** @throws RangeError for no bytes: 0G cannot hold an empty file */
export function zeroGRoot(bytes: Uint8Array): Hex {
	if (bytes.length === 0) throw new RangeError('An empty file has no 0G root.');
	const chunks = paddedChunks(Math.ceil(bytes.length / CHUNK));
	const segments: Uint8Array[] = [];
	for (let start = 0; start < chunks; start += CHUNKS_PER_SEGMENT) {
		const count = Math.min(CHUNKS_PER_SEGMENT, chunks - start);
		segments.push(treeRoot(Array.from({ length: count }, (_, index) => chunkHash(bytes, start + index))));
	}
	return toHex(treeRoot(segments));
}
