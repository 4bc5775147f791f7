/** Time that can be cancelled. All waits of the agent go through here, so each of them ends. */
import { setTimeout as delay } from 'node:timers/promises';

/** Unix seconds of now. The one place, besides activity times in milliseconds, that reads the clock for decisions. */
export function nowSeconds(): number {
	return Math.floor(Date.now() / 1000);
}

/** Waits; ends early and quietly when the signal fires. */
export async function pause(milliseconds: number, signal?: AbortSignal): Promise<void> {
	try {
		await delay(milliseconds, undefined, signal === undefined ? {} : { signal });
	} catch (error) {
		if (signal?.aborted !== true) throw error;
	}
}

/** An outside call that took longer than it may. */
export class DeadlineError extends Error {
	override name = 'DeadlineError';
}

/**
 * Ends the wait for a promise after `milliseconds`. The work behind it may go on: for libraries that cannot be cancelled.
 *
 * @throws DeadlineError saying what was waited for
 */
export async function withDeadline<T>(what: string, milliseconds: number, promise: Promise<T>): Promise<T> {
	let timer: NodeJS.Timeout | undefined;
	const late = new Promise<never>((_, reject) => {
		timer = setTimeout(() => reject(new DeadlineError(`${what} took longer than ${milliseconds} ms.`)), milliseconds);
	});
	try {
		return await Promise.race([promise, late]);
	} finally {
		clearTimeout(timer);
	}
}

/** Exponential back-off with full jitter: between nothing and `base × 2^attempt`, at most `cap`. Milliseconds. */
export function backoff(attempt: number, base: number, cap: number): number {
	return Math.ceil(Math.random() * Math.min(cap, base * 2 ** Math.min(attempt, 30)));
}

/** Unix seconds of a day's first second, UTC: `2026-08-20`. NaN for what is no day. */
export function startOfDay(day: string): number {
	return Date.parse(`${day}T00:00:00Z`) / 1_000;
}
