import type { Hex } from 'viem';
import { z } from 'zod';
import type { GpuModelKey, MicroUsd, TeamId, UnixSeconds } from '../ids.ts';
import { gpuModelKeySchema, hex32Schema, teamIdSchema, unixSecondsSchema, ZERO_HASH } from '../ids.ts';
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
	minMemoryGiB: z
		.number()
		.meta({ description: 'Least memory of one GPU in whole GiB, 0 to 65535; 0 for any', example: 80 }),
	gpuCount: z
		.number()
		.meta({ description: 'GPUs, all in one machine unless maxParts allows more: 1 to 65535', example: 1 }),
	maxParts: z.number().meta({
		description: 'Most jobs that this one may be split into, each in one machine: 0 to 255; 0 and 1 forbid it',
		example: 0,
	}),
	duration: z
		.number()
		.meta({ description: 'How long the GPUs are needed in whole seconds, 60 to 7776000', example: 3_600 }),
	startWindow: z.number().meta({
		description: 'Time for the provider to start once the job is routed, in whole seconds, 60 to 604800',
		example: 1_800,
	}),
	countries: z
		.array(z.string().max(40))
		.max(64)
		.refine(unique, 'must not name one twice')
		.meta({ description: 'Accepted countries, at most 8 ISO 3166-1 alpha-2 codes', example: ['DE'] }),
	weights: z.strictObject({ uptime: weight, latency: weight, rating: weight, risk: weight }),
};

type Fields = typeof bounded | typeof unchecked;

const requestOf = <Money extends z.ZodType, Checked extends Fields>(money: Money, fields: Checked) =>
	z.strictObject({
		gpuModel: gpuModelKeySchema.meta({
			description: 'Key of the GPU model in the catalogue',
			example: 'h100',
		}),
		minMemoryGiB: fields.minMemoryGiB,
		formFactors: z
			.array(formFactorSchema)
			.max(6)
			.refine(unique, 'must not name one twice')
			.meta({ description: 'Accepted form factors; empty for any', example: ['sxm'] }),
		gpuCount: fields.gpuCount,
		maxParts: fields.maxParts,
		duration: fields.duration,
		maxPricePerGpuHour: money.meta({
			description: 'Highest price of one GPU for one hour in micro-USD (1 USD is 1000000), as a decimal string',
			example: '3000000',
		}),
		continents: z
			.array(continentSchema)
			.max(8)
			.refine(unique, 'must not name one twice')
			.meta({
				description: 'Accepted continents. A place matches by continent or by country; both lists empty for anywhere',
				example: ['europe'],
			}),
		countries: fields.countries,
		excludedPricing: z
			.array(pricingModelSchema)
			.max(3)
			.refine(unique, 'must not name one twice')
			.meta({ description: 'Pricing models that are not wanted; empty for none', example: [] }),
		attestations: z
			.array(attestationKindSchema)
			.max(6)
			.refine(unique, 'must not name one twice')
			.meta({ description: 'What has to be attested of the provider, all of it; empty for nothing', example: [] }),
		weights: fields.weights.meta({
			description:
				'How much each quality counts against the price, in basis points of the price; all 0 for the cheapest offer',
			example: { uptime: 0, latency: 0, rating: 0, risk: 0 },
		}),
		routeDeadline: unixSecondsSchema.meta({
			description: 'Until when the job may be routed, in unix seconds; at most 30 days ahead',
			example: 1_790_000_000,
		}),
		startWindow: fields.startWindow,
		specHash: hex32Schema.meta({
			description: 'keccak256 of what is to run; 32 zero bytes if that is arranged elsewhere',
			example: ZERO_HASH,
		}),
		policyHash: hex32Schema.meta({
			description: 'keccak256 of the canonical routing policy; 32 zero bytes for the default policy',
			example: ZERO_HASH,
		}),
		team: z.union([teamIdSchema, z.literal(0)], 'must be the number of a team, or 0 for the own money').meta({
			description: 'Number of the team that pays; 0 for the own money of the sender',
			example: 0,
		}),
		tracked: z.boolean().meta({ description: 'Whether events and the decision record name the buyer', example: true }),
	});

/** JSON with money as a decimal string of micro-USD <-> `JobRequest`. */
export const requestSchema = requestOf(microUsdCodec, bounded);
/** JSON -> a request for `checkRequest`, whose numbers may be any. */
export const uncheckedRequestSchema = requestOf(microUsdCodec, unchecked);
/** The JSON side of `uncheckedRequestSchema` alone, for API documents. */
export const requestJsonSchema = requestOf(u64Text, unchecked);
export type JobRequestJson = z.output<typeof requestJsonSchema>;
