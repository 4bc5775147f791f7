/**
 * What is said in a dispute. Only its hash goes on chain; the text never leaves this browser, so the browser keeps a copy of it for its writer, who has
 * to show it to the arbiter letter for letter.
 */
import { type Hex, keccak256, stringToBytes } from 'viem';
import { z } from 'zod';

/** keccak256 of the text in UTF-8, line ends as typed. */
export function hashEvidence(text: string): Hex {
	return keccak256(stringToBytes(text));
}

export interface Evidence {
	readonly hash: Hex;
	readonly text: string;
}

const textsSchema = z.array(z.string());

/** Of one contract: a chain that was begun anew has other jobs by the same numbers. */
const keyOf = (registry: string, jobId: bigint) => `necto.evidence.${registry.toLowerCase()}.${jobId}`;

/** Keeps a text in this browser. Where nothing can be kept (private windows), its writer was told to copy it. */
export function keepEvidence(storage: Storage, registry: string, jobId: bigint, text: string): void {
	const texts = keptEvidence(storage, registry, jobId).map((each) => each.text);
	if (texts.includes(text)) return;
	try {
		storage.setItem(keyOf(registry, jobId), JSON.stringify([...texts, text]));
	} catch {
		// The storage is full or forbidden.
	}
}

/** The texts that this browser keeps of a job, oldest first. */
export function keptEvidence(storage: Storage, registry: string, jobId: bigint): Evidence[] {
	try {
		const texts = textsSchema.parse(JSON.parse(storage.getItem(keyOf(registry, jobId)) ?? '[]'));
		return texts.map((text) => ({ text, hash: hashEvidence(text) }));
	} catch {
		return [];
	}
}
