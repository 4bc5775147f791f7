import type { Quote } from '../offer/quote.ts';

/** A quote of Necto's registry. */
export type Listed = Quote & { listing: NonNullable<Quote['listing']> };

export function freeOf({ listing }: Listed): number {
	return Math.max(listing.total - listing.reserved, 0);
}

/** The listing with so many of its GPUs taken, as the chain has it once they are reserved: its version stays. */
export function take(quote: Listed, gpus: number): Listed {
	const { listing, availability } = quote;
	const free = freeOf(quote) - gpus;
	return {
		...quote,
		listing: { ...listing, reserved: listing.reserved + gpus },
		availability: { ...availability, state: free === 0 ? 'none' : availability.state, gpus: free },
	};
}
