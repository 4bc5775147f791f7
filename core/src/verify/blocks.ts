import { CLOCK_TOLERANCE } from '../policy/policy.ts';
import type { MarketSnapshot } from '../snapshot/snapshot.ts';
import { failed, notRun, type Outcome, type Run, same } from './checks.ts';
import type { ChainBlock, ChainFacts } from './facts.ts';

/**
 * Seconds that a decision may be old when it is routed. The agent makes one anew after five minutes and a challenge judges by the last ten; the rest is for a
 * transaction that waits to be mined.
 */
export const DECISION_LASTS = 3600;

type Blocks = Pick<ChainFacts, 'requestedIn' | 'reopenedIn' | 'routedIn'>;

/** From when on the decision that routed a job can have been made, and what happened then. */
function openSince({ requestedIn, reopenedIn }: Omit<Blocks, 'routedIn'>): { since: ChainBlock; what: string } {
	return reopenedIn === null || reopenedIn.number < requestedIn.number
		? { since: requestedIn, what: 'the request' }
		: { since: reopenedIn, what: 'when the job was last taken from a provider' };
}

/** Whether a snapshot's block can be the one that a job was decided on: not before its request or last reopening, and before the block that routed it. */
export function isDecisionBlock(block: bigint, blocks: Blocks) {
	return block >= openSince(blocks).since.number && block < blocks.routedIn.number;
}

/** When and at which block the snapshot says that it was taken, against the blocks of the request, the last reopening and the route. */
export function blockChecks(check: Run, snapshot: MarketSnapshot, chain: ChainFacts): void {
	const { routedIn } = chain;
	const { since, what } = openSince(chain);
	const { block } = snapshot.chain;
	check('snapshot-block', () => {
		const expected = `a block from ${since.number} (${what}) to before ${routedIn.number} (the route)`;
		if (!isDecisionBlock(block, chain)) return failed(expected, `block ${block}`);
		return { status: 'passed', expected, found: `block ${block}` };
	});
	check('snapshot-time', () => timeOf(snapshot, chain));
}

function timeOf({ takenAt, chain: { block } }: MarketSnapshot, chain: ChainFacts): Outcome {
	const { routedIn, registryState: state } = chain;
	const earliest = Math.max(openSince(chain).since.timestamp, routedIn.timestamp - DECISION_LASTS) - CLOCK_TOLERANCE;
	const latest = routedIn.timestamp + CLOCK_TOLERANCE;
	const text = (from: number, to: number) => `a time from ${from} to ${to}`;
	const found = `taken at ${takenAt}`;
	if (takenAt < earliest || takenAt > latest) return failed(text(earliest, latest), found);
	if ('missing' in state) return notRun(text(earliest, latest), `${found}; the time of block ${block} is not known`);
	// The registry was read when this block was the newest.
	const from = Math.max(earliest, state.block.timestamp - CLOCK_TOLERANCE);
	const to = Math.min(latest, (state.nextTimestamp ?? routedIn.timestamp) + CLOCK_TOLERANCE);
	const expected = text(from, to);
	if (takenAt < from || takenAt > to) return failed(expected, found);
	return { ...same(expected, expected), found };
}
