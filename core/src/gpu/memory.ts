import type { GpuModel } from './catalogue.ts';

/** Sources round, and count in GB or MiB: what lies within 8 % of a size that exists is that size. */
const TOLERANCE = 0.08;
/**
 * How far under its size the memory of a whole card may be stated. A gigabyte of 10^9 bytes is 6.9 % less than a GiB, and error correction inside GDDR memory takes a
 * sixteenth (drivers report 46,068 MiB of an L40S's 48 GiB): together 12.7 %. The largest slices that are sold (MIG's `4g`, vGPU types) have half.
 */
const UNDER = 0.13;

/** The size that exists and that a stated one means, if any. */
function sizeOf(sizes: readonly number[], stated: number): number | undefined {
	const near = sizes.filter((size) => Math.abs(stated - size) <= size * TOLERANCE);
	return near.sort((a, b) => Math.abs(stated - a) - Math.abs(stated - b))[0];
}

/** Sizes that cards are called by and do not have. Superchips: the memory of their CPU, or of both. The driver's "GH200 480GB" is the one of 96 GB, and 624 is 480 and 144. */
const CALLED: Readonly<Record<string, Readonly<Record<number, number>>>> = {
	gh200: { 120: 96, 480: 96, 576: 96, 624: 144 },
	// Announced with 288 GB in June 2024, sold with 256 since that October.
	mi325x: { 288: 256 },
};

/** Sizes of one card that a statement can mean: as it stands, and as the sum of `count` cards. */
function readings(model: GpuModel, stated: number, count: number | undefined): Set<number> {
	const each = [stated, ...(count === undefined ? [] : [stated / count])];
	return new Set(each.flatMap((amount) => sizeOf(model.memoriesGiB, amount) ?? []));
}

export interface StatedMemory {
	/** GiB in the name itself: of one card, unless no card of the model has it. */
	named: readonly number[];
	/** GiB that the source states beside the name: of one card, or of all if their number is given. */
	stated: number | undefined;
	namedCount: number | undefined;
	statedCount: number | undefined;
}

/** A size of this model that the statements can mean; undefined when they mean none, or cannot tell two apart. */
export function statedSize(model: GpuModel, memory: StatedMemory): number | undefined {
	for (const named of memory.named) {
		const size = sizeOf(model.memoriesGiB, named) ?? [...readings(model, named, memory.namedCount)][0];
		if (size !== undefined) return size;
	}
	for (const named of memory.named) {
		const size = CALLED[model.key]?.[named];
		if (size !== undefined) return size;
	}
	if (memory.stated === undefined) return undefined;
	const [size, ...others] = readings(model, memory.stated, memory.statedCount);
	const called = isSuperchip(model) ? undefined : CALLED[model.key]?.[memory.stated];
	return others.length === 0 ? (size ?? called) : undefined;
}

/** Whether some reading of the statements is a size of this model. */
export function fitsMemory(model: GpuModel, memory: StatedMemory): boolean {
	if (memory.named.length > 0) {
		return memory.named.some((named) => readings(model, named, memory.namedCount).size > 0);
	}
	return memory.stated === undefined || readings(model, memory.stated, memory.statedCount).size > 0;
}

/** Rebuilt desktop cards that are on the market, with their GiB: any other memory above a card's own contradicts the model. */
const REBUILT: Readonly<Record<string, number>> = {
	rtx4090: 48,
	rtx4090d: 48,
	rtx4080s: 32,
	rtx3080: 20,
	rtx3070: 16,
	rtx2080ti: 22,
};

function isSuperchip({ formFactors }: GpuModel): boolean {
	return formFactors.every((factor) => factor === 'superchip');
}

/** Whether an amount can be the memory of one whole card with one of these sizes: at most `UNDER` below it. */
function isOfWhole(sizes: readonly number[], gib: number): boolean {
	return sizes.some((size) => gib >= size * (1 - UNDER) && gib <= size * (1 + TOLERANCE));
}

function isMultiple(gib: number, size: number): boolean {
	const cards = Math.round(gib / size);
	return cards >= 1 && Math.abs(gib / cards - size) <= size * TOLERANCE;
}

export interface MemoryTrouble {
	refused: 'slice' | 'contradiction';
	message: string;
}

/**
 * Why what is stated of the memory and the model cannot both be true; null when they can. Less than every whole card has (see `UNDER`) is a slice. A memory above
 * the card's own or between its sizes, or another size than the name says, is a contradiction. The total of all cards is none, if their number or the name
 * tells it, and superchips are called by more than their GPU's memory.
 */
export function memoryTrouble(model: GpuModel, memory: StatedMemory): MemoryTrouble | null {
	const { named, stated, namedCount, statedCount } = memory;
	const size = named.length === 0 ? undefined : statedSize(model, { ...memory, stated: undefined });
	const [first] = named;
	if (first !== undefined && size === undefined) {
		const trouble = troubleWith(model, model.memoriesGiB, first, namedCount);
		if (trouble !== null) return trouble;
	}
	if (stated === undefined) return null;
	if (size === undefined) return troubleWith(model, model.memoriesGiB, stated, statedCount);
	// A total without the number of cards is a multiple of what the name says; another size of the model is not.
	const isOther = (sizeOf(model.memoriesGiB, stated) ?? size) !== size;
	return isMultiple(stated, size) && !isOther ? null : troubleWith(model, [size], stated, statedCount);
}

function troubleWith(
	model: GpuModel,
	sizes: readonly number[],
	gib: number,
	count: number | undefined,
): MemoryTrouble | null {
	const each = [gib, ...(count === undefined ? [] : [gib / count])];
	const least = Math.min(...sizes);
	const isUnder = each.every((amount) => amount < least * (1 - UNDER));
	const isCalled = CALLED[model.key]?.[gib] !== undefined || (isSuperchip(model) && !isUnder);
	const isRebuilt = sizeOf([REBUILT[model.key] ?? 0], gib) !== undefined && (count ?? 1) === 1;
	if (isCalled || isRebuilt || each.some((amount) => isOfWhole(sizes, amount))) return null;
	const message = `has ${Number(gib.toFixed(1))} GiB of memory, and a whole card has ${sizes.join(' or ')} GiB.`;
	return { refused: isUnder && sizeOf(model.memoriesGiB, gib) === undefined ? 'slice' : 'contradiction', message };
}

/**
 * A memory that is kept as stated although the maker sells no card of the model with it: a little less than a whole card's, or a rebuilt one's. It is
 * the machine's fact and what limits are compared with.
 */
export function oddMemory(model: GpuModel, memory: StatedMemory): number | undefined {
	const [named] = memory.named;
	const count = named === undefined ? memory.statedCount : memory.namedCount;
	const amount = named ?? memory.stated;
	if (amount === undefined || isSuperchip(model) || (count !== undefined && count !== 1)) return undefined;
	const near = Math.round(amount);
	return Math.max(1, Math.abs(amount - near) <= amount * 0.02 ? near : Math.floor(amount));
}
