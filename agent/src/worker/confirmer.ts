/**
 * Checks finished jobs once more. What was read from the newest block, or from a transaction's receipt, is undone by a reorganisation, and no event reports
 * that: the job is then open on chain while the journal has it as finished.
 */
import type { ChainJob, JobRegistry } from '../chain/jobs.ts';
import type { Journal, JournalJob } from '../journal/jobs.ts';
import type { Locks } from '../journal/locks.ts';
import type { Logger } from '../logger.ts';
import type { Agreements } from './agreement.ts';

export interface ConfirmerOptions {
	journal: Journal;
	registry: Pick<JobRegistry, 'read'>;
	agreements: Pick<Agreements, 'read'>;
	/** Reads a job's events again; returns whether they match the terms hash on chain now. */
	recover: (job: JournalJob, onChain: ChainJob) => Promise<boolean>;
	locks: Pick<Locks, 'tryAcquire'>;
	logger: Logger;
}

/** Reasons for giving up a job that a reorganisation can undo. Other reasons lie in the job itself and stay valid. */
export const GONE = {
	absent: 'The job is not on the chain any more.',
	expired: 'No offer matched before the deadline; the locked amount was refunded.',
} as const;

/** The reasons as they are stored, with the texts of earlier versions: rows that those wrote are still compared with them. */
const REVERSIBLE: ReadonlySet<string | null> = new Set([
	...Object.values(GONE),
	'Nothing served the job until its deadline; the money was given back.',
]);

/** After a start deadline. */
const START_SECONDS = 60;
/** Jobs that are checked in one round. */
const LIMIT = 50;

export class Confirmer {
	readonly #options: ConfirmerOptions;

	constructor(options: ConfirmerOptions) {
		this.#options = options;
	}

	/** Checks the jobs that are due. Returns the ids of those that are open on chain again. */
	async round(signal: AbortSignal): Promise<bigint[]> {
		const { journal, logger } = this.#options;
		const reopened: bigint[] = [];
		for (const id of await journal.unconfirmed(LIMIT)) {
			if (signal.aborted) break;
			try {
				if (await this.#look(id)) reopened.push(id);
			} catch (error) {
				// The chain did not respond for this one; the others are still checked.
				logger.debug({ error, job: id.toString() }, 'A finished job could not be checked again');
			}
		}
		return reopened;
	}

	/** Whether the journal has the terms of a job that continues. */
	async #isKnown(job: JournalJob, onChain: ChainJob): Promise<boolean> {
		if (job.state !== 'routed' || !['routed', 'running', 'disputed'].includes(onChain.status)) return true;
		const { agreements, recover } = this.#options;
		return (await agreements.read(job, onChain)) !== null || recover(job, onChain);
	}

	async #look(id: bigint): Promise<boolean> {
		const { journal, registry, locks, logger } = this.#options;
		const lock = await locks.tryAcquire(`job:${journal.deployment}:${id}`);
		if (lock === null) return false;
		try {
			const job = await journal.get(id);
			if (job === null) return false;
			const onChain = await registry.read(id, job.requestedBlock);
			if (!waitsAgain(job, onChain)) {
				if (await this.#isKnown(job, onChain)) await journal.confirmed(job, nextLook(onChain));
				return false;
			}
			const title = 'A chain reorganisation reopened the job; it is waiting to be routed';
			if (!(await journal.reopen(id, title, ['routed', 'superseded', 'split', 'dead']))) return false;
			await journal.append({ jobId: id, step: 'reopened', title });
			logger.warn({ job: id.toString(), was: job.state }, 'A finished job is open on chain again');
			return true;
		} finally {
			await lock.release();
		}
	}
}

/** When to check again, unix seconds: a job that is not started by its deadline was reopened or is about to be. Null for never. */
function nextLook({ status, time }: ChainJob): number | null {
	return status === 'routed' ? time + START_SECONDS : null;
}

function waitsAgain(job: JournalJob, { status }: ChainJob): boolean {
	if (status !== 'requested') return false;
	return job.state !== 'dead' || REVERSIBLE.has(job.reason);
}
