import { type Address, encodeAbiParameters, type Hex, keccak256, parseAbiParameters, stringToHex } from 'viem';
import { asciiOf } from '../chain/decode.ts';
import { hex32, microUsd, unixSeconds } from '../ids.ts';
import { ATTESTATION_KINDS, CONTINENTS, FORM_FACTORS, fromBits, PRICING_MODELS, toBits } from '../tables.ts';
import { type JobRequest, requestSchema } from './request.ts';

/** `JobRequest` of `contracts/src/types/Job.sol` as viem decodes and encodes it. */
export interface ChainRequest {
	gpuModel: Hex;
	minMemoryGiB: number;
	formFactors: number;
	gpuCount: number;
	maxParts: number;
	duration: number;
	maxPricePerGpuHour: bigint;
	continents: number;
	countries: Hex;
	excludedPricing: number;
	attestations: number;
	uptimeWeight: number;
	latencyWeight: number;
	ratingWeight: number;
	riskWeight: number;
	routeDeadline: number;
	startWindow: number;
	specHash: Hex;
	policyHash: Hex;
	team: number;
	tracked: boolean;
}

/** What the agent hands to `JobRegistry.route` (`Routing` of `Job.sol`). */
export interface Routing {
	listing: number;
	listingVersion: number;
	/** Micro-USD. */
	pricePerGpuHour: bigint;
	candidatesRoot: Hex;
	recordRoot: Hex;
	recordHash: Hex;
}

/** A request on chain that cannot be understood, e.g. because it has bits this version does not know. Nothing can be decided for it. */
export class RequestError extends Error {
	override name = 'RequestError';
}

/** The request as the contract takes it. */
export function requestToChain(request: JobRequest): ChainRequest {
	return {
		gpuModel: stringToHex(request.gpuModel, { size: 16 }),
		minMemoryGiB: request.minMemoryGiB,
		formFactors: toBits(FORM_FACTORS, request.formFactors),
		gpuCount: request.gpuCount,
		maxParts: request.maxParts,
		duration: request.duration,
		maxPricePerGpuHour: request.maxPricePerGpuHour,
		continents: toBits(CONTINENTS, request.continents),
		countries: stringToHex(request.countries.join(''), { size: 16 }),
		excludedPricing: toBits(PRICING_MODELS, request.excludedPricing),
		attestations: toBits(ATTESTATION_KINDS, request.attestations),
		uptimeWeight: request.weights.uptime,
		latencyWeight: request.weights.latency,
		ratingWeight: request.weights.rating,
		riskWeight: request.weights.risk,
		routeDeadline: request.routeDeadline,
		startWindow: request.startWindow,
		specHash: request.specHash,
		policyHash: request.policyHash,
		team: request.team,
		tracked: request.tracked,
	};
}

/**
 * The request that stands behind a struct from the chain.
 *
 * @throws RequestError in plain words when the struct cannot be represented exactly: whoever sent it used the contract without Necto's form
 */
export function requestFromChain(struct: ChainRequest): JobRequest {
	let request: JobRequest;
	try {
		const countries = asciiOf(struct.countries);
		request = {
			gpuModel: requestSchema.shape.gpuModel.parse(asciiOf(struct.gpuModel)),
			minMemoryGiB: struct.minMemoryGiB,
			formFactors: fromBits(FORM_FACTORS, struct.formFactors),
			gpuCount: struct.gpuCount,
			maxParts: struct.maxParts,
			duration: struct.duration,
			maxPricePerGpuHour: microUsd(struct.maxPricePerGpuHour),
			continents: fromBits(CONTINENTS, struct.continents),
			countries: requestSchema.shape.countries.parse(countries.match(/.{1,2}/gs) ?? []),
			excludedPricing: fromBits(PRICING_MODELS, struct.excludedPricing),
			attestations: fromBits(ATTESTATION_KINDS, struct.attestations),
			weights: requestSchema.shape.weights.parse({
				uptime: struct.uptimeWeight,
				latency: struct.latencyWeight,
				rating: struct.ratingWeight,
				risk: struct.riskWeight,
			}),
			routeDeadline: unixSeconds(struct.routeDeadline),
			startWindow: struct.startWindow,
			specHash: hex32(struct.specHash),
			policyHash: hex32(struct.policyHash),
			team: requestSchema.shape.team.parse(struct.team),
			tracked: struct.tracked,
		};
	} catch (cause) {
		throw new RequestError('The request on chain holds a value that has no meaning here; ask again with the form.', {
			cause,
		});
	}
	if (hashRequest(request) !== hashChainRequest(struct)) {
		throw new RequestError('The request on chain is written in an unusual way and cannot be read back exactly.');
	}
	return request;
}

const REQUEST_PARAMETERS = parseAbiParameters([
	'JobRequest request',
	'struct JobRequest { bytes16 gpuModel; uint16 minMemoryGiB; uint8 formFactors; uint16 gpuCount; uint8 maxParts; uint32 duration; uint64 maxPricePerGpuHour; uint8 continents; bytes16 countries; uint8 excludedPricing; uint16 attestations; uint16 uptimeWeight; uint16 latencyWeight; uint16 ratingWeight; uint16 riskWeight; uint40 routeDeadline; uint32 startWindow; bytes32 specHash; bytes32 policyHash; uint32 team; bool tracked; }',
]);

/** The same of a struct as it came from the chain, whether or not it can be understood. */
export function hashChainRequest(struct: ChainRequest): Hex {
	return keccak256(encodeAbiParameters(REQUEST_PARAMETERS, [struct]));
}

/** `keccak256(abi.encode(request))`: part of a job's terms. Equals `JobRegistry.hashRequest`. */
export function hashRequest(request: JobRequest): Hex {
	return hashChainRequest(requestToChain(request));
}

const COMMITMENT_PARAMETERS = parseAbiParameters(
	'uint64 job, bytes32 requestHash, uint32 listing, uint32 listingVersion, address provider, uint64 pricePerGpuHour, bytes32 candidatesRoot, bytes32 recordRoot, bytes32 recordHash',
);

/**
 * What binds a routed job to its decision; part of its terms. Equals `JobRegistry.commitmentOf`; both are tested against `vectors/commitment.json`.
 */
export function commitmentOf(parts: { jobId: bigint; requestHash: Hex; provider: Address; routing: Routing }): Hex {
	const { routing } = parts;
	return keccak256(
		encodeAbiParameters(COMMITMENT_PARAMETERS, [
			parts.jobId,
			parts.requestHash,
			routing.listing,
			routing.listingVersion,
			parts.provider,
			routing.pricePerGpuHour,
			routing.candidatesRoot,
			routing.recordRoot,
			routing.recordHash,
		]),
	);
}
