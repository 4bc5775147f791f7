/** Whether the agent can do its work, and what is in the way. */
import type { Ready } from '@necto/core';
import { messageOf } from '../errors.ts';
import type { Metrics } from '../metrics.ts';
import { withDeadline } from '../time.ts';
import { reasonOf } from './failure.ts';

/** One thing that has to hold. Throws what is wrong and what to do about it. */
export type Check = (signal: AbortSignal) => Promise<void> | void;

const CHECK_MS = 4_000;
/** `/ready` is open to everybody: however often it is asked, the chain and the database are asked once in so long. */
const FRESH_MS = 1_000;

export class Health {
	readonly #checks: Readonly<Record<string, Check>>;
	readonly #metrics: Metrics;
	readonly #now: () => number;
	#last: { at: number; result: Promise<Ready> } | null = null;

	/** @param now milliseconds */
	constructor(checks: Readonly<Record<string, Check>>, metrics: Metrics, now: () => number = Date.now) {
		this.#checks = checks;
		this.#metrics = metrics;
		this.#now = now;
	}

	/** Runs every check, or gives what they said a moment ago. Never rejects. */
	look(): Promise<Ready> {
		const now = this.#now();
		if (this.#last === null || Math.abs(now - this.#last.at) > FRESH_MS) {
			this.#last = { at: now, result: this.#run() };
		}
		return this.#last.result;
	}

	async #run(): Promise<Ready> {
		const signal = AbortSignal.timeout(CHECK_MS);
		const checks = await Promise.all(
			Object.entries(this.#checks).map(async ([name, check]) => {
				const problem = await problemOf(name, check, signal);
				this.#metrics.checks.set({ check: name }, problem === null ? 1 : 0);
				return { name, ok: problem === null, detail: null, ...problem };
			}),
		);
		return { ready: checks.every(({ ok }) => ok), checks };
	}
}

type Problem = Pick<Ready['checks'][number], 'detail' | 'reason'>;

async function problemOf(name: string, check: Check, signal: AbortSignal): Promise<Problem | null> {
	try {
		await withDeadline(`The check of ${name}`, CHECK_MS, (async () => check(signal))());
		return null;
	} catch (error) {
		const reason = reasonOf(error);
		return { detail: messageOf(error), ...(reason === null ? {} : { reason }) };
	}
}
