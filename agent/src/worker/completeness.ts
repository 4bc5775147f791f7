/** Whether the agent knows all of what the chain has, in a sentence for people and as figures for operators. */
import type { Metrics } from '../metrics.ts';
import type { IndexerComparison } from './indexerComparison.ts';
import type { ScanTrouble } from './scanner.ts';

/** Shorter than this is how nodes are. */
const PATIENCE_MS = 30_000;

/** Tells the metrics. */
export function measure(metrics: Metrics, trouble: ScanTrouble, late: number, comparison: IndexerComparison): void {
	metrics.missingJobs.set({ where: 'journal' }, trouble.missing.length);
	metrics.missingJobs.set({ where: 'indexer' }, Number(comparison.indexerLacks));
	metrics.unconfirmed.set((trouble.unconfirmed?.ms ?? 0) / 1_000);
	metrics.nodeBehind.set((trouble.behindMs ?? 0) / 1_000);
	metrics.lateEvents.set(late);
}

/** What keeps the agent from knowing all jobs; null when nothing does, or not for long. */
export function scanAdvice({ missing, unconfirmed, behindMs }: ScanTrouble): string | null {
	if (missing.length > 0) {
		return `The chain counts jobs whose events no node shows: ${missing.slice(0, 10).join(', ')}. Name another node in ADI_RPC_URL.`;
	}
	if (unconfirmed !== null && unconfirmed.ms > PATIENCE_MS) {
		return `No node gives all logs of block ${unconfirmed.block}. Later blocks are read, but may lack events. Name another node in ADI_RPC_URL.`;
	}
	if (behindMs !== null && behindMs > PATIENCE_MS) {
		return `All nodes have been behind the newest known block for ${Math.round(behindMs / 1_000)} seconds.`;
	}
	return null;
}
