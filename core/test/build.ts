import { keccak256 } from 'viem';
import {
	address,
	buildRecord,
	type ChainFacts,
	commitmentOf,
	decide,
	defaultPolicy,
	gpuModelKey,
	hashRequest,
	hashTerms,
	type JobRef,
	type JobRequest,
	jobId,
	type ListingId,
	listingId,
	lockFor,
	type MarketSnapshot,
	microUsd,
	offerKey,
	providerId,
	type Quote,
	type QuoteListing,
	type RoutingPolicy,
	recordToBytes,
	snapshotToBytes,
	sourceId,
	type Terms,
	unixSeconds,
	ZERO_HASH,
	zeroGRoot,
} from '../src/index.ts';
import { registryOf, standingIn, taken } from './registry.ts';

/** Things to test with: each builder gives a plain good one, and takes what a test wants different. */

export const NOW = unixSeconds(1_795_000_000);
export const REGISTRY = address('0x5FbDB2315678afecb367f032d93F642f64180aa3');
export const BUYER = address('0x90F79bf6EB2c4f870365E785982E1f101E93b906');
export const PROVIDER = address('0x9965507D1a55bcC2695C58ba16FB37d819B0A4dc');

export function request(parts: Partial<JobRequest> = {}): JobRequest {
	return {
		gpuModel: gpuModelKey('h100'),
		minMemoryGiB: 0,
		formFactors: [],
		gpuCount: 1,
		maxParts: 0,
		duration: 3600,
		maxPricePerGpuHour: microUsd(5_000_000n),
		continents: [],
		countries: [],
		excludedPricing: [],
		attestations: [],
		weights: { uptime: 0, latency: 0, rating: 0, risk: 0 },
		routeDeadline: unixSeconds(NOW + 3600),
		startWindow: 600,
		specHash: ZERO_HASH,
		policyHash: ZERO_HASH,
		team: 0,
		tracked: true,
		...parts,
	};
}

export function quote(parts: Partial<Quote> & { id?: string } = {}): Quote {
	const { id = 'one', ...rest } = parts;
	const source = sourceId('lambda');
	return {
		key: offerKey(source, id),
		source,
		network: 'lambda',
		evidence: 'live',
		observedAt: unixSeconds(NOW - 60),
		meaning: 'offer',
		upstream: null,
		gpu: { model: gpuModelKey('h100'), formFactor: 'sxm', memoryGiB: 80, rawName: 'H100 (80 GB SXM5)' },
		gpus: { numerator: 1, denominator: 1 },
		host: { vcpus: 26, ramGiB: 225, diskGiB: 2816 },
		region: { continent: 'north-america', country: 'US', raw: 'us-east-1' },
		price: price(),
		availability: { state: 'available', gpus: 8, widest: 8 },
		quality: { uptimeBps: null, latencyMs: null, ratingBps: null, riskBps: null },
		listing: null,
		...rest,
	};
}

export function price(parts: Partial<Quote['price']> = {}): Quote['price'] {
	return {
		model: 'fixed',
		amount: '3.00',
		currency: 'USD',
		exponent: 0,
		per: 'gpu',
		time: 'hour',
		blockMilliseconds: null,
		feeBps: 0,
		includes: [],
		...parts,
	};
}

export function listing(parts: Partial<QuoteListing> = {}): QuoteListing {
	return {
		id: listingId(1),
		version: 1,
		providerId: providerId(1),
		provider: PROVIDER,
		providerName: 'Nordlicht Compute',
		name: 'H100 pool',
		kind: 'own',
		total: 16,
		reserved: 0,
		offline: false,
		floor: microUsd(0n),
		ceiling: microUsd(0n),
		availableFrom: 0,
		availableUntil: 0,
		tiers: [],
		attestations: [],
		restricted: false,
		...parts,
	};
}

/** A listing's quote: own hardware at a fixed rate in micro-USD. */
export function listed(
	id: number,
	rate: bigint,
	parts: Partial<Quote> & { terms?: Partial<QuoteListing> } = {},
): Quote {
	const { terms, ...rest } = parts;
	const source = sourceId('necto');
	return quote({
		key: offerKey(source, `${id}`),
		source,
		network: 'necto',
		evidence: 'listing',
		meaning: 'listing',
		price: price({ amount: `${rate}`, exponent: 6 }),
		availability: { state: 'available', gpus: 16, widest: 8 },
		quality: { uptimeBps: 9_990, latencyMs: 20, ratingBps: 9_000, riskBps: 100 },
		listing: listing({ id: listingId(id), ...terms }),
		...rest,
	});
}

export function snapshot(quotes: Quote[], parts: Partial<MarketSnapshot> = {}): MarketSnapshot {
	return {
		format: 'necto.snapshot/1',
		takenAt: NOW,
		chain: { id: 31337, block: 42n },
		sources: [],
		tokenPrices: [],
		quotes,
		...parts,
	};
}

/** A job that was decided, published and routed as it should be: the files and what the chain then says. The market is made one that an agent takes. */
export function routed(
	parts: {
		request?: JobRequest;
		snapshot?: MarketSnapshot;
		policy?: RoutingPolicy;
		id?: bigint;
		admitted?: ListingId[];
		passedOver?: ListingId[];
	} = {},
): { recordBytes: Uint8Array; snapshotBytes: Uint8Array; chain: ChainFacts } {
	const wanted = parts.request ?? request();
	const market = taken(parts.snapshot ?? snapshot([listed(1, 2_000_000n), listed(2, 1_900_000n), quote()]));
	const policy = parts.policy ?? defaultPolicy;
	const job: JobRef = { chainId: 31337, registry: REGISTRY, id: jobId(parts.id ?? 7n), requester: BUYER };
	const { admitted = [], passedOver = [] } = parts;
	const decision = decide({ job, request: wanted, snapshot: market, policy, admitted, passedOver });
	const snapshotBytes = snapshotToBytes(market);
	const recordBytes = recordToBytes(
		buildRecord({
			decision,
			job,
			request: wanted,
			policy,
			takenAt: market.takenAt,
			snapshotRef: { root: zeroGRoot(snapshotBytes), hash: keccak256(snapshotBytes), bytes: snapshotBytes.length },
		}),
	);
	const chain = chainFor(wanted, decision.chosen, decision.candidatesRoot, recordBytes, market, admitted);
	return { recordBytes, snapshotBytes, chain: { ...chain, refusals: passedOver } };
}

/** What a chain holds that routed a job with this record, whatever is in it. */
export function chainFor(
	wanted: JobRequest,
	chosen: { listing: number; listingVersion: number; provider: string; pricePerGpuHour: bigint } | null,
	candidatesRoot: ChainFacts['routing']['candidatesRoot'],
	recordBytes: Uint8Array,
	market: MarketSnapshot = snapshot([]),
	admitted: readonly ListingId[] = [],
): ChainFacts {
	const routing = {
		listing: chosen?.listing ?? 0,
		listingVersion: chosen?.listingVersion ?? 0,
		provider: chosen === null ? PROVIDER : address(chosen.provider),
		pricePerGpuHour: chosen?.pricePerGpuHour ?? 0n,
		candidatesRoot,
		recordRoot: zeroGRoot(recordBytes),
		recordHash: keccak256(recordBytes),
	};
	const id = 7n;
	const terms: Terms = {
		requester: BUYER,
		team: wanted.team,
		requestedAt: NOW - 10,
		routeDeadline: wanted.routeDeadline,
		gpuCount: wanted.gpuCount,
		duration: wanted.duration,
		locked: lockFor(wanted),
		requestHash: hashRequest(wanted),
		provider: routing.provider,
		listing: routing.listing,
		pricePerGpuHour: routing.pricePerGpuHour,
		fee: 100,
		router: '0x70997970C51812dc3A010C7d01b50e0d17dc79C8',
		routedAt: NOW,
		commitment: commitmentOf({ jobId: id, requestHash: hashRequest(wanted), provider: routing.provider, routing }),
	};
	return {
		chainId: 31337,
		registry: REGISTRY,
		jobId: id,
		request: wanted,
		requestedIn: { number: 40n, timestamp: NOW - 10 },
		reopenedIn: null,
		partOf: null,
		routedIn: { number: 45n, timestamp: NOW },
		registryState: registryOf(market, admitted),
		standing: wanted.tracked ? { atSnapshot: standingIn(market), beforeRoute: standingIn(market) } : null,
		requester: BUYER,
		tracked: wanted.tracked,
		routing,
		terms,
		refusals: [],
		termsHash: hashTerms(terms),
	};
}
