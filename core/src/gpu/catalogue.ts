import { type GpuModelKey, gpuModelKey } from '../ids.ts';
import type { FormFactor } from '../tables.ts';
import { AMD } from './catalogue/amd.ts';
import { INTEL } from './catalogue/intel.ts';
import { NVIDIA_DATACENTRE } from './catalogue/nvidia-datacentre.ts';
import { NVIDIA_GEFORCE } from './catalogue/nvidia-geforce.ts';
import { NVIDIA_LAPTOP } from './catalogue/nvidia-laptop.ts';
import { NVIDIA_WORKSTATION } from './catalogue/nvidia-workstation.ts';
import type { Row } from './catalogue/row.ts';
import { spellingsOf } from './spellings.ts';

/**
 * The one table of GPU models. A key names a chip as a buyer means it; form factor and memory are kept beside it, because an H100 SXM is not an
 * H100 PCIe and an A100 of 40 GB not one of 80. Keys go on chain and into records: never rename one.
 */

export interface GpuVariant {
	formFactor: Exclude<FormFactor, 'unknown'>;
	/** GiB of one GPU, as sold; smallest first. */
	memoriesGiB: readonly number[];
}

export interface GpuModel {
	key: GpuModelKey;
	vendor: 'nvidia' | 'amd' | 'intel';
	/** For people: `RTX 4090 D`. */
	name: string;
	/** What exists. */
	variants: readonly GpuVariant[];
	/** Over all variants, smallest first. */
	memoriesGiB: readonly number[];
	/** Over all variants; never `unknown`. */
	formFactors: readonly GpuVariant['formFactor'][];
	/** Other spellings: lower case, letters and digits only. */
	aliases: readonly string[];
	/** For desktops; such cards are also sold with more memory soldered on. */
	isGeforce: boolean;
}

function variantsOf(text: string): GpuVariant[] {
	return text.split(' ').map((variant) => {
		const [formFactor = '', memories = ''] = variant.split(':');
		return {
			// The rows are the only input, and a test reads every one of them against the table of form factors.
			formFactor: formFactor as GpuVariant['formFactor'],
			memoriesGiB: memories.split(',').map(Number),
		};
	});
}

function modelsOf(vendor: GpuModel['vendor'], rows: readonly Row[], isGeforce = false): GpuModel[] {
	return rows.map((row) => {
		const [key, name, text] = row;
		const variants = variantsOf(text);
		return {
			key: gpuModelKey(key),
			vendor,
			name,
			variants,
			memoriesGiB: [...new Set(variants.flatMap(({ memoriesGiB }) => memoriesGiB))].sort((a, b) => a - b),
			formFactors: variants.map(({ formFactor }) => formFactor),
			aliases: spellingsOf(row),
			isGeforce,
		};
	});
}

/** Every model that has a key, by vendor and line, the newest and largest first. */
export const GPU_MODELS: readonly GpuModel[] = [
	...modelsOf('nvidia', NVIDIA_DATACENTRE),
	...modelsOf('nvidia', NVIDIA_WORKSTATION),
	...modelsOf('nvidia', NVIDIA_GEFORCE, true),
	...modelsOf('nvidia', NVIDIA_LAPTOP),
	...modelsOf('amd', AMD),
	...modelsOf('intel', INTEL),
];

const byKey = new Map<string, GpuModel>(GPU_MODELS.map((model) => [model.key, model]));

/** The model of a key. Keys from chain or records need not be in this version's catalogue. */
export function gpuModel(key: string): GpuModel | undefined {
	return byKey.get(key);
}
