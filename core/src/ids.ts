import type { Hex } from 'viem';
import { z } from 'zod';

/**
 * Identifiers and quantities that must not be mixed up. Each is a plain number, string or bigint at run time; the brand exists for the compiler.
 * The schema checks untrusted input, the function of the same name (lower case) is its short form for code.
 */

/** Money: millionths of a USD, USDC's own unit. Prices are micro-USD per GPU-hour unless said otherwise. */
export type MicroUsd = bigint & z.$brand<'MicroUsd'>;
/** A job in the JobRegistry; starts at 1. */
export type JobId = bigint & z.$brand<'JobId'>;
/** A listing in the ProviderRegistry; starts at 1. */
export type ListingId = number & z.$brand<'ListingId'>;
/** A provider in the ProviderRegistry; starts at 1. */
export type ProviderId = number & z.$brand<'ProviderId'>;
/** A team in AccessControl; starts at 1. */
export type TeamId = number & z.$brand<'TeamId'>;
/** One offer inside one snapshot: `source:native id`. */
export type OfferKey = string & z.$brand<'OfferKey'>;
/** Where offers come from: `necto`, `akash`, `lambda`... */
export type SourceId = string & z.$brand<'SourceId'>;
/** Seconds since 1970, UTC. */
export type UnixSeconds = number & z.$brand<'UnixSeconds'>;
/** 32 bytes in lower-case hex with `0x`. */
export type Hex32 = Hex;
/** A GPU model's key in the catalogue and on chain: `h100`, `rtx4090d`. */
export type GpuModelKey = string & z.$brand<'GpuModelKey'>;
/** 20 bytes in lower-case hex with `0x`: one spelling only, so that equal addresses are equal bytes. */
export type Address = Hex & z.$brand<'Address'>;

const U32 = 0xffff_ffff;
const U64 = 2n ** 64n - 1n;
/** The largest uint40: times on chain. */
const U40 = 2 ** 40 - 1;

const hexOf = (bytes: number) =>
	z
		.templateLiteral(['0x', z.string().regex(/^[0-9a-f]+$/)])
		.check(z.refine((text: string) => text.length === 2 + 2 * bytes, `must be ${bytes} bytes of lower-case hex`));

export const listingIdSchema = z.int().min(1).max(U32).brand<'ListingId'>();
export const providerIdSchema = z.int().min(1).max(U32).brand<'ProviderId'>();
export const teamIdSchema = z.int().min(1).max(U32).brand<'TeamId'>();
export const unixSecondsSchema = z.int().min(0).max(U40).brand<'UnixSeconds'>();
export const sourceIdSchema = z
	.string()
	.regex(/^[a-z0-9][a-z0-9-]{0,31}$/, 'must be 1 to 32 of a-z, 0-9 and -')
	.brand<'SourceId'>();
export const offerKeySchema = z
	.string()
	.regex(/^[a-z0-9][a-z0-9-]{0,31}:[\x21-\x7e]{1,200}$/, 'must be source:id in plain ASCII without spaces')
	.brand<'OfferKey'>();
export const gpuModelKeySchema = z
	.string()
	.regex(/^[a-z0-9-]{1,16}$/, 'must be 1 to 16 of a-z, 0-9 and -')
	.brand<'GpuModelKey'>();
const microUsdSchema = z.bigint().min(0n).max(U64).brand<'MicroUsd'>();
export const hex32Schema = hexOf(32);
export const addressSchema = hexOf(20).brand<'Address'>();

/** @throws z.ZodError when it is not an amount a uint64 can hold */
export function microUsd(amount: bigint): MicroUsd {
	return microUsdSchema.parse(amount);
}

export function jobId(id: bigint): JobId {
	return z.bigint().min(1n).max(U64).brand<'JobId'>().parse(id);
}

export function listingId(id: number): ListingId {
	return listingIdSchema.parse(id);
}

export function providerId(id: number): ProviderId {
	return providerIdSchema.parse(id);
}

export function teamId(id: number): TeamId {
	return teamIdSchema.parse(id);
}

export function offerKey(source: SourceId, nativeId: string): OfferKey {
	return offerKeySchema.parse(`${source}:${encodeURIComponent(nativeId)}`);
}

export function sourceId(id: string): SourceId {
	return sourceIdSchema.parse(id);
}

export function unixSeconds(seconds: number): UnixSeconds {
	return unixSecondsSchema.parse(seconds);
}

export function gpuModelKey(key: string): GpuModelKey {
	return gpuModelKeySchema.parse(key);
}

/** Takes any case. */
export function hex32(value: string): Hex32 {
	return hex32Schema.parse(value.toLowerCase());
}

/** Takes any case, checksummed or not. */
export function address(value: string): Address {
	return addressSchema.parse(value.toLowerCase());
}

/** 32 zero bytes: "none" wherever the chain has a bytes32. */
export const ZERO_HASH = hex32(`0x${'00'.repeat(32)}`);
