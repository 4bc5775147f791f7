import type { SourceStatus } from '@necto/core';

/** Necto's own registry is read from the chain: it is there without any network. */
const OWN = 'necto';

/** Sentences about a market of which not all is live; null when every source that is set up answers. */
export function bannerOf(sources: readonly SourceStatus[]): { text: string; tone: 'warn' | 'neutral' } | null {
	const others = sources.filter(({ id }) => id !== OWN);
	const fresh = others.filter(({ state }) => state === 'fresh');
	const silent = others.filter(({ state }) => state === 'failing' || state === 'stale');
	const dated = others.filter(({ state }) => state === 'snapshot');
	if (others.length === 0) {
		return {
			text: 'No network is set up here: the market holds Necto’s own listings and nothing else.',
			tone: 'neutral',
		};
	}
	if (fresh.length === 0) {
		const figures = dated.length > 0 || silent.some(({ quotes }) => quotes > 0);
		return {
			text: figures
				? 'No network can be reached: all prices but Necto’s own are dated figures, each with its day beside it.'
				: 'No network can be reached, and there are no dated figures in their place: the market holds Necto’s own listings and nothing else.',
			tone: 'warn',
		};
	}
	const parts = [
		silent.length > 0 && `${namesOf(silent)} ${silent.length === 1 ? 'does' : 'do'} not answer`,
		dated.length > 0 && `${silent.length > 0 ? 'for' : 'For'} ${namesOf(dated)} dated figures stand in`,
	].filter(Boolean);
	return parts.length === 0 ? null : { text: `${parts.join('; ')}.`, tone: silent.length > 0 ? 'warn' : 'neutral' };
}

function namesOf(sources: readonly SourceStatus[]): string {
	const names = sources.map(({ name }) => name);
	const shown = names.length > 4 ? [...names.slice(0, 3), `${names.length - 3} others`] : names;
	return shown.length < 2 ? shown.join('') : `${shown.slice(0, -1).join(', ')} and ${shown.at(-1)}`;
}
