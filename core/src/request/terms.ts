import { type Address, encodeAbiParameters, type Hex, keccak256, parseAbiParameters, slice, zeroAddress } from 'viem';
import { ZERO_HASH } from '../ids.ts';

/**
 * What was agreed for a job so far: `Terms` of `contracts/src/types/Job.sol` as viem decodes and encodes it. The chain keeps only its hash, so every call
 * that acts on a job brings it along.
 */
export interface Terms {
	requester: Address;
	/** 0 is the requester's own money. */
	team: number;
	/** Unix seconds. */
	requestedAt: number;
	routeDeadline: number;
	gpuCount: number;
	/** Seconds. */
	duration: number;
	/** Micro-USDC. */
	locked: bigint;
	requestHash: Hex;
	/** From here on zero until the job is routed, and again when it is reopened. */
	provider: Address;
	listing: number;
	/** Micro-USD per GPU-hour. */
	pricePerGpuHour: bigint;
	/** Basis points. */
	fee: number;
	router: Address;
	/** Unix seconds. */
	routedAt: number;
	commitment: Hex;
}

/** What a job's terms hold while it has no place. */
export const NOT_ROUTED = {
	provider: zeroAddress,
	listing: 0,
	pricePerGpuHour: 0n,
	fee: 0,
	router: zeroAddress,
	routedAt: 0,
	commitment: ZERO_HASH,
} as const satisfies Partial<Terms>;

const TERMS_PARAMETERS = parseAbiParameters([
	'Terms terms',
	'struct Terms { address requester; uint32 team; uint40 requestedAt; uint40 routeDeadline; uint16 gpuCount; uint32 duration; uint64 locked; bytes32 requestHash; address provider; uint32 listing; uint64 pricePerGpuHour; uint16 fee; address router; uint40 routedAt; bytes32 commitment; }',
]);

/**
 * The first 26 bytes of `keccak256(abi.encode(terms))`: what the JobRegistry stores for a job. Equals `JobRegistry.hashTerms`; both are tested against
 * `vectors/commitment.json`.
 */
export function hashTerms(terms: Terms): Hex {
	return slice(keccak256(encodeAbiParameters(TERMS_PARAMETERS, [terms])), 0, 26);
}

/** What can change a job's terms after the request, each as its event says it. */
export type TermsChange =
	| ({ kind: 'routed' } & Pick<Terms, keyof typeof NOT_ROUTED>)
	| { kind: 'reopened' }
	| ({ kind: 'extended' } & Pick<Terms, 'duration' | 'locked'>);

/** The terms after a change: JobRouted gives a job its place, JobReopened takes it away, JobExtended makes it longer. */
export function termsAfter(terms: Terms, { kind, ...changed }: TermsChange): Terms {
	return kind === 'reopened' ? { ...terms, ...NOT_ROUTED } : { ...terms, ...changed };
}
