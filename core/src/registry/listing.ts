import { offerKey, sourceId } from '../ids.ts';
import { type Quote, type QuoteListing, quoteSchema } from '../offer/quote.ts';
import type { Tier } from '../offer/tiers.ts';
import {
	ATTESTATION_KINDS,
	type AttestationKind,
	type Continent,
	type FormFactor,
	fromBits,
	type ListingKind,
	type PricingModel,
} from '../tables.ts';
import { clamp, clip, plainWords } from './words.ts';

/** Necto's own registry as a source of offers: the only one that can be routed to. */
export const NECTO = sourceId('necto');

/** A statement that stands about an address. */
export interface Attested {
	kind: AttestationKind;
	/** Unix seconds: the last second in which it stands. */
	expiresAt: number;
}

/** Whom a listing serves. */
export interface AccessRules {
	providerId: number;
	/** Bits over ATTESTATION_KINDS that its buyers need. */
	ruleAttestations: number;
	/** Whether it serves only the buyers on its provider's list. */
	allowListOnly: boolean;
}

/** A listing of the ProviderRegistry with its provider, as of one block: from the indexer's tables or from the chain itself. */
export interface RegistryListing extends AccessRules {
	id: number;
	kind: ListingKind;
	gpuModel: string;
	/** GiB of one GPU; 0 is unknown. */
	memoryGiB: number;
	formFactor: FormFactor;
	total: number;
	/** Most GPUs in one machine. */
	widest: number;
	reserved: number;
	offline: boolean;
	continent: Continent;
	/** ISO 3166-1 alpha-2. */
	country: string | null;
	/** As the provider wrote it, as are `network` and `name`. */
	region: string;
	/** '' for own hardware. */
	network: string;
	name: string;
	/** Per GPU, as are RAM and disk; 0 is unknown. */
	vcpus: number;
	ramGiB: number;
	diskGiB: number;
	pricingModel: PricingModel;
	/** Micro-USD per GPU-hour, as are `floor` and `ceiling`. */
	rate: bigint;
	floor: bigint;
	ceiling: bigint;
	/** Millionths of a token per GPU-hour. */
	tokenAmount: bigint;
	/** '' unless the price is in tokens. */
	token: string;
	/** Unix seconds; 0 is open, as is `availableUntil`. */
	availableFrom: number;
	availableUntil: number;
	/** With the generation of its provider. */
	version: number;
	tiers: readonly Tier[];
	provider: {
		/** Who is paid, in any case of letters. */
		owner: string;
		name: string;
		/** The contract's counters; null where they are not known. */
		jobs: { completed: number; failed: number; disputed: number } | null;
	};
	/** Of the provider's owner. */
	attestations: readonly Attested[];
}

/**
 * A listing as a snapshot holds it. The agent makes its snapshots with this and the verifier compares them with it, so both read a listing the same way.
 *
 * @param observedAt unix seconds at which the registry was read
 * @returns null for a listing that no snapshot can hold: it is left out of decisions
 */
export function listingQuote(listing: RegistryListing, observedAt: number): Quote | null {
	const quote = quoteSchema.safeParse(quoteJsonOf(listing, observedAt));
	return quote.success ? quote.data : null;
}

function quoteJsonOf(listing: RegistryListing, observedAt: number): unknown {
	const { provider } = listing;
	const free = Math.max(0, listing.total - listing.reserved);
	const known = (amount: number) => (amount > 0 ? amount : null);
	const isToken = listing.pricingModel === 'token';
	return {
		key: offerKey(NECTO, String(listing.id)),
		source: NECTO,
		network: networkOf(clip(listing.network)),
		evidence: 'listing',
		observedAt,
		meaning: 'listing',
		upstream: null,
		gpu: {
			model: clip(listing.gpuModel),
			formFactor: listing.formFactor,
			memoryGiB: known(listing.memoryGiB),
			rawName: clip(listing.gpuModel),
		},
		gpus: { numerator: 1, denominator: 1 },
		host: {
			vcpus: known(listing.vcpus),
			ramGiB: known(clamp(listing.ramGiB)),
			diskGiB: known(clamp(listing.diskGiB)),
		},
		region: { continent: listing.continent, country: listing.country, raw: plainWords(clip(listing.region), 200) },
		price: {
			model: listing.pricingModel,
			amount: String(isToken ? listing.tokenAmount : listing.rate),
			currency: isToken ? listing.token : 'USD',
			exponent: 6,
			per: 'gpu',
			time: 'hour',
			blockMilliseconds: null,
			feeBps: 0,
			includes: ['cpu', 'ram', 'disk'],
		},
		availability: {
			state: listing.offline || free === 0 ? 'none' : 'available',
			gpus: listing.offline ? 0 : free,
			widest: listing.widest,
		},
		quality: { uptimeBps: null, latencyMs: null, ratingBps: null, riskBps: null },
		listing: {
			id: listing.id,
			version: listing.version,
			providerId: listing.providerId,
			provider: provider.owner.toLowerCase(),
			providerName: plainWords(clip(provider.name), 200),
			name: plainWords(clip(listing.name), 200),
			kind: listing.kind,
			total: listing.total,
			reserved: listing.reserved,
			offline: listing.offline,
			floor: String(listing.floor),
			ceiling: String(listing.ceiling),
			availableFrom: listing.availableFrom,
			availableUntil: listing.availableUntil,
			tiers: listing.tiers.map(({ hour, multiplier }) => ({ hour, multiplier })),
			attestations: listing.attestations.map(({ kind, expiresAt }) => ({ kind, expiresAt })),
			restricted: listing.allowListOnly || listing.ruleAttestations !== 0,
			jobs: jobsOf(provider.jobs),
		},
	};
}

function jobsOf(jobs: RegistryListing['provider']['jobs']): QuoteListing['jobs'] {
	return jobs === null ? undefined : { completed: jobs.completed, failed: jobs.failed, disputed: jobs.disputed };
}

/** A network listing names its network in its provider's words. */
function networkOf(text: string): string {
	const word = text
		.toLowerCase()
		.replace(/[^a-z0-9.-]+/g, '-')
		.replace(/^[^a-z0-9]+/, '')
		.slice(0, 40);
	return word === '' ? NECTO : word;
}

/** What the registry holds about a buyer. */
export interface BuyerStanding {
	attestations: readonly Attested[];
	/** Providers that have the buyer on their list. */
	lists: readonly number[];
}

/**
 * Whether a listing's rules admit a buyer, as `ProviderRegistry.reserve` asks.
 *
 * @param until unix seconds by which the job would be over: attestations have to last as long
 */
export function admits(rules: AccessRules, buyer: BuyerStanding, until: number): boolean {
	if (rules.allowListOnly && !buyer.lists.includes(rules.providerId)) return false;
	return fromBits(ATTESTATION_KINDS, rules.ruleAttestations).every((kind) =>
		buyer.attestations.some((held) => held.kind === kind && held.expiresAt >= until),
	);
}
