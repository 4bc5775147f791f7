/** Stand-ins for the agent's parts, in memory: what it does with a job without a chain, a database or 0G. */
import { encodeBytes16 } from '@necto/contracts';
import { type ChainRequest, NOT_ROUTED, type Terms, ZERO_HASH } from '@necto/core';
import type { Address, Hex } from 'viem';
import type { NewActivity } from '../../src/journal/activity.ts';
import type { Journal, JournalJob, Routing, StoredFile } from '../../src/journal/jobs.ts';
import { hashStruct, structToJournal } from '../../src/worker/requests.ts';

export const BUYER: Address = `0x${'bb'.repeat(20)}`;
export const PROVIDER: Address = `0x${'cc'.repeat(20)}`;
export const ROUTER: Address = `0x${'dd'.repeat(20)}`;
export const hash = (digit: string): Hex => `0x${digit.repeat(64)}`;

/** Has only what a test gives it of the real thing; whatever else is asked of it fails. */
export function standIn<Real>(parts: Partial<Real>): Real {
	// What is missing is what no test is about.
	return parts as Real;
}

/** One GPU for an hour, at 5 dollars at most, open for the next hours. */
export function chainRequest(now: number, changes: Partial<ChainRequest> = {}): ChainRequest {
	return {
		gpuModel: encodeBytes16('h100'),
		minMemoryGiB: 0,
		formFactors: 0,
		gpuCount: 1,
		maxParts: 0,
		duration: 3_600,
		maxPricePerGpuHour: 5_000_000n,
		continents: 0,
		countries: `0x${'0'.repeat(32)}`,
		excludedPricing: 0,
		attestations: 0,
		uptimeWeight: 0,
		latencyWeight: 0,
		ratingWeight: 0,
		riskWeight: 0,
		routeDeadline: now + 40_000,
		startWindow: 600,
		specHash: ZERO_HASH,
		policyHash: ZERO_HASH,
		team: 0,
		tracked: true,
		...changes,
	};
}

/** A tracked job as it is first seen. */
export function observedJob(request: ChainRequest, requestedAt: number, changes: Partial<JournalJob> = {}): JournalJob {
	return {
		id: 5n,
		state: 'observed',
		reason: null,
		requester: BUYER,
		request: structToJournal(request),
		requestedBlock: 1n,
		requestedAt,
		locked: 5_000_000n,
		parent: null,
		decisions: 0,
		snapshot: null,
		record: null,
		routing: null,
		failures: 0,
		revision: 1,
		...changes,
	};
}

/** What is agreed for the job of a request. */
export function termsOf(request: ChainRequest, requestedAt: number, changes: Partial<Terms> = {}): Terms {
	return {
		requester: BUYER,
		team: 0,
		requestedAt,
		routeDeadline: request.routeDeadline,
		gpuCount: request.gpuCount,
		duration: request.duration,
		locked: 5_000_000n,
		requestHash: hashStruct(request),
		...NOT_ROUTED,
		...changes,
	};
}

/** A journal of one job. */
export class MemoryJournal implements Partial<Journal> {
	readonly deployment = 'memory';
	job: JournalJob;
	/** Told of the job, in order. */
	readonly activity: NewActivity[] = [];
	readonly files = new Map<Hex, StoredFile & { uploaded: boolean }>();
	/** For how long the job was put off, each time. */
	readonly postponements: number[] = [];

	constructor(job: JournalJob) {
		this.job = job;
	}

	get titles(): string[] {
		return this.activity.map(({ title }) => title);
	}

	async get(): Promise<JournalJob> {
		return this.job;
	}

	async append(...events: NewActivity[]): Promise<void> {
		this.activity.push(...events);
	}

	async hasEarlierPart(): Promise<boolean> {
		return false;
	}

	async file({ root }: { root: Hex }): Promise<(StoredFile & { uploaded: boolean }) | null> {
		return this.files.get(root) ?? null;
	}

	async decided(job: JournalJob, made: { snapshot: StoredFile; record: StoredFile; routing: Routing }) {
		for (const file of [made.snapshot, made.record]) {
			if (!this.files.has(file.root)) this.files.set(file.root, { ...file, uploaded: false });
		}
		return this.#change(job, { ...made, state: 'decided', reason: null, decisions: job.decisions + 1 });
	}

	async uploaded(job: JournalJob): Promise<JournalJob> {
		for (const file of this.files.values()) file.uploaded = true;
		return this.#change(job, { state: 'uploaded' });
	}

	async submitted(job: JournalJob): Promise<JournalJob> {
		return this.#change(job, { state: 'submitted', failures: 0 });
	}

	async undecided(job: JournalJob, reason: string): Promise<JournalJob> {
		return this.#change(job, { state: 'observed', reason, routing: null });
	}

	async postponed(job: JournalJob, reason: string, seconds: number): Promise<JournalJob> {
		this.postponements.push(seconds);
		return this.#change(job, { reason, failures: job.failures + 1 });
	}

	async waiting(job: JournalJob, reason: string): Promise<JournalJob> {
		return this.#change(job, { state: 'waiting', reason, failures: 0, routing: null });
	}

	async finished(job: JournalJob, state: 'routed' | 'superseded' | 'dead' | 'split', reason: string | null) {
		return this.#change(job, { state, reason, failures: 0 });
	}

	#change(job: JournalJob, changes: Partial<JournalJob>): JournalJob {
		if (job.revision !== this.job.revision) throw new Error('The job was changed in between.');
		this.job = { ...job, ...changes, revision: job.revision + 1 };
		return this.job;
	}
}
