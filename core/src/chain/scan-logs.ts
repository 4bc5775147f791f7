/** Reads logs of any number of blocks from RPCs that each have a limit of their own. */

/** Widest range asked for at once: the limit of ADI's own node. Others have lower ones. */
const WIDEST = 100_000n;
/** No RPC in use refuses so few blocks for their number: an error is then about something else. */
const NARROWEST = 500n;

/**
 * All that `read` finds in the blocks, in their order. A range that the RPC refuses is asked for again in halves.
 *
 * @param read both ends inclusive
 * @throws whatever `read` throws for a range that is not too wide for any RPC
 */
export async function scanLogs<Log>(
	read: (fromBlock: bigint, toBlock: bigint) => Promise<readonly Log[]>,
	fromBlock: bigint,
	toBlock: bigint,
): Promise<Log[]> {
	const found: Log[] = [];
	let width = WIDEST;
	for (let from = fromBlock; from <= toBlock; ) {
		const end = from + width - 1n;
		const to = end < toBlock ? end : toBlock;
		try {
			found.push(...(await read(from, to)));
		} catch (error) {
			if (width <= NARROWEST || to - from < NARROWEST) throw error;
			width /= 2n;
			continue;
		}
		from = to + 1n;
	}
	return found;
}
