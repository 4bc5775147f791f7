import { db } from 'ponder:api';
import { job, listing, provider } from 'ponder:schema';
import { jobStatus } from '@necto/contracts';
import { count, eq, sum } from 'ponder';

/** `GET /totals`: the marketplace in a few figures. Money is micro-USD as decimal strings. */
export interface Totals {
	readonly providers: number;
	readonly listings: number;
	/** GPUs of listings that are online. */
	readonly gpus: { readonly total: number; readonly reserved: number };
	/** How many jobs are in each state. */
	readonly jobs: Readonly<Record<string, number>>;
	/** All that jobs ever locked, paid to providers and gave back. */
	readonly locked: string;
	readonly paid: string;
	readonly refunded: string;
}

/** Counts the totals. */
export async function readTotals(): Promise<Totals> {
	const [providers, listings, online, states] = await Promise.all([
		db.select({ rows: count() }).from(provider),
		db.select({ rows: count() }).from(listing),
		db
			.select({ total: sum(listing.total), reserved: sum(listing.reserved) })
			.from(listing)
			.where(eq(listing.offline, false)),
		db
			.select({
				status: job.status,
				rows: count(),
				locked: sum(job.locked),
				paid: sum(job.paid),
				refunded: sum(job.refunded),
			})
			.from(job)
			.groupBy(job.status),
	]);
	const { none: _, ...statuses } = jobStatus;
	const rowsOf = new Map(states.map(({ status, rows }) => [status, rows]));
	const total = (pick: (state: (typeof states)[number]) => string | null) =>
		states.reduce((all, state) => all + BigInt(pick(state) ?? 0), 0n).toString();
	return {
		providers: providers[0]?.rows ?? 0,
		listings: listings[0]?.rows ?? 0,
		gpus: { total: Number(online[0]?.total ?? 0), reserved: Number(online[0]?.reserved ?? 0) },
		jobs: Object.fromEntries(Object.keys(statuses).map((status) => [status, rowsOf.get(status) ?? 0])),
		// A split job's lock went on to its parts, but for what came back at once.
		locked: total((state) => (state.status === 'split' ? state.refunded : state.locked)),
		paid: total((state) => state.paid),
		refunded: total((state) => state.refunded),
	};
}
