import {
	type Evidence,
	type Meaning,
	type OfferView,
	type QuoteJson,
	type RentalTerm,
	reliabilityBps,
	type SourceState,
} from '@necto/core';
import type { Tone } from '../ui/Badge.svelte';

/** What the kinds of figures mean, said where a person could take one for another. `short` stands in the row; null where the price is what it seems. */
export const meanings: Record<Meaning, { short: string | null; long: string }> = {
	listing: { short: null, long: 'A price that a provider stands ready to take through Necto.' },
	offer: { short: null, long: 'A price that the network stands ready to take.' },
	'list-price': { short: 'List price', long: 'A list price. It does not say that a machine is free.' },
	'bid-history': {
		short: 'Past bids',
		long: 'What providers bid lately. A bid on your own deployment is the binding price.',
	},
	floor: { short: 'Floor', long: 'The least that the network asks. Real prices lie above it.' },
	observation: {
		short: 'Observed',
		long: 'A price that was seen at the time shown. It moves, and nobody holds to it.',
	},
	estimate: {
		short: 'Estimate',
		long: 'What another good comes to by the hour. No machine can be rented at it.',
	},
};

/** In the middle of a sentence: "Akash, asked live". */
export const evidences: Record<Evidence, string> = {
	live: 'asked live',
	snapshot: 'from a dated file',
	listing: "from Necto's registry",
	manual: 'typed in by the operator',
};

/** As a choice. */
export const evidenceWords: Record<Evidence, string> = {
	live: 'Asked live',
	snapshot: 'Dated figures',
	listing: 'Listed on Necto',
	manual: 'Typed in',
};

export const sourceStates: Record<SourceState, { word: string; tone: Tone; dot: string }> = {
	fresh: { word: 'fresh', tone: 'good', dot: 'bg-good' },
	stale: { word: 'stale', tone: 'warn', dot: 'bg-warn' },
	failing: { word: 'failing', tone: 'bad', dot: 'bg-bad' },
	snapshot: { word: 'dated figures', tone: 'warn', dot: 'bg-warn' },
	'not-configured': { word: 'not configured', tone: 'neutral', dot: 'border border-slate-400' },
};

/** As a choice. */
export const rentalTerms: Record<RentalTerm, string> = {
	'on-demand': 'On demand',
	spot: 'Spot',
	reserved: 'Reserved',
	committed: 'Committed',
	prepaid: 'Prepaid',
	monthly: 'Monthly',
	variable: 'Variable',
	'capacity-block': 'Capacity block',
	other: 'Other terms',
};

export const pricings = {
	fixed: { word: 'Fixed', about: 'One rate until the provider changes it.' },
	dynamic: { word: 'Dynamic', about: 'Moves with supply and demand.' },
	token: { word: 'Token', about: 'Asked in a token and turned into USD at the price shown.' },
} as const;

/** What an offer's kind of price means for whoever rents there. */
export function pricingAbout({ price: { model }, listing }: Pick<QuoteJson, 'price' | 'listing'>): string {
	if (model !== 'dynamic') return pricings[model].about;
	return listing === null
		? 'A spot price: it moves with supply and demand, and the machine can be taken back.'
		: 'Moves inside a band with how much of the listing is taken.';
}

/** How a provider's jobs went, by the contract's counters: `4 completed, 1 failed, 0 disputed; 71 % reliable`. */
export function trackRecord({
	completed,
	failed,
	disputed,
}: NonNullable<NonNullable<QuoteJson['listing']>['jobs']>): string {
	const counts = `${completed} completed, ${failed} failed, ${disputed} disputed`;
	const bps = reliabilityBps({ completed, failed });
	return bps === null
		? `${counts}; too few to say how reliable it is`
		: `${counts}; ${Math.floor(bps / 100)} % reliable`;
}

const CLOUDS: Readonly<Record<string, string>> = { aws: 'AWS', gcp: 'Google Cloud', azure: 'Azure' };

/** A big cloud's name for people. */
export function cloudName(cloud: string): string {
	return CLOUDS[cloud] ?? cloud;
}

/** Why a price is not of now. */
export function datedAbout({ view }: { view: Pick<OfferView, 'quote'> }): string {
	return view.quote.evidence === 'snapshot'
		? 'The source was not asked live; this is what it published on that day.'
		: `Asked in ${view.quote.price.currency}, and what that is worth in USD is known of that day only.`;
}
