/** What the pages ask the indexer about jobs. One function a question; each row is checked by its schema. */
import { z } from 'zod';
import { queryIndexer } from '#lib/indexer/client.ts';
import { indexerDocument } from '#lib/indexer/document.ts';
import type { JobListFilters } from './list-url.ts';
import {
	JOB_EVENT_FIELDS,
	JOB_FIELDS,
	type JobEventRow,
	type JobRow,
	jobEventRowSchema,
	jobRowSchema,
	ROUTING_FIELDS,
	type RoutingRow,
	routingRowSchema,
} from './rows.ts';

/** Rows of one page of the jobs table. */
export const JOBS_PER_PAGE = 50;

const pageOf = <Row extends z.ZodType>(row: Row) => z.object({ items: z.array(row) });

const jobListSchema = z.object({
	jobs: z.object({ items: z.array(jobRowSchema), totalCount: z.int().nonnegative() }),
});

export interface JobPage {
	readonly jobs: readonly JobRow[];
	/** Of all pages. */
	readonly total: number;
}

const JOBS = indexerDocument(`query Jobs($where: jobFilter, $limit: Int!, $offset: Int!) {
	jobs(where: $where, orderBy: "id", orderDirection: "desc", limit: $limit, offset: $offset) {
		items { ${JOB_FIELDS} }
		totalCount
	}
}`);

/**
 * One page of jobs, newest first.
 *
 * @param account whose jobs `mine` and `provider` mean; without one these are empty
 */
export async function fetchJobs(
	filters: JobListFilters,
	account: string | null,
	signal?: AbortSignal,
): Promise<JobPage> {
	if (filters.scope !== 'all' && account === null) return { jobs: [], total: 0 };
	const where: Record<string, unknown> = {};
	if (filters.statuses.length > 0) where.status_in = filters.statuses;
	// The indexer keeps addresses in lower case.
	if (filters.scope === 'mine') where.requester = account?.toLowerCase();
	if (filters.scope === 'provider') where.provider = account?.toLowerCase();
	const data = await queryIndexer(
		JOBS,
		{ where, limit: JOBS_PER_PAGE, offset: (filters.page - 1) * JOBS_PER_PAGE },
		jobListSchema,
		signal,
	);
	return { jobs: data.jobs.items, total: data.jobs.totalCount };
}

const JOBS_TO_DO = indexerDocument(`query JobsToDo($where: jobFilter) {
	jobs(where: $where, orderBy: "id", orderDirection: "desc", limit: 200) { items { ${JOB_FIELDS} } totalCount }
}`);

/** The jobs that wait for somebody who runs hardware: those of these listings, and those that pay this account. Newest first. */
export async function fetchJobsToDo(
	account: string,
	listings: readonly number[],
	signal?: AbortSignal,
): Promise<readonly JobRow[]> {
	const data = await queryIndexer(
		JOBS_TO_DO,
		{
			where: {
				status_in: ['routed', 'running', 'disputed'],
				OR: [{ provider: account.toLowerCase() }, { listingId_in: [0, ...listings] }],
			},
		},
		jobListSchema,
		signal,
	);
	return data.jobs.items;
}

const jobDetailSchema = z.object({
	job: jobRowSchema.nullable(),
	routings: pageOf(routingRowSchema),
	jobEvents: pageOf(jobEventRowSchema),
	parts: pageOf(jobRowSchema),
});

export interface JobDetail {
	readonly job: JobRow;
	readonly routing: RoutingRow | null;
	/** In the order in which they happened. */
	readonly events: readonly JobEventRow[];
	/** The jobs that stand for it, by number; none unless it is split. */
	readonly parts: readonly JobRow[];
}

const JOB = indexerDocument(`query Job($id: BigInt!) {
	job(id: $id) { ${JOB_FIELDS} }
	routings(where: { jobId: $id }, orderBy: "block", orderDirection: "desc", limit: 10) { items { ${ROUTING_FIELDS} } }
	jobEvents(where: { jobId: $id }, orderBy: "block", orderDirection: "asc", limit: 100) { items { ${JOB_EVENT_FIELDS} } }
	parts: jobs(where: { parent: $id }, orderBy: "id", orderDirection: "asc", limit: 255) { items { ${JOB_FIELDS} } }
}`);

/** All that the indexer knows about one job; null when it does not know it (yet). */
export async function fetchJob(id: bigint, signal?: AbortSignal): Promise<JobDetail | null> {
	const data = await queryIndexer(JOB, { id: id.toString() }, jobDetailSchema, signal);
	if (data.job === null) return null;
	const events = data.jobEvents.items.toSorted((one, other) =>
		one.block === other.block ? one.logIndex - other.logIndex : one.block < other.block ? -1 : 1,
	);
	// A routing that was taken back is history: the one in force has the commitment that the job has.
	const routing = data.routings.items.find((each) => each.commitment === data.job?.commitment) ?? null;
	return { job: data.job, routing, events, parts: data.parts.items };
}
