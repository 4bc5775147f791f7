/**
 * Who may do what to a job now: the contract's rules (IJobRegistry), told beforehand so that nobody pays gas to learn them. Each action is
 * defined once here and serves every button.
 */
import { formatTime } from '#lib/format.ts';
import type { JobStatus } from './status.ts';

export const JOB_ACTIONS = [
	'start',
	'decline',
	'complete',
	'extend',
	'dispute',
	'submitEvidence',
	'cancel',
	'fail',
	'resolve',
	'expire',
] as const;
export type JobAction = (typeof JOB_ACTIONS)[number];

/** Seconds after a job's full duration in which only its parties may settle it: JobRegistry.GRACE_PERIOD. */
export const GRACE_PERIOD = 3600;

/** Seconds after which a dispute that nobody ruled on is settled by the fixed rule: JobRegistry.ARBITER_PERIOD. */
export const ARBITER_PERIOD = 7 * 86_400;

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
	readonly disputedAt: number | null;
}

/** Who looks at the page. */
export interface Viewer {
	readonly address: string | null;
	/** Teams in which the viewer may act: User or Admin. Of a team's job these are the buyer's side, whoever asked for it. */
	readonly userOfTeams: readonly number[];
	/**
	 * Whether the viewer is this job's requester by the hash that the chain stores. An untracked job names nobody in events, so the page asks
	 * about the connected address only.
	 */
	readonly isRequester: boolean;
	/** Whether the viewer owns the provider behind the job's listing, or is one of its delegates. */
	readonly mayOperate: boolean;
}

/** A viewer of whom nothing is known. */
export const nobody: Viewer = { address: null, userOfTeams: [], isRequester: false, mayOperate: false };

export interface JobActionItem {
	readonly action: JobAction;
	readonly label: string;
	/** What it does to job and money, in one sentence. */
	readonly consequence: string;
	readonly danger: boolean;
}

const ITEMS: Readonly<Record<JobAction, Omit<JobActionItem, 'action' | 'consequence'>>> = {
	start: { label: 'Start job', danger: false },
	decline: { label: 'Decline job', danger: true },
	complete: { label: 'Complete job', danger: false },
	extend: { label: 'Extend job', danger: false },
	dispute: { label: 'Dispute job', danger: true },
	submitEvidence: { label: 'Add evidence', danger: false },
	cancel: { label: 'Cancel job', danger: true },
	fail: { label: 'Give job up', danger: true },
	resolve: { label: 'Settle dispute', danger: false },
	expire: { label: 'Expire job', danger: false },
};

/** The actions this viewer may take on this job now, in the order they are shown. */
export function jobActions(job: JobFacts, viewer: Viewer, now: number): JobActionItem[] {
	return JOB_ACTIONS.flatMap((action) => {
		const consequence = consequenceOf(action, job, viewer, now);
		if (consequence === null) return [];
		const item = { action, consequence, ...ITEMS[action] };
		// The buyer takes the dispute back.
		return [action === 'complete' && job.status === 'disputed' ? { ...item, label: 'Pay what was due' } : item];
	});
}

function consequenceOf(action: JobAction, job: JobFacts, viewer: Viewer, now: number): string | null {
	if (viewer.address === null) return null;
	const buyer = isBuyer(job, viewer);
	const provider = job.provider !== null && (viewer.mayOperate || same(job.provider, viewer.address));
	const { status } = job;
	switch (action) {
		case 'start':
			if (!provider || status !== 'routed' || (job.startDeadline !== null && now > job.startDeadline)) return null;
			return 'Metering begins: from now on the job is paid by the second.';
		case 'decline':
			if (!provider || status !== 'routed') return null;
			return 'Your GPUs are free again and the job looks for another place. It counts as failed in your record.';
		case 'complete':
			if (status === 'disputed' && buyer) {
				return 'You end your dispute: the provider is paid all that was due when you stopped the meter; the rest comes back.';
			}
			if (status !== 'running' || !(buyer || provider || graceOver(job, now))) return null;
			return 'The provider is paid for the seconds the job ran; the rest goes back to the payer.';
		case 'extend':
			if (!buyer || status !== 'running' || job.endsAt === null || now > job.endsAt) return null;
			return 'The job may run longer, at the price it has. What that can cost more is locked now.';
		case 'dispute':
			if (!buyer || status !== 'running' || graceOver(job, now)) return null;
			return 'The meter stops. The arbiter has 7 days to rule; if it stays silent, half of what was due is paid.';
		case 'submitEvidence':
			if (!(buyer || provider) || status !== 'disputed') return null;
			return 'The hash of what you write stands on chain for the arbiter; the text stays with you.';
		case 'cancel':
			if (!buyer || !(status === 'requested' || status === 'routed')) return null;
			return 'All of the locked money goes back to the payer.';
		case 'fail':
			if (!provider || !(status === 'running' || status === 'disputed')) return null;
			return 'Nothing is paid and all of the locked money goes back to the payer. It counts as failed in your record.';
		case 'resolve':
			if (status !== 'disputed' || job.disputedAt === null || now <= job.disputedAt + ARBITER_PERIOD) return null;
			return 'The arbiter stayed silent: half of what was due is paid and the rest goes back. Anyone may do this.';
		case 'expire':
			if (!expirable(job, now)) return null;
			return 'The deadline has passed: anyone may send all of the locked money back to the payer.';
	}
}

/** A team's job is the team's: its requester has a say in it only while it is a User there (`JobBase._isRequester`). */
function isBuyer(job: JobFacts, viewer: Viewer): boolean {
	if (job.team > 0) return viewer.userOfTeams.includes(job.team);
	return viewer.isRequester || same(job.requester, viewer.address);
}

/** A routed job may be routed again until its route deadline, so both deadlines have to be over. */
function expirable(job: JobFacts, now: number): boolean {
	if (job.status === 'requested') return now > job.routeDeadline;
	return job.status === 'routed' && job.startDeadline !== null && now > Math.max(job.startDeadline, job.routeDeadline);
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
	/** Before the time that is left: `ends in` 59 min. */
	readonly within: string;
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
				'must be routed within',
				job.routeDeadline,
				now,
				'Afterwards anyone may expire the job; all of the money goes back.',
			);
		case 'routed':
			return job.startDeadline === null
				? null
				: deadline(
						'Must start by',
						'must start within',
						job.startDeadline,
						now,
						// The agent gives it another place only after the start deadline and until the route deadline.
						job.startDeadline < job.routeDeadline && now <= job.routeDeadline
							? `Otherwise the agent may give it another place until ${formatTime(job.routeDeadline)}; afterwards anyone may expire it and all of the money goes back.`
							: 'Afterwards anyone may expire the job; all of the money goes back.',
					);
		case 'running':
			return job.endsAt === null
				? null
				: deadline(
						'Runs until',
						'ends in',
						job.endsAt,
						now,
						'Afterwards no more is charged. One hour later anyone may complete the job; the provider is paid.',
					);
		case 'disputed':
			return job.disputedAt === null
				? null
				: deadline(
						'The arbiter rules by',
						'the arbiter must rule within',
						job.disputedAt + ARBITER_PERIOD,
						now,
						'Afterwards anyone may settle the dispute; half of what was due is paid.',
					);
		default:
			return null;
	}
}

function deadline(label: string, within: string, at: number, now: number, afterwards: string): Deadline {
	return { label, within, at, passed: now > at, afterwards };
}
