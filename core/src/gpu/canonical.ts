import type { GpuModelKey } from '../ids.ts';
import type { FormFactor } from '../tables.ts';

/** What else a source says about the GPU, to settle what its name leaves open. */
export interface GpuHints {
	/** Of one GPU. */
	memoryGiB?: number | null;
	formFactor?: FormFactor | null;
}

export type CanonicalGpu =
	| { ok: { model: GpuModelKey; formFactor: FormFactor; memoryGiB?: number } }
	| { refused: 'unknown' | 'ambiguous' | 'not-a-gpu'; message: string; candidates: GpuModelKey[] };

/** The catalogue model behind a name as some source spells it. */
export function canonicalGpu(_rawName: string, _hints: GpuHints = {}): CanonicalGpu {
	throw new Error('not written yet');
}
