/** Which offers meet a watch. */
import {
	type Doubt,
	defaultPolicy,
	formatUsd,
	gpuModel,
	isDated,
	isOnOtherTerms,
	type MicroUsd,
	type OfferRow,
	type Quote,
	type UnixSeconds,
	type WatchWish,
} from '@necto/core';

/** An offer as a watch looks at it. */
export interface Standing {
	quote: Quote;
	usdPerGpuHour: MicroUsd;
	/** Whether it was seen just now. An older one wakes nobody, but nor is it gone: some sources are asked every few hours. */
	recent: boolean;
}

/**
 * Whether somebody stands by the figure now. What others once paid, the least that a bid may be, what another good comes to, and what a dated file says
 * are offers nobody can take; a price for another term than an hour on demand or spot is not what is watched for; nor does a figure that is hardly believable wake anybody.
 */
export function isStanding(quote: Quote, doubt: Doubt | null, now: UnixSeconds): boolean {
	const { evidence, meaning, availability, listing } = quote;
	if (doubt !== null || availability.state === 'none' || evidence === 'snapshot') return false;
	if (meaning === 'bid-history' || meaning === 'floor' || meaning === 'estimate') return false;
	if (isOnOtherTerms(quote)) return false;
	if (listing === null) return true;
	const isOpen = listing.availableFrom <= now && (listing.availableUntil === 0 || now < listing.availableUntil);
	// Whom a restricted listing serves is not known of somebody who gave no name.
	return isOpen && !listing.restricted;
}

/** Whether a figure is as young as a decision wants it; `pricedAt` is of the oldest figure in its price. */
export function isRecent({ quote, pricedAt }: Pick<OfferRow, 'quote' | 'pricedAt'>, now: UnixSeconds): boolean {
	if (isDated({ quote, pricedAt })) return false;
	return quote.evidence !== 'live' || now - pricedAt <= defaultPolicy.liveOfferMaxAge;
}

/** Whether a standing offer is what is wished for. What is not known of it does not fit. */
export function fits({ quote, usdPerGpuHour }: Standing, wish: WatchWish): boolean {
	const { continent, country } = quote.region;
	const anywhere = wish.continents.length === 0 && wish.countries.length === 0;
	return (
		quote.gpu.model === wish.gpuModel &&
		usdPerGpuHour <= BigInt(wish.maxPricePerGpuHour) &&
		(anywhere || wish.continents.includes(continent) || (country !== null && wish.countries.includes(country))) &&
		(wish.minMemoryGiB === 0 || (quote.gpu.memoryGiB ?? 0) >= wish.minMemoryGiB) &&
		hasRoom(quote, wish.gpuCount) &&
		(!wish.routableOnly || quote.listing !== null)
	);
}

/** GPUs in one machine. One GPU fits wherever there is any; more have to be known to be there. */
function hasRoom({ availability: { gpus, widest } }: Quote, count: number): boolean {
	if (gpus !== null && gpus < count) return false;
	return (widest ?? 1) >= count;
}

/** `An H100 for $1.99 per GPU-hour at Lambda, Frankfurt, DE.` */
export function hitText({ quote, usdPerGpuHour }: Standing, sourceName: string): string {
	const name = gpuModel(quote.gpu.model)?.name ?? quote.gpu.model;
	const place = quote.region.raw === '' ? 'its region is not stated' : quote.region.raw;
	const whose = quote.listing === null ? sourceName : `${sourceName}, ${quote.listing.providerName}`;
	return `${name} for ${formatUsd(usdPerGpuHour)} per GPU-hour from ${whose}; ${place}.`;
}
