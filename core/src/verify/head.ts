import { z } from 'zod';
import { type UnixSeconds, unixSecondsSchema } from '../ids.ts';
import { textOf } from '../json/canonical.ts';
import { u64Codec } from '../json/fields.ts';

const headSchema = z.object({ takenAt: unixSecondsSchema, chain: z.object({ block: u64Codec }) });

/**
 * The block and the time that a snapshot names, without reading the rest of it: what a verifier has to ask the chain for.
 *
 * @returns null for bytes that name none
 */
export function snapshotHead(bytes: Uint8Array): { block: bigint; takenAt: UnixSeconds } | null {
	try {
		const { takenAt, chain } = headSchema.parse(JSON.parse(textOf(bytes)));
		return { block: chain.block, takenAt };
	} catch {
		return null;
	}
}
