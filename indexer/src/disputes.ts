import { ponder } from 'ponder:registry';
import { job } from 'ponder:schema';
import { addEvent, addToProvider, listingOf, touched } from './job-rows.ts';
import { traceOf } from './privacy.ts';

ponder.on('JobRegistry:JobDisputed', async ({ event, context }) => {
	const { elapsed, due, evidenceHash } = event.args;
	const row = await context.db
		.update(job, { id: event.args.job })
		.set({ status: 'disputed', disputedAt: event.block.timestamp, due, ...touched(event) });
	const trace = traceOf(event, row.tracked, null);
	const data = { provider: event.args.provider, elapsed, due, evidenceHash };
	await addEvent(context.db, event, row.id, 'disputed', trace, data);
	await addToProvider(context.db, event, listingOf(row), { jobsDisputed: 1 });
});

ponder.on('JobRegistry:EvidenceSubmitted', async ({ event, context }) => {
	const { by, evidenceHash } = event.args;
	const row = await context.db.update(job, { id: event.args.job }).set(touched(event));
	// By either party: of an untracked job only the provider may be named.
	const party = by === row.provider ? by : null;
	const data = row.tracked || party !== null ? { by, evidenceHash } : { evidenceHash };
	await addEvent(context.db, event, row.id, 'evidence', traceOf(event, row.tracked, party), data);
});

/** The settlement follows as JobSettled. */
ponder.on('JobRegistry:DisputeRuled', async ({ event, context }) => {
	const { arbiter, paid, reasonHash } = event.args;
	const row = await context.db.update(job, { id: event.args.job }).set(touched(event));
	const trace = traceOf(event, row.tracked, arbiter);
	await addEvent(context.db, event, row.id, 'ruled', trace, { arbiter, paid, reasonHash });
});
