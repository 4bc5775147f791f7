import { gpuModel } from '../gpu/catalogue.ts';
import { formatUsd } from '../money.ts';
import type { Price } from '../normalise/normalise.ts';
import type { Quote } from './quote.ts';

/**
 * Outside of these bounds a figure is a mistake (in the unit, the decimal point, the count of GPUs) and no price of a GPU-hour.
 *
 * The lower bound is by the card's memory. Over recorded catalogues and spot histories (SkyPilot's of June 2024, AWS's spot prices of 2022-12 to 2024-06, AWS's and
 * Azure's lists of mid-2026, Akash's, Nosana's, Lambda's and Prime Intellect's of 2025 and 2026) the lowest figure for an hour of one GPU is 0.30 cents per GiB (T4G,
 * $0.0472 on AWS as spot, 2023-12), and of modules with 40 GiB or more 1.02 cents per GiB (A100 SXM 40 GB, $0.4097 on AWS as spot, 2023-10). The floors are a third and a
 * seventh of these: $0.016 for a T4, $0.024 for an RTX 4090, $0.12 for an H100, $0.27 for a B200. What is above its floor and still far from what others ask is doubted, see
 * `doubtsOf`.
 */
const FLOOR_PER_GIB = 1_000n;
const FLOOR_PER_GIB_OF_MODULE = 1_500n;
const MODULE_GIB = 40;
const MODULES: ReadonlySet<string> = new Set(['sxm', 'oam', 'nvl']);

/** Micro-USD per GPU-hour. The dearest GPU-hour in the same catalogues is $27.04 (GB200 on Azure): forty times that leaves room for what is yet to come. */
export const HIGHEST_MICRO_USD = 1_000_000_000n;

/** Micro-USD per GPU-hour below which no whole GPU of the model is sold; by its smallest memory where the quote's is unknown. */
export function lowestMicroUsd({ model, memoryGiB }: Pick<Quote['gpu'], 'model' | 'memoryGiB'>): bigint {
	const known = gpuModel(model);
	const smallest = known?.memoriesGiB[0] ?? 1;
	const isModule = smallest >= MODULE_GIB && known?.formFactors.some((factor) => MODULES.has(factor)) === true;
	return BigInt(memoryGiB ?? smallest) * (isModule ? FLOOR_PER_GIB_OF_MODULE : FLOOR_PER_GIB);
}

/** The price, or its refusal where it is outside of the bounds. Own listings have the bounds that the contract gives them. */
export function boundedPrice({ gpu, listing }: Pick<Quote, 'gpu' | 'listing'>, price: Price): Price {
	if (!price.ok || listing !== null) return price;
	const [rate, lowest] = [price.usdPerGpuHour, lowestMicroUsd(gpu)];
	if (rate < lowest) {
		const message = `${formatUsd(rate)} per GPU-hour is below ${formatUsd(lowest)}, under which no such GPU is sold.`;
		return { ok: false, reason: 'below-any-price', message };
	}
	if (rate > HIGHEST_MICRO_USD) {
		const message = `${formatUsd(rate)} per GPU-hour is above ${formatUsd(HIGHEST_MICRO_USD)}, for which no GPU is sold.`;
		return { ok: false, reason: 'above-any-price', message };
	}
	return price;
}

/** The same for a figure in a token, of which only the conversion tells what it comes to; readers look at those in USD before they are offers. */
export function boundedIfConverted(quote: Pick<Quote, 'gpu' | 'listing' | 'price'>, price: Price): Price {
	return quote.price.currency === 'USD' ? price : boundedPrice(quote, price);
}
