/** What the ProviderRegistry stores, in the words of a listing. The indexer and the verifier read it with these functions. */
import { hexToString } from 'viem';
import type { RegistryListing } from '../registry/listing.ts';
import { CONTINENTS, FORM_FACTORS, PRICING_MODELS, wordOf } from '../tables.ts';
import type { ChainHardware, ChainPricing } from './reader.ts';

/** Zero-padded ASCII of a bytesN. */
export function asciiOf(hex: `0x${string}`): string {
	return hexToString(hex).replace(/\0+$/, '');
}

type Hardware = Pick<
	RegistryListing,
	| 'gpuModel'
	| 'memoryGiB'
	| 'formFactor'
	| 'total'
	| 'widest'
	| 'continent'
	| 'country'
	| 'availableFrom'
	| 'availableUntil'
>;

/** @throws RangeError on a number that stands for no form factor or continent */
export function hardwareFromChain(hardware: ChainHardware): Hardware {
	return {
		gpuModel: asciiOf(hardware.gpuModel),
		memoryGiB: hardware.memoryGiB,
		formFactor: wordOf(FORM_FACTORS, hardware.formFactor),
		total: hardware.total,
		widest: hardware.widest,
		continent: wordOf(CONTINENTS, hardware.continent),
		country: asciiOf(hardware.country) || null,
		availableFrom: hardware.availableFrom,
		availableUntil: hardware.availableUntil,
	};
}

type Pricing = Pick<RegistryListing, 'pricingModel' | 'rate' | 'floor' | 'ceiling' | 'tokenAmount' | 'token'>;

/** @throws RangeError on a number that stands for no pricing model */
export function pricingFromChain(pricing: ChainPricing): Pricing {
	return {
		pricingModel: wordOf(PRICING_MODELS, pricing.model),
		rate: pricing.rate,
		floor: pricing.floor,
		ceiling: pricing.ceiling,
		tokenAmount: pricing.tokenAmount,
		token: asciiOf(pricing.token),
	};
}
