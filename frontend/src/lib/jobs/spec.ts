/** The text of "What is to run". The chain has its hash; the buyer's browser keeps the text under that hash, before the job has a number. */
import { specHashOf } from '@necto/core';
import type { Hex } from 'viem';
import { keepText, keptTexts } from './kept-texts.ts';

const keyOf = (hash: Hex) => `necto.spec.${hash}`;

/** Keeps the text of a request in this browser; an empty one is none. */
export function keepSpec(storage: Storage, text: string): void {
	if (text !== '') keepText(storage, keyOf(specHashOf(text)), text);
}

/** The text with this hash, or null where this browser has none. */
export function keptSpec(storage: Storage, hash: Hex): string | null {
	return keptTexts(storage, keyOf(hash)).find(({ text }) => specHashOf(text) === hash)?.text ?? null;
}

/**
 * Whether a text is the one behind a hash. `trimmed`: it is, without the spaces and line breaks around it, which a mail program may add.
 */
export function compareSpec(text: string, hash: Hex): 'same' | 'trimmed' | 'different' {
	if (specHashOf(text) === hash) return 'same';
	return specHashOf(text.trim()) === hash ? 'trimmed' : 'different';
}
