import { z } from 'zod';
import type { JobId, MicroUsd } from '../ids.ts';

/**
 * JSON knows no big integers: they are decimal strings there. The `*Text` schemas check such a string and leave it one (HTTP answers);
 * the codecs turn it into a bigint and back (records, snapshots, requests).
 */

const U64 = 2n ** 64n - 1n;
const U128 = 2n ** 128n - 1n;

const decimalText = (maximum: bigint) =>
	z
		.string()
		// One spelling for one number, so that equal values are equal bytes.
		.regex(/^(?:0|[1-9][0-9]{0,38})$/, 'must be a whole number in decimal digits')
		.refine((text) => !/^[0-9]{1,39}$/.test(text) || BigInt(text) <= maximum, `must be at most ${maximum}`);

export const u64Text = decimalText(U64);
export const u128Text = decimalText(U128);

export const u64Codec = z.codec(u64Text, z.bigint(), { decode: BigInt, encode: String });
export const u128Codec = z.codec(u128Text, z.bigint(), { decode: BigInt, encode: String });
export const microUsdCodec = z.codec(u64Text, z.bigint().brand<'MicroUsd'>(), {
	// The text is already known to be a uint64.
	decode: (text) => BigInt(text) as MicroUsd,
	encode: String,
});
export const jobIdCodec = z.codec(u64Text, z.bigint().min(1n).brand<'JobId'>(), {
	// The text is already known to be a uint64; the output schema refuses zero.
	decode: (text) => BigInt(text) as JobId,
	encode: String,
});

/** Text that people wrote: kept short, without control characters, and without halves of characters, which JSON's canonical form cannot hold. */
export const words = (maximum: number) =>
	z
		.string()
		.max(maximum)
		.regex(/^[^\p{Cc}\p{Cs}]*$/u, 'must not hold control characters or broken ones');

/** A number as a source published it: anything short in plain ASCII; whether it is a number is found out when it is used. */
export const publishedNumber = z
	.string()
	.max(80)
	.regex(/^[\x20-\x7e]*$/, 'must be plain ASCII');

export const basisPoints = z.int().min(0).max(10_000);
export const count16 = z.int().min(0).max(0xffff);
/** `count16` without zero: its own schema, as a second minimum would say the same fault twice. */
export const positive16 = z.int().min(1).max(0xffff);
export const count32 = z.int().min(0).max(0xffff_ffff);
export const positive32 = z.int().min(1).max(0xffff_ffff);
export const countryCode = z.string().regex(/^[A-Z]{2}$/, 'must be an ISO 3166-1 alpha-2 code such as DE');
