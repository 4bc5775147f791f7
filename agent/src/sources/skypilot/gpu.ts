/** Which GPU a row of a catalogue is about: name, memory and form factor stand in several columns, and not all of them say the same. */
import { canonicalGpu, type FormFactor, gpuModel } from '@necto/core';
import { isSameCard } from '../reading/statements.ts';
import type { CatalogueRow } from './row.ts';

export interface RowGpu {
	/** As the file spells it, at its most exact. */
	name: string;
	/** GiB of one GPU; null when the file leaves it open. */
	memoryGiB: number | null;
	formFactor: FormFactor | null;
	/** Why the row's names and figures cannot all be true; null when they can. */
	trouble: string | null;
}

/** What makes another card of a name: some catalogues drop it from the accelerator's name and keep it in the machine's. */
const SUFFIXES = ['d', 'ti', 's', 'tis', 'g', 'mq'];

/**
 * @param multiplied whether this file is known to write the memory of all GPUs where that of one belongs
 */
export function gpuOfRow({ accelerator, instanceType, count, gpu }: CatalogueRow, multiplied: boolean): RowGpu {
	const named = known(accelerator);
	const [numerator, denominator] = count ?? [1, 1];
	const cards = Math.max(1, numerator / denominator);
	const inNames = [statedIn(accelerator), memoryOfType(instanceType, named?.model), statedIn(gpu.name ?? '')];
	const stated = inNames.find((gib) => gib !== null) ?? null;
	if (named === null) {
		// A name that several cards share is settled by the memory, if that is a size of one of them.
		const memory = stated ?? memoryOf(gpu.sizeMiB, gpu.totalMiB, cards, sizesOf(accelerator), multiplied);
		return { name: accelerator, memoryGiB: memory, formFactor: null, trouble: null };
	}
	const machine = known(instanceType);
	const sameCard = machine?.model === named.model;
	const exact = machine !== null && SUFFIXES.some((suffix) => machine.model === `${named.model}${suffix}`);
	const name = exact ? machineName(instanceType) : accelerator;
	const detail = known(gpu.name ?? '');
	const sizes = sizesOf(exact ? machine.model : named.model);
	const field = memoryOf(gpu.sizeMiB, gpu.totalMiB, cards, sizes, multiplied);
	// Files repeat the wrong size of two beside a name that tells the right one; a size that no whole card has is said by nobody by mistake.
	const isSlice = field !== null && field < Math.min(...sizes) * 0.87;
	const others = [detail, machine !== null && machine.model.length > 3 ? machine : null];
	const isOther = others.some((other) => other !== null && !isSameCard(other.model, named.model));
	return {
		name,
		memoryGiB: isSlice ? field : (stated ?? field),
		trouble: isOther ? 'names of two GPUs' : differ(inNames) ? 'memory contradicts the model' : null,
		formFactor:
			[named, detail, sameCard || exact ? machine : null].find((hit) => hit?.said)?.formFactor ??
			formFactorIn(instanceType, named.model),
	};
}

function differ(sizes: readonly (number | null)[]): boolean {
	const stated = sizes.filter((gib) => gib !== null);
	return stated.some((gib) => Math.abs(gib - (stated[0] ?? gib)) > gib * 0.08);
}

/** The memory that a machine's type gives its GPU by name (`gpu_8x_a100_80gb_sxm4`), where it is of the row's model. */
function memoryOfType(instanceType: string, model: string | undefined): number | null {
	const stated = statedIn(instanceType.replaceAll('_', ' '));
	const found = canonicalGpu(instanceType);
	if (stated === null || !('ok' in found) || found.ok.model !== model) return null;
	return found.ok.memoryGiB !== undefined && isSize(stated, [found.ok.memoryGiB]) ? found.ok.memoryGiB : null;
}

/** A form factor in a machine's name that does not name the card in a way one could read: `lambdalabs_H100-sxm5x2`. */
function formFactorIn(instanceType: string, model: string): FormFactor | null {
	const words = instanceType.matchAll(/(?<![a-z0-9])(sxm|pcie?|nvl)\d?(?:x\d+)?(?![a-z0-9])/gi);
	const named = new Set([...words].map(([, word = '']) => word.toLowerCase().replace(/^pci$/, 'pcie')));
	const fitting = gpuModel(model)?.formFactors.filter((factor) => named.has(factor)) ?? [];
	const [only] = fitting;
	return named.size === 1 && only !== undefined ? only : null;
}

/** Whether a row shows that its file writes the memory of all GPUs: `yes`, `no`, or null when it fits both. */
export function multipliedIn({ accelerator, count, gpu }: CatalogueRow): boolean | null {
	const cards = count === null ? 1 : count[0] / count[1];
	if (cards < 2 || gpu.sizeMiB === null) return null;
	const sizes = sizesOf(accelerator);
	const [one, all] = [isSize(gpu.sizeMiB / 1024, sizes), isSize(gpu.sizeMiB / 1024 / cards, sizes)];
	return one === all ? null : all;
}

/** Of the readings that the figures allow, the one that is a size the card is made in; null when there is none or it stays open. */
function memoryOf(
	sizeMiB: number | null,
	totalMiB: number | null,
	cards: number,
	sizes: readonly number[],
	multiplied: boolean,
): number | null {
	if (sizeMiB === null) {
		// A total alone is of all GPUs, unless only the size of one fits.
		const total = totalMiB === null ? null : totalMiB / 1024;
		return total === null ? null : ([total / cards, total].find((gib) => isSize(gib, sizes)) ?? null);
	}
	const [one, share] = [sizeMiB / 1024, sizeMiB / 1024 / cards];
	if (cards === 1 || !isSize(share, sizes)) return one;
	if (!isSize(one, sizes)) return share;
	// Both are sizes of this card. A file that is known to multiply may do it twice, and its total says nothing.
	if (multiplied) return share;
	// A total that is larger says that the size is of one.
	return totalMiB !== null && totalMiB > sizeMiB * 1.5 ? one : null;
}

/** Sizes of the cards that a name may mean. */
function sizesOf(name: string): number[] {
	const found = canonicalGpu(name);
	const models = 'ok' in found ? [found.ok.model] : found.candidates;
	return models.flatMap((model) => gpuModel(model)?.memoriesGiB ?? []);
}

function isSize(gib: number, sizes: readonly number[]): boolean {
	return sizes.some((size) => Math.abs(gib - size) <= size * 0.08);
}

function known(name: string): { model: string; formFactor: FormFactor; said: boolean } | null {
	const found = canonicalGpu(name);
	if (!('ok' in found)) return null;
	const { model, formFactor } = found.ok;
	return { model, formFactor, said: formFactor !== 'unknown' };
}

/** Memory that stands in a name: `A100-80GB`, `V100-32GB`, `A100-80G`. */
function statedIn(name: string): number | null {
	const [, amount] = /(?:^|[^a-z0-9])(\d{1,3}) ?G(?:i?B)?(?:$|[^a-z0-9])/i.exec(name) ?? [];
	return amount === undefined ? null : Number(amount);
}

/** `2x-RTX_4090D-256` names its card between the count and the cores. */
export function machineName(instanceType: string): string {
	return /^\d+x-(.+)-\d+$/.exec(instanceType)?.[1] ?? instanceType;
}
