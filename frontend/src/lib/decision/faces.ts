/** How an offer of a decision is called. A decision itself holds keys only; the names come from the snapshot it was made on. */
import { isDated, oldestInput, type Quote, type QuoteJson, RULES, type Rule, type TokenPrice } from '@necto/core';
import { wordFor } from '#lib/jobs/words.ts';
import { datedLabel } from '#lib/market/words.ts';

/** What people recognise an offer by. */
export interface OfferFace {
	/** Provider and listing, or the network. */
	readonly title: string;
	/** Hardware and place in the source's words. */
	readonly detail: string;
	/** Of the oldest figure in its price, where that is a dated one: unix seconds, and its label. Null for prices of the time of the decision. */
	readonly dated: { readonly at: number; readonly label: string } | null;
}

export type Faces = (key: string) => OfferFace;

/** Names for the offers of a snapshot or of the market, with the token prices that they were converted with. An offer that is not in it shows its key. */
export function facesOf(quotes: Iterable<Quote | QuoteJson>, tokenPrices: readonly TokenPrice[] = []): Faces {
	const faces = new Map<string, OfferFace>();
	for (const quote of quotes) faces.set(quote.key, faceOf(quote, tokenPrices));
	return (key) => faces.get(key) ?? { title: key, detail: '', dated: null };
}

function faceOf(quote: Quote | QuoteJson, tokenPrices: readonly TokenPrice[]): OfferFace {
	const { listing, gpu, region } = quote;
	const pricedAt = oldestInput(quote, tokenPrices);
	return {
		title: listing === null ? `${quote.network} · ${gpu.rawName}` : `${listing.providerName} · ${listing.name}`,
		detail: [
			gpu.formFactor === 'unknown' ? null : wordFor(gpu.formFactor),
			gpu.memoryGiB === null ? null : `${gpu.memoryGiB} GiB`,
			region.raw,
		]
			.filter((part) => part !== null && part !== '')
			.join(' · '),
		dated: isDated({ quote, pricedAt }) ? { at: pricedAt, label: datedLabel(quote.evidence, pricedAt) } : null,
	};
}

const RULE_WORDS: Readonly<Record<Rule, string>> = {
	'price-refused': 'Price cannot be compared',
	'gpu-model': 'Another GPU model',
	memory: 'Too little memory',
	'form-factor': 'Another form factor',
	region: 'Outside the region',
	'pricing-model': 'Pricing model not wanted',
	network: 'Network not wanted',
	'gpu-count': 'Not sold with this number of GPUs',
	capacity: 'Not enough free GPUs',
	offline: 'Offline',
	'availability-window': 'Not available for the whole job',
	attestations: 'Not attested as asked',
	access: 'Serves chosen buyers only',
	'passed-over': 'Declined this job, or did not start it',
	'not-rentable': 'An estimate, not a machine for rent',
	'max-price': 'Above the ceiling',
	stale: 'Answer too old',
};

/** The label of a rule by its recorded code; null for a code that this version does not know. */
export function ruleWords(code: string): string | null {
	return Object.entries(RULE_WORDS).find(([rule]) => rule === code)?.[1] ?? null;
}

export interface ExclusionGroup<Item> {
	readonly rule: Rule;
	readonly label: string;
	readonly items: readonly Item[];
}

/** Exclusions by the rule that made them, in the order in which rules are asked. */
export function groupExclusions<Item extends { readonly rule: Rule }>(
	exclusions: readonly Item[],
): ExclusionGroup<Item>[] {
	return RULES.flatMap((rule) => {
		const items = exclusions.filter((exclusion) => exclusion.rule === rule);
		return items.length === 0 ? [] : [{ rule, label: RULE_WORDS[rule], items }];
	});
}
