import { ponder } from 'ponder:registry';
import { escrowEntry, job, session } from 'ponder:schema';
import { eq } from 'ponder';
import { periodStartAt } from './periods.ts';
import { clamp } from './untrusted.ts';

ponder.on('AccessControl:SessionGranted', async ({ event, context }) => {
	const { limits } = event.args;
	const granted = {
		total: limits.total,
		spent: 0n,
		perPeriod: limits.perPeriod,
		periodSpent: 0n,
		periodStart: event.block.timestamp,
		period: clamp(limits.period),
		grantedAt: event.block.timestamp,
		expiresAt: BigInt(limits.expiresAt),
		team: clamp(limits.team),
		revoked: false,
	};
	await context.db
		.insert(session)
		.values({ owner: event.args.owner, key: event.args.key, ...granted })
		.onConflictDoUpdate(granted);
});

/*
 * The event says what the key spent in all. Kept is only what it spent for tracked jobs: a sum that grows by an untracked job's lock, when that job is
 * requested, names its requester. Which job it was is told by the entry of its lock, which the event right before this one left.
 */
ponder.on('AccessControl:SessionUsed', async ({ event, context }) => {
	const before = { block: event.block.number, logIndex: event.log.logIndex - 1, leg: 0 };
	const lock = await context.db.find(escrowEntry, before);
	if (lock === null || lock.jobId === null) return;
	const requested = await context.db.find(job, { id: lock.jobId });
	if (requested === null || !requested.tracked) return;

	await context.db.update(session, { owner: event.args.owner, key: event.args.key }).set((row) => {
		const periodStart = periodStartAt(row.grantedAt, row.period, event.block.timestamp);
		const before = periodStart === row.periodStart ? row.periodSpent : 0n;
		return { spent: row.spent + lock.amount, periodSpent: before + lock.amount, periodStart };
	});
});

ponder.on('AccessControl:SessionRevoked', async ({ event, context }) => {
	await context.db.update(session, { owner: event.args.owner, key: event.args.key }).set({ revoked: true });
});

ponder.on('AccessControl:AllSessionsRevoked', async ({ event, context }) => {
	await context.db.sql.update(session).set({ revoked: true }).where(eq(session.owner, event.args.owner));
});
