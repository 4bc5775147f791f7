import { type Context, ponder } from 'ponder:registry';
import { platform } from 'ponder:schema';
import { zeroAddress } from 'viem';

type Change = Partial<Pick<typeof platform.$inferSelect, 'paused' | 'fee' | 'treasury'>>;

ponder.on('JobRegistry:Paused', async ({ event, context }) => {
	await change(context.db, event.block.timestamp, { paused: true });
});

ponder.on('JobRegistry:Unpaused', async ({ event, context }) => {
	await change(context.db, event.block.timestamp, { paused: false });
});

ponder.on('JobRegistry:FeeChanged', async ({ event, context }) => {
	const { fee, treasury } = event.args;
	await change(context.db, event.block.timestamp, { fee, treasury: treasury === zeroAddress ? null : treasury });
});

async function change(db: Context['db'], updatedAt: bigint, values: Change): Promise<void> {
	await db
		.insert(platform)
		.values({ id: 'platform', paused: false, fee: 0, treasury: null, ...values, updatedAt })
		.onConflictDoUpdate({ ...values, updatedAt });
}
