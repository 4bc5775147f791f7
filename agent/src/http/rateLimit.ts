import { getConnInfo } from '@hono/node-server/conninfo';
import type { Context } from 'hono';
import type { Env } from './context.ts';

/** At most `limit` calls of one caller in any window. Kept in memory: it protects a budget, it does not count money. */
export class RateLimit {
	readonly #limit: number;
	readonly #windowMs: number;
	readonly #calls = new Map<string, number[]>();

	constructor(limit: number, windowMs: number) {
		this.#limit = limit;
		this.#windowMs = windowMs;
	}

	/** Counts one call; false when it is one too many. */
	take(caller: string, now = Date.now()): boolean {
		const recent = (this.#calls.get(caller) ?? []).filter((at) => now - at < this.#windowMs);
		if (recent.length >= this.#limit) return false;
		recent.push(now);
		this.#calls.set(caller, recent);
		if (this.#calls.size > 10_000) this.#forget(now);
		return true;
	}

	#forget(now: number): void {
		for (const [caller, calls] of this.#calls) {
			if (calls.every((at) => now - at >= this.#windowMs)) this.#calls.delete(caller);
		}
	}
}

/** Who calls. A proxy on the same machine is believed when it says for whom; nobody else is. */
export function callerOf(c: Context<Env>): string {
	let peer: string | undefined;
	try {
		peer = getConnInfo(c).remote.address;
	} catch {
		// No connection: a call inside the process.
	}
	const local = peer === undefined || /^(::ffff:)?127\.|^::1$/.test(peer);
	const forwarded = local ? c.req.header('x-forwarded-for')?.split(',').at(-1)?.trim() : undefined;
	return forwarded ?? peer ?? 'local';
}
