import type { Hex } from 'viem';
import { z } from 'zod';
import type { GpuModelKey, MicroUsd, TeamId, UnixSeconds } from '../ids.ts';
import { gpuModelKeySchema, hex32Schema, teamIdSchema, unixSecondsSchema } from '../ids.ts';
import {
	basisPoints,
	count16,
	count32,
	countryCode,
	microUsdCodec,
	positive16,
	positive32,
	u64Text,
} from '../json/fields.ts';
import {
	type AttestationKind,
	attestationKindSchema,
	type Continent,
	continentSchema,
	type FormFactor,
	formFactorSchema,
	type PricingModel,
	pricingModelSchema,
} from '../tables.ts';

/** How much a quality counts against the price, in basis points of the price per "as bad as it gets". All zero is strictly cheapest. */
export interface Weights {
	uptime: number;
	latency: number;
	rating: number;
	risk: number;
}

/** What a buyer wants: hard limits, weights, deadlines. The same facts as `JobRequest` in `contracts/src/types/Job.sol`. */
export interface JobRequest {
	gpuModel: GpuModelKey;
	/** Least memory of one GPU; 0 is any. */
	minMemoryGiB: number;
	/** Empty is any. */
	formFactors: FormFactor[];
	/** All in one machine, unless `maxParts` allows more. */
	gpuCount: number;
	/** Most jobs that this one may be split into, each in one machine; 0 and 1 forbid it. */
	maxParts: number;
	/** Seconds. */
	duration: number;
	maxPricePerGpuHour: MicroUsd;
	/** A place matches by continent or by country; both empty is anywhere. */
	continents: Continent[];
	/** ISO 3166-1 alpha-2, at most eight. */
	countries: string[];
	excludedPricing: PricingModel[];
	/** What has to be attested of the provider, all of it, until the job's end. */
	attestations: AttestationKind[];
	weights: Weights;
	/** Until when the job may be routed. */
	routeDeadline: UnixSeconds;
	/** Seconds the provider has to start once routed. */
	startWindow: number;
	/** keccak256 of what is to run; zero if that is arranged elsewhere. */
	specHash: Hex;
	/** keccak256 of the canonical policy; zero is the default policy. */
	policyHash: Hex;
	/** The paying team; 0 is the sender's own money. */
	team: TeamId | 0;
	/** Whether events and the record name who asked. */
	tracked: boolean;
}

const unique = <Item extends string>(items: Item[]) => new Set(items).size === items.length;

/** The fields whose numbers and words have bounds of their own. */
const bounded = {
	minMemoryGiB: count16,
	gpuCount: positive16,
	maxParts: z.int().min(0).max(255),
	duration: positive32,
	startWindow: count32,
	countries: z.array(countryCode).max(8).refine(unique, 'must not name one twice'),
	weights: z.strictObject({ uptime: basisPoints, latency: basisPoints, rating: basisPoints, risk: basisPoints }),
};

const weight = z.number().meta({ description: 'whole basis points, 0 to 10000' });

/** The same fields of a request that nobody has checked yet: `checkRequest` says of each what it may be, with a code and a sentence. */
const unchecked = {
	minMemoryGiB: z.number().meta({ description: 'whole GiB, 0 to 65535' }),
	gpuCount: z.number().meta({ description: 'a whole number, 1 to 65535' }),
	maxParts: z.number().meta({ description: 'a whole number, 0 to 255' }),
	duration: z.number().meta({ description: 'whole seconds, 60 to 7776000' }),
	startWindow: z.number().meta({ description: 'whole seconds, 60 to 604800' }),
	countries: z
		.array(z.string().max(40))
		.max(64)
		.refine(unique, 'must not name one twice')
		.meta({ description: 'at most 8 ISO 3166-1 alpha-2 codes' }),
	weights: z.strictObject({ uptime: weight, latency: weight, rating: weight, risk: weight }),
};

type Fields = typeof bounded | typeof unchecked;

const requestOf = <Money extends z.ZodType, Checked extends Fields>(money: Money, fields: Checked) =>
	z.strictObject({
		gpuModel: gpuModelKeySchema,
		minMemoryGiB: fields.minMemoryGiB,
		formFactors: z.array(formFactorSchema).max(6).refine(unique, 'must not name one twice'),
		gpuCount: fields.gpuCount,
		maxParts: fields.maxParts,
		duration: fields.duration,
		maxPricePerGpuHour: money,
		continents: z.array(continentSchema).max(8).refine(unique, 'must not name one twice'),
		countries: fields.countries,
		excludedPricing: z.array(pricingModelSchema).max(3).refine(unique, 'must not name one twice'),
		attestations: z.array(attestationKindSchema).max(6).refine(unique, 'must not name one twice'),
		weights: fields.weights,
		routeDeadline: unixSecondsSchema,
		startWindow: fields.startWindow,
		specHash: hex32Schema,
		policyHash: hex32Schema,
		team: z.union([teamIdSchema, z.literal(0)], 'must be the number of a team, or 0 for the own money'),
		tracked: z.boolean(),
	});

/** JSON with money as a decimal string of micro-USD <-> `JobRequest`. */
export const requestSchema = requestOf(microUsdCodec, bounded);
/** JSON -> a request for `checkRequest`, whose numbers may be any. */
export const uncheckedRequestSchema = requestOf(microUsdCodec, unchecked);
/** The JSON side of `uncheckedRequestSchema` alone, for API documents. */
export const requestJsonSchema = requestOf(u64Text, unchecked);
export type JobRequestJson = z.output<typeof requestJsonSchema>;
