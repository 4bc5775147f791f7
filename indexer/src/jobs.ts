import { ponder } from 'ponder:registry';
import { escrowEntry, job, jobEvent, platform, routing } from 'ponder:schema';
import { decodeCountries, jobStatus, nameOf, reopenReason } from '@necto/contracts';
import { hashChainRequest } from '@necto/core';
import { accountText } from './accounts.ts';
import { addToDay } from './days.ts';
import {
	addEntry,
	addEvent,
	addRefund,
	addToProvider,
	end,
	forgetDeposits,
	listingOf,
	payerOf,
	toJson,
	touched,
} from './job-rows.ts';
import { traceOf } from './privacy.ts';
import { clip } from './untrusted.ts';

type Job = typeof job.$inferSelect;

/** What a job's row holds while it has no place. */
const NOT_ROUTED = {
	listingId: null,
	provider: null,
	pricePerGpuHour: null,
	fee: null,
	router: null,
	commitment: null,
	startDeadline: null,
	routedAt: null,
} as const satisfies Partial<Job>;

ponder.on('JobRegistry:JobRequested', async ({ event, context }) => {
	const { request, locked } = event.args;
	const { tracked } = request;
	const row = await context.db.insert(job).values({
		id: event.args.job,
		status: 'requested',
		tracked,
		requester: tracked ? event.args.requester : null,
		team: event.args.team,
		gpuModel: clip(event.args.gpuModel),
		minMemoryGiB: request.minMemoryGiB,
		formFactors: request.formFactors,
		gpuCount: request.gpuCount,
		maxParts: request.maxParts,
		duration: request.duration,
		maxPricePerGpuHour: request.maxPricePerGpuHour,
		continents: request.continents,
		countries: decodeCountries(request.countries).join(','),
		excludedPricing: request.excludedPricing,
		attestations: request.attestations,
		uptimeWeight: request.uptimeWeight,
		latencyWeight: request.latencyWeight,
		ratingWeight: request.ratingWeight,
		riskWeight: request.riskWeight,
		routeDeadline: BigInt(request.routeDeadline),
		startWindow: request.startWindow,
		specHash: request.specHash,
		policyHash: request.policyHash,
		requestJson: toJson(request),
		requestHash: hashChainRequest(request),
		locked,
		reopened: 0,
		requestedAt: event.block.timestamp,
		requestedBlock: event.block.number,
		requestedLogIndex: event.log.logIndex,
		updatedAt: event.block.timestamp,
		updatedBlock: event.block.number,
	});

	const trace = traceOf(event, tracked, null);
	await addEvent(context.db, event, row.id, 'requested', trace, { locked });
	await addEntry(context.db, event, row, { kind: 'lock', account: payerOf(row), amount: locked }, trace);
	if (!tracked) await forgetDeposits(context.db, event);
	await addToDay(context.db, event.block.timestamp, { requested: 1, locked });
});

/** The event comes after the JobRequested of each part. */
ponder.on('JobRegistry:JobSplit', async ({ event, context }) => {
	const { firstPart, parts, refunded } = event.args;
	const row = await end(context.db, event, { status: 'split', paid: 0n, refunded });
	// Sent by the agent, never by the requester.
	const trace = traceOf(event, true, null);
	let moved = 0n;
	for (let id = firstPart; id < firstPart + BigInt(parts); id++) {
		// A part's terms hold when the whole was requested.
		const part = await context.db.update(job, { id }).set({ parent: row.id, requestedAt: row.requestedAt });
		const place = { block: part.requestedBlock, logIndex: part.requestedLogIndex };
		// Nothing was locked for it: it lives on the whole's lock. And its request is the agent's.
		await context.db.delete(escrowEntry, { ...place, leg: 0 });
		await context.db.update(jobEvent, { jobId: id, ...place }).set(trace);
		moved += part.locked;
	}

	await addEvent(context.db, event, row.id, 'split', trace, { firstPart, parts, refunded });
	await addRefund(context.db, event, row, refunded, trace);
	await addToDay(context.db, event.block.timestamp, { locked: -moved, refunded });
});

ponder.on('JobRegistry:JobRouted', async ({ event, context }) => {
	const { args } = event;
	await context.db.insert(routing).values({
		jobId: args.job,
		block: event.block.number,
		logIndex: event.log.logIndex,
		listingId: args.listing,
		listingVersion: args.listingVersion,
		provider: args.provider,
		pricePerGpuHour: args.pricePerGpuHour,
		fee: args.fee,
		router: args.router,
		startDeadline: BigInt(args.startDeadline),
		candidatesRoot: args.candidatesRoot,
		recordRoot: args.recordRoot,
		recordHash: args.recordHash,
		commitment: args.commitment,
		at: event.block.timestamp,
		txHash: event.transaction.hash,
	});
	await context.db.update(job, { id: args.job }).set({
		status: 'routed',
		listingId: args.listing,
		provider: args.provider,
		pricePerGpuHour: args.pricePerGpuHour,
		fee: args.fee,
		router: args.router,
		commitment: args.commitment,
		startDeadline: BigInt(args.startDeadline),
		routedAt: event.block.timestamp,
		...touched(event),
	});
	await addToProvider(context.db, event, args.listing, { jobsRouted: 1 });
	// Sent by the agent, never by the requester.
	await addEvent(context.db, event, args.job, 'routed', traceOf(event, true, null), {
		listing: args.listing,
		listingVersion: args.listingVersion,
		provider: args.provider,
		pricePerGpuHour: args.pricePerGpuHour,
		fee: args.fee,
		startDeadline: args.startDeadline,
		recordRoot: args.recordRoot,
	});
	await addToDay(context.db, event.block.timestamp, { routed: 1 });
});

ponder.on('JobRegistry:JobReopened', async ({ event, context }) => {
	const { listing: listingId } = event.args;
	const reason = nameOf(reopenReason, event.args.reason);
	const row = await context.db.update(job, { id: event.args.job }).set((held) => ({
		status: 'requested',
		reopened: held.reopened + 1,
		...NOT_ROUTED,
		...touched(event),
	}));
	// Declined by the provider; not started, so routed again by the agent; overturned by a challenger, who may be the requester.
	const trace = traceOf(event, row.tracked || reason === 'not-started', event.args.provider);
	const data = { reason, listing: listingId, provider: event.args.provider };
	await addEvent(context.db, event, row.id, 'reopened', trace, data);
	if (reason === 'overturned') return;
	await addToProvider(context.db, event, listingId, { jobsFailed: 1, jobsExpired: reason === 'not-started' ? 1 : 0 });
});

ponder.on('JobRegistry:JobStarted', async ({ event, context }) => {
	const { startedAt, endsAt } = event.args;
	const row = await context.db.update(job, { id: event.args.job }).set({
		status: 'running',
		startedAt: BigInt(startedAt),
		endsAt: BigInt(endsAt),
		...touched(event),
	});
	const trace = traceOf(event, row.tracked, event.args.provider);
	await addEvent(context.db, event, row.id, 'started', trace, { provider: event.args.provider, startedAt, endsAt });
	await addToDay(context.db, event.block.timestamp, { started: 1 });
});

ponder.on('JobRegistry:JobExtended', async ({ event, context }) => {
	const { duration, locked } = event.args;
	const endsAt = BigInt(event.args.endsAt);
	const before = await context.db.find(job, { id: event.args.job });
	const row = await context.db.update(job, { id: event.args.job }).set({ duration, locked, endsAt, ...touched(event) });
	const added = locked - (before?.locked ?? locked);
	const trace = traceOf(event, row.tracked, null);

	await addEvent(context.db, event, row.id, 'extended', trace, { duration, locked, endsAt });
	if (added === 0n) return;
	await addEntry(context.db, event, row, { kind: 'lock', account: payerOf(row), amount: added }, trace);
	await addToDay(context.db, event.block.timestamp, { locked: added });
});

ponder.on('JobRegistry:JobSettled', async ({ event, context }) => {
	const { elapsed, paid, fee, refunded } = event.args;
	const payee = event.args.provider;
	const before = await context.db.find(job, { id: event.args.job });
	const row = await end(context.db, event, { status: 'settled', paid, feePaid: fee, refunded, elapsed });
	// Sent by the provider, the requester or, late enough, anyone.
	const trace = traceOf(event, row.tracked, payee);
	const earned = paid - fee;

	await addEvent(context.db, event, row.id, 'settled', trace, { provider: payee, elapsed, paid, fee, refunded });
	if (earned > 0n) {
		await addEntry(context.db, event, row, { kind: 'payment', account: accountText(payee, 0), amount: earned }, trace);
	}
	if (fee > 0n) {
		const treasury = (await context.db.find(platform, { id: 'platform' }))?.treasury ?? null;
		const account = treasury === null ? null : accountText(treasury, 0);
		await addEntry(context.db, event, row, { kind: 'fee', account, amount: fee }, trace);
	}
	await addRefund(context.db, event, row, refunded, trace);
	// Nothing paid of what was due in a dispute is a ruling against the provider; where nothing was due, nothing can be said of it.
	const lost = before?.status === 'disputed' && (before.due ?? 0n) > 0n;
	const outcome = paid > 0n ? { jobsCompleted: 1 } : lost ? { jobsFailed: 1 } : {};
	await addToProvider(context.db, event, listingOf(row), { jobsSettled: 1, ...outcome, earned });
	const gpuSeconds = BigInt(elapsed) * BigInt(row.gpuCount);
	await addToDay(context.db, event.block.timestamp, { settled: 1, paid, refunded, gpuSeconds });
});

ponder.on('JobRegistry:JobCancelled', async ({ event, context }) => {
	const { refunded } = event.args;
	const row = await end(context.db, event, { status: 'cancelled', paid: 0n, refunded });
	const trace = traceOf(event, row.tracked, null);

	await addEvent(context.db, event, row.id, 'cancelled', trace, { refunded });
	await addRefund(context.db, event, row, refunded, trace);
	await addToDay(context.db, event.block.timestamp, { cancelled: 1, refunded });
});

ponder.on('JobRegistry:JobExpired', async ({ event, context }) => {
	const { refunded } = event.args;
	const from = nameOf(jobStatus, event.args.from);
	const row = await end(context.db, event, { status: 'expired', paid: 0n, refunded });
	const trace = traceOf(event, row.tracked, row.provider);

	await addEvent(context.db, event, row.id, 'expired', trace, { from, refunded });
	await addRefund(context.db, event, row, refunded, trace);
	if (from === 'routed') await addToProvider(context.db, event, listingOf(row), { jobsFailed: 1, jobsExpired: 1 });
	await addToDay(context.db, event.block.timestamp, { expired: 1, refunded });
});

ponder.on('JobRegistry:JobFailed', async ({ event, context }) => {
	const { refunded } = event.args;
	const row = await end(context.db, event, { status: 'failed', paid: 0n, refunded });
	const trace = traceOf(event, row.tracked, event.args.provider);

	await addEvent(context.db, event, row.id, 'failed', trace, { provider: event.args.provider, refunded });
	await addRefund(context.db, event, row, refunded, trace);
	await addToProvider(context.db, event, listingOf(row), { jobsFailed: 1 });
	await addToDay(context.db, event.block.timestamp, { failed: 1, refunded });
});
