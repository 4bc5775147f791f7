import type { MicroUsd, UnixSeconds } from '../ids.ts';
import type { Quote } from '../offer/quote.ts';
import type { TokenPrice } from '../offer/tokenPrice.ts';
import type { RoutingPolicy } from '../policy/policy.ts';
import type { RefusalCode, Step } from './step.ts';

export type Normalised =
	| { ok: true; usdPerGpuHour: MicroUsd; steps: Step[] }
	| { ok: false; reason: RefusalCode; message: string; steps: Step[] };

/** Turns what a source published into micro-USD per GPU-hour, keeping each step. */
export function normalise(
	_quote: Quote,
	_tokenPrices: readonly TokenPrice[],
	_takenAt: UnixSeconds,
	_policy: RoutingPolicy,
): Normalised {
	throw new Error('not written yet');
}
