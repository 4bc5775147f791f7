/**
 * What the texts of one row say about the machine: its name, id, type and description. They all have to describe the same thing, so a price is only taken for what
 * every one of them allows. All sources pass here (`Offers.add`).
 */
import { canonicalGpu, gpuCountIn, namesSlice, type RentalTerm, termNamedIn } from '@necto/core';

export const SLICE = 'part of a GPU';
export const UNCLEAR_COUNT = 'number of GPUs not clear';
export const TWO_GPUS = 'names of two GPUs';

/** What an offer is read as. */
export interface Reading {
	/** Key of the model. */
	model: string;
	/** GPUs in the priced unit. */
	gpus: readonly [numerator: number, denominator: number];
}

/** Why the texts do not allow the reading, in the words by which the row is counted; null when they do. */
export function contradictionIn(
	texts: readonly string[],
	{ model, gpus: [numerator, denominator] }: Reading,
): string | null {
	if (texts.some(namesSlice)) return SLICE;
	// A share of a GPU is counted by the machine, not by its name.
	const isWhole = denominator === 1;
	if (isWhole && texts.some((text) => (gpuCountIn(text) ?? numerator) !== numerator)) return UNCLEAR_COUNT;
	return texts.some((text) => namesOther(text, model)) ? TWO_GPUS : null;
}

/** The strongest term that a text names; null when none does. */
export function termIn(texts: readonly string[]): { kind: RentalTerm; words: string } | null {
	const named = texts.flatMap((text) => termNamedIn(text) ?? []);
	return named.find(({ kind }) => kind !== 'spot') ?? named[0] ?? null;
}

/** Words that make sure that a short name (`A10`, `T4`) is a GPU's: machines are called `a2` and `t4` for other reasons. */
const SURE = /nvidia|tesla|geforce|\bgpu|\d ?x[ _-]|\d ?gi?b\b/i;
const SHORT = 3;

function namesOther(text: string, model: string): boolean {
	const found = canonicalGpu(text);
	const named = 'ok' in found ? [found.ok.model] : found.candidates;
	if (named.length === 0 || named.some((each) => leavesOpen(each, model))) return false;
	return SURE.test(text.replaceAll('_', ' ')) || named.every((each) => each.length > SHORT);
}

/** What stands behind the key of a card where a name gives the edition: `rtxpro6000s`, `l40s`, `rtx4090d`. */
const EDITIONS = ['s', 'mq', 'd', 'ti', 'tis', 'g'];

/** Whether a name of one model can be short for the other: `L40` for an L40S, `4090` for the laptop's card, and not the other way round. */
export function leavesOpen(short: string, model: string): boolean {
	return short === model || [...EDITIONS, 'm'].some((edition) => model === short + edition);
}

/** Whether two models are one, or one is the other with what makes an edition. */
export function isSameCard(one: string, other: string): boolean {
	return one === other || EDITIONS.some((edition) => one === other + edition || other === one + edition);
}
