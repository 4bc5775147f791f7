import type { Hex } from 'viem';
import { z } from 'zod';
import { type Decision, decisionFields, type JobRef, jobRefSchema } from '../decide/decision.ts';
import { type Address, hex32Schema, type UnixSeconds, unixSecondsSchema } from '../ids.ts';
import { canonicalBytes, textOf } from '../json/canonical.ts';
import { microUsdCodec, u128Codec, words } from '../json/fields.ts';
import { policySchema, type RoutingPolicy } from '../policy/policy.ts';
import { hashRequest } from '../request/chain.ts';
import { type JobRequest, requestSchema } from '../request/request.ts';
import type { SnapshotRef } from '../snapshot/snapshot.ts';

/** Which rules decided. The version moves when the same input could give another decision or another record. */
export const ENGINE = { name: '@necto/core', version: '1.1.0' } as const;

/** Why a job went where it went: the file on 0G Storage that the chain names. */
export interface DecisionRecord extends Decision {
	format: 'necto.record/1';
	engine: { name: string; version: string };
	/** `requester` is absent from an untracked job's record. */
	job: { chainId: number; registry: Address; id: JobRef['id']; requester?: Address | undefined };
	request: JobRequest;
	requestHash: Hex;
	policy: RoutingPolicy;
	snapshot: SnapshotRef;
	takenAt: UnixSeconds;
}

/** JSON <-> `DecisionRecord`. */
export const recordSchema = z.strictObject({
	format: z.literal('necto.record/1'),
	engine: z.strictObject({ name: words(80), version: words(40) }),
	job: jobRefSchema,
	request: requestSchema,
	requestHash: hex32Schema,
	policy: policySchema,
	snapshot: z.strictObject({ root: hex32Schema, hash: hex32Schema, bytes: z.int().min(1) }),
	takenAt: unixSecondsSchema,
	...decisionFields(microUsdCodec, u128Codec),
});

/** The record of a decision. Leaves out who asked unless the request is tracked. */
export function buildRecord(parts: {
	decision: Decision;
	job: JobRef;
	request: JobRequest;
	snapshotRef: SnapshotRef;
	takenAt: UnixSeconds;
	policy: RoutingPolicy;
}): DecisionRecord {
	const { decision, job, request, snapshotRef, policy, takenAt } = parts;
	const requester = request.tracked && job.requester !== null ? { requester: job.requester } : {};
	return {
		format: 'necto.record/1',
		engine: { ...ENGINE },
		job: { chainId: job.chainId, registry: job.registry, id: job.id, ...requester },
		request,
		requestHash: hashRequest(request),
		policy,
		snapshot: snapshotRef,
		takenAt,
		...decision,
	};
}

/** The record's bytes: canonical JSON. */
export function recordToBytes(record: DecisionRecord): Uint8Array {
	return canonicalBytes(z.encode(recordSchema, record));
}

/** @throws z.ZodError, SyntaxError or TypeError when the bytes are not a record */
export function recordFromBytes(bytes: Uint8Array): DecisionRecord {
	return recordSchema.parse(JSON.parse(textOf(bytes)));
}
