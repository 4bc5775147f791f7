/**
 * Whether an answer with a block's logs can be complete. A node that is behind, or has lost part of its index, answers `eth_getLogs` with fewer logs and
 * no error; the block's header commits to all of them by its bloom filter.
 */
import { type Hex, hexToBytes, keccak256 } from 'viem';

/** What is used of a block's header. Some chains leave the bloom filter empty or null. */
export interface BloomedBlock {
	hash: Hex;
	logsBloom: Hex | null;
}

/** What is used of a log. */
export interface BlockLog {
	address: Hex;
	topics: readonly Hex[];
	blockHash: Hex | null;
	/** The log's place in its block. */
	logIndex: number | null;
}

const BLOOM_BYTES = 256;

/** The three bits of a value in a bloom filter, counted from the lowest (Ethereum yellow paper, 4.3.1). */
function bitsOf(value: Hex): number[] {
	const hash = hexToBytes(keccak256(value));
	return [0, 2, 4].map((at) => (((hash[at] ?? 0) << 8) | (hash[at + 1] ?? 0)) & 0x7ff);
}

/** Whether the header has a bloom filter with at least one bit: chains that do not fill it say nothing with it. */
export function hasBloom({ logsBloom }: Pick<BloomedBlock, 'logsBloom'>): boolean {
	return logsBloom !== null && !/^0x0*$/.test(logsBloom);
}

/** Whether a block may hold logs with an address or topic. False is certain on chains that fill the bloom filter, true is not. */
export function mayHold({ logsBloom }: Pick<BloomedBlock, 'logsBloom'>, value: Hex): boolean {
	if (logsBloom === null) return true;
	const bloom = hexToBytes(logsBloom);
	return bitsOf(value).every((bit) => ((bloom[BLOOM_BYTES - 1 - (bit >> 3)] ?? 0) & (1 << (bit & 7))) !== 0);
}

/**
 * Whether these can be all logs of the block: each is of this block, their places have no hole, and together they give exactly the header's bloom filter. A
 * last log whose address and topics all occur in earlier ones is the only thing that can be missing.
 */
export function isWhole(block: BloomedBlock, logs: readonly BlockLog[]): boolean {
	if (block.logsBloom === null) return false;
	const places = logs.map(({ logIndex }) => logIndex ?? -1).sort((a, b) => a - b);
	if (places.some((place, index) => place !== index)) return false;
	if (logs.some(({ blockHash }) => blockHash !== block.hash)) return false;
	const bloom = new Uint8Array(BLOOM_BYTES);
	for (const bit of logs.flatMap(({ address, topics }) => [address, ...topics]).flatMap(bitsOf)) {
		const at = BLOOM_BYTES - 1 - (bit >> 3);
		bloom[at] = (bloom[at] ?? 0) | (1 << (bit & 7));
	}
	const claimed = hexToBytes(block.logsBloom);
	return claimed.length === BLOOM_BYTES && bloom.every((byte, index) => byte === claimed[index]);
}
