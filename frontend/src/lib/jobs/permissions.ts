/**
 * Who may do what to a job now: the contract's rules (IJobRegistry), told beforehand so that nobody pays gas to learn them. Each action is
 * defined once here and serves every button.
 */
import type { JobStatus } from './status.ts';

export const JOB_ACTIONS = ['cancel', 'start', 'complete', 'fail', 'expire'] as const;
export type JobAction = (typeof JOB_ACTIONS)[number];

/** Seconds after a job's full duration in which only its parties may settle it: JobRegistry.GRACE_PERIOD. */
export const GRACE_PERIOD = 3600;

/** The part of a job that the rules look at. Times in unix seconds. */
export interface JobFacts {
	readonly status: JobStatus;
	readonly tracked: boolean;
	readonly requester: string | null;
	readonly team: number;
	readonly provider: string | null;
	readonly routeDeadline: number;
	readonly startDeadline: number | null;
	readonly endsAt: number | null;
}

/** Who looks at the page. */
export interface Viewer {
	readonly address: string | null;
	/** Teams in which the viewer may act: User or Admin. */
	readonly userOfTeams: readonly number[];
	/**
	 * Whether the viewer is this job's requester by the chain's own storage. An untracked job names nobody in events, so the page asks the
	 * contract about the connected address only.
	 */
	readonly isRequester: boolean;
}

export interface JobActionItem {
	readonly action: JobAction;
	readonly label: string;
	/** What it does to job and money, in one sentence. */
	readonly consequence: string;
	readonly danger: boolean;
}

const ITEMS: Readonly<Record<JobAction, Omit<JobActionItem, 'action' | 'consequence'>>> = {
	cancel: { label: 'Cancel job', danger: true },
	start: { label: 'Start job', danger: false },
	complete: { label: 'Complete job', danger: false },
	fail: { label: 'Give job up', danger: true },
	expire: { label: 'Expire job', danger: false },
};

/** The actions this viewer may take on this job now, in the order they are shown. */
export function jobActions(job: JobFacts, viewer: Viewer, now: number): JobActionItem[] {
	return JOB_ACTIONS.flatMap((action) => {
		const consequence = consequenceOf(action, job, viewer, now);
		return consequence === null ? [] : [{ action, consequence, ...ITEMS[action] }];
	});
}

function consequenceOf(action: JobAction, job: JobFacts, viewer: Viewer, now: number): string | null {
	if (viewer.address === null) return null;
	const buyer = isBuyer(job, viewer);
	const provider = same(job.provider, viewer.address);
	const routed = job.status === 'routed';
	switch (action) {
		case 'cancel':
			if (!buyer || !(job.status === 'requested' || routed)) return null;
			return 'All of the locked money goes back to the payer.';
		case 'start':
			if (!provider || !routed || (job.startDeadline !== null && now > job.startDeadline)) return null;
			return 'Metering begins: from now on the job is paid by the second.';
		case 'complete':
			if (job.status !== 'running') return null;
			if (!buyer && !provider && !graceOver(job, now)) return null;
			return 'The provider is paid for the seconds the job ran; the rest goes back to the payer.';
		case 'fail':
			if (!provider || !(routed || job.status === 'running')) return null;
			return 'Nothing is paid and all of the locked money goes back to the payer.';
		case 'expire':
			if (!expirable(job, now)) return null;
			return 'The deadline has passed: anyone may send all of the locked money back to the payer.';
	}
}

function isBuyer(job: JobFacts, viewer: Viewer): boolean {
	return (
		viewer.isRequester || same(job.requester, viewer.address) || (job.team > 0 && viewer.userOfTeams.includes(job.team))
	);
}

function expirable(job: JobFacts, now: number): boolean {
	if (job.status === 'requested') return now > job.routeDeadline;
	return job.status === 'routed' && job.startDeadline !== null && now > job.startDeadline;
}

function graceOver(job: JobFacts, now: number): boolean {
	return job.endsAt !== null && now > job.endsAt + GRACE_PERIOD;
}

function same(one: string | null, other: string | null): boolean {
	return one !== null && other !== null && one.toLowerCase() === other.toLowerCase();
}

export interface Deadline {
	/** What it is the deadline of. */
	readonly label: string;
	/** Unix seconds. */
	readonly at: number;
	readonly passed: boolean;
	/** Who may do what once it has passed. */
	readonly afterwards: string;
}

/** The deadline that the job waits for now, or null when it is over. */
export function deadlineOf(job: JobFacts, now: number): Deadline | null {
	switch (job.status) {
		case 'requested':
			return deadline(
				'Must be routed by',
				job.routeDeadline,
				now,
				'Afterwards anyone may expire the job; all of the money goes back.',
			);
		case 'routed':
			return job.startDeadline === null
				? null
				: deadline(
						'Must start by',
						job.startDeadline,
						now,
						'Afterwards anyone may expire the job; all of the money goes back.',
					);
		case 'running':
			return job.endsAt === null
				? null
				: deadline(
						'Runs until',
						job.endsAt,
						now,
						'Afterwards no more is charged. One hour later anyone may complete the job; the provider is paid.',
					);
		default:
			return null;
	}
}

function deadline(label: string, at: number, now: number, afterwards: string): Deadline {
	return { label, at, passed: now > at, afterwards };
}
