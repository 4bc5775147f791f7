/** Servers limit the blocks of one question for logs; the strictest known allows more than this. */
export const RANGE = 5_000n;

/** Blocks that are read by themselves, header by header, behind the newest; what is further back is read in ranges. */
export const NEAR = 512n;

/** Blocks before the cursor that each round asks for once more: what a node did not show when they were read is found then. */
export const OVERLAP = 32n;

/** How far back to look again when the last block read is not on the chain any more. */
export const REORG_DEPTH = 64n;

/** Questions asked side by side. */
export const SIDE_BY_SIDE = 16;

/** The lower of two blocks. */
export function lower(a: bigint, b: bigint): bigint {
	if (a < b) return a;
	return b;
}

/** Cuts blocks into ranges that one question may cover. */
export function* rangesOf(from: bigint, to: bigint): Generator<{ from: bigint; to: bigint }> {
	for (let at = from; at <= to; at += RANGE) yield { from: at, to: lower(at + RANGE - 1n, to) };
}
