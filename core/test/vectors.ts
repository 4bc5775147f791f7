import { type Hex, keccak256, stringToBytes } from 'viem';
import {
	type Address,
	ATTESTATION_KINDS,
	address,
	type Candidate,
	CONTINENTS,
	candidateLeaf,
	candidateProof,
	candidatesRoot,
	commitmentOf,
	compare,
	compareOnChain,
	costOf,
	distancesOf,
	FORM_FACTORS,
	gpuModelKey,
	hashRequest,
	hashTerms,
	type JobRequest,
	listingId,
	lockFor,
	microUsd,
	NOT_ROUTED,
	offerKey,
	PRICING_MODELS,
	penaltiesOf,
	type Quote,
	type Ranked,
	type Routing,
	requestToChain,
	scoreOf,
	sourceId,
	type Terms,
	type Tier,
	teamId,
	tieredRate,
	unixSeconds,
	type Weights,
	ZERO_HASH,
	zeroGRoot,
} from '../src/index.ts';

/**
 * What core computes that others compute too (the contracts, 0G's SDK): inputs with results, as JSON that Solidity tests can read. Amounts are decimal
 * strings. The files are made by `node core/vectors/make.ts`; a test of core fails when they are not current.
 */

const hash = (text: string): Hex => keccak256(stringToBytes(text));
const ALL_ONES: Hex = `0x${'f'.repeat(64)}`;
const BUYER = address('0x90f79bf6eb2c4f870365e785982e1f101e93b906');
const ROUTER = address('0x70997970c51812dc3a010c7d01b50e0d17dc79c8');
const PROVIDER = address('0x9965507d1a55bcc2695c58ba16fb37d819b0a4dc');

const plain: JobRequest = {
	gpuModel: gpuModelKey('h100'),
	minMemoryGiB: 0,
	formFactors: [],
	gpuCount: 1,
	maxParts: 0,
	duration: 3600,
	maxPricePerGpuHour: microUsd(2_500_000n),
	continents: [],
	countries: [],
	excludedPricing: [],
	attestations: [],
	weights: { uptime: 0, latency: 0, rating: 0, risk: 0 },
	routeDeadline: unixSeconds(1_795_000_000),
	startWindow: 600,
	specHash: ZERO_HASH,
	policyHash: ZERO_HASH,
	team: 0,
	tracked: false,
};

const ofTeam: JobRequest = {
	...plain,
	gpuModel: gpuModelKey('rtxpro6000mq'),
	minMemoryGiB: 80,
	formFactors: ['pcie', 'nvl'],
	gpuCount: 8,
	maxParts: 4,
	duration: 172_801,
	maxPricePerGpuHour: microUsd(1_999_999n),
	continents: ['europe', 'south-america'],
	countries: ['US', 'CA', 'JP'],
	excludedPricing: ['token'],
	attestations: ['kyc', 'soc2'],
	weights: { uptime: 500, latency: 250, rating: 1000, risk: 10_000 },
	specHash: hash('spec'),
	policyHash: hash('policy'),
	team: teamId(7),
	tracked: true,
};

const least: JobRequest = {
	...plain,
	gpuModel: gpuModelKey('a'),
	duration: 1,
	maxPricePerGpuHour: microUsd(1n),
	routeDeadline: unixSeconds(0),
	startWindow: 0,
};

/** The most that core can say; the price is the highest whose lock is an amount that the Escrow can hold. */
const most: JobRequest = {
	gpuModel: gpuModelKey('0123456789abcdef'),
	minMemoryGiB: 0xffff,
	formFactors: [...FORM_FACTORS],
	gpuCount: 0xffff,
	maxParts: 0xff,
	duration: 0xffff_ffff,
	maxPricePerGpuHour: microUsd(235_933_200n),
	continents: [...CONTINENTS],
	countries: ['AT', 'BE', 'CH', 'DE', 'FR', 'LU', 'NL', 'PL'],
	excludedPricing: [...PRICING_MODELS],
	attestations: [...ATTESTATION_KINDS],
	weights: { uptime: 10_000, latency: 10_000, rating: 10_000, risk: 10_000 },
	routeDeadline: unixSeconds(2 ** 40 - 1),
	startWindow: 0xffff_ffff,
	specHash: ALL_ONES,
	policyHash: ALL_ONES,
	team: teamId(0xffff_ffff),
	tracked: true,
};

/** The highest price: its lock for one hour is the highest amount. */
const dearest: JobRequest = { ...plain, maxPricePerGpuHour: microUsd(2n ** 64n - 1n), tracked: true };

const usualRouting: Routing = {
	listing: listingId(12),
	listingVersion: 4,
	pricePerGpuHour: 1_987_654n,
	candidatesRoot: hash('candidates'),
	recordRoot: hash('record root'),
	recordHash: hash('record'),
};

const mostRouting: Routing = {
	listing: listingId(0xffff_ffff),
	listingVersion: 0xffff_ffff,
	pricePerGpuHour: most.maxPricePerGpuHour,
	candidatesRoot: ALL_ONES,
	recordRoot: ALL_ONES,
	recordHash: ALL_ONES,
};

const jobs: { jobId: bigint; request: JobRequest; provider: Address; routing: Routing }[] = [
	{ jobId: 1n, request: plain, provider: PROVIDER, routing: usualRouting },
	{ jobId: 2n, request: ofTeam, provider: PROVIDER, routing: usualRouting },
	{
		jobId: 3n,
		request: least,
		provider: address(`0x${'1'.padStart(40, '0')}`),
		routing: { ...usualRouting, listing: listingId(1), listingVersion: 1, pricePerGpuHour: 1n },
	},
	{ jobId: 2n ** 64n - 1n, request: most, provider: address(`0x${'f'.repeat(40)}`), routing: mostRouting },
	{
		jobId: 5n,
		request: dearest,
		provider: PROVIDER,
		routing: { ...usualRouting, pricePerGpuHour: dearest.maxPricePerGpuHour },
	},
];

function commitments() {
	return jobs.map(({ jobId, request, provider, routing }) => {
		const chain = requestToChain(request);
		const requestHash = hashRequest(request);
		const elapsed = Math.floor(request.duration / 3);
		const commitment = commitmentOf({ jobId, requestHash, provider, routing });
		const requested: Terms = {
			requester: BUYER,
			team: request.team,
			requestedAt: Math.max(request.routeDeadline - 3600, 0),
			routeDeadline: request.routeDeadline,
			gpuCount: request.gpuCount,
			duration: request.duration,
			locked: lockFor(request),
			requestHash,
			...NOT_ROUTED,
		};
		const { listing, pricePerGpuHour } = routing;
		const routed: Terms = {
			...requested,
			provider,
			listing,
			pricePerGpuHour,
			// 10,000 is the whole of what is paid.
			fee: request === most ? 10_000 : 100,
			router: ROUTER,
			routedAt: request.routeDeadline,
			commitment,
		};
		return {
			jobId: `${jobId}`,
			request: { ...chain, maxPricePerGpuHour: `${chain.maxPricePerGpuHour}` },
			requestHash,
			locked: `${lockFor(request)}`,
			elapsed,
			cost: `${costOf(routing.pricePerGpuHour, request.gpuCount, elapsed)}`,
			provider,
			routing: { ...routing, pricePerGpuHour: `${routing.pricePerGpuHour}` },
			commitment,
			terms: [requested, routed].map((terms) => ({
				...terms,
				locked: `${terms.locked}`,
				pricePerGpuHour: `${terms.pricePerGpuHour}`,
				hash: hashTerms(terms),
			})),
		};
	});
}

type Quality = Quote['quality'];
const quality = (
	uptimeBps: number | null,
	latencyMs: number | null,
	ratingBps: number | null,
	riskBps: number | null,
) => ({
	uptimeBps,
	latencyMs,
	ratingBps,
	riskBps,
});

const offers: [id: string, price: bigint, quality: Quality][] = [
	['1', 2_000_000n, quality(10_000, 0, 10_000, 0)],
	['2', 1_900_000n, quality(9_900, 120, 8_000, 500)],
	['3', 1_900_000n, quality(9_900, 120, 9_000, 500)],
	['4', 1_900_000n, quality(9_950, 400, 1_000, 9_000)],
	['5', 1_800_001n, quality(null, null, null, null)],
	['6', 1_800_001n, quality(0, 1000, 0, 10_000)],
	['7', 1_800_001n, quality(0, 5000, 0, 10_000)],
	['10', 2_000_000n, quality(10_000, 0, 10_000, 0)],
	['11', 1n, quality(5_000, 999, 3_333, 7_777)],
	['12', 2n ** 64n - 1n, quality(9_999, 1, 9_999, 1)],
];

const weightings: Weights[] = [
	{ uptime: 0, latency: 0, rating: 0, risk: 0 },
	{ uptime: 500, latency: 0, rating: 0, risk: 0 },
	{ uptime: 0, latency: 1_234, rating: 0, risk: 0 },
	{ uptime: 333, latency: 333, rating: 333, risk: 333 },
	{ uptime: 10_000, latency: 10_000, rating: 10_000, risk: 10_000 },
];

const necto = sourceId('necto');

function rankedBy(weights: Weights): Ranked[] {
	return offers
		.map(([id, price, quality]) => {
			const distances = distancesOf(quality);
			const penalties = penaltiesOf(distances, weights);
			const score = scoreOf(price, penalties);
			return { key: offerKey(necto, id), price: microUsd(price), quality, distances, penalties, score };
		})
		.sort(compare);
}

/**
 * Places in `order` with what the chain's comparison says of them: -1 when `a` is better, 1 when worse, 0 when only what the chain does not know
 * (known or not, the key) tells them apart.
 */
function pairsOf(ranked: readonly Ranked[]) {
	const last = ranked.length - 1;
	const places = ranked.slice(1).map((_, index) => [index, index + 1] as const);
	return [...places, [0, last] as const, [last, 0] as const, [0, 0] as const].map(([a, b]) => {
		const [one, other] = [ranked[a], ranked[b]];
		if (one === undefined || other === undefined) throw new RangeError(`No place ${a} or ${b}.`);
		return { a, b, order: Math.sign(compareOnChain(one, other)) };
	});
}

function rankings() {
	return {
		offers: offers.map(([id, price, quality]) => ({ key: offerKey(necto, id), price: `${price}`, ...quality })),
		rankings: weightings.map((weights) => ({
			weights,
			order: rankedBy(weights).map(({ key, distances, penalties, score, price }) => ({
				key,
				price: `${price}`,
				distances,
				penalties: `${penalties}`,
				score: `${score}`,
			})),
			pairs: pairsOf(rankedBy(weights)),
		})),
	};
}

function candidates() {
	const all: Candidate[] = rankedBy(weightings[3] ?? { uptime: 0, latency: 0, rating: 0, risk: 0 }).map(
		(ranked, index) => ({
			key: ranked.key,
			listing: index % 3 === 2 ? 0 : index + 1,
			listingVersion: index % 3 === 2 ? 0 : index,
			price: ranked.price,
			distances: ranked.distances,
			score: ranked.score,
		}),
	);
	return [1, 2, 3, 5, all.length].map((count) => {
		const ranking = all.slice(0, count);
		return {
			root: candidatesRoot(ranking),
			candidates: ranking.map((candidate) => ({
				key: candidate.key,
				keyHash: hash(candidate.key),
				listing: candidate.listing,
				listingVersion: candidate.listingVersion,
				price: `${candidate.price}`,
				uptimeDistance: candidate.distances.uptime,
				latencyDistance: candidate.distances.latency,
				ratingDistance: candidate.distances.rating,
				riskDistance: candidate.distances.risk,
				score: `${candidate.score}`,
				leaf: candidateLeaf(candidate),
				proof: candidateProof(ranking, candidate.key),
			})),
		};
	});
}

/** Monday, 16 November 2026, 00:00 UTC. */
const MONDAY = 1_794_787_200;
const HOUR = 3600;
const WEEK = 168 * HOUR;

const workWeek: Tier[] = [
	{ hour: 8, multiplier: 12_000 },
	{ hour: 20, multiplier: 9_000 },
	{ hour: 116, multiplier: 6_500 },
];
const tenTiers: Tier[] = Array.from({ length: 10 }, (_, index) => ({
	hour: index === 9 ? 167 : index * 17,
	multiplier: index === 9 ? 65_535 : 1 + index * 1111,
}));

/** Listings' tiers, a rate and the seconds at which it is asked: around each tier's first second, and around the week's end. */
const tiered: { tiers: Tier[]; rate: bigint; at: number[] }[] = [
	{ tiers: [], rate: 2_000_000n, at: [0, MONDAY, MONDAY + WEEK - 1] },
	{
		tiers: workWeek,
		rate: 1_999_999n,
		at: [0, 8, 20, 116, 168].flatMap((hour) => [-1, 0, 1].map((second) => MONDAY + hour * HOUR + second)),
	},
	// Of other years, and of the first days that there are: a Thursday.
	{
		tiers: workWeek,
		rate: 2_500_000n,
		at: [0, 4 * HOUR - 1, 96 * HOUR - 1, 96 * HOUR, MONDAY + 52 * WEEK, 2 ** 40 - 1],
	},
	{ tiers: [{ hour: 0, multiplier: 10_000 }], rate: 1_234_567n, at: [MONDAY, MONDAY - 1] },
	{ tiers: [{ hour: 167, multiplier: 1 }], rate: 9_999n, at: [MONDAY, MONDAY - 1, MONDAY - HOUR - 1] },
	{ tiers: [{ hour: 100, multiplier: 1 }], rate: 10_000n, at: [MONDAY] },
	{ tiers: [{ hour: 3, multiplier: 65_535 }], rate: 2n ** 64n - 1n, at: [MONDAY] },
	{ tiers: [{ hour: 3, multiplier: 9_999 }], rate: 2n ** 64n - 1n, at: [MONDAY] },
	{ tiers: tenTiers, rate: 3_333_333n, at: [0, 16, 17, 34, 135, 136, 166, 167].map((hour) => MONDAY + hour * HOUR) },
];

function tierPrices() {
	return tiered.flatMap(({ tiers, rate, at }) =>
		at.map((second) => ({
			tiers,
			rate: `${rate}`,
			at: second,
			price: `${tieredRate(rate, tiers, unixSeconds(second))}`,
		})),
	);
}

/** Sizes at which 0G's padding or tree changes shape; content is `byte[i] = i % 251`. Roots of both of 0G's SDKs agree with these. */
const SIZES = [
	1, 255, 256, 257, 512, 513, 768, 1024, 1025, 4096, 4097, 4353, 5000, 65_536, 65_537, 262_144, 262_145, 524_289,
	1_300_001,
];

/** The `size` first bytes of 0, 1, .. 250, 0, 1, .. */
export function patternBytes(size: number): Uint8Array {
	return Uint8Array.from({ length: size }, (_, index) => index % 251);
}

function zeroGRoots() {
	const text = '{"hello":"necto"}';
	return {
		pattern: SIZES.map((size) => ({ size, root: zeroGRoot(patternBytes(size)) })),
		text: [{ text, root: zeroGRoot(stringToBytes(text)) }],
	};
}

/** File name -> content. */
export function vectorFiles(): Record<string, unknown> {
	return {
		'candidates.json': candidates(),
		'commitment.json': commitments(),
		'ranking.json': rankings(),
		'tiers.json': tierPrices(),
		'zerog-root.json': zeroGRoots(),
	};
}

/** How a vector file is written. */
export function vectorText(content: unknown): string {
	return `${JSON.stringify(content, null, '\t')}\n`;
}
