import { type Context, ponder } from 'ponder:registry';
import { formerMember, member, team } from 'ponder:schema';
import { nameOf, teamRole } from '@necto/contracts';
import { periodStartAt } from './periods.ts';
import { clip } from './untrusted.ts';

/** What the contract calls `NO_LIMIT`. */
const NO_LIMIT = 2n ** 64n - 1n;

ponder.on('AccessControl:TeamCreated', async ({ event, context }) => {
	// Its first Admin follows as MemberSet, its budget as TeamBudgetSet: until then it has no period.
	await context.db.insert(team).values({
		id: event.args.team,
		name: clip(event.args.name),
		members: 0,
		limit: NO_LIMIT,
		period: 0,
		periodStart: event.block.timestamp,
		spent: 0n,
		createdAt: event.block.timestamp,
	});
});

ponder.on('AccessControl:TeamRenamed', async ({ event, context }) => {
	await context.db.update(team, { id: event.args.team }).set({ name: clip(event.args.name) });
});

ponder.on('AccessControl:MemberSet', async ({ event, context }) => {
	const key = { team: event.args.team, address: event.args.member };
	const role = nameOf(teamRole, event.args.role);
	const was = await context.db.find(member, key);

	if (role === 'none') {
		if (was === null) return;
		const { spent, periodStart } = was;
		await context.db
			.insert(formerMember)
			.values({ ...key, spent, periodStart })
			.onConflictDoUpdate({ spent, periodStart });
		await context.db.delete(member, key);
		await context.db.update(team, { id: key.team }).set((row) => ({ members: row.members - 1 }));
	} else if (was !== null) {
		await context.db.update(member, key).set({ role });
	} else {
		const before = await context.db.find(formerMember, key);
		const { spent, periodStart } = before ?? { spent: 0n, periodStart: 0n };
		// Its limit follows as MemberBudgetSet.
		const row = { ...key, role, limit: NO_LIMIT, spent, periodStart, since: event.block.timestamp };
		await context.db.insert(member).values(row);
		if (before !== null) await context.db.delete(formerMember, key);
		await context.db.update(team, { id: key.team }).set((row) => ({ members: row.members + 1 }));
	}
});

ponder.on('AccessControl:TeamBudgetSet', async ({ event, context }) => {
	const { limit, period } = event.args;
	await context.db.update(team, { id: event.args.team }).set((row) => {
		const { timestamp } = event.block;
		const periodStart = periodStartAt(row.periodStart, row.period, timestamp);
		// Another length begins a new period, unless this very second did already; otherwise what was spent in it goes on.
		if (period !== row.period && periodStart !== timestamp) return { limit, period, periodStart: timestamp, spent: 0n };
		return { limit, period, periodStart, spent: periodStart === row.periodStart ? row.spent : 0n };
	});
});

ponder.on('AccessControl:MemberBudgetSet', async ({ event, context }) => {
	const key = { team: event.args.team, address: event.args.member };
	await context.db.update(member, key).set({ limit: event.args.limit });
});

ponder.on('AccessControl:BudgetUsed', async ({ event, context }) => {
	const { memberSpent, teamSpent } = event.args;
	const { periodStart } = await context.db.update(team, { id: event.args.team }).set((row) => ({
		periodStart: periodStartAt(row.periodStart, row.period, event.block.timestamp),
		spent: teamSpent,
	}));
	await setSpent(
		context.db,
		{ team: event.args.team, address: event.args.member },
		{ spent: memberSpent, periodStart },
	);
});

/** Money may come back from the job of somebody who left. */
async function setSpent(
	db: Context['db'],
	key: Pick<typeof member.$inferSelect, 'team' | 'address'>,
	change: Pick<typeof member.$inferSelect, 'spent' | 'periodStart'>,
): Promise<void> {
	if ((await db.find(member, key)) !== null) await db.update(member, key).set(change);
	else await db.update(formerMember, key).set(change);
}
