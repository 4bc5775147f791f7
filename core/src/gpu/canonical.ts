import { type GpuModelKey, gpuModelKey } from '../ids.ts';
import type { FormFactor } from '../tables.ts';
import { GPU_MODELS, type GpuModel, gpuModel } from './catalogue.ts';

/** What else a source says about the GPU, to settle what its name leaves open. */
export interface GpuHints {
	/** GiB of one GPU; sources round, and count in GB or MiB: what lies within 8 % of a size that exists is that size. */
	memoryGiB?: number | null;
	formFactor?: FormFactor | null;
}

export type CanonicalGpu =
	| { ok: { model: GpuModelKey; formFactor: FormFactor; memoryGiB?: number } }
	| { refused: 'unknown' | 'ambiguous' | 'not-a-gpu'; message: string; candidates: GpuModelKey[] };

/** Names that several models share; only the memory tells them apart. */
const SHARED_NAMES: ReadonlyMap<string, readonly GpuModelKey[]> = new Map(
	Object.entries({
		rtx6000: ['rtx6000ada', 'quadrortx6000'],
		rtx5000: ['rtx5000ada', 'quadrortx5000'],
		rtx4000: ['rtx4000ada', 'quadrortx4000'],
		6000: ['rtx6000ada', 'quadrortx6000', 'rtxa6000'],
		5000: ['rtx5000ada', 'quadrortx5000', 'rtxa5000'],
		4000: ['rtx4000ada', 'quadrortx4000', 'rtxa4000'],
	}).map(([name, keys]) => [name, keys.map(gpuModelKey)]),
);

const NAMES: ReadonlyMap<string, readonly GpuModelKey[]> = new Map([
	...SHARED_NAMES,
	...GPU_MODELS.flatMap(({ key, name, aliases }) =>
		[key, compact(name), ...aliases].map((alias) => [alias, [key]] as const),
	),
]);

const LONGEST_NAME = 8;

/** Accelerators that are no GPU, and lines of price lists that are none either. */
const NOT_A_GPU = /^(?:tpu|inferentia\d*|trainium\d*|gaudi\d*|habana|virtex|fpga|ai100|ma35d|npu|cpu|cpunode)$/;

/** Words that make another card of the one they follow. Left over beside a known name, they mean a card that the catalogue does not have. */
const VARIANT_WORDS = new Set([
	'ti',
	'super',
	'd',
	'xt',
	'xtx',
	'ada',
	'laptop',
	'mobile',
	'maxq',
	'mig',
	'vgpu',
	'sff',
]);

const BRANDS = new Set([
	'nvidia',
	'amd',
	'intel',
	'geforce',
	'tesla',
	'instinct',
	'gpu',
	'card',
	'graphics',
	'generation',
	'edition',
]);

function compact(text: string): string {
	return text.toLowerCase().replace(/[^a-z0-9]/g, '');
}

/** `RTX 4090 D (24 GB)` -> `rtx 4090 d 24gb`; brands are dropped, counts in front (`8xH100`, `8x`) too. */
function wordsOf(rawName: string): string[] {
	return rawName
		.toLowerCase()
		.replace(/max[ -]q/g, 'maxq')
		.replace(/(\d)\s+(gb|gib|gi|mib)\b/g, '$1$2')
		.split(/[^a-z0-9]+/)
		.map((word) => word.replace(/^\d{1,3}x(?=[a-z])/, ''))
		.filter((word) => word !== '' && !BRANDS.has(word));
}

function formFactorIn(words: readonly string[]): FormFactor | undefined {
	for (const word of words) {
		if (/^pci(?:e\d?)?$/.test(word)) return 'pcie';
		if (/^(?:sxm\d?|hgx|dgx)$/.test(word)) return 'sxm';
		if (/^nvl$|\dnvl$/.test(word)) return 'nvl';
		if (word === 'oam') return 'oam';
	}
	return undefined;
}

function memoryIn(words: readonly string[]): number | undefined {
	for (const word of words) {
		const [, amount = '', unit] = /^(\d+)(gb|gib|gi|g|mib)$/.exec(word) ?? [];
		if (unit === 'mib') return Number(amount) / 1024;
		if (unit !== undefined && (unit !== 'g' || amount.length > 1)) return Number(amount);
	}
	return undefined;
}

interface Hit {
	keys: readonly GpuModelKey[];
	start: number;
	end: number;
	length: number;
}

/** Every run of whole words that spells a name; longest first. */
function hitsIn(words: readonly string[]): Hit[] {
	const hits: Hit[] = [];
	for (let start = 0; start < words.length; start++) {
		for (let end = start + 1; end <= Math.min(words.length, start + LONGEST_NAME); end++) {
			const text = words.slice(start, end).join('');
			// "H100NVL" writes the form factor into the word.
			const keys = NAMES.get(text) ?? (end === start + 1 ? NAMES.get(text.replace(/nvl$/, '')) : undefined);
			if (keys !== undefined) hits.push({ keys, start, end, length: text.length });
		}
	}
	return hits.sort((a, b) => b.length - a.length || a.start - b.start);
}

/**
 * The catalogue model behind a name as some source spells it. Reads whole words, never parts of words: `A10` is not in `A100`, and `4090 D` is not a
 * 4090. A name that fits several models is refused with them as candidates, unless the memory tells which it is.
 */
export function canonicalGpu(rawName: string, hints: GpuHints = {}): CanonicalGpu {
	const shown = rawName.slice(0, 80);
	const words = wordsOf(rawName);
	if (words.some((word) => NOT_A_GPU.test(word)) || /\binstance (?:core|ram)\b/i.test(rawName)) {
		return { refused: 'not-a-gpu', message: `"${shown}" is no GPU.`, candidates: [] };
	}
	const [best, ...others] = hitsIn(words);
	if (best === undefined) {
		return { refused: 'unknown', message: `No GPU model is known by "${shown}".`, candidates: [] };
	}
	const apart = others.find(
		(hit) => (hit.end <= best.start || hit.start >= best.end) && !hit.keys.some((key) => best.keys.includes(key)),
	);
	if (apart !== undefined) {
		const candidates = [...best.keys, ...apart.keys];
		return { refused: 'ambiguous', message: `"${shown}" names ${candidates.join(' and ')}.`, candidates };
	}
	const rest = words.filter((_, index) => index < best.start || index >= best.end);
	const variant =
		rest.find((word) => VARIANT_WORDS.has(word)) ?? (/\d+g[. ]\d+gb/i.test(rawName) ? 'MIG slice' : undefined);
	if (variant !== undefined) {
		const message = `"${shown}" is a variant (${variant}) that the catalogue does not have.`;
		return { refused: 'unknown', message, candidates: [...best.keys] };
	}

	const memory = memoryIn(words) ?? hints.memoryGiB ?? undefined;
	const fitting = best.keys.flatMap((key) => gpuModel(key) ?? []).filter((model) => fits(model, memory));
	const [model] = fitting;
	if (best.keys.length > 1 && (fitting.length !== 1 || memory === undefined)) {
		const candidates = [...best.keys];
		return { refused: 'ambiguous', message: `"${shown}" can be ${candidates.join(' or ')}.`, candidates };
	}
	const known = model ?? gpuModel(best.keys[0] ?? '');
	if (known === undefined)
		return { refused: 'unknown', message: `No GPU model is known by "${shown}".`, candidates: [] };
	const formFactor = formFactorIn(words) ?? named(hints.formFactor) ?? impliedBy(words, known);
	return { ok: settle(known, formFactor, memory) };
}

function named(formFactor: FormFactor | null | undefined): FormFactor | undefined {
	return formFactor === null || formFactor === 'unknown' ? undefined : formFactor;
}

/** Nvidia's own name of the SXM card is "H100 80GB HBM3"; the others have HBM2e or say what they are. */
function impliedBy(words: readonly string[], model: GpuModel): FormFactor | undefined {
	return model.key === 'h100' && words.includes('hbm3') ? 'sxm' : undefined;
}

/** The size that exists and that a stated one means, if any. */
function sizeOf(sizes: readonly number[], stated: number): number | undefined {
	const near = sizes.filter((size) => Math.abs(stated - size) <= size * 0.08);
	return near.sort((a, b) => Math.abs(stated - a) - Math.abs(stated - b))[0];
}

function fits(model: GpuModel, memory: number | undefined): boolean {
	return memory === undefined || sizeOf(model.memoriesGiB, memory) !== undefined;
}

/**
 * Form factor and memory settle each other where only one combination exists. A memory that the catalogue does not know (a 4090 rebuilt to 48 GB) is
 * kept as stated: it is the machine's fact, and what limits are compared with.
 */
function settle(model: GpuModel, formFactor: FormFactor | undefined, stated: number | undefined) {
	const variants = model.variants.filter((variant) => formFactor === undefined || variant.formFactor === formFactor);
	const size = stated === undefined ? undefined : sizeOf(model.memoriesGiB, stated);
	const left = variants.filter(({ memoriesGiB }) => size === undefined || memoriesGiB.includes(size));
	const factors = new Set(left.map((variant) => variant.formFactor));
	const sizes = new Set((variants.length === 0 ? model.variants : left).flatMap(({ memoriesGiB }) => memoriesGiB));
	const [onlyFactor] = factors;
	const [onlySize] = sizes;
	const memoryGiB =
		size ?? (stated === undefined ? (sizes.size === 1 ? onlySize : undefined) : Math.max(1, Math.floor(stated)));
	return {
		model: model.key,
		formFactor: formFactor ?? (factors.size === 1 && onlyFactor !== undefined ? onlyFactor : ('unknown' as const)),
		...(memoryGiB === undefined ? {} : { memoryGiB }),
	};
}
