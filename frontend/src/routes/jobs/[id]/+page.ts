import { error } from '@sveltejs/kit';
import type { PageLoad } from './$types';

export const load: PageLoad = ({ params }) => {
	// A uint64 has at most 20 digits; 0 is never a job.
	if (!/^[1-9]\d{0,19}$/.test(params.id)) error(404, `"${params.id}" is not the number of a job.`);
	return { id: params.id };
};
