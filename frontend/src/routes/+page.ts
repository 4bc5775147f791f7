import { redirect } from '@sveltejs/kit';

/** The market is the way in: it needs no wallet. */
export function load(): never {
	redirect(307, '/market');
}
