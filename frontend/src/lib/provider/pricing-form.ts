/** Price terms as typed, and the struct they become. The rules are the contract's (`libraries/Rates.sol`), said before gas is spent. */
import { encodeToken } from '@necto/contracts';
import { checkListingPrices, type ListingKind, PRICING_MODELS, type PricingModel, scaledDecimal } from '@necto/core';
import type { Hex } from 'viem';

/** All text, as in the inputs. Money in USD per GPU-hour, the token amount in tokens per GPU-hour. */
export interface PricingForm {
	model: PricingModel;
	rate: string;
	floor: string;
	ceiling: string;
	tokenAmount: string;
	token: string;
}

export type PricingField = keyof PricingForm;
export type PricingErrors = Partial<Record<PricingField, string>>;

/** `Pricing` of `contracts/src/types/Listing.sol` as viem takes it. */
export interface PricingStruct {
	model: number;
	rate: bigint;
	floor: bigint;
	ceiling: bigint;
	tokenAmount: bigint;
	token: Hex;
}

export const emptyPricing: Readonly<PricingForm> = {
	model: 'fixed',
	rate: '',
	floor: '',
	ceiling: '',
	tokenAmount: '',
	token: 'AKT',
};

/** Tokens that the agent knows a price of. */
export const PRICED_TOKENS = ['AKT', 'IO', 'RENDER', 'ATH', 'NOS', 'GLM'] as const;

/** Whether these terms need a lowest and a highest price. */
export function needsBand(model: PricingModel, kind: ListingKind): boolean {
	return model !== 'fixed' || kind === 'network';
}

const U64 = 2n ** 64n - 1n;

/**
 * Reads the price terms.
 *
 * @returns the struct, or what is wrong with each field in words
 */
export function readPricing(
	form: PricingForm,
	kind: ListingKind,
): { ok: true; pricing: PricingStruct } | { ok: false; errors: PricingErrors } {
	const errors: PricingErrors = {};
	const amount = (field: 'rate' | 'floor' | 'ceiling' | 'tokenAmount', wanted: boolean, unit: string): bigint => {
		if (!wanted) return 0n;
		const read = positiveAmount(form[field], unit);
		if (typeof read === 'bigint') return read;
		errors[field] = read;
		return 0n;
	};

	const fixed = form.model === 'fixed';
	const band = needsBand(form.model, kind);
	const rate = amount('rate', fixed && (kind === 'own' || form.rate.trim() !== ''), 'USD');
	const floor = amount('floor', band, 'USD');
	const ceiling = amount('ceiling', band, 'USD');
	const tokenAmount = amount('tokenAmount', form.model === 'token', 'tokens');
	const symbol = form.token.trim().toUpperCase();
	if (form.model === 'token' && !/^[A-Z0-9]{1,8}$/.test(symbol)) {
		errors.token = 'Give the token’s symbol: one to eight letters or digits, such as AKT.';
	}
	if (band && errors.floor === undefined && errors.ceiling === undefined) {
		if (floor > ceiling) errors.ceiling = 'The highest price must not be below the lowest.';
		else if (rate > 0n && (rate < floor || rate > ceiling))
			errors.rate = 'The usual price must lie between the lowest and the highest.';
	}

	for (const { field, message } of checkListingPrices({ rate, floor, ceiling })) {
		// The check's fields are names of the form's.
		errors[field as 'rate' | 'floor' | 'ceiling'] ??= message;
	}

	if (Object.keys(errors).length > 0) return { ok: false, errors };
	return {
		ok: true,
		pricing: {
			model: PRICING_MODELS.indexOf(form.model),
			rate,
			floor,
			ceiling,
			tokenAmount,
			token: encodeToken(form.model === 'token' ? symbol : ''),
		},
	};
}

/** Millionths of the unit, or what is wrong in words. */
function positiveAmount(text: string, unit: string): bigint | string {
	const trimmed = text.trim();
	if (trimmed === '') return `Give an amount in ${unit} per GPU-hour.`;
	if (!/^\d{1,13}(\.\d{1,6})?$/.test(trimmed))
		return 'Give a plain number with a point and at most six decimals, such as 2.49.';
	const amount = scaledDecimal(trimmed, 6);
	if (amount === 0n) return 'Must be above zero.';
	return amount > U64 ? 'This is more than the contract can hold.' : amount;
}
