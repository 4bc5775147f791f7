import { ponder } from 'ponder:registry';
import { escrowEntry } from 'ponder:schema';
import { accountTextOf } from './accounts.ts';

/*
 * Escrow:Locked and Escrow:Released are left alone on purpose. They say nothing that the JobRegistry's events do not, except the payer, who for
 * an untracked job is not to be known: `jobs.ts` writes the locks, payments and refunds.
 */

ponder.on('Escrow:Deposited', async ({ event, context }) => {
	await context.db.insert(escrowEntry).values({
		block: event.block.number,
		logIndex: event.log.logIndex,
		leg: 0,
		kind: 'deposit',
		account: accountTextOf(event.args.account),
		amount: event.args.amount,
		at: event.block.timestamp,
		txHash: event.transaction.hash,
	});
});

ponder.on('Escrow:Withdrawn', async ({ event, context }) => {
	await context.db.insert(escrowEntry).values({
		block: event.block.number,
		logIndex: event.log.logIndex,
		leg: 0,
		kind: 'withdrawal',
		account: accountTextOf(event.args.account),
		amount: event.args.amount,
		at: event.block.timestamp,
		txHash: event.transaction.hash,
	});
});
