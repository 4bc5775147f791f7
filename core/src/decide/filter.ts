import type { ListingId, UnixSeconds } from '../ids.ts';
import { formatUsd } from '../money.ts';
import type { Normalised } from '../normalise/normalise.ts';
import type { Quote } from '../offer/quote.ts';
import { CLOCK_TOLERANCE, type RoutingPolicy } from '../policy/policy.ts';
import type { JobRequest } from '../request/request.ts';
import type { Exclusion, Rule } from './exclusion.ts';

/** A quote with its price in USD per GPU-hour, or the reason why it has none. */
export interface Offer {
	quote: Quote;
	price: Normalised;
}

interface Question {
	offer: Offer;
	request: JobRequest;
	policy: RoutingPolicy;
	takenAt: UnixSeconds;
	/** Restricted listings that serve this buyer. */
	admitted: ReadonlySet<ListingId>;
	/** Listings that had this job and did not take it. */
	passedOver: ReadonlySet<ListingId>;
}

type Failure = Omit<Exclusion, 'rule'>;

const plural = (count: number | string, noun: string) => `${count} ${noun}${count === 1 || count === '1' ? '' : 's'}`;

/** One function a rule; null is "passes". The order is that of the questions, and part of what a record says. */
const RULE_BOOK: [Rule, (question: Question) => Failure | null][] = [
	[
		'price-refused',
		({ offer: { price } }) =>
			price.ok ? null : { wanted: 'a price in USD per GPU-hour', found: price.reason, message: price.message },
	],
	[
		'gpu-model',
		({ offer: { quote }, request }) => {
			if (quote.gpu.model === request.gpuModel) return null;
			const [wanted, found] = [request.gpuModel, quote.gpu.model];
			return { wanted, found, message: `Has ${found}, not ${wanted}.` };
		},
	],
	[
		'memory',
		({ offer: { quote }, request }) => {
			const wanted = `${request.minMemoryGiB} GiB or more`;
			const has = quote.gpu.memoryGiB;
			if (request.minMemoryGiB === 0 || (has !== null && has >= request.minMemoryGiB)) return null;
			return has === null
				? { wanted, found: 'unknown', message: `The memory of its GPUs is not known; the job needs ${wanted}.` }
				: { wanted, found: `${has} GiB`, message: `Its GPUs have ${has} GiB; the job needs ${wanted}.` };
		},
	],
	[
		'form-factor',
		({ offer: { quote }, request }) => {
			const { formFactors } = request;
			if (formFactors.length === 0 || formFactors.includes(quote.gpu.formFactor)) return null;
			const wanted = formFactors.join(' or ');
			const found = quote.gpu.formFactor;
			return { wanted, found, message: `Its form factor is ${found}; the job wants ${wanted}.` };
		},
	],
	[
		'region',
		({ offer: { quote }, request }) => {
			const { continents, countries } = request;
			const { continent, country } = quote.region;
			if (continents.length === 0 && countries.length === 0) return null;
			if (continents.includes(continent) || (country !== null && countries.includes(country))) return null;
			const wanted = [...continents, ...countries].join(' or ');
			const found = country === null ? continent : `${country}, ${continent}`;
			return { wanted, found, message: `Stands in ${found}; the job wants ${wanted}.` };
		},
	],
	[
		'pricing-model',
		({ offer: { quote }, request }) => {
			const found = quote.price.model;
			if (!request.excludedPricing.includes(found)) return null;
			const wanted = `not ${request.excludedPricing.join(' or ')}`;
			return { wanted, found, message: `Its price is ${found}, which the job excludes.` };
		},
	],
	[
		'network',
		({ offer: { quote }, policy }) => {
			if (!policy.excludedNetworks.includes(quote.network)) return null;
			const wanted = `not ${policy.excludedNetworks.join(' or ')}`;
			return { wanted, found: quote.network, message: `Runs on ${quote.network}, which the policy excludes.` };
		},
	],
	['gpu-count', gpuCount],
	['capacity', capacity],
	[
		'offline',
		({ offer: { quote } }) =>
			quote.listing?.offline === true
				? { wanted: 'online', found: 'offline', message: 'Its provider has taken the listing offline.' }
				: null,
	],
	['availability-window', availabilityWindow],
	['attestations', attestations],
	['access', access],
	['passed-over', passedOver],
	[
		'max-price',
		({ offer: { price }, request }) => {
			if (!price.ok || price.usdPerGpuHour <= request.maxPricePerGpuHour) return null;
			const wanted = `${formatUsd(request.maxPricePerGpuHour)} or less`;
			const found = formatUsd(price.usdPerGpuHour);
			return { wanted, found, message: `Costs ${found} per GPU-hour; the job pays ${wanted}.` };
		},
	],
	['stale', stale],
	[
		'not-rentable',
		({ offer: { quote } }) =>
			quote.meaning === 'estimate'
				? {
						wanted: 'a machine by the hour',
						found: 'estimate',
						message: 'It is an estimate of what another good costs; no machine can be rented at it.',
					}
				: null,
	],
];

/**
 * The first rule that keeps an offer out of a job's ranking, with the two values it compared; null when the offer fits.
 *
 * What is unknown fails a limit that the buyer set (memory). Unknown capacity passes: such an offer is marked, and never one that Necto routes to,
 * because a listing's capacity is always known.
 *
 * @param admitted restricted listings that serve this buyer: all others are out
 * @param passedOver listings that had this job and declined it or did not start it
 */
export function exclusionOf(
	offer: Offer,
	request: JobRequest,
	policy: RoutingPolicy,
	takenAt: UnixSeconds,
	admitted: ReadonlySet<ListingId> = new Set(),
	passedOver: ReadonlySet<ListingId> = new Set(),
): Exclusion | null {
	for (const [rule, fails] of RULE_BOOK) {
		const failure = fails({ offer, request, policy, takenAt, admitted, passedOver });
		if (failure !== null) return { rule, ...failure };
	}
	return null;
}

/** What of an offer says how many GPUs one machine of it has. */
export type Sale = Pick<Quote, 'gpus'> & {
	price: Pick<Quote['price'], 'per'>;
	availability: Pick<Quote['availability'], 'widest'>;
};

/**
 * Whether so many GPUs can be had in one machine and nothing beside them, or why not. A whole machine is not sold in parts: one of eight GPUs does not
 * serve a job for one at an eighth of its price.
 */
export function inOneMachine(
	{ gpus, price, availability }: Sale,
	gpuCount: number,
): 'yes' | 'too-small' | 'not-in-parts' | 'several-machines' {
	const { numerator, denominator } = gpus;
	const { widest } = availability;
	if (widest !== null && widest < gpuCount) return 'too-small';
	if (price.per === 'gpu') return 'yes';
	const share = gpuCount * denominator;
	if (share % numerator !== 0) return 'not-in-parts';
	return share / numerator > 1 && widest === null ? 'several-machines' : 'yes';
}

/** All of a job's GPUs are in one machine. */
function gpuCount({ offer: { quote }, request }: Question): Failure | null {
	const { numerator, denominator } = quote.gpus;
	const { widest } = quote.availability;
	const wanted = `${plural(request.gpuCount, 'GPU')} in one machine`;
	const size = plural(denominator === 1 ? `${numerator}` : `${numerator}/${denominator}`, 'GPU');
	const found = `sold by ${size}`;
	switch (inOneMachine(quote, request.gpuCount)) {
		case 'yes':
			return null;
		case 'too-small':
			return {
				wanted,
				found: `${widest} at most`,
				message: `Its largest machine has ${plural(widest ?? 0, 'GPU')}.`,
			};
		case 'not-in-parts':
			return {
				wanted,
				found,
				message: `It is sold as a whole machine of ${size}; the job wants ${request.gpuCount}.`,
			};
		case 'several-machines':
			return {
				wanted,
				found,
				message: `It is sold by ${size}, and nothing says that several of them are one machine.`,
			};
	}
}

function capacity({ offer: { quote }, request }: Question): Failure | null {
	const { listing, availability } = quote;
	const wanted = plural(request.gpuCount, 'free GPU');
	const free = listing === null ? availability.gpus : Math.max(listing.total - listing.reserved, 0);
	if (availability.state === 'none') {
		return { wanted, found: 'none', message: 'It has a price but nothing free.' };
	}
	if (free === null || free >= request.gpuCount) return null;
	return { wanted, found: `${free}`, message: `It has ${plural(free, 'free GPU')}.` };
}

/** The contract wants the whole of start window and duration inside the listing's window. */
function availabilityWindow({ offer: { quote }, request, takenAt }: Question): Failure | null {
	if (quote.listing === null) return null;
	const { availableFrom, availableUntil } = quote.listing;
	const end = takenAt + request.startWindow + request.duration;
	const wanted = `${takenAt} to ${end}`;
	if (availableFrom > takenAt) {
		return {
			wanted,
			found: `from ${availableFrom}`,
			message: `It is available ${availableFrom - takenAt} s from now.`,
		};
	}
	if (availableUntil !== 0 && availableUntil < end) {
		const message = `It ends ${end - availableUntil} s before the job would have to be over.`;
		return { wanted, found: `until ${availableUntil}`, message };
	}
	return null;
}

/** Asked for until the job's end, should it start as late as it may: the second in which the contract asks too. */
function attestations({ offer: { quote }, request, takenAt }: Question): Failure | null {
	const end = takenAt + request.startWindow + request.duration;
	const text = (kinds: readonly string[]) => `${kinds.join(' and ')} until ${end}`;
	if (request.attestations.length === 0) return null;
	if (quote.listing === null) {
		const message = 'Nothing is attested of whoever offers it.';
		return { wanted: text(request.attestations), found: 'unknown', message };
	}
	const held = quote.listing.attestations;
	const missing = request.attestations.filter(
		(kind) => !held.some((attestation) => attestation.kind === kind && attestation.expiresAt >= end),
	);
	if (missing.length === 0) return null;
	const found = held.map(({ kind, expiresAt }) => `${kind} until ${expiresAt}`).join(', ');
	return {
		wanted: text(request.attestations),
		found: found === '' ? 'none' : found,
		message: `Its provider is not attested ${missing.join(' and ')} until the job's end.`,
	};
}

function passedOver({ offer: { quote }, passedOver: refused }: Question): Failure | null {
	if (quote.listing === null || !refused.has(quote.listing.id)) return null;
	const message = 'It had this job before and declined it or did not start it in time.';
	return { wanted: 'a listing that did not have the job yet', found: `listing ${quote.listing.id}`, message };
}

function access({ offer: { quote }, admitted }: Question): Failure | null {
	if (quote.listing === null || !quote.listing.restricted || admitted.has(quote.listing.id)) return null;
	const message = 'It serves some buyers only, and this job does not name one of them.';
	return { wanted: 'open to this buyer', found: 'restricted', message };
}

function stale({ offer: { quote }, policy, takenAt }: Question): Failure | null {
	if (quote.evidence === 'snapshot' && policy.snapshotOffers === 'ignore') {
		const message = 'It comes from a dated file, which the policy ignores.';
		return { wanted: 'an answer of today', found: 'a dated file', message };
	}
	if (quote.evidence !== 'live') return null;
	const age = takenAt - quote.observedAt;
	const wanted = `at most ${policy.liveOfferMaxAge} s old`;
	if (age > policy.liveOfferMaxAge) return { wanted, found: `${age} s`, message: `It was last seen ${age} s ago.` };
	if (age >= -CLOCK_TOLERANCE) return null;
	return { wanted, found: `${age} s`, message: `It claims to be seen ${-age} s in the future.` };
}
