import type { Context, Event } from 'ponder:registry';
import { escrowEntry, job, jobEvent, listing, provider } from 'ponder:schema';
import { accountText } from './accounts.ts';
import type { Trace } from './privacy.ts';

/** What the handlers of jobs' events write into tables beside the job's own row. */

type Db = Context['db'];
type Job = typeof job.$inferSelect;

type AnyJobEvent = Event<
	| 'JobRegistry:JobRequested'
	| 'JobRegistry:JobRouted'
	| 'JobRegistry:JobStarted'
	| 'JobRegistry:JobSettled'
	| 'JobRegistry:JobCancelled'
	| 'JobRegistry:JobExpired'
	| 'JobRegistry:JobFailed'
	| 'JobRegistry:JobReopened'
	| 'JobRegistry:JobSplit'
	| 'JobRegistry:JobExtended'
	| 'JobRegistry:JobDisputed'
	| 'JobRegistry:EvidenceSubmitted'
	| 'JobRegistry:DisputeRuled'
	| 'Challenge:ChallengeUpheld'
	| 'Challenge:ChallengeRejected'
>;

export function touched({ block }: AnyJobEvent): Pick<Job, 'updatedAt' | 'updatedBlock'> {
	return { updatedAt: block.timestamp, updatedBlock: block.number };
}

export function end(
	db: Db,
	event: AnyJobEvent,
	change: Pick<Job, 'status' | 'paid' | 'refunded'> & { elapsed?: number; feePaid?: bigint },
): Promise<Job> {
	return db.update(job, { id: event.args.job }).set({ ...change, endedAt: event.block.timestamp, ...touched(event) });
}

/** The account that a job's lock came from and its refund goes to. Null for an untracked job. */
export function payerOf({ requester, team }: Job): string | null {
	return requester === null ? null : accountText(requester, team);
}

export function listingOf({ id, listingId }: Job): number {
	if (listingId === null) throw new Error(`Job ${id} ended as if it had been routed, but no JobRouted was seen.`);
	return listingId;
}

export async function addEvent(
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

/** Where the movements of one event stand beside each other. */
const LEGS = { lock: 0, payment: 0, refund: 1, fee: 2 } as const;

interface Movement {
	readonly kind: keyof typeof LEGS;
	readonly account: string | null;
	readonly amount: bigint;
}

export async function addEntry(db: Db, event: AnyJobEvent, row: Job, movement: Movement, trace: Trace): Promise<void> {
	await db.insert(escrowEntry).values({
		block: event.block.number,
		logIndex: event.log.logIndex,
		leg: LEGS[movement.kind],
		...movement,
		jobId: row.id,
		at: event.block.timestamp,
		txHash: trace.txHash,
	});
}

/** How many logs before a request a deposit is looked for. */
const FAR = 8;

/**
 * Who deposits and requests in one transaction would be named by the deposit: it stays as money that came in, and of nobody.
 *
 * A transaction is known by its hash, which a deposit keeps.
 */
export async function forgetDeposits(db: Db, { block, log, transaction }: AnyJobEvent): Promise<void> {
	for (let logIndex = Math.max(log.logIndex - FAR, 0); logIndex < log.logIndex; logIndex++) {
		const key = { block: block.number, logIndex, leg: 0 };
		const entry = await db.find(escrowEntry, key);
		if (entry?.kind !== 'deposit' || entry.txHash !== transaction.hash) continue;
		await db.update(escrowEntry, key).set({ account: null, txHash: null });
	}
}

export async function addRefund(db: Db, event: AnyJobEvent, row: Job, refunded: bigint, trace: Trace): Promise<void> {
	if (refunded === 0n) return;
	await addEntry(db, event, row, { kind: 'refund', account: payerOf(row), amount: refunded }, trace);
}

type Counter =
	| 'jobsRouted'
	| 'jobsSettled'
	| 'jobsCompleted'
	| 'jobsFailed'
	| 'jobsDisputed'
	| 'jobsExpired'
	| 'earned';

/** Adds to the provider behind a listing: a listing never changes its provider, while a provider may change its address. */
export async function addToProvider(
	db: Db,
	event: AnyJobEvent,
	listingId: number,
	change: Partial<Pick<typeof provider.$inferSelect, Counter>>,
): Promise<void> {
	const held = await db.find(listing, { id: listingId });
	if (held === null) throw new Error(`Job ${event.args.job} names listing ${listingId}, which was never added.`);
	await db.update(provider, { id: held.providerId }).set((row) => ({
		jobsRouted: row.jobsRouted + (change.jobsRouted ?? 0),
		jobsSettled: row.jobsSettled + (change.jobsSettled ?? 0),
		jobsCompleted: row.jobsCompleted + (change.jobsCompleted ?? 0),
		jobsDisputed: row.jobsDisputed + (change.jobsDisputed ?? 0),
		jobsFailed: row.jobsFailed + (change.jobsFailed ?? 0),
		jobsExpired: row.jobsExpired + (change.jobsExpired ?? 0),
		earned: row.earned + (change.earned ?? 0n),
		updatedAt: event.block.timestamp,
	}));
}

/** JSON with numbers of more than 48 bits, which events have as bigint, as decimal strings. */
export function toJson(value: unknown): string {
	return JSON.stringify(value, (_, item: unknown) => (typeof item === 'bigint' ? item.toString() : item));
}
