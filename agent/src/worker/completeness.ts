/** Whether the agent has read everything from the chain, as a message and as metrics. */
import type { Metrics } from '../metrics.ts';
import type { IndexerComparison } from './indexerComparison.ts';
import type { ScanTrouble } from './scanner.ts';

/** Shorter lags are normal and are not reported. */
const PATIENCE_MS = 30_000;

/** Updates the metrics. */
export function measure(metrics: Metrics, trouble: ScanTrouble, late: number, comparison: IndexerComparison): void {
	metrics.missingJobs.set({ where: 'journal' }, trouble.missing.length);
	metrics.missingJobs.set({ where: 'indexer' }, Number(comparison.indexerLacks));
	metrics.unconfirmed.set((trouble.unconfirmed?.ms ?? 0) / 1_000);
	metrics.nodeBehind.set((trouble.behindMs ?? 0) / 1_000);
	metrics.lateEvents.set(late);
}

/** What keeps the agent from knowing all jobs; null when nothing does, or only for a short time. */
export function scanAdvice({ missing, unconfirmed, behindMs }: ScanTrouble): string | null {
	if (missing.length > 0) {
		return `No RPC node returns the events of these jobs: ${missing.slice(0, 10).join(', ')}. Add another RPC URL to ADI_RPC_URL.`;
	}
	if (unconfirmed !== null && unconfirmed.ms > PATIENCE_MS) {
		return `No RPC node returns a complete set of logs for block ${unconfirmed.block}. Later blocks are processed but may miss events. Add another RPC URL to ADI_RPC_URL.`;
	}
	if (behindMs !== null && behindMs > PATIENCE_MS) {
		return `All RPC nodes have been behind the newest known block for ${Math.round(behindMs / 1_000)} seconds. Add another RPC URL to ADI_RPC_URL.`;
	}
	return null;
}
