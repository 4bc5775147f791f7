/**
 * Opens the ways out that anyone may open: jobs that were not routed or not started in time are expired, jobs that ran out and whose parties are silent are
 * completed. Without it money would wait until somebody asks for it. The contracts decide; this only asks.
 */
import { z } from 'zod';
import type { JobRegistry } from '../chain/jobs.ts';
import type { Lane } from '../chain/lane.ts';
import { revertOf } from '../chain/reverts.ts';
import type { Journal } from '../journal/jobs.ts';
import type { Locks } from '../journal/locks.ts';
import type { Logger } from '../logger.ts';
import { BoundedHttp } from '../sources/http.ts';
import { nowSeconds } from '../time.ts';

export interface CaretakerOptions {
	indexerUrl: string;
	registry: JobRegistry;
	lane: Lane;
	journal: Journal;
	locks: Locks;
	logger: Logger;
	/** The newest block's time, unix seconds. */
	chainTime: () => Promise<number>;
}

const answerSchema = z.object({
	data: z.record(z.string(), z.object({ items: z.array(z.object({ id: z.string().regex(/^\d+$/) })) })),
});
const LIMIT = 20;

export class Caretaker {
	readonly #options: CaretakerOptions;

	constructor(options: CaretakerOptions) {
		this.#options = options;
	}

	/** Looks once at all jobs that are past a deadline. Gives how many it ended. */
	async round(signal: AbortSignal): Promise<number> {
		const { registry, chainTime } = this.#options;
		const grace = await registry.gracePeriod();
		const now = Math.max(await chainTime(), nowSeconds());
		const late = await this.#late(now, grace, signal);
		let ended = 0;
		for (const { id, purpose } of late) if (await this.#end(id, purpose, signal)) ended++;
		return ended;
	}

	async #late(
		now: number,
		grace: number,
		signal: AbortSignal,
	): Promise<{ id: bigint; purpose: 'expire' | 'complete' }[]> {
		const query = `{
			unrouted: jobs(where: {status: "requested", routeDeadline_lt: "${now}"}, limit: ${LIMIT}) { items { id } }
			unstarted: jobs(where: {status: "routed", startDeadline_lt: "${now}"}, limit: ${LIMIT}) { items { id } }
			unsettled: jobs(where: {status: "running", endsAt_lt: "${now - grace}"}, limit: ${LIMIT}) { items { id } }
		}`;
		const http = new BoundedHttp(AbortSignal.any([signal, AbortSignal.timeout(10_000)]));
		const { data } = answerSchema.parse(await http.json(`${this.#options.indexerUrl}/graphql`, { body: { query } }));
		const of = (name: string, purpose: 'expire' | 'complete') =>
			(data[name]?.items ?? []).map(({ id }) => ({ id: BigInt(id), purpose }));
		return [...of('unrouted', 'expire'), ...of('unstarted', 'expire'), ...of('unsettled', 'complete')];
	}

	async #end(id: bigint, purpose: 'expire' | 'complete', signal: AbortSignal): Promise<boolean> {
		const { registry, lane, journal, locks, logger } = this.#options;
		// The same lock as the pipeline's: a job that is being worked on is left alone.
		const lock = await locks.tryAcquire(`job:${journal.deployment}:${id}`);
		if (lock === null) return false;
		try {
			const onChain = await registry.read(id);
			const expected = purpose === 'expire' ? ['requested', 'routed'] : ['running'];
			if (!expected.includes(onChain.status)) return false;
			const data = purpose === 'expire' ? registry.expireData(id) : registry.completeData(id);
			await lane.send({ purpose, jobId: id, to: registry.address, data }, AbortSignal.any([signal, lock.signal]));
			await journal.append({
				jobId: id,
				step: 'failed',
				title:
					purpose === 'complete'
						? 'The time is over and nobody settled: the provider was paid for the whole duration'
						: onChain.status === 'routed'
							? 'The provider did not start in time: the money was given back'
							: 'Nothing served the job until its deadline: the money was given back',
			});
			logger.info({ job: id.toString(), purpose }, 'A job past its deadline was ended');
			return true;
		} catch (error) {
			// The block's time may be a second short of the deadline, or somebody was faster.
			const revert = revertOf(error);
			if (revert === null) throw error;
			logger.debug({ job: id.toString(), reason: revert.reason }, 'A job cannot be ended yet');
			return false;
		} finally {
			await lock.release();
		}
	}
}
