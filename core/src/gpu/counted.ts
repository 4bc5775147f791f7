import { hitsIn } from './names.ts';
import { gpuWords } from './words.ts';

/** `8gpu`, `8-gpus`, `8 GPUs`. */
const OF_GPUS = /(?<![a-z0-9.])(\d{1,2})[ _-]?gpus?(?![a-z0-9])/i;
/** The count behind a form factor or a memory: `H100-sxm5x2`, `A100_80Gx8`. */
const BEHIND = /(?:sxm\d?|pcie?\d?|nvl|\dgi?b?)[ _-]?x(\d{1,2})(?![a-z0-9])/i;

/** Sizes of AWS's machines are no counts: `p6-b200.48xlarge`. */
const SIZE = /\d*xlarge/gi;

/**
 * The number of GPUs that a machine type or a description states: `gpu_8x_h100_sxm5`, `h100-x4`, `h100-8gpu`. Undefined when it names no GPU, or does not count
 * them: the numbers of other types (`x2`, `c6-8x64`) count something else.
 */
export function gpuCountIn(text: string): number | undefined {
	const stated = OF_GPUS.exec(text)?.[1];
	if (stated !== undefined) return Number(stated);
	const { words, count } = gpuWords(text.replace(SIZE, ' '));
	if (hitsIn(words).length === 0) return undefined;
	const behind = BEHIND.exec(text)?.[1];
	// An address (`0xab…`) begins like a count of none.
	return count === undefined || count === 0 ? (behind === undefined ? undefined : Number(behind)) : count;
}
