import type { GpuModelKey } from '../ids.ts';
import type { FormFactor } from '../tables.ts';

export interface GpuModel {
	key: GpuModelKey;
	vendor: 'nvidia' | 'amd' | 'intel';
	/** For people: `RTX 4090 D`. */
	name: string;
	/** GiB of one GPU, as sold; smallest first. */
	memoriesGiB: readonly number[];
	/** In which it exists; never `unknown`. */
	formFactors: readonly FormFactor[];
}

/** Every model that has a key. */
export const GPU_MODELS: readonly GpuModel[] = [];

export function gpuModel(_key: string): GpuModel | undefined {
	throw new Error('not written yet');
}
