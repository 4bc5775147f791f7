/** The JobRegistry's logs as the journal keeps them. */
import { jobRegistryAbi, nameOf, reopenReason } from '@necto/contracts';
import { address } from '@necto/core';
import { type ParseEventLogsReturnType, parseEventLogs, zeroAddress } from 'viem';
import type { MinedLog } from '../chain/blockLogs.ts';
import type { JobChange, StoredChange } from '../journal/changes.ts';
import type { ObservedJob } from '../journal/jobs.ts';
import { structToJournal } from './requests.ts';

/** One of the JobRegistry's events, with its place on the chain. */
export type JobEvent = ParseEventLogsReturnType<typeof jobRegistryAbi, undefined, true>[number] & MinedLog;
type EventName = JobEvent['eventName'];
type EventOf<Name extends EventName> = Extract<JobEvent, { eventName: Name }>;

/** Reads logs; those that are none of the JobRegistry's events are left out. */
export function eventsOf(logs: readonly MinedLog[]): JobEvent[] {
	// The parser keeps each log's own fields, which are those of a mined one.
	return parseEventLogs({ abi: jobRegistryAbi, logs: [...logs], strict: true }) as JobEvent[];
}

/** Whether the journal keeps something of an event. */
export function isKept(event: JobEvent): boolean {
	return ['JobRequested', 'JobRouted', 'JobReopened', 'JobExtended', 'JobSplit'].includes(event.eventName);
}

/**
 * What the journal keeps of events.
 *
 * @param timeOf the time of an event's block, unix seconds
 */
export function readEvents(
	events: readonly JobEvent[],
	timeOf: (event: JobEvent) => number,
): { jobs: ObservedJob[]; changes: JobChange[] } {
	return {
		jobs: events.filter(is('JobRequested')).map((event) => observed(event, timeOf(event), wholeOf(event, events))),
		changes: events.flatMap((event) => changeOf(event, timeOf)),
	};
}

function is<Name extends EventName>(name: Name) {
	return (event: JobEvent): event is EventOf<Name> => event.eventName === name;
}

function observed(event: EventOf<'JobRequested'>, time: number, parent: bigint | null): ObservedJob {
	const { args, blockNumber } = event;
	const named = args.request.tracked && args.requester !== zeroAddress;
	return {
		id: args.job,
		requester: named ? address(args.requester) : null,
		request: structToJournal(args.request),
		block: blockNumber,
		requestedAt: time,
		locked: args.locked,
		parent,
	};
}

/** The job that a new one is a part of: the split's event is in the same block. */
function wholeOf({ args: { job }, blockNumber }: EventOf<'JobRequested'>, events: readonly JobEvent[]): bigint | null {
	const split = events
		.filter(is('JobSplit'))
		.filter((event) => event.blockNumber === blockNumber)
		.find(({ args }) => job >= args.firstPart && job < args.firstPart + BigInt(args.parts));
	return split?.args.job ?? null;
}

function changeOf(event: JobEvent, timeOf: (event: JobEvent) => number): JobChange[] {
	const at = (jobId: bigint, change: StoredChange): JobChange[] => [
		{ jobId, block: event.blockNumber, logIndex: event.logIndex, change },
	];
	if (is('JobRouted')(event)) {
		const { job, provider, listing, pricePerGpuHour, fee, router, commitment } = event.args;
		const place = { provider, listing, pricePerGpuHour, fee, router, commitment };
		return at(job, { kind: 'routed', ...place, routedAt: timeOf(event) });
	}
	if (is('JobReopened')(event)) {
		const { job, listing, reason } = event.args;
		return at(job, { kind: 'reopened', listing, reason: nameOf(reopenReason, reason) });
	}
	if (is('JobExtended')(event)) {
		const { job, duration, locked } = event.args;
		return at(job, { kind: 'extended', duration, locked });
	}
	return [];
}
