import type { Context } from 'ponder:registry';
import { dailyTotal } from 'ponder:schema';

type DailyTotal = typeof dailyTotal.$inferSelect;

const SECONDS_PER_DAY = 86_400n;

const none: Omit<DailyTotal, 'day'> = {
	requested: 0,
	routed: 0,
	started: 0,
	settled: 0,
	cancelled: 0,
	expired: 0,
	failed: 0,
	locked: 0n,
	paid: 0n,
	refunded: 0n,
	gpuSeconds: 0n,
};

/**
 * Adds to the totals of a block's day.
 *
 * @param timestamp the block's, in unix seconds
 * @param change what to add; what is left out stays
 */
export async function addToDay(
	db: Context['db'],
	timestamp: bigint,
	change: Partial<Omit<DailyTotal, 'day'>>,
): Promise<void> {
	const day = Number(timestamp / SECONDS_PER_DAY);
	await db
		.insert(dailyTotal)
		.values({ day, ...none, ...change })
		.onConflictDoUpdate((row) => ({
			requested: row.requested + (change.requested ?? 0),
			routed: row.routed + (change.routed ?? 0),
			started: row.started + (change.started ?? 0),
			settled: row.settled + (change.settled ?? 0),
			cancelled: row.cancelled + (change.cancelled ?? 0),
			expired: row.expired + (change.expired ?? 0),
			failed: row.failed + (change.failed ?? 0),
			locked: row.locked + (change.locked ?? 0n),
			paid: row.paid + (change.paid ?? 0n),
			refunded: row.refunded + (change.refunded ?? 0n),
			gpuSeconds: row.gpuSeconds + (change.gpuSeconds ?? 0n),
		}));
}
