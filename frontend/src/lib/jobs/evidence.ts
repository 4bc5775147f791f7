/** What is said in a dispute. Only its hash goes on chain; the text stays in this browser, for its writer to show to the arbiter. */
import { type KeptText, keepText, keptTexts } from './kept-texts.ts';

/** Of one contract: a chain that was begun anew has other jobs by the same numbers. */
const keyOf = (registry: string, jobId: bigint) => `necto.evidence.${registry.toLowerCase()}.${jobId}`;

/** Keeps a text in this browser. */
export function keepEvidence(storage: Storage, registry: string, jobId: bigint, text: string): void {
	keepText(storage, keyOf(registry, jobId), text);
}

/** The texts that this browser keeps of a job, oldest first. */
export function keptEvidence(storage: Storage, registry: string, jobId: bigint): KeptText[] {
	return keptTexts(storage, keyOf(registry, jobId));
}
