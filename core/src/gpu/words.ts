import type { FormFactor } from '../tables.ts';
import { modelsNamed } from './names.ts';

/** A GPU's name in words, as far as they tell models apart: `8x NVIDIA H100-80GB` is `h100`, `80gb` and a count of 8. */
export interface GpuWords {
	words: string[];
	/** GPUs, where the text counts them. */
	count: number | undefined;
	/** The maker that stands right before a word, by that word's place: `amd` before `mi300x`. */
	makers: ReadonlyMap<number, string>;
}

/** Nobody's name of a GPU is longer; what is, is read so far only. */
const LONGEST_TEXT = 300;

const BRANDS = new Set(['geforce', 'tesla', 'instinct', 'gpu', 'gpus', 'card', 'graphics', 'generation', 'edition']);
const MAKERS = new Set(['nvidia', 'amd', 'intel']);
const GLUED_BRAND = /^(?:nvidia|amd|geforce|tesla|instinct)(?=[a-z])/;

/** Brands are dropped; what is glued to a name is taken off: `8xH100`, `1A100`, `H100SXM5`, `L40S48GB`, `NVIDIAA100`. */
export function gpuWords(rawName: string): GpuWords {
	const parts = rawName
		.slice(0, LONGEST_TEXT)
		.replace(/[™®©℠]|\((?:r|tm|c)\)/giu, ' ')
		.normalize('NFKC')
		.toLowerCase()
		.replace(/×/g, 'x')
		.replace(/max[ -]?q\b/g, 'maxq')
		.replace(/\bmi[ -](?=\d)/g, 'mi')
		.replace(/\bada lovelace\b/g, ' ')
		.replace(/(\d),(?=\d{3}\b)/g, '$1')
		.replace(/(\d)\.\d+(?= ?(?:gb|gib|gi|mb|mib)\b)/g, '$1')
		.replace(/(\d)[ _-]?(gb|gib|gi|mb|mib)\b/g, '$1$2')
		// Google's descriptions end with the place: "Nvidia Tesla A100 GPU running in Americas".
		.replace(/\brunning in .*$/, ' ')
		.split(/[^a-z0-9]+/)
		.filter((part) => part !== '');
	const words: string[] = [];
	const makers = new Map<number, string>();
	let count: number | undefined;
	let maker: string | undefined;
	for (const [index, part] of parts.entries()) {
		const number = countOf(part, parts[index - 1], parts[index + 1]);
		if (number !== undefined) {
			count ??= number;
			continue;
		}
		// The sign between a count and a name: "8 x A100".
		if (part === 'x' && (/^\d{1,3}$/.test(parts[index - 1] ?? '') || /^\d{1,3}$/.test(parts[index + 1] ?? '')))
			continue;
		if (MAKERS.has(part)) maker = part;
		if (MAKERS.has(part) || BRANDS.has(part)) continue;
		const read = unglued(part);
		count ??= read.count;
		if (maker !== undefined) makers.set(words.length, maker);
		maker = undefined;
		words.push(...read.words);
	}
	return { words, count, makers };
}

/** `8x` and `x8`, also with the sign as a word of its own. */
function countOf(part: string, before: string | undefined, after: string | undefined): number | undefined {
	const alone = /^(\d{1,3})x$/.exec(part)?.[1] ?? /^x(\d{1,3})$/.exec(part)?.[1];
	if (alone !== undefined) return Number(alone);
	if (/^\d{1,3}$/.test(part) && (after === 'x' || before === 'x')) return Number(part);
	return undefined;
}

function unglued(part: string): { words: string[]; count?: number } {
	let word = part;
	while (GLUED_BRAND.test(word)) word = word.replace(GLUED_BRAND, '');
	if (modelsNamed(word) !== undefined) return { words: [word] };
	const [, times, counted = ''] =
		/^(\d{1,3})x([a-z].*|\d{4}.*)$/.exec(word) ?? /^([1-9]\d?)([a-z].*)$/.exec(word) ?? [];
	if (times !== undefined) {
		const { words } = unglued(counted);
		// "90hx" and "4g" begin with a number too.
		if (/^\d{1,3}x/.test(word) || modelsNamed(words[0] ?? '') !== undefined) return { words, count: Number(times) };
	}
	const [, multiplied = '', by] = /^(.+)x(\d{1,2})$/.exec(word) ?? [];
	// "MI250x8" could be eight MI250 or no MI250X at all.
	const isPlain = modelsNamed(multiplied) !== undefined && modelsNamed(`${multiplied}x`) === undefined;
	if (by !== undefined && isPlain) return { words: [multiplied], count: Number(by) };
	for (let end = 2; end < word.length; end++) {
		const [name, rest] = [word.slice(0, end), word.slice(end)];
		if (/^(?:sxm\d?|pcie?\d?|nvl|oam|[1-9]\d{0,2}gi?b?)$/.test(rest) && modelsNamed(name) !== undefined) {
			return { words: [name, rest] };
		}
	}
	return { words: [word] };
}

/** Form factors that the words name, in their order. */
export function formFactorsIn(words: readonly string[]): FormFactor[] {
	return words.flatMap((word): FormFactor[] => {
		if (/^(?:pci(?:e\d?)?|fhhl)$/.test(word)) return ['pcie'];
		if (/^(?:sxm\d?|hgx|dgx)$/.test(word)) return ['sxm'];
		if (/^nvl[248]?$/.test(word)) return ['nvl'];
		return word === 'oam' ? ['oam'] : [];
	});
}

const HOST_MEMORY = /^(?:ram|ddr\d|lpddr\d?x?|system|cpu|disk|ssd|nvme|storage)$/;

/** Amounts of memory that the words state, in GiB, in their order; a host's RAM and disks are not the GPU's. */
export function memoriesIn(words: readonly string[]): number[] {
	return words.flatMap((word, index) => {
		if (HOST_MEMORY.test(words[index + 1] ?? '')) return [];
		const [, amount = '', unit = ''] = /^([1-9]\d{0,6})(gb|gib|gi|g|mb|mib)$/.exec(word) ?? [];
		if (unit === 'mib' || unit === 'mb') return [Number(amount) / 1024];
		return unit === '' ? [] : [Number(amount)];
	});
}
