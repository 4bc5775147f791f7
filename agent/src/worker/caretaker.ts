/**
 * Handles jobs whose parties missed a deadline. A job that its provider did not start is routed again while its route deadline lasts. After that it calls the
 * exits that are open to anyone: `expire` for jobs that were not routed or started, `complete` for jobs that ran out, `resolve` for disputes without a ruling.
 * Without it the funds would stay locked until someone calls them. The contracts decide whether a call is valid.
 */
import { z } from 'zod';
import { type ChainJob, isOpen, type JobRegistry } from '../chain/jobs.ts';
import type { Lane } from '../chain/lane.ts';
import { revertOf } from '../chain/reverts.ts';
import type { Journal, JournalJob } from '../journal/jobs.ts';
import type { Locks } from '../journal/locks.ts';
import type { Logger } from '../logger.ts';
import { SourceError } from '../sources/asking/source.ts';
import { indexerHttp } from '../sources/necto.ts';
import { nowSeconds } from '../time.ts';
import type { Agreements } from './agreement.ts';

export interface CaretakerOptions {
	indexerUrl: string;
	registry: JobRegistry;
	agreements: Agreements;
	/** Reads a job's events again; returns whether they match the terms hash on chain now. */
	recover: (job: JournalJob, onChain: ChainJob) => Promise<boolean>;
	lane: Lane;
	journal: Journal;
	locks: Locks;
	logger: Logger;
	/** The newest block's time, unix seconds. */
	chainTime: () => Promise<number>;
}

type Care = 'route-again' | 'expire' | 'complete' | 'resolve';

/** A list of jobs past one deadline. */
interface List {
	name: string;
	care: Care;
	/** GraphQL conditions. */
	where: string;
}

const answerSchema = z.object({
	data: z.record(
		z.string(),
		z.object({
			items: z.array(z.object({ id: z.string().regex(/^\d+$/) })),
			pageInfo: z.object({ hasNextPage: z.boolean(), endCursor: z.string().nullable() }),
		}),
	),
});
/** Jobs of one page, and pages of one list: further jobs are handled in a later round. */
const LIMIT = 50;
const PAGES = 20;
/** Statuses in which the chain would take it. */
const TAKEN_FROM: Readonly<Record<Care, readonly string[]>> = {
	'route-again': ['routed'],
	expire: ['requested', 'routed'],
	complete: ['running'],
	resolve: ['disputed'],
};

export class Caretaker {
	readonly #options: CaretakerOptions;

	constructor(options: CaretakerOptions) {
		this.#options = options;
	}

	/** Looks once at all jobs that are past a deadline. Gives how many it ended, or gave back to be routed. */
	async round(signal: AbortSignal): Promise<number> {
		const now = Math.max(await this.#options.chainTime(), nowSeconds());
		let ended = 0;
		for (const { id, care } of await this.#late(now, signal)) {
			try {
				if (await this.#care(id, care, signal)) ended++;
			} catch (error) {
				if (signal.aborted) throw error;
				// A failure with one job must not block the others.
				this.#options.logger.warn(
					{ error, job: id.toString(), care },
					'A job past its deadline could not be looked after',
				);
			}
		}
		return ended;
	}

	async #late(now: number, signal: AbortSignal): Promise<{ id: bigint; care: Care }[]> {
		const { grace, arbiter } = await this.#options.registry.periods();
		const lists: readonly List[] = [
			{
				name: 'unstarted',
				care: 'route-again',
				where: `status: "routed", startDeadline_lt: "${now}", routeDeadline_gte: "${now}"`,
			},
			{ name: 'unrouted', care: 'expire', where: `status: "requested", routeDeadline_lt: "${now}"` },
			{
				name: 'lost',
				care: 'expire',
				where: `status: "routed", startDeadline_lt: "${now}", routeDeadline_lt: "${now}"`,
			},
			{ name: 'unsettled', care: 'complete', where: `status: "running", endsAt_lt: "${now - grace}"` },
			{ name: 'unruled', care: 'resolve', where: `status: "disputed", disputedAt_lt: "${now - arbiter}"` },
		];
		const found = await this.#pages(lists, signal);
		return lists.flatMap(({ name, care }) => (found.get(name) ?? []).map((id) => ({ id, care })));
	}

	/** The ids of all pages of some lists: a job that nothing can be done for now stays in its list, and must not hide those behind it. */
	async #pages(lists: readonly List[], signal: AbortSignal): Promise<ReadonlyMap<string, bigint[]>> {
		const found = new Map<string, bigint[]>();
		let open = lists.map((list) => ({ ...list, after: '' }));
		for (let page = 0; page < PAGES && open.length > 0; page++) {
			const query = open.map(
				({ name, where, after }) =>
					`${name}: jobs(where: {${where}}, orderBy: "id", orderDirection: "desc", limit: ${LIMIT}${after}) { items { id } pageInfo { hasNextPage endCursor } }`,
			);
			const http = indexerHttp(AbortSignal.any([signal, AbortSignal.timeout(10_000)]));
			const body = { query: `{ ${query.join('\n')} }` };
			const read = answerSchema.safeParse(await http.json(`${this.#options.indexerUrl}/graphql`, { body }));
			if (!read.success) throw new SourceError('shape', 'The indexer does not answer with jobs.');
			const { data } = read.data;
			open = open.flatMap((list) => {
				const answer = data[list.name];
				if (answer === undefined) throw new Error(`The indexer left out the list of ${list.name} jobs.`);
				const ids = answer.items.map(({ id }) => BigInt(id));
				found.set(list.name, [...(found.get(list.name) ?? []), ...ids]);
				const { hasNextPage, endCursor } = answer.pageInfo;
				return hasNextPage && endCursor !== null ? [{ ...list, after: `, after: "${endCursor}"` }] : [];
			});
		}
		return found;
	}

	async #care(id: bigint, care: Care, signal: AbortSignal): Promise<boolean> {
		const { registry, journal, locks } = this.#options;
		// The same lock as the pipeline's: a job that is being worked on is left alone.
		const lock = await locks.tryAcquire(`job:${journal.deployment}:${id}`);
		if (lock === null) return false;
		try {
			const onChain = await registry.read(id, 0n);
			if (!TAKEN_FROM[care].includes(onChain.status)) return false;
			// The same condition as in the pipeline: a job that is not open there would only be reported as routed again.
			if (care === 'route-again') return isOpen(onChain) && (await this.#routeAgain(id));
			return await this.#end(id, care, onChain, AbortSignal.any([signal, lock.signal]));
		} finally {
			await lock.release();
		}
	}

	async #routeAgain(id: bigint): Promise<boolean> {
		const { journal, logger } = this.#options;
		const title = 'The provider did not start in time; looking for another listing';
		if (!(await journal.reopen(id, title))) return false;
		await journal.append({ jobId: id, step: 'reopened', title });
		logger.info({ job: id.toString() }, 'A job that was not started in time is routed again');
		return true;
	}

	async #end(
		id: bigint,
		way: Exclude<Care, 'route-again'>,
		onChain: Awaited<ReturnType<JobRegistry['read']>>,
		signal: AbortSignal,
	): Promise<boolean> {
		const { agreements, registry, lane, journal, logger } = this.#options;
		const job = await journal.get(id);
		// A job that the scanner has not found yet.
		if (job === null) return false;
		const agreement = await agreements.read(job, onChain);
		if (agreement === null) {
			// The chain is ahead of what was read, or a node left something out: the next round knows more.
			await this.#options.recover(job, onChain);
			return false;
		}
		const { terms, hidden } = agreement;
		try {
			const data = registry.endData(way, id, terms);
			await lane.send({ purpose: way, jobId: id, to: registry.address, data, hidden }, signal);
		} catch (error) {
			// The block's time may be a second before the deadline, or another caller was faster.
			const revert = revertOf(error);
			if (revert === null) throw error;
			logger.debug({ job: id.toString(), reason: revert.reason }, 'A job cannot be ended yet');
			return false;
		}
		agreements.forget(id);
		await journal.append({ jobId: id, step: 'failed', title: endedWords(way, onChain.status === 'routed') });
		logger.info({ job: id.toString(), way }, 'A job past its deadline was ended');
		return true;
	}
}

function endedWords(way: Exclude<Care, 'route-again'>, wasRouted: boolean): string {
	switch (way) {
		case 'complete':
			return 'The job ran out and neither party settled it: the provider was paid for the whole duration';
		case 'resolve':
			return 'The arbiter did not rule in time: half of the amount due was paid, the rest was refunded';
		case 'expire':
			return wasRouted
				? 'The provider did not start in time; the locked amount was refunded'
				: 'No offer matched before the deadline; the locked amount was refunded';
	}
}
