/** Labels and sentences for the statuses of a job. The status values are those of the indexer and the contract. */
import { z } from 'zod';

export const JOB_STATUSES = [
	'requested',
	'routed',
	'running',
	'disputed',
	'settled',
	'cancelled',
	'expired',
	'failed',
	'split',
] as const;

export const jobStatusSchema = z.enum(JOB_STATUSES);
export type JobStatus = z.infer<typeof jobStatusSchema>;

/** Colour of a status. Always shown with its label, never as colour alone. */
export type StatusTone = 'accent' | 'warn' | 'good' | 'bad' | 'neutral';

interface StatusWords {
	readonly label: string;
	/** What happens now and who acts next, in a sentence or two. */
	readonly sentence: string;
	readonly tone: StatusTone;
	/** Nothing changes any more. */
	readonly final: boolean;
}

const WORDS: Readonly<Record<JobStatus, StatusWords>> = {
	requested: {
		label: 'Requested',
		sentence: 'The funds are locked. The agent is looking for the best offer within your limits.',
		tone: 'accent',
		final: false,
	},
	routed: {
		label: 'Routed',
		sentence: 'A provider is chosen and its GPUs are reserved. It has until the start deadline to begin.',
		tone: 'accent',
		final: false,
	},
	running: {
		label: 'Running',
		sentence: 'The provider started the job. It is paid by the second, and never more than what is locked.',
		tone: 'warn',
		final: false,
	},
	disputed: {
		label: 'Disputed',
		sentence:
			'The buyer disputes the delivery. Billing is stopped and the GPUs are free; the arbiter rules on the amount due.',
		tone: 'bad',
		final: false,
	},
	settled: {
		label: 'Settled',
		sentence: 'The job is over. The provider was paid for the seconds it ran and the rest was refunded.',
		tone: 'good',
		final: true,
	},
	cancelled: {
		label: 'Cancelled',
		sentence: 'The buyer cancelled the job before it ran. The whole amount was refunded.',
		tone: 'neutral',
		final: true,
	},
	expired: {
		label: 'Expired',
		sentence: 'A deadline passed before the job ran. The whole amount was refunded.',
		tone: 'neutral',
		final: true,
	},
	failed: {
		label: 'Failed',
		sentence: 'The provider aborted the job. The whole amount was refunded.',
		tone: 'bad',
		final: true,
	},
	split: {
		label: 'Split',
		sentence:
			'No single machine had enough free GPUs, so the job was split: each part is a job of its own, routed and paid separately.',
		tone: 'neutral',
		final: true,
	},
};

/** Label, sentence and tone of a status. */
export function statusWords(status: JobStatus): StatusWords {
	return WORDS[status];
}

export type StepState = 'done' | 'current' | 'ahead' | 'ended';

export interface LifecycleStep {
	readonly status: JobStatus;
	readonly label: string;
	readonly state: StepState;
	/** Unix seconds, null while it has not happened. */
	readonly at: number | null;
}

/** When a job reached each state, as the indexer keeps it. Unix seconds. */
export interface JobTimes {
	readonly status: JobStatus;
	readonly requestedAt: number;
	readonly routedAt: number | null;
	readonly startedAt: number | null;
	readonly disputedAt: number | null;
	readonly endedAt: number | null;
}

/**
 * The steps of the lifecycle stepper. The straight way is requested, routed, running, settled; a job that ended otherwise shows the steps it
 * really took and then how it ended.
 */
export function lifecycle(job: JobTimes): LifecycleStep[] {
	const way: { status: JobStatus; at: number | null }[] = [
		{ status: 'requested', at: job.requestedAt },
		{ status: 'routed', at: job.routedAt },
		{ status: 'running', at: job.startedAt },
		...(job.disputedAt === null ? [] : [{ status: 'disputed' as const, at: job.disputedAt }]),
		{ status: 'settled', at: job.endedAt },
	];
	const endedOffTheWay = WORDS[job.status].final && job.status !== 'settled';
	const taken = endedOffTheWay
		? [...way.slice(0, -1).filter((step) => step.at !== null), { status: job.status, at: job.endedAt }]
		: way;
	const now = taken.findIndex((step) => step.status === job.status);
	return taken.map((step, index) => ({
		status: step.status,
		label: WORDS[step.status].label,
		at: index <= now ? step.at : null,
		state: stateOf(index, now, step.status, endedOffTheWay),
	}));
}

function stateOf(index: number, now: number, status: JobStatus, endedOffTheWay: boolean): StepState {
	if (index > now) return 'ahead';
	if (index < now) return 'done';
	if (endedOffTheWay) return 'ended';
	return status === 'settled' ? 'done' : 'current';
}
