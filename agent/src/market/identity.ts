/** Which offers changed between two looks at the market, by identity: what is the same stays the same object. */
import { isDeepStrictEqual } from 'node:util';
import type { OfferKey, Quote } from '@necto/core';

/**
 * The quotes of a later answer, with those that did not change as the very objects of the earlier one. One that was only seen anew is another object with
 * the same parts.
 */
export function keepIdentity(before: ReadonlyMap<OfferKey, Quote>, after: readonly Quote[]): Quote[] {
	return after.map((quote) => {
		const known = before.get(quote.key);
		if (known === undefined || !isDeepStrictEqual({ ...known, observedAt: 0 }, { ...quote, observedAt: 0 }))
			return quote;
		return known.observedAt === quote.observedAt ? known : { ...known, observedAt: quote.observedAt };
	});
}

/** Whether two quotes that went through `keepIdentity` say the same, whenever they were seen. */
export function saysTheSame(a: Quote, b: Quote): boolean {
	if (a === b) return true;
	const { observedAt: _, ...parts } = a;
	const others: Readonly<Record<string, unknown>> = { ...b };
	return Object.entries(parts).every(([name, part]) => part === others[name]);
}
