import type { ListingId } from '../ids.ts';
import { formatUsd } from '../money.ts';
import type { JobRequest } from '../request/request.ts';
import type { Chosen, CompareOnly, RankedOffer } from './decision.ts';
import { type OfferExclusion, RULES } from './exclusion.ts';

const offersText = (count: number) => `${count} ${count === 1 ? 'offer' : 'offers'}`;

/** How many offers each rule excluded: `max-price 3, region 1`, most first. */
function rulesText(exclusions: readonly OfferExclusion[]): string {
	return RULES.map((rule) => ({ rule, count: exclusions.filter((exclusion) => exclusion.rule === rule).length }))
		.filter(({ count }) => count > 0)
		.sort((a, b) => b.count - a.count)
		.map(({ rule, count }) => `${rule} ${count}`)
		.join(', ');
}

/** The decision in plain words. Written by code, so that it too can be replayed. */
export function summaryOf(parts: {
	offers: number;
	admitted: readonly ListingId[];
	passedOver: readonly ListingId[];
	exclusions: readonly OfferExclusion[];
	ranking: readonly RankedOffer[];
	chosen: Chosen | null;
	cheapestCompareOnly: CompareOnly | null;
	request: JobRequest;
}): string {
	const { offers, admitted, passedOver, exclusions, ranking, chosen, cheapestCompareOnly, request } = parts;
	const weighted = Object.values(request.weights).some((weight) => weight > 0);
	const sentences = [
		`Looked at ${offersText(offers)}; ${ranking.length} fit the job's limits, ${ranking.filter((offer) => offer.routable).length} of them routable through Necto.`,
	];
	if (exclusions.length > 0) sentences.push(`Excluded by rule: ${rulesText(exclusions)}.`);
	if (admitted.length > 0) {
		sentences.push(
			`Admitted to ${admitted.length === 1 ? 'listing' : 'listings'} ${admitted.join(', ')}, which serve some buyers only.`,
		);
	}
	if (passedOver.length > 0) {
		const listings = `${passedOver.length === 1 ? 'listing' : 'listings'} ${passedOver.join(', ')}`;
		sentences.push(`Passed over: ${listings}, which had this job and did not take it.`);
	}
	if (chosen === null) {
		sentences.push('Nothing can be routed now; the request stays open until its deadline.');
	} else {
		const why = weighted ? 'the best price with the weighted qualities counted in' : 'the lowest price';
		sentences.push(
			`Chosen: ${chosen.key} (listing ${chosen.listing}, version ${chosen.listingVersion}) at ${formatUsd(chosen.pricePerGpuHour)} per GPU-hour, ${why} among the routable.`,
		);
	}
	if (cheapestCompareOnly !== null) {
		const { key, price } = cheapestCompareOnly;
		sentences.push(`Cheaper, but nobody fulfils it through Necto: ${key} at ${formatUsd(price)} per GPU-hour.`);
	}
	return sentences.join(' ');
}
