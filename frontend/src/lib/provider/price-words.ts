/** A listing's price terms in words. */
import { formatRational, formatUsd, mulDiv, type Tier, tierAt, tieredRate, unixSeconds } from '@necto/core';
import type { PricingForm } from './pricing-form.ts';
import type { ListingRow } from './rows.ts';

type Terms = Pick<
	ListingRow,
	'kind' | 'pricingModel' | 'rate' | 'floor' | 'ceiling' | 'tokenAmount' | 'token' | 'reserved' | 'total'
> & { readonly tiers: readonly Tier[] };

const MILLION = 1_000_000n;

/** A number of millionths as people type it. */
function decimal(millionths: bigint): string {
	return formatRational({ numerator: millionths, denominator: MILLION });
}

/**
 * What the next job would pay, or how that is found. Micro-USD are per GPU-hour.
 *
 * @param now unix seconds: the hour of the week decides between price tiers
 */
export function priceWords(terms: Terms, now: number): { now: string; how: string } {
	const band = `between ${formatUsd(terms.floor)} and ${formatUsd(terms.ceiling)}`;
	if (terms.pricingModel === 'token')
		return { now: `${decimal(terms.tokenAmount)} ${terms.token}`, how: `Token, ${band}` };
	if (terms.kind === 'network')
		return { now: terms.rate > 0n ? formatUsd(terms.rate) : `from ${formatUsd(terms.floor)}`, how: `Network, ${band}` };
	const fixed = terms.pricingModel === 'fixed';
	const base = fixed ? terms.rate : dynamicRate(terms);
	const at = unixSeconds(now);
	const tier = tierAt(terms.tiers, at);
	const how = fixed ? 'Fixed' : `Dynamic, ${band}`;
	return {
		now: formatUsd(tieredRate(base, terms.tiers, at)),
		how: tier === null ? how : `${how}: ${formatUsd(base)} × ${tier.multiplier / 100} % at this hour`,
	};
}

/** The contract's formula (`libraries/Rates.sol`): linear in the share of GPUs reserved, rounded down. */
function dynamicRate({ floor, ceiling, reserved, total }: Terms): bigint {
	return total === 0 ? floor : floor + mulDiv(ceiling - floor, BigInt(reserved), BigInt(total), 'floor');
}

/** The terms as a form shows them. */
export function pricingFormOf(terms: Terms): PricingForm {
	const text = (amount: bigint) => (amount === 0n ? '' : decimal(amount));
	return {
		model: terms.pricingModel,
		rate: text(terms.rate),
		floor: text(terms.floor),
		ceiling: text(terms.ceiling),
		tokenAmount: text(terms.tokenAmount),
		token: terms.token === '' ? 'AKT' : terms.token,
	};
}
