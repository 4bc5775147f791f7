import { type Context, ponder } from 'ponder:registry';
import { member, platform, team } from 'ponder:schema';
import { nameOf, teamRole } from '@necto/contracts';
import { clip } from './untrusted.ts';

ponder.on('AccessControl:TeamCreated', async ({ event, context }) => {
	// Its first Admin follows as MemberSet.
	await context.db.insert(team).values({
		id: event.args.team,
		name: clip(event.args.name),
		members: 0,
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
		await context.db.delete(member, key);
		await context.db.update(team, { id: key.team }).set((row) => ({ members: row.members - 1 }));
	} else if (was !== null) {
		await context.db.update(member, key).set({ role });
	} else {
		await context.db.insert(member).values({ ...key, role, since: event.block.timestamp });
		await context.db.update(team, { id: key.team }).set((row) => ({ members: row.members + 1 }));
	}
});

ponder.on('AccessControl:Paused', async ({ event, context }) => {
	await setPaused(context.db, true, event.block.timestamp);
});

ponder.on('AccessControl:Unpaused', async ({ event, context }) => {
	await setPaused(context.db, false, event.block.timestamp);
});

async function setPaused(db: Context['db'], paused: boolean, updatedAt: bigint): Promise<void> {
	await db.insert(platform).values({ id: 'platform', paused, updatedAt }).onConflictDoUpdate({ paused, updatedAt });
}
