/** Readiness as seen by the public API: its own connections, and the state that the routers report. */
import type { Ready } from '@necto/core';
import { messageOf } from '../errors.ts';
import type { RouterState, Routers } from '../journal/routers.ts';
import { withDeadline } from '../time.ts';

const READ_MS = 4_000;
const NOT_RUNNING =
	"The router is not running or cannot reach the database, so no jobs are routed. See the router's log.";

/** The router whose state is reported: one that is ready, if any is. */
export async function leadingRouter(routers: Pick<Routers, 'alive'>): Promise<RouterState | null> {
	const alive = await withDeadline('Reading the state of the routers', READ_MS, routers.alive());
	return alive.find(({ ready }) => ready.ready) ?? alive[0] ?? null;
}

/**
 * What the leading router's checks say, and whether the public API itself can work. Never rejects.
 *
 * @param leading gives `leadingRouter`, which proves that the database answers
 * @param draining fires when this process stops
 */
export async function lookFromApi(leading: () => Promise<RouterState | null>, draining: AbortSignal): Promise<Ready> {
	const stopping = draining.aborted ? [failed('draining', 'The public API is stopping.')] : [];
	let router: RouterState | null;
	try {
		router = await leading();
	} catch (error) {
		return { ready: false, checks: [...stopping, failed('database', messageOf(error))] };
	}
	const routerCheck = router === null ? failed('router', NOT_RUNNING) : { name: 'router', ok: true, detail: null };
	const checks = [...stopping, routerCheck, ...(router?.ready.checks ?? [])];
	return { ready: checks.every(({ ok }) => ok), checks };
}

function failed(name: string, detail: string): Ready['checks'][number] {
	return { name, ok: false, detail };
}
