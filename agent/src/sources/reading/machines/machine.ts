/** What stands inside a cloud's machine types. Price lists name the type alone; the GPUs come from these tables and from nowhere else. */
import { type FormFactor, type GpuModelKey, gpuModelKey } from '@necto/core';

export interface Machine {
	model: GpuModelKey;
	formFactor: FormFactor;
	/** GiB of one whole GPU. */
	memoryGiB: number;
	/** GPUs in the machine, a share of one as a fraction: `[1, 6]`. */
	gpus: readonly [number, number];
	vcpus: number;
	ramGiB: number | null;
}

/** `unknown`: a GPU series, but this size is in no table. `not-a-gpu`: another accelerator, or none. */
export type MachineLookup = Machine | 'unknown' | 'not-a-gpu';

/** `a100 sxm 40`. */
export function gpuIn(text: string): Pick<Machine, 'model' | 'formFactor' | 'memoryGiB'> {
	const [model = '', formFactor = '', memory = ''] = text.split(' ');
	// The tables beside this file are the only input, and a test compares every row of them with the catalogue of GPUs.
	return { model: gpuModelKey(model), formFactor: formFactor as FormFactor, memoryGiB: Number(memory) };
}

/** `8`, or `1/6`. */
export function gpusIn(text: string): readonly [number, number] {
	const [numerator = '', denominator = '1'] = text.split('/');
	return [Number(numerator), Number(denominator)];
}

/** Why a machine makes no offer, in the words in which all sources count it. */
export function reasonOf(lookup: 'unknown' | 'not-a-gpu'): string {
	return lookup === 'unknown' ? 'machine not known' : 'not a GPU';
}
