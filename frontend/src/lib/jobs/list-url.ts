/** Filters of the jobs page. They live in the URL, so that a link shows what its sender saw. */
import { JOB_STATUSES, type JobStatus } from './status.ts';

export const JOB_SCOPES = ['all', 'mine', 'provider'] as const;
export type JobScope = (typeof JOB_SCOPES)[number];

export interface JobListFilters {
	/** Whose: everyone's, requested by the connected account, or routed to it. */
	readonly scope: JobScope;
	/** Empty is every status. */
	readonly statuses: readonly JobStatus[];
	/** Counted from 1. */
	readonly page: number;
}

/** Reads the filters; what is not understood is left out rather than refused. */
export function jobFiltersFrom(params: Pick<URLSearchParams, 'get'>): JobListFilters {
	const scope = params.get('show');
	const wanted = new Set(params.get('status')?.split(',') ?? []);
	const page = Number(params.get('page') ?? '1');
	return {
		scope: JOB_SCOPES.find((known) => known === scope) ?? 'all',
		statuses: JOB_STATUSES.filter((status) => wanted.has(status)),
		page: Number.isInteger(page) && page > 0 && page < 100_000 ? page : 1,
	};
}

/** Writes the filters into a copy of `current`; defaults are left out, parameters of others stay. */
export function jobFiltersTo(current: Iterable<[string, string]>, filters: JobListFilters): URLSearchParams {
	const params = new URLSearchParams([...current]);
	set(params, 'show', filters.scope === 'all' ? '' : filters.scope);
	set(params, 'status', filters.statuses.join(','));
	set(params, 'page', filters.page === 1 ? '' : String(filters.page));
	return params;
}

function set(params: URLSearchParams, name: string, value: string): void {
	if (value === '') params.delete(name);
	else params.set(name, value);
}
