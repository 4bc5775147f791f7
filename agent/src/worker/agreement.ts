/** What is agreed for each job: its terms, put together from what was seen of it on chain. */
import { type Deployment, readRequester } from '@necto/contracts';
import { hashTerms, NOT_ROUTED, type Terms, termsAfter } from '@necto/core';
import type { Address, Hex } from 'viem';
import type { ChainJob } from '../chain/jobs.ts';
import type { ChainNodes } from '../chain/nodes.ts';
import type { JobChange, StoredChange } from '../journal/changes.ts';
import type { Journal, JournalJob, ObservedJob } from '../journal/jobs.ts';
import { hashStruct, structFromJournal } from './requests.ts';

export interface Agreement {
	terms: Terms;
	/** Listings that had the job, or the whole that it is a part of, and declined it or did not start it in time. */
	refusals: number[];
	/** Whether the terms' requester may be written down nowhere. */
	hidden: boolean;
}

/** What is used of a job to put its first terms together. */
type Asked = Pick<JournalJob, 'id' | 'requester' | 'request' | 'requestedBlock' | 'requestedAt' | 'locked' | 'parent'>;

/** Requesters of untracked jobs that are remembered at a time; others are read again. */
const REMEMBERED = 1_000;

export class Agreements {
	readonly #nodes: ChainNodes;
	readonly #deployment: Deployment;
	readonly #journal: Journal;
	/** Who asked for untracked jobs. In memory only: not in the journal, a log or a record. */
	readonly #requesters = new Map<bigint, Address>();

	constructor(nodes: ChainNodes, deployment: Deployment, journal: Journal) {
		this.#nodes = nodes;
		this.#deployment = deployment;
		this.#journal = journal;
	}

	/** The terms by whose hash the chain stands; null while the chain is ahead of what was looked through. */
	async read(job: JournalJob, onChain: Pick<ChainJob, 'termsHash'>): Promise<Agreement | null> {
		const changes = await this.#journal.changes(job.id);
		const struct = structFromJournal(job.request);
		const terms = await this.#termsOf(job, changes);
		if (hashTerms(terms) !== onChain.termsHash) {
			// A chain that turned may have another requester for this job.
			this.#requesters.delete(job.id);
			return null;
		}
		const ofWhole = job.parent === null ? [] : await this.#journal.changes(job.parent);
		return { terms, refusals: refusalsOf([...ofWhole, ...changes]), hidden: !struct.tracked };
	}

	/** Whether a job, as it was read from the chain, has the terms by whose hash the chain stands. */
	async proves(job: ObservedJob, changes: readonly JobChange[], termsHash: Hex): Promise<boolean> {
		const terms = await this.#termsOf(
			{ ...job, requestedBlock: job.block },
			changes.map(({ change }) => change),
		);
		return hashTerms(terms) === termsHash;
	}

	/** Who asked for an untracked job; null when the chain does not have it. For sending again what was signed. */
	async requesterOf(id: bigint): Promise<Address | null> {
		const job = await this.#journal.get(id);
		return job === null ? null : this.#requester(job);
	}

	/** Forgets who asked for a job that is done with. */
	forget(id: bigint): void {
		this.#requesters.delete(id);
	}

	async #termsOf(job: Asked, changes: readonly StoredChange[]): Promise<Terms> {
		const struct = structFromJournal(job.request);
		const asked: Terms = {
			requester: await this.#requester(job),
			team: struct.team,
			requestedAt: job.requestedAt,
			routeDeadline: struct.routeDeadline,
			gpuCount: struct.gpuCount,
			duration: struct.duration,
			locked: job.locked,
			requestHash: hashStruct(struct),
			...NOT_ROUTED,
		};
		return changes.reduce(termsAfter, asked);
	}

	async #requester(job: Asked): Promise<Address> {
		if (job.requester !== null) return job.requester;
		const known = this.#requesters.get(job.id);
		if (known !== undefined) return known;
		const whole = job.parent === null ? job : await this.#journal.get(job.parent);
		if (whole === null)
			throw new Error(`Job ${job.id} is a part of job ${job.parent}, which the journal does not have.`);
		const requester = await this.#nodes.firstOf((client) =>
			readRequester(client, this.#deployment, whole.id, whole.requestedBlock),
		);
		if (requester === null) throw new Error(`The chain has no lock of job ${whole.id}.`);
		const [oldest] = this.#requesters.keys();
		if (this.#requesters.size >= REMEMBERED && oldest !== undefined) this.#requesters.delete(oldest);
		this.#requesters.set(job.id, requester);
		return requester;
	}
}

function refusalsOf(changes: readonly StoredChange[]): number[] {
	return changes.flatMap((change) =>
		change.kind === 'reopened' && change.reason !== 'overturned' ? [change.listing] : [],
	);
}
