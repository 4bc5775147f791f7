/** A job's request between the chain, which has a struct, and the journal, which has JSON. */
import { jobRegistryAbi } from '@necto/contracts';
import type { ChainRequest } from '@necto/core';
import { type Hex, isHex } from 'viem';
import { z } from 'zod';

const hex = z.custom<Hex>((value) => isHex(value));
const number = z.int().min(0);
const structSchema: z.ZodType<ChainRequest> = z.strictObject({
	gpuModel: hex,
	minMemoryGiB: number,
	formFactors: number,
	gpuCount: number,
	duration: number,
	maxPricePerGpuHour: z.union([z.bigint(), z.string().regex(/^\d+$/).transform(BigInt)]),
	continents: number,
	countries: hex,
	excludedPricing: number,
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

type JobRequestedEvent = Extract<(typeof jobRegistryAbi)[number], { type: 'event'; name: 'JobRequested' }>;

/** `JobRequested` of the JobRegistry. */
export const jobRequestedEvent: JobRequestedEvent = (() => {
	const found = jobRegistryAbi.find(
		(item): item is JobRequestedEvent => item.type === 'event' && item.name === 'JobRequested',
	);
	if (found === undefined) throw new Error('The ABI of JobRegistry has no JobRequested.');
	return found;
})();
