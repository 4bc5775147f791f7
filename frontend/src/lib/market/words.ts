import {
	type Evidence,
	type Meaning,
	type OfferView,
	type QuoteJson,
	type RentalTerm,
	reliabilityBps,
	type SourceState,
} from '@necto/core';
import { formatDate } from '../format.ts';
import type { Tone } from '../ui/Badge.svelte';

/** What the kinds of prices mean. `short` is shown in the row; null for prices that need no explanation. */
export const meanings: Record<Meaning, { short: string | null; long: string }> = {
	listing: { short: null, long: 'A binding price of a provider on Necto.' },
	offer: { short: null, long: 'A price that the network accepts.' },
	'list-price': { short: 'List price', long: 'A list price. It does not say that a machine is free.' },
	'bid-history': {
		short: 'Past bids',
		long: 'Recent bids of providers. Only a bid on your own deployment is binding.',
	},
	floor: { short: 'Floor', long: 'The lowest price that the network allows. Actual prices are higher.' },
	observation: {
		short: 'Observed',
		long: 'A price observed at the time shown. It changes and is not binding.',
	},
	estimate: {
		short: 'Estimate',
		long: 'The price of another product, converted to an hourly rate. No machine can be rented at it.',
	},
};

/** In the middle of a sentence: "Akash, queried live". */
export const evidences: Record<Evidence, string> = {
	live: 'queried live',
	snapshot: 'from a dated file',
	listing: "from Necto's registry",
	manual: 'typed in by the operator',
};

/** As a choice. */
export const evidenceWords: Record<Evidence, string> = {
	live: 'Queried live',
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
	token: { word: 'Token', about: 'Priced in a token and converted to USD at the rate shown.' },
} as const;

/** The kind of a price that is shown in USD: of one in a token, that it was converted. */
export function pricingWord(model: keyof typeof pricings): string {
	return model === 'token' ? 'Token, converted to USD' : pricings[model].word;
}

/** What an offer's kind of price means for a renter. */
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

/** What of a price is not of now, with its day: `Dated 1 Dec 2025` for a figure of a dated file, `Exchange rate of 1 Dec 2025` for a live one. */
export function datedLabel(evidence: QuoteJson['evidence'], pricedAt: number): string {
	return `${evidence === 'snapshot' ? 'Dated' : 'Exchange rate of'} ${formatDate(pricedAt)}`;
}

/** Why a price is dated. */
export function datedAbout({ view }: { view: Pick<OfferView, 'quote'> }): string {
	return view.quote.evidence === 'snapshot'
		? 'Not a live price: this is what the source published on that day.'
		: `Priced in ${view.quote.price.currency}; the last known USD exchange rate is from that day.`;
}
