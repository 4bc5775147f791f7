/** A listing's price terms in words. */
import { formatRational, formatUsd, mulDiv } from '@necto/core';
import type { PricingForm } from './pricing-form.ts';
import type { ListingRow } from './rows.ts';

type Terms = Pick<
	ListingRow,
	'kind' | 'pricingModel' | 'rate' | 'floor' | 'ceiling' | 'tokenAmount' | 'token' | 'reserved' | 'total'
>;

const MILLION = 1_000_000n;

/** A number of millionths as people type it. */
function decimal(millionths: bigint): string {
	return formatRational({ numerator: millionths, denominator: MILLION });
}

/** What the next job would pay, or how that is found. Micro-USD are per GPU-hour. */
export function priceWords(terms: Terms): { now: string; how: string } {
	const band = `between ${formatUsd(terms.floor)} and ${formatUsd(terms.ceiling)}`;
	if (terms.pricingModel === 'token')
		return { now: `${decimal(terms.tokenAmount)} ${terms.token}`, how: `Token, ${band}` };
	if (terms.kind === 'network')
		return { now: terms.rate > 0n ? formatUsd(terms.rate) : `from ${formatUsd(terms.floor)}`, how: `Network, ${band}` };
	if (terms.pricingModel === 'fixed') return { now: formatUsd(terms.rate), how: 'Fixed' };
	return { now: formatUsd(dynamicRate(terms)), how: `Dynamic, ${band}` };
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
