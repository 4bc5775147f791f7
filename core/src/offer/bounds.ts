import { gpuModel } from '../gpu/catalogue.ts';
import { formatUsd } from '../money.ts';
import type { Price } from '../normalise/normalise.ts';
import type { Quote } from './quote.ts';

/**
 * Micro-USD per hour and GiB of the card's memory. Outside of the bounds a figure is a mistake (in the unit, the decimal point, the count of GPUs) and no price of a GPU-hour.
 *
 * Over recorded catalogues and spot histories (SkyPilot's of June 2024, AWS's spot prices of 2022-12 to 2024-06, AWS's and Azure's lists of mid-2026, Akash's, Nosana's,
 * Lambda's and Prime Intellect's of 2025 and 2026) the lowest figure for an hour of one GPU is 0.30 cents per GiB: a T4G on AWS as spot, $0.0472 in 2023-12; the next are a
 * T4 ($0.0526) and an L4 ($0.0811). The bound is a third of it: $0.016 for a T4, $0.024 for an RTX 4090, $0.08 for an H100, $0.18 for a B200. What is above it and still far
 * from what others ask is doubted, see `doubtsOf`.
 */
const FLOOR_PER_GIB = 1_000n;

/** Micro-USD per GPU-hour. The dearest GPU-hour in the same catalogues is $27.04 (GB200 on Azure): forty times that leaves room for what is yet to come. */
export const HIGHEST_MICRO_USD = 1_000_000_000n;

/** Micro-USD per GPU-hour below which no whole GPU of the model is sold; by its smallest memory where the quote's is unknown. */
export function lowestMicroUsd({ model, memoryGiB }: Pick<Quote['gpu'], 'model' | 'memoryGiB'>): bigint {
	return BigInt(memoryGiB ?? gpuModel(model)?.memoriesGiB[0] ?? 1) * FLOOR_PER_GIB;
}

/**
 * The price, or its refusal where it is outside of the bounds. Own listings have the bounds that the contract gives them, and the least that a market takes as a bid
 * may be as low as it likes: it is no price.
 */
export function boundedPrice(
	{ gpu, listing, meaning }: Pick<Quote, 'gpu' | 'listing' | 'meaning'>,
	price: Price,
): Price {
	if (!price.ok || listing !== null) return price;
	const [rate, lowest] = [price.usdPerGpuHour, lowestMicroUsd(gpu)];
	if (rate < lowest && meaning !== 'floor') {
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
export function boundedIfConverted(quote: Pick<Quote, 'gpu' | 'listing' | 'meaning' | 'price'>, price: Price): Price {
	return quote.price.currency === 'USD' ? price : boundedPrice(quote, price);
}
