/** Texts of which only the hash goes on chain: this browser keeps a copy for its writer, who has to show them letter for letter. */
import { type Hex, keccak256, stringToBytes } from 'viem';
import { z } from 'zod';

/** keccak256 of the text in UTF-8, line ends as typed. */
export function hashText(text: string): Hex {
	return keccak256(stringToBytes(text));
}

export interface KeptText {
	readonly hash: Hex;
	readonly text: string;
}

const textsSchema = z.array(z.string());

/**
 * Keeps a text under a key, each text once. Where nothing can be kept (private windows, a full storage), nothing happens: its writer was told to copy it.
 */
export function keepText(storage: Storage, key: string, text: string): void {
	const texts = keptTexts(storage, key).map((each) => each.text);
	if (texts.includes(text)) return;
	try {
		storage.setItem(key, JSON.stringify([...texts, text]));
	} catch {
		// The storage is full or forbidden.
	}
}

/** The texts kept under a key, oldest first. What cannot be read is none. */
export function keptTexts(storage: Storage, key: string): KeptText[] {
	try {
		const texts = textsSchema.parse(JSON.parse(storage.getItem(key) ?? '[]'));
		return texts.map((text) => ({ text, hash: hashText(text) }));
	} catch {
		return [];
	}
}
