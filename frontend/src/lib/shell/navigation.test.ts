import { expect, test } from 'vitest';
import { placeOf } from './navigation.ts';

test.each([
	['/market', 'Market'],
	['/jobs', 'Jobs'],
	['/jobs/12', 'Jobs'],
	['/jobs/new', 'New job'],
	['/provider', 'Provider'],
	['/teams', 'Teams'],
	['/jobsearch', undefined],
])('%s belongs to %s', (path, name) => {
	expect(placeOf(path)?.name).toBe(name);
});
