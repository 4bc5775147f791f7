import { zeroGRoot } from '@necto/core';
import { concat, type Hex, keccak256 } from 'viem';

/** Bytes of a chunk (a "sector" on chain). */
export const CHUNK_BYTES = 256;
/** Chunks of a full segment, the unit of upload. */
export const SEGMENT_CHUNKS = 1024;
/** Bytes of a full segment. */
export const SEGMENT_BYTES = CHUNK_BYTES * SEGMENT_CHUNKS;

/** The parent of two nodes of 0G's tree: no sorting, no marks. */
export function parentOf(left: Hex, right: Hex): Hex {
	return keccak256(concat([left, right]));
}

/**
 * The root of one segment, which is that of a file with the segment's chunks: a segment's count of chunks, padding included, needs no
 * padding of its own.
 *
 * @param chunks how many chunks the segment has in the file's tree; those that the data lacks are zero
 */
export function segmentRoot(data: Uint8Array, chunks: number): Hex {
	const whole = new Uint8Array(chunks * CHUNK_BYTES);
	whole.set(data);
	return zeroGRoot(whole);
}
