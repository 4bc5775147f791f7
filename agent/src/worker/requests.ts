/** A job's request between the chain, which has a struct, and the journal, which has JSON. */
import { jobRegistryAbi } from '@necto/contracts';
import type { ChainRequest } from '@necto/core';
import { encodeAbiParameters, getAbiItem, type Hex, isHex, keccak256 } from 'viem';
import { z } from 'zod';

const hex = z.custom<Hex>((value) => isHex(value));
const number = z.int().min(0);
const structSchema: z.ZodType<ChainRequest> = z.strictObject({
	gpuModel: hex,
	minMemoryGiB: number,
	formFactors: number,
	gpuCount: number,
	maxParts: number,
	duration: number,
	maxPricePerGpuHour: z.union([z.bigint(), z.string().regex(/^\d+$/).transform(BigInt)]),
	continents: number,
	countries: hex,
	excludedPricing: number,
	attestations: number,
	uptimeWeight: number,
	latencyWeight: number,
	ratingWeight: number,
	riskWeight: number,
	routeDeadline: number,
	startWindow: number,
	specHash: hex,
	policyHash: hex,
	team: number,
	tracked: z.boolean(),
});

/** The journal's JSON as the contract takes it. @throws ZodError when the journal is damaged */
export function structFromJournal(json: unknown): ChainRequest {
	return structSchema.parse(json);
}

/** The event's struct as JSON. */
export function structToJournal(struct: ChainRequest): Record<string, unknown> {
	return { ...struct, maxPricePerGpuHour: struct.maxPricePerGpuHour.toString() };
}

const HASHED = getAbiItem({ abi: jobRegistryAbi, name: 'hashRequest' }).inputs;

/** `keccak256(abi.encode(request))` of any struct, also of one that stands for no request of core's. */
export function hashStruct(struct: ChainRequest): Hex {
	return keccak256(encodeAbiParameters(HASHED, [struct]));
}
