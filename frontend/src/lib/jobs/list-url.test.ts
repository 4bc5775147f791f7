import { describe, expect, it } from 'vitest';
import { jobFiltersFrom, jobFiltersTo } from './list-url.ts';

describe('filters of the jobs page', () => {
	it('survive the way through the URL', () => {
		const filters = { scope: 'mine', statuses: ['requested', 'running'], page: 3 } as const;
		expect(jobFiltersFrom(jobFiltersTo(new URLSearchParams(), filters))).toEqual(filters);
	});

	it('leave defaults out and other parameters alone', () => {
		const params = jobFiltersTo(new URLSearchParams('show=mine&page=2&theme=x'), {
			scope: 'all',
			statuses: [],
			page: 1,
		});
		expect(params.toString()).toBe('theme=x');
	});

	it.each(['show=everything', 'status=nonsense,,', 'page=-1', 'page=1e9', 'page=abc', ''])(
		'read %j as the defaults',
		(text) => {
			expect(jobFiltersFrom(new URLSearchParams(text))).toEqual({ scope: 'all', statuses: [], page: 1 });
		},
	);
});
