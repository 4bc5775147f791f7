import type { ListingId } from '../ids.ts';
import { doubtsOf } from '../market/doubt.ts';
import { isAsked, type PricedQuote } from '../market/priced.ts';
import { normalise } from '../normalise/normalise.ts';
import { isOnOtherTerms } from '../offer/term.ts';
import type { RoutingPolicy } from '../policy/policy.ts';
import type { JobRequest } from '../request/request.ts';
import { byText, type MarketSnapshot } from '../snapshot/snapshot.ts';
import { candidatesRoot } from './candidates.ts';
import type { Chosen, Decision, JobRef, PricedOffer, RankedOffer, Unknown } from './decision.ts';
import type { OfferExclusion } from './exclusion.ts';
import { exclusionOf, type Offer } from './filter.ts';
import { compare, distancesOf, penaltiesOf, QUALITIES, type Ranked, scoreOf } from './rank.ts';
import { summaryOf } from './summary.ts';

/** What a decision is a function of. `job` is carried along for the record; it does not influence the choice. */
export interface DecideInput {
	job: JobRef;
	request: JobRequest;
	snapshot: MarketSnapshot;
	policy: RoutingPolicy;
	/** Restricted listings that admit this buyer, in any order; not read for an untracked job. Read from the chain, so replayed as the record says. */
	admitted?: readonly ListingId[];
	/** Listings that had the job and did not take it, in any order. The chain tells them; replayed as the record says. */
	passedOver?: readonly ListingId[];
}

/** An offer that passed every rule. */
interface Fitting extends Ranked {
	offer: Offer;
}

/**
 * The routing decision: prices every offer, applies the buyer's limits, ranks what is left and takes the best one that somebody fulfils through Necto.
 *
 * Pure, and independent of the order of the snapshot's quotes: the same snapshot, request, policy and admissions give the same bytes anywhere.
 *
 * @throws RangeError when the snapshot holds two quotes of one key or two prices of one token
 */
export function decide(input: DecideInput): Decision {
	const { request, snapshot, policy } = input;
	checkUnique(snapshot);
	const { takenAt, tokenPrices } = snapshot;
	// What admits an untracked job's buyer would tell who it is.
	const admittedTo = new Set(request.tracked ? input.admitted : []);
	const refusedBy = new Set(input.passedOver);
	const offers: PricedOffer[] = [];
	const exclusions: OfferExclusion[] = [];
	const fitting: Fitting[] = [];
	const priced: PricedQuote[] = [];

	for (const quote of snapshot.quotes.toSorted((a, b) => byText(a.key, b.key))) {
		const price = normalise(quote, tokenPrices, takenAt, policy);
		const usdPerGpuHour = price.ok ? price.usdPerGpuHour : null;
		const refusal = price.ok ? null : { code: price.reason, message: price.message };
		offers.push({ key: quote.key, usdPerGpuHour, steps: price.steps, refusal });
		priced.push({ quote, usdPerGpuHour, refusal });
		const exclusion = exclusionOf({ quote, price }, request, policy, takenAt, admittedTo, refusedBy);
		if (exclusion !== null) exclusions.push({ key: quote.key, ...exclusion });
		// An offer without a price never passes: it is the first rule.
		else if (price.ok) fitting.push(fittingOf({ quote, price }, price.usdPerGpuHour, request));
	}

	const admitted = rising(admittedTo);
	const passedOver = rising(refusedBy);
	fitting.sort(compare);
	const ranking = fitting.map((offer) => rankedOf(offer, request));
	const chosen = chosenOf(fitting);
	const cheapest = cheapestElsewhere(fitting, priced);
	const cheapestCompareOnly =
		cheapest !== null && (chosen === null || cheapest.price < chosen.pricePerGpuHour)
			? { key: cheapest.key, price: cheapest.price }
			: null;

	return {
		outcome: chosen === null ? 'unservable' : 'routed',
		admitted,
		passedOver,
		offers,
		exclusions,
		ranking,
		chosen,
		cheapestCompareOnly,
		candidatesRoot: candidatesRoot(ranking),
		summary: summaryOf({
			offers: offers.length,
			admitted,
			passedOver,
			exclusions,
			ranking,
			chosen,
			cheapestCompareOnly,
			request,
		}),
	};
}

/** What a buyer is told to be cheaper elsewhere: a figure that somebody asks for, and that is not far from everybody else's. */
function cheapestElsewhere(fitting: readonly Fitting[], priced: readonly PricedQuote[]): Fitting | null {
	const doubts = doubtsOf(priced);
	return fitting
		.filter(
			({ offer: { quote } }) =>
				quote.listing === null && isAsked(quote) && !isOnOtherTerms(quote) && !doubts.has(quote.key),
		)
		.reduce<Fitting | null>((best, each) => (best === null || each.price < best.price ? each : best), null);
}

function rising(listings: ReadonlySet<ListingId>): ListingId[] {
	return [...listings].sort((a, b) => a - b);
}

function fittingOf(offer: Offer, price: Ranked['price'], request: JobRequest): Fitting {
	const distances = distancesOf(offer.quote.quality);
	const penalties = penaltiesOf(distances, request.weights);
	const { key, quality } = offer.quote;
	return { offer, key, price, quality, distances, penalties, score: scoreOf(price, penalties) };
}

function rankedOf({ offer: { quote }, key, price, distances, penalties, score }: Fitting, request: JobRequest) {
	return {
		key,
		price,
		distances,
		penalties,
		score,
		routable: quote.listing !== null,
		listing: quote.listing?.id ?? 0,
		listingVersion: quote.listing?.version ?? 0,
		unknowns: unknownsOf(quote, request),
	} satisfies RankedOffer;
}

/** What is not known about an offer and would matter to this job. */
function unknownsOf(quote: Offer['quote'], request: JobRequest): Unknown[] {
	const { uptimeBps, latencyMs, ratingBps, riskBps } = quote.quality;
	const values = { uptime: uptimeBps, latency: latencyMs, rating: ratingBps, risk: riskBps };
	const unknowns: Unknown[] = QUALITIES.filter((name) => request.weights[name] > 0 && values[name] === null);
	const { state, gpus, widest } = quote.availability;
	if (quote.listing === null && (state === 'unknown' || gpus === null)) unknowns.push('capacity');
	if (quote.price.per === 'gpu' && widest === null) unknowns.push('widest');
	return unknowns;
}

function chosenOf(fitting: readonly Fitting[]): Chosen | null {
	for (const { offer, key, price, score } of fitting) {
		const { listing } = offer.quote;
		if (listing === null) continue;
		return {
			key,
			listing: listing.id,
			listingVersion: listing.version,
			provider: listing.provider,
			pricePerGpuHour: price,
			score,
		};
	}
	return null;
}

function checkUnique(snapshot: MarketSnapshot): void {
	const twice = (items: readonly string[]) => items.find((item, index) => items.indexOf(item) !== index);
	const keys = snapshot.quotes.map((quote) => quote.key);
	if (new Set(keys).size !== keys.length) throw new RangeError(`The snapshot holds two quotes "${twice(keys)}".`);
	const symbols = snapshot.tokenPrices.map((price) => price.symbol);
	if (new Set(symbols).size !== symbols.length)
		throw new RangeError(`The snapshot holds two prices of ${twice(symbols)}.`);
}
