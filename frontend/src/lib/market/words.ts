import type { Evidence, Meaning, SourceState } from '@necto/core';
import type { Tone } from '../ui/Badge.svelte';

/** What the kinds of figures mean, said where a person could take one for another. */
export const meanings: Record<Meaning, string> = {
	listing: 'A price that a provider stands ready to take through Necto.',
	offer: 'A price that the network stands ready to take.',
	'list-price': 'A list price. It does not say that a machine is free.',
	'bid-history': 'What providers bid lately. A bid on your own deployment is the binding price.',
	floor: 'The least that the network asks. Real prices lie above it.',
	observation: 'A price that was seen once.',
	estimate: 'What another good comes to by the hour. No machine can be rented at it.',
};

export const evidences: Record<Evidence, string> = {
	live: 'asked live',
	snapshot: 'from a dated file',
	listing: "from Necto's registry",
	manual: 'typed in by the operator',
};

export const sourceStates: Record<SourceState, { word: string; tone: Tone; dot: string }> = {
	fresh: { word: 'fresh', tone: 'good', dot: 'bg-good' },
	stale: { word: 'stale', tone: 'warn', dot: 'bg-warn' },
	failing: { word: 'failing', tone: 'bad', dot: 'bg-bad' },
	snapshot: { word: 'snapshot', tone: 'neutral', dot: 'bg-slate-400' },
	'not-configured': { word: 'not configured', tone: 'neutral', dot: 'border border-slate-400' },
};

export const pricings = {
	fixed: { word: 'Fixed', about: 'One rate until the provider changes it.' },
	dynamic: { word: 'Dynamic', about: 'Moves inside a band with how much of the listing is taken.' },
	token: { word: 'Token', about: 'Asked in a token and turned into USD at the price shown.' },
} as const;
