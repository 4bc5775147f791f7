import { type Context, type Event, ponder } from 'ponder:registry';
import { escrowEntry, job, jobEvent, listing, provider, routing } from 'ponder:schema';
import { decodeCountries, jobStatus, nameOf } from '@necto/contracts';
import { accountText } from './accounts.ts';
import { addToDay } from './days.ts';
import { type Trace, traceOf } from './privacy.ts';
import { clip } from './untrusted.ts';

type Db = Context['db'];
type Job = typeof job.$inferSelect;

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
		duration: request.duration,
		maxPricePerGpuHour: request.maxPricePerGpuHour,
		continents: request.continents,
		countries: decodeCountries(request.countries).join(','),
		excludedPricing: request.excludedPricing,
		uptimeWeight: request.uptimeWeight,
		latencyWeight: request.latencyWeight,
		ratingWeight: request.ratingWeight,
		riskWeight: request.riskWeight,
		routeDeadline: BigInt(request.routeDeadline),
		startWindow: request.startWindow,
		specHash: request.specHash,
		policyHash: request.policyHash,
		requestJson: toJson(request),
		locked,
		requestedAt: event.block.timestamp,
		requestedBlock: event.block.number,
		updatedAt: event.block.timestamp,
		updatedBlock: event.block.number,
	});

	const trace = traceOf(event, tracked, null);
	await addEvent(context.db, event, row.id, 'requested', trace, { locked });
	await addEntry(context.db, event, row, 0, { kind: 'lock', account: payerOf(row), amount: locked }, trace);
	await addToDay(context.db, event.block.timestamp, { requested: 1, locked });
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
		startDeadline: args.startDeadline,
		recordRoot: args.recordRoot,
	});
	await addToDay(context.db, event.block.timestamp, { routed: 1 });
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

ponder.on('JobRegistry:JobSettled', async ({ event, context }) => {
	const { elapsed, paid, refunded } = event.args;
	const payee = event.args.provider;
	const row = await end(context.db, event, { status: 'settled', paid, refunded, elapsed });
	// Sent by the provider, the requester or, late enough, anyone.
	const trace = traceOf(event, row.tracked, payee);

	await addEvent(context.db, event, row.id, 'settled', trace, { provider: payee, elapsed, paid, refunded });
	if (paid > 0n) {
		const payment = { kind: 'payment', account: accountText(payee, 0), amount: paid } as const;
		await addEntry(context.db, event, row, 0, payment, trace);
	}
	await addRefund(context.db, event, row, refunded, trace);
	await addToProvider(context.db, event, listingOf(row), { jobsSettled: 1, earned: paid });
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
	if (row.listingId !== null) await addToProvider(context.db, event, row.listingId, { jobsExpired: 1 });
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

type AnyJobEvent = Event<
	| 'JobRegistry:JobRequested'
	| 'JobRegistry:JobRouted'
	| 'JobRegistry:JobStarted'
	| 'JobRegistry:JobSettled'
	| 'JobRegistry:JobCancelled'
	| 'JobRegistry:JobExpired'
	| 'JobRegistry:JobFailed'
>;

function touched({ block }: AnyJobEvent): Pick<Job, 'updatedAt' | 'updatedBlock'> {
	return { updatedAt: block.timestamp, updatedBlock: block.number };
}

function end(
	db: Db,
	event: AnyJobEvent,
	change: Pick<Job, 'status' | 'paid' | 'refunded'> & { elapsed?: number },
): Promise<Job> {
	return db.update(job, { id: event.args.job }).set({ ...change, endedAt: event.block.timestamp, ...touched(event) });
}

/** The account that a job's lock came from and its refund goes to. Null for an untracked job. */
function payerOf({ requester, team }: Job): string | null {
	return requester === null ? null : accountText(requester, team);
}

function listingOf({ id, listingId }: Job): number {
	if (listingId === null) throw new Error(`Job ${id} ended as if it had been routed, but no JobRouted was seen.`);
	return listingId;
}

async function addEvent(
	db: Db,
	event: AnyJobEvent,
	jobId: bigint,
	kind: string,
	trace: Trace,
	data: Record<string, unknown>,
): Promise<void> {
	await db.insert(jobEvent).values({
		jobId,
		block: event.block.number,
		logIndex: event.log.logIndex,
		kind,
		at: event.block.timestamp,
		...trace,
		data: toJson(data),
	});
}

interface Movement {
	readonly kind: 'lock' | 'payment' | 'refund';
	readonly account: string | null;
	readonly amount: bigint;
}

async function addEntry(
	db: Db,
	event: AnyJobEvent,
	row: Job,
	leg: 0 | 1,
	movement: Movement,
	trace: Trace,
): Promise<void> {
	await db.insert(escrowEntry).values({
		block: event.block.number,
		logIndex: event.log.logIndex,
		leg,
		...movement,
		jobId: row.id,
		at: event.block.timestamp,
		txHash: trace.txHash,
	});
}

async function addRefund(db: Db, event: AnyJobEvent, row: Job, refunded: bigint, trace: Trace): Promise<void> {
	if (refunded === 0n) return;
	await addEntry(db, event, row, 1, { kind: 'refund', account: payerOf(row), amount: refunded }, trace);
}

/** Adds to the provider behind a listing: a listing never changes its provider, while a provider may change its address. */
async function addToProvider(
	db: Db,
	event: AnyJobEvent,
	listingId: number,
	change: { jobsRouted?: number; jobsSettled?: number; jobsFailed?: number; jobsExpired?: number; earned?: bigint },
): Promise<void> {
	const held = await db.find(listing, { id: listingId });
	if (held === null) throw new Error(`Job ${event.args.job} names listing ${listingId}, which was never added.`);
	await db.update(provider, { id: held.providerId }).set((row) => ({
		jobsRouted: row.jobsRouted + (change.jobsRouted ?? 0),
		jobsSettled: row.jobsSettled + (change.jobsSettled ?? 0),
		jobsFailed: row.jobsFailed + (change.jobsFailed ?? 0),
		jobsExpired: row.jobsExpired + (change.jobsExpired ?? 0),
		earned: row.earned + (change.earned ?? 0n),
		updatedAt: event.block.timestamp,
	}));
}

/** JSON with numbers of more than 48 bits, which events have as bigint, as decimal strings. */
function toJson(value: unknown): string {
	return JSON.stringify(value, (_, item: unknown) => (typeof item === 'bigint' ? item.toString() : item));
}
