/**
 * Looks once more at jobs that are done with. What was read of the newest block, or of a transaction's receipt, is gone when the chain turns, and no event
 * tells of it: the job then waits on chain while the journal holds it for done.
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
	/** Reads a job's events anew; says whether they give the chain's terms now. */
	recover: (job: JournalJob, onChain: ChainJob) => Promise<boolean>;
	locks: Pick<Locks, 'tryAcquire'>;
	logger: Logger;
}

/** Why a job can be given up that the chain, after it turned, asks for again. Other reasons lie in the job itself and hold. */
export const GONE = {
	absent: 'The job is not on the chain any more.',
	expired: 'Nothing served the job until its deadline; the money was given back.',
} as const;

/** After a start deadline. */
const START_SECONDS = 60;
/** Looked at in one round. */
const LIMIT = 50;

export class Confirmer {
	readonly #options: ConfirmerOptions;

	constructor(options: ConfirmerOptions) {
		this.#options = options;
	}

	/** Looks at the jobs whose time has come. Gives the ids of those that wait on chain again. */
	async round(signal: AbortSignal): Promise<bigint[]> {
		const { journal, logger } = this.#options;
		const reopened: bigint[] = [];
		for (const id of await journal.unconfirmed(LIMIT)) {
			if (signal.aborted) break;
			try {
				if (await this.#look(id)) reopened.push(id);
			} catch (error) {
				// The chain did not answer for this one; the others have their turn.
				logger.debug({ error, job: id.toString() }, 'A finished job could not be checked again');
			}
		}
		return reopened;
	}

	/** Whether the journal has what is agreed for a job that goes on. */
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
			const title = 'The chain has turned and the job waits again';
			if (!(await journal.reopen(id, title, ['routed', 'superseded', 'split', 'dead']))) return false;
			await journal.append({ jobId: id, step: 'reopened', title });
			logger.warn({ job: id.toString(), was: job.state }, 'A finished job is open on chain again');
			return true;
		} finally {
			await lock.release();
		}
	}
}

/** When to look again, unix seconds: a job that is not started by its deadline was given back or is to be. Null for never. */
function nextLook({ status, time }: ChainJob): number | null {
	return status === 'routed' ? time + START_SECONDS : null;
}

function waitsAgain(job: JournalJob, { status }: ChainJob): boolean {
	if (status !== 'requested') return false;
	return job.state !== 'dead' || Object.values<string | null>(GONE).includes(job.reason);
}
