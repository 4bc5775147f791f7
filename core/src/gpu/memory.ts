import type { GpuModel } from './catalogue.ts';

/** Sources round, and count in GB or MiB: what lies within 8 % of a size that exists is that size. */
const TOLERANCE = 0.08;
/** From here on, a memory is that of several cards, whatever the model. */
const TWICE = 2 - 2 * TOLERANCE;

/** The size that exists and that a stated one means, if any. */
function sizeOf(sizes: readonly number[], stated: number): number | undefined {
	const near = sizes.filter((size) => Math.abs(stated - size) <= size * TOLERANCE);
	return near.sort((a, b) => Math.abs(stated - a) - Math.abs(stated - b))[0];
}

/** What superchips are called by: the memory of their CPU, or of both. The driver's "GH200 480GB" is the one of 96 GB, and 624 is 480 and 144. */
const SUPERCHIP_TOTALS: Readonly<Record<string, Readonly<Record<number, number>>>> = {
	gh200: { 120: 96, 480: 96, 576: 96, 624: 144 },
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
		const size = SUPERCHIP_TOTALS[model.key]?.[named];
		if (size !== undefined) return size;
	}
	if (memory.stated === undefined) return undefined;
	const [size, ...others] = readings(model, memory.stated, memory.statedCount);
	return others.length === 0 ? size : undefined;
}

/** Whether some reading of the statements is a size of this model. */
export function fitsMemory(model: GpuModel, memory: StatedMemory): boolean {
	if (memory.named.length > 0) {
		return memory.named.some((named) => readings(model, named, memory.namedCount).size > 0);
	}
	return memory.stated === undefined || readings(model, memory.stated, memory.statedCount).size > 0;
}

/** Rebuilt desktop cards that are on the market, with their GiB. */
const REBUILT: Readonly<Record<string, number>> = {
	rtx4090: 48,
	rtx4090d: 48,
	rtx4080s: 32,
	rtx3080: 20,
	rtx3070: 16,
	rtx2080ti: 22,
};

/** Whether an amount is that of two or more cards of the model. */
function isOfSeveral({ memoriesGiB }: GpuModel, amount: number): boolean {
	return memoriesGiB.some((size) => {
		const cards = Math.round(amount / size);
		return cards >= 2 && Math.abs(amount / cards - size) <= size * TOLERANCE;
	});
}

/**
 * A memory that no card of the model has, kept as stated because it is the machine's fact and what limits are compared with: a 4090 rebuilt to 48 GB.
 * Unless it is several cards': then nothing is known. A name may say that a desktop card has up to twice its memory, a figure only what is known to be sold.
 */
export function oddMemory(model: GpuModel, memory: StatedMemory): number | undefined {
	const [named] = memory.named;
	const count = named === undefined ? memory.statedCount : memory.namedCount;
	const amount = named ?? memory.stated;
	if (amount === undefined || (count !== undefined && count !== 1)) return undefined;
	const largest = model.memoriesGiB.at(-1) ?? 0;
	const mayDouble = named !== undefined && model.isGeforce && amount <= largest * (2 + 2 * TOLERANCE);
	const isRebuilt = mayDouble || sizeOf([REBUILT[model.key] ?? 0], amount) !== undefined;
	if (!isRebuilt && (amount >= largest * TWICE || isOfSeveral(model, amount))) return undefined;
	const near = Math.round(amount);
	return Math.max(1, Math.abs(amount - near) <= amount * 0.02 ? near : Math.floor(amount));
}
