import type { GpuModelKey } from '../ids.ts';
import type { FormFactor } from '../tables.ts';
import { type GpuModel, gpuModel } from './catalogue.ts';
import { isArchitecture, unknownWordIn } from './harmless.ts';
import { fitsMemory, memoryTrouble, oddMemory, type StatedMemory, statedSize } from './memory.ts';
import { type Hit, hitsIn } from './names.ts';
import { isMachineType, isNoGpu, isOnlyHost, variantIn } from './refusals.ts';
import { sliceIn } from './slices.ts';
import { formFactorsIn, gpuWords, memoriesIn } from './words.ts';

/** What else a source says about the GPU, to settle what its name leaves open. */
export interface GpuHints {
	/** GiB of one GPU; sources round, and count in GB or MiB: what lies within 8 % of a size that exists is that size. See `memoryTrouble` for what is refused. */
	memoryGiB?: number | null;
	/** Given where the memory may be that of all GPUs together: how many they are, or the part of one (0.125). */
	count?: number | null;
	formFactor?: FormFactor | null;
}

export type CanonicalGpu =
	| { ok: { model: GpuModelKey; formFactor: FormFactor; memoryGiB?: number } }
	| { refused: GpuRefusal; message: string; candidates: GpuModelKey[] };

/** `slice`: less than a whole GPU, by its name or its memory. `contradiction`: a memory that no card of the model has, or that the name contradicts. */
export type GpuRefusal = 'unknown' | 'ambiguous' | 'not-a-gpu' | 'slice' | 'contradiction';

/**
 * The catalogue model behind a name as some source spells it. Reads whole words, never parts of words: `A10` is not in `A100`, and `4090 D` is not a
 * 4090. A name that fits several models is refused with them as candidates, unless the memory tells which it is.
 *
 * Every word of a name has to be known: words that make no other card (form factor, memory, how sellers call their offers) are listed, any other one means a card
 * that the catalogue does not have. Parts of a GPU (MIG, vGPU, time-slicing, a memory far under the card's own) are refused and never taken as whole ones.
 */
export function canonicalGpu(rawName: string, hints: GpuHints = {}): CanonicalGpu {
	const shown = rawName.slice(0, 80);
	const { words, count, makers } = gpuWords(rawName);
	const hits = hitsIn(words);
	const [best] = hits;
	const refuse = (refused: GpuRefusal, message: string, candidates: readonly GpuModelKey[] = []): CanonicalGpu => ({
		refused,
		message,
		candidates: [...candidates],
	});
	if (isNoGpu(rawName, words) || (best === undefined && isOnlyHost(words))) {
		return refuse('not-a-gpu', `"${shown}" is no GPU.`);
	}
	const unknown = refuse('unknown', `No GPU model is known by "${shown}".`);
	if (best === undefined || isOfAnotherMaker(best, makers)) return unknown;

	const others = words.filter((_, index) => index < best.start || index >= best.end);
	const models = best.keys.flatMap((key) => gpuModel(key) ?? []);
	if (isMachineType(others)) return refuse('unknown', `"${shown}" is a machine type, not a GPU.`, best.keys);
	const slice = sliceIn(rawName, others, Math.min(...models.flatMap(({ memoriesGiB }) => memoriesGiB)));
	if (slice !== undefined) return refuse('slice', `"${shown}" is a part of a GPU (${slice}).`, best.keys);
	const apart = hits.find((hit) => isAnother(hit, best));
	if (apart !== undefined) {
		const candidates = [...best.keys, ...apart.keys];
		return refuse('ambiguous', `"${shown}" names ${candidates.join(' and ')}.`, candidates);
	}
	const rest = others.filter((word) => !isArchitecture(word, best));
	const variant = variantIn(rest) ?? unknownWordIn(rawName, words, best);
	if (variant !== undefined) {
		const message = `"${shown}" is a variant (${variant}) that the catalogue does not have.`;
		return refuse('unknown', message, best.keys);
	}

	const memory: StatedMemory = {
		named: memoriesIn(rest),
		stated: positive(hints.memoryGiB),
		namedCount: count ?? positive(hints.count),
		statedCount: positive(hints.count),
	};
	const hasMemory = memory.named.length > 0 || memory.stated !== undefined;
	const fitting = models.filter((model) => hasMemory && fitsMemory(model, memory));
	const [model] = models.length === 1 ? models : fitting;
	if (model === undefined || (models.length > 1 && fitting.length > 1)) {
		return refuse('ambiguous', `"${shown}" can be ${best.keys.join(' or ')}.`, best.keys);
	}
	const bare = bareMemory(words, best, model);
	if (bare !== undefined && memory.named.length === 0) memory.named = [bare];
	const trouble = memoryTrouble(model, memory);
	if (trouble !== null) return refuse(trouble.refused, `"${shown}" ${trouble.message}`, [model.key]);
	return { ok: settle(model, rest, words, memory, hints.formFactor) };
}

function positive(value: number | null | undefined): number | undefined {
	return value != null && Number.isFinite(value) && value > 0 ? value : undefined;
}

/** Another model beside the best one. A weak name beside a strong one is a processor's: "RTX 4090, Ryzen 5000". */
function isAnother(hit: Hit, best: Hit): boolean {
	const apart = hit.end <= best.start || hit.start >= best.end;
	return apart && !(hit.weak && !best.weak) && !hit.keys.some((key) => best.keys.includes(key));
}

/** "AMD A10" is no GPU of Nvidia's. */
function isOfAnotherMaker({ keys, start }: Hit, makers: ReadonlyMap<number, string>): boolean {
	const maker = makers.get(start);
	return maker !== undefined && keys.every((key) => gpuModel(key)?.vendor !== maker);
}

/** "B200 192": a number without a unit, right after the name, is memory if a card of the model has that much. */
function bareMemory(words: readonly string[], { end }: Hit, model: GpuModel): number | undefined {
	let next = end;
	while (formFactorsIn([words[next] ?? '']).length > 0) next++;
	const number = Number(/^\d{2,3}$/.exec(words[next] ?? '')?.[0]);
	return Number.isNaN(number) || !fitsMemory(model, only(number)) ? undefined : number;
}

function only(named: number): StatedMemory {
	return { named: [named], stated: undefined, namedCount: undefined, statedCount: undefined };
}

/** What a word says of one model's form factor without naming it. Nvidia's own name of the SXM card is "H100 80GB HBM3"; the others have HBM2e. */
function impliedBy(words: readonly string[], { key }: GpuModel): { formFactor?: FormFactor; memoryGiB?: number } {
	if (key === 'h100' && words.includes('hbm3')) return { formFactor: 'sxm' };
	if (key === 'v100' && words.includes('v100s')) return { formFactor: 'pcie', memoryGiB: 32 };
	return {};
}

/**
 * The form factor that the surest of the statements names, of those in which the model comes; undefined where it names two. An NVL card is one for PCIe
 * too, and is meant by "PCIe" where no other exists.
 */
function formFactorOf(
	{ formFactors }: GpuModel,
	statements: (FormFactor | null | undefined)[][],
): FormFactor | undefined {
	for (const statement of statements) {
		const stated = new Set(formFactors.filter((factor) => statement.includes(factor)));
		if (
			formFactors.includes('nvl') &&
			(stated.has('nvl') || (statement.includes('pcie') && !formFactors.includes('pcie')))
		) {
			stated.add('nvl').delete('pcie');
		}
		const [factor] = stated;
		if (factor !== undefined) return stated.size === 1 ? factor : undefined;
	}
	return undefined;
}

/** Form factor and memory settle each other where only one combination exists. */
function settle(
	model: GpuModel,
	rest: readonly string[],
	words: readonly string[],
	memory: StatedMemory,
	hinted: FormFactor | null | undefined,
) {
	const implied = impliedBy(words, model);
	const named = formFactorOf(model, [formFactorsIn(rest), [hinted], [implied.formFactor]]);
	const size = statedSize(model, memory) ?? implied.memoryGiB;

	const variants = model.variants.filter(({ formFactor }) => named === undefined || formFactor === named);
	const left = variants.filter(({ memoriesGiB }) => size === undefined || memoriesGiB.includes(size));
	const factors = new Set(left.map(({ formFactor }) => formFactor));
	const sizes = new Set(variants.flatMap(({ memoriesGiB }) => memoriesGiB));
	const [onlyFactor] = factors;
	const [onlySize] = sizes;
	const isStated = memory.named.length > 0 || memory.stated !== undefined;
	const only = sizes.size === 1 ? onlySize : undefined;
	const memoryGiB = size ?? (isStated ? oddMemory(model, memory) : only);
	return {
		model: model.key,
		formFactor: named ?? (factors.size === 1 && onlyFactor !== undefined ? onlyFactor : ('unknown' as const)),
		...(memoryGiB === undefined ? {} : { memoryGiB }),
	};
}
