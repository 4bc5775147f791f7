/** The agent's steps in words: what a person reads while it thinks. */
import { type Decision, formatUsd, type SourceStatus } from '@necto/core';
import type { NewActivity } from '../journal/activity.ts';

/** What was asked, what answered and what did not. */
export function collectedStory(
	jobId: bigint,
	sources: readonly SourceStatus[],
	block: bigint,
	ms: number,
): NewActivity[] {
	const at = Date.now();
	const offers = sources.reduce((sum, source) => sum + source.quotes, 0);
	return [
		...sources.map((source) => ({
			jobId,
			at,
			step: 'source' as const,
			title: `${source.name}: ${sourceWords(source)}`,
			...(source.note === null ? {} : { detail: source.note }),
			data: { source: source.id, state: source.state, quotes: source.quotes },
		})),
		{
			jobId,
			at,
			step: 'collected' as const,
			title: `${offersText(offers)} from ${counted(sources.filter((source) => source.quotes > 0).length, 'source')}`,
			detail: `Necto's own listings as of block ${block}`,
			data: { offers, block, ms },
		},
	];
}

function sourceWords(source: SourceStatus): string {
	const offers = offersText(source.quotes);
	switch (source.state) {
		case 'fresh':
			return offers;
		case 'stale':
			return `${offers}, from before it stopped answering`;
		case 'snapshot':
			return `${offers} from a dated file`;
		case 'failing':
			return 'no answer';
		case 'not-configured':
			return 'nothing to compare';
	}
}

function counted(count: number, noun: string): string {
	return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

function offersText(count: number): string {
	return counted(count, 'offer');
}

/** Longer reasons are the detail of a step, not its title. */
const LONGEST_REASON = 200;

/**
 * A step that failed and is retried: `The indexer cannot be reached (ECONNREFUSED); trying again in 5 s.`
 *
 * @param reason a sentence that names the failing party
 * @param seconds until the next attempt
 */
export function failedStory(jobId: bigint, reason: string, seconds: number): NewActivity {
	const again = `trying again in ${Math.max(1, Math.ceil(seconds))} s.`;
	if (reason.length > LONGEST_REASON) {
		return { jobId, step: 'failed', title: `A step failed; ${again}`, detail: reason };
	}
	return {
		jobId,
		step: 'failed',
		title: `${reason.replace(/\.$/, '')}; ${again}`,
		detail: 'While it fails, the pauses between attempts grow up to one minute.',
	};
}

/** How the decision came about: prices, what fell out and why, the order. */
export function decisionStory(jobId: bigint, decision: Decision, ms: number): NewActivity[] {
	const at = Date.now();
	const priced = decision.offers.filter((offer) => offer.usdPerGpuHour !== null).length;
	const byRule = new Map<string, number>();
	for (const { rule } of decision.exclusions) byRule.set(rule, (byRule.get(rule) ?? 0) + 1);
	const rules = [...byRule].sort(([, a], [, b]) => b - a);
	const routable = decision.ranking.filter((offer) => offer.routable).length;
	const best = decision.ranking[0];
	return [
		{
			jobId,
			at,
			step: 'normalised',
			title: `${priced} of ${offersText(decision.offers.length)} ${priced === 1 ? 'has' : 'have'} a price in USD per GPU-hour`,
			data: { priced, offers: decision.offers.length },
		},
		{
			jobId,
			at,
			step: 'filtered',
			title: `${offersText(decision.exclusions.length)} ${decision.exclusions.length === 1 ? 'does' : 'do'} not fit the limits`,
			...(rules.length === 0 ? {} : { detail: rules.map(([rule, count]) => `${rule}: ${count}`).join(', ') }),
			data: { excluded: decision.exclusions.length, rules: Object.fromEntries(rules) },
		},
		{
			jobId,
			at,
			step: 'ranked',
			title: `${offersText(decision.ranking.length)} ranked, of which ${routable} can be routed to`,
			...(best === undefined
				? {}
				: { detail: `Cheapest by score: ${best.key} at ${formatUsd(best.price)} per GPU-hour` }),
			data: { ranked: decision.ranking.length, routable, ms },
		},
		...(decision.chosen === null
			? []
			: [
					{
						jobId,
						at,
						step: 'chosen' as const,
						title: `Listing ${decision.chosen.listing} at ${formatUsd(decision.chosen.pricePerGpuHour)} per GPU-hour`,
						detail: decision.summary,
						data: { listing: decision.chosen.listing, pricePerGpuHour: decision.chosen.pricePerGpuHour },
					},
				]),
	];
}
