/**
 * Makes `commitment.json`: requests and routings with their hashes, as TypeScript computes them. `Vectors.t.sol` checks the contract
 * against it. `node contracts/test/vectors/make.ts` writes the file; `test/ts/face.test.ts` fails when it is stale.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Address, type Hex, keccak256, maxUint16, maxUint32, maxUint40, maxUint64, stringToHex } from 'viem';
import {
	accountOf,
	bitsOf,
	commitmentOf,
	continent,
	encodeBytes16,
	encodeCountries,
	formFactor,
	hashRequest,
	type JobRequest,
	pricingModel,
	type Routing,
} from '../../index.ts';

const NO_HASH: Hex = `0x${'00'.repeat(32)}`;
const FULL_HASH: Hex = `0x${'ff'.repeat(32)}`;

const usual: JobRequest = {
	gpuModel: encodeBytes16('h100'),
	minMemoryGiB: 80,
	formFactors: bitsOf(formFactor, ['sxm', 'nvl']),
	gpuCount: 8,
	duration: 172_800,
	maxPricePerGpuHour: 2_000_000n,
	continents: bitsOf(continent, ['europe', 'northAmerica']),
	countries: encodeCountries(['JP', 'SG']),
	excludedPricing: bitsOf(pricingModel, ['token']),
	uptimeWeight: 500,
	latencyWeight: 250,
	ratingWeight: 100,
	riskWeight: 1000,
	routeDeadline: 1_800_003_600,
	startWindow: 900,
	specHash: keccak256(stringToHex('spec')),
	policyHash: keccak256(stringToHex('policy')),
	team: 3,
	tracked: true,
};

const untracked: JobRequest = { ...usual, continents: 0, countries: encodeCountries([]), team: 0, tracked: false };

const least: JobRequest = {
	...untracked,
	gpuModel: encodeBytes16('a'),
	minMemoryGiB: 0,
	formFactors: 0,
	gpuCount: 1,
	duration: 60,
	maxPricePerGpuHour: 1n,
	excludedPricing: 0,
	uptimeWeight: 0,
	latencyWeight: 0,
	ratingWeight: 0,
	riskWeight: 0,
	specHash: NO_HASH,
	policyHash: NO_HASH,
};

const most: JobRequest = {
	gpuModel: encodeBytes16('0123456789abcdef'),
	minMemoryGiB: Number(maxUint16),
	formFactors: 255,
	gpuCount: Number(maxUint16),
	duration: Number(maxUint32),
	maxPricePerGpuHour: maxUint64,
	continents: 255,
	countries: encodeCountries(['AA', 'BB', 'CC', 'DD', 'EE', 'FF', 'GG', 'HH']),
	excludedPricing: 255,
	uptimeWeight: Number(maxUint16),
	latencyWeight: Number(maxUint16),
	ratingWeight: Number(maxUint16),
	riskWeight: Number(maxUint16),
	routeDeadline: Number(maxUint40),
	startWindow: Number(maxUint32),
	specHash: FULL_HASH,
	policyHash: FULL_HASH,
	team: Number(maxUint32),
	tracked: true,
};

const usualRouting: Routing = {
	listing: 12,
	listingVersion: 4,
	pricePerGpuHour: 1_987_654n,
	candidatesRoot: keccak256(stringToHex('candidates')),
	recordRoot: keccak256(stringToHex('record root')),
	recordHash: keccak256(stringToHex('record')),
};

const mostRouting: Routing = {
	listing: Number(maxUint32),
	listingVersion: Number(maxUint32),
	pricePerGpuHour: maxUint64,
	candidatesRoot: FULL_HASH,
	recordRoot: FULL_HASH,
	recordHash: FULL_HASH,
};

const cases: { job: bigint; request: JobRequest; provider: Address; routing: Routing }[] = [
	{ job: 1n, request: usual, provider: '0x70997970C51812dc3A010C7d01b50e0d17dc79C8', routing: usualRouting },
	{ job: 2n, request: untracked, provider: '0x3C44CdDdB6a900fa2b585dd299e03d12FA4293BC', routing: usualRouting },
	{ job: 3n, request: least, provider: '0x0000000000000000000000000000000000000001', routing: usualRouting },
	{ job: maxUint64, request: most, provider: '0xffffffffffffffffffffffffffffffffffffffff', routing: mostRouting },
];

/** The file's text. */
export function render(): string {
	const vectors = cases.map(({ job, request, provider, routing }) => {
		const requestHash = hashRequest(request);
		const commitment = commitmentOf(job, requestHash, provider, routing);
		return { job, provider, providerAccount: accountOf(provider), request, requestHash, routing, commitment };
	});
	const words = (_: string, value: unknown) => (typeof value === 'bigint' ? value.toString() : value);
	return `${JSON.stringify({ count: vectors.length, vectors }, words, '\t')}\n`;
}

if (import.meta.main) writeFileSync(join(import.meta.dirname, 'commitment.json'), render());
