import type { MicroUsd, OfferKey, SourceId } from '../ids.ts';
import type { PricedQuote } from './priced.ts';

/** The same machine, offered by somebody else. The wire's `Alternative` with money as money. */
export interface Resold {
	key: OfferKey;
	source: SourceId;
	usdPerGpuHour: MicroUsd;
}

/**
 * Which offers are other offers' machines sold once more: for the key of one that stands for a machine, those that stand behind it. A key stands behind one
 * other at most, and none that stands behind another has any behind itself.
 */
export type Collapse = (offers: readonly PricedQuote[]) => ReadonlyMap<OfferKey, readonly Resold[]>;

/** Every offer for itself. */
export const collapseNothing: Collapse = () => new Map();
