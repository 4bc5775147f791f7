import { clientAddress } from '@necto/core';

export type Kind = 'stream' | 'answer';

/** How many requests are on their way at a time, of one client and of all. A page has up to two streams, and asks about ten things at once. */
export const MOST = {
	stream: { ofOne: 24, ofAll: 2_000 },
	answer: { ofOne: 32, ofAll: 256 },
} as const;

/** What is on its way for whom. */
export class Visitors {
	readonly #held = { stream: new Map<string, number>(), answer: new Map<string, number>() };
	readonly #all = { stream: 0, answer: 0 };

	/**
	 * Counts a request in.
	 *
	 * @param address of the client; addresses of one IPv6 network count as one
	 * @returns how to count it out, once; or which limit it would pass
	 */
	enter(address: string, kind: Kind): (() => void) | 'ofOne' | 'ofAll' {
		const client = clientAddress(address, undefined, []);
		const held = this.#held[kind];
		const count = held.get(client) ?? 0;
		if (count >= MOST[kind].ofOne) return 'ofOne';
		if (this.#all[kind] >= MOST[kind].ofAll) return 'ofAll';
		held.set(client, count + 1);
		this.#all[kind] += 1;
		let isIn = true;
		return () => {
			if (!isIn) return;
			isIn = false;
			this.#all[kind] -= 1;
			const left = (held.get(client) ?? 1) - 1;
			if (left > 0) held.set(client, left);
			else held.delete(client);
		};
	}
}
