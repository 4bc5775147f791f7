import { ponder } from 'ponder:registry';
import { job } from 'ponder:schema';
import { wordOf } from '@necto/core';
import { addEvent, touched } from './job-rows.ts';
import { traceOf } from './privacy.ts';

/** Why a challenge had no cause: `IChallenge.Reason`, in its order. */
const REASONS = ['not-better', 'not-routable'] as const;

/** What becomes of the bond follows as BondSlashed, what of the job as JobReopened. */
ponder.on('Challenge:ChallengeUpheld', async ({ event, context }) => {
	const { challenger, router, better, chosenScore, betterScore } = event.args;
	const row = await context.db.update(job, { id: event.args.job }).set(touched(event));
	const data = { ...named(row.tracked, challenger), router, better, chosenScore, betterScore };
	await addEvent(context.db, event, row.id, 'challenge-upheld', traceOf(event, row.tracked, null), data);
});

ponder.on('Challenge:ChallengeRejected', async ({ event, context }) => {
	const { challenger, router } = event.args;
	const reason = wordOf(REASONS, event.args.reason);
	const row = await context.db.update(job, { id: event.args.job }).set(touched(event));
	const data = { ...named(row.tracked, challenger), router, reason };
	await addEvent(context.db, event, row.id, 'challenge-rejected', traceOf(event, row.tracked, null), data);
});

/** Who challenges the decision for an untracked job may well be its requester. */
function named(tracked: boolean, challenger: `0x${string}`) {
	return tracked ? { challenger } : {};
}
