/** Long texts, made in parts so that other work has its turn in between, and once for all who want them. */
import { setImmediate as turn } from 'node:timers/promises';
import { Lru } from './lru.ts';

/** The bytes of a text that comes in parts. Between two parts the process does other things. */
export async function encoded(parts: Iterable<string>): Promise<Uint8Array<ArrayBuffer>> {
	const encoder = new TextEncoder();
	const pieces: Uint8Array[] = [];
	for (const part of parts) {
		pieces.push(encoder.encode(part));
		await turn();
	}
	const whole = new Uint8Array(pieces.reduce((sum, { byteLength }) => sum + byteLength, 0));
	let at = 0;
	for (const piece of pieces) {
		whole.set(piece, at);
		at += piece.byteLength;
	}
	return whole;
}

/** A cache of what takes a while to make: those who want the same meanwhile wait for the same. */
export class MadeOnce<Value> {
	readonly #known: Lru<string, Value>;
	readonly #making = new Map<string, Promise<Value>>();

	/** @param most total weight of what is kept */
	constructor(most: number, weigh: (value: Value, name: string) => number) {
		this.#known = new Lru(most, weigh);
	}

	async take(name: string, make: () => Promise<Value>): Promise<Value> {
		const known = this.#known.get(name);
		if (known !== undefined) return known;
		const making = this.#making.get(name) ?? make().finally(() => this.#making.delete(name));
		this.#making.set(name, making);
		const value = await making;
		return this.#known.take(name, () => value);
	}
}
