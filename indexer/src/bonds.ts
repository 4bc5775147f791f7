import { type Context, ponder } from 'ponder:registry';
import { bond } from 'ponder:schema';

/*
 * Escrow:StakeLost is left alone: it says nothing that Challenge:ChallengeRejected does not, except the challenger, who may be an untracked job's
 * requester. For the same reason nothing but the bond is kept of BondSlashed, which names the buyer.
 */

type Bond = typeof bond.$inferSelect;

ponder.on('Escrow:BondPosted', async ({ event, context }) => {
	await change(context.db, event.args.router, { amount: event.args.total });
});

ponder.on('Escrow:BondLeaving', async ({ event, context }) => {
	const { leaving, leavesAt } = event.args;
	await change(context.db, event.args.router, { leaving, leavesAt: BigInt(leavesAt) });
});

ponder.on('Escrow:BondWithdrawn', async ({ event, context }) => {
	await change(context.db, event.args.router, { amount: event.args.total, leaving: 0n, leavesAt: 0n });
});

ponder.on('Escrow:BondSlashed', async ({ event, context }) => {
	const held = await context.db.find(bond, { router: event.args.router });
	// Nothing was taken from who has nothing.
	if (held === null) return;
	const amount = held.amount - event.args.amount;
	// What is on its way out answers too.
	await change(context.db, event.args.router, held.leaving > amount ? { amount, leaving: amount } : { amount });
});

async function change(db: Context['db'], router: Bond['router'], values: Partial<Omit<Bond, 'router'>>): Promise<void> {
	await db
		.insert(bond)
		.values({ router, amount: 0n, leaving: 0n, leavesAt: 0n, ...values })
		.onConflictDoUpdate(values);
}
