/**
 * One job's way: observed → decided → uploaded → submitted → routed. Each step writes down what it did before the next begins, and can be
 * done again after a crash without anything happening twice.
 */
import {
	address,
	commitmentOf,
	hashRequest,
	type JobRef,
	type JobRequest,
	knownPolicy,
	RequestError,
	requestFromChain,
	jobId as toJobId,
} from '@necto/core';
import type { Hex } from 'viem';
import type { ChainJob, JobRegistry } from '../chain/jobs.ts';
import type { Lane } from '../chain/lane.ts';
import { meaningOf, revertOf } from '../chain/reverts.ts';
import type { FileRef, Journal, JournalJob } from '../journal/jobs.ts';
import type { Logger } from '../logger.ts';
import type { Market } from '../market.ts';
import type { Metrics } from '../metrics.ts';
import { nowSeconds } from '../time.ts';
import type { Storage } from '../zerog/storage.ts';
import { makeDecision } from './decision.ts';
import { structFromJournal } from './requests.ts';
import { collectedStory, decisionStory } from './story.ts';

export interface PipelineOptions {
	chainId: number;
	journal: Journal;
	registry: JobRegistry;
	lane: Lane;
	market: Market;
	storage: Storage;
	metrics: Metrics;
	logger: Logger;
}

/** A limit order is looked at again this often even if no listing is known to have changed: prices in tokens move by themselves. */
const WAIT_SECONDS = 30;
const BLOCKED_SECONDS = 15;
/** After so many decisions that the chain refused, the market is moving too fast to follow at once. */
const DECISIONS_IN_A_ROW = 6;

export class Pipeline {
	readonly #options: PipelineOptions;

	constructor(options: PipelineOptions) {
		this.#options = options;
	}

	/** Takes a job as far as it will go now. Errors of the outside world are thrown: the caller decides when to try again. */
	async advance(id: bigint, signal: AbortSignal): Promise<void> {
		const { journal } = this.#options;
		let job = await journal.get(id);
		// Every pass moves the job one state on; the bound only keeps a mistake from spinning.
		for (let pass = 0; job !== null && pass < 20; pass++) {
			signal.throwIfAborted();
			const next: JournalJob | null = await this.#step(job, signal);
			if (next === null) return;
			job = next;
		}
	}

	/** One state on; null when the job rests. */
	async #step(job: JournalJob, signal: AbortSignal): Promise<JournalJob | null> {
		switch (job.state) {
			case 'observed':
			case 'waiting':
				return this.#decide(job, signal);
			case 'decided':
				return (await this.#tooLate(job, signal)) ? null : this.#upload(job);
			case 'uploaded':
				return this.#submit(job, signal);
			case 'submitted':
				await this.#options.lane.recover(signal);
				return this.#conclude(job, await this.#read(job));
			case 'routed':
			case 'superseded':
			case 'dead':
				return null;
		}
	}

	async #read(job: JournalJob): Promise<ChainJob> {
		return this.#options.registry.read(job.id);
	}

	async #decide(job: JournalJob, signal: AbortSignal): Promise<JournalJob | null> {
		const { journal, market, chainId, registry, metrics } = this.#options;
		const onChain = await this.#read(job);
		if (onChain.status !== 'requested') return this.#conclude(job, onChain);
		const request = await this.#request(job);
		if (request === null) return null;
		if (isOver(request, onChain)) return this.#expire(job, signal);
		const policy = knownPolicy(request.policyHash);
		if (policy === null) {
			return this.#wait(job, 'The job names a routing policy that this agent does not have.', request, onChain);
		}

		const first = job.state === 'observed';
		if (first) await journal.append({ jobId: job.id, step: 'collecting', title: 'Looking at the market' });
		const collecting = metrics.steps.startTimer({ step: 'collect' });
		const { snapshot, sources } = await market.collect(max(job.requestedBlock, onChain.head), signal);
		const collected = collecting();

		const deciding = metrics.steps.startTimer({ step: 'decide' });
		const ref: JobRef = {
			chainId,
			registry: address(registry.address),
			id: toJobId(job.id),
			requester: request.tracked && job.requester !== null ? address(job.requester) : null,
		};
		const made = makeDecision({ job: ref, request, snapshot, policy });
		const decided = deciding();

		// A limit order that is tried again and again tells its story once, and again when it changes.
		const isNews = first || made.route !== null || job.reason !== made.decision.summary;
		if (isNews) {
			await journal.append(
				...collectedStory(job.id, sources, snapshot.chain.block, inMs(collected)),
				...decisionStory(job.id, made.decision, inMs(decided)),
			);
		}
		if (made.route === null) {
			if (isNews) {
				await journal.append({
					jobId: job.id,
					step: 'unservable',
					title: 'No offer fits now',
					detail: made.decision.summary,
				});
			}
			return this.#wait(job, made.decision.summary, request, onChain, isNews);
		}
		return journal.decided(job, { snapshot: made.snapshot, ...made.route });
	}

	async #request(job: JournalJob): Promise<JobRequest | null> {
		try {
			return requestFromChain(structFromJournal(job.request));
		} catch (error) {
			if (!(error instanceof RequestError)) throw error;
			await this.#dead(job, `${error.message} The money comes back when the deadline has passed.`);
			return null;
		}
	}

	async #upload(job: JournalJob): Promise<JournalJob> {
		const { journal, storage, metrics } = this.#options;
		if (job.snapshot === null || job.record === null) throw new Error(`Job ${job.id} is decided without a record.`);
		const timer = metrics.steps.startTimer({ step: 'upload' });
		await journal.append({
			jobId: job.id,
			step: 'uploading',
			title: 'Storing the decision on 0G',
			data: { root: job.record.root },
		});
		// Side by side: each waits seconds for 0G, and neither needs the other.
		await Promise.all([this.#store(job.snapshot), this.#store(job.record)]);
		const ms = inMs(timer());
		const next = await journal.uploaded(job);
		await journal.append({
			jobId: job.id,
			step: 'uploaded',
			title: `The decision and what it looked at are on 0G Storage`,
			data: { record: job.record.root, snapshot: job.snapshot.root, ms, storage: storage.address },
		});
		return next;
	}

	async #store(ref: FileRef): Promise<void> {
		const { journal, storage } = this.#options;
		const file = await journal.file(ref);
		if (file === null) throw new Error(`The journal lost the file ${ref.root}.`);
		if (file.uploaded) return;
		const { root } = await storage.upload(file.bytes);
		if (root !== ref.root) throw new Error(`0G computed another root for ${ref.root}: ${root}.`);
	}

	async #submit(job: JournalJob, signal: AbortSignal): Promise<JournalJob | null> {
		const { journal, registry, lane, metrics } = this.#options;
		if (job.routing === null) throw new Error(`Job ${job.id} is uploaded without a choice.`);
		const timer = metrics.steps.startTimer({ step: 'route' });
		let current = job;
		try {
			const receipt = await lane.send(
				{
					purpose: 'route',
					jobId: job.id,
					to: registry.address,
					data: registry.routeData(job.id, structFromJournal(job.request), job.routing),
					onSigned: async (hash) => {
						current = await journal.submitted(job);
						await journal.append({
							jobId: job.id,
							step: 'submitting',
							title: 'Writing the choice on chain',
							data: { transaction: hash },
						});
					},
				},
				signal,
			);
			return this.#routed(current, receipt.transactionHash, inMs(timer()));
		} catch (error) {
			const revert = revertOf(error);
			if (revert === null) throw error;
			metrics.reverts.inc({ reason: revert.reason });
			return this.#refused(current, revert, signal);
		}
	}

	/** The contracts said no: what that means for the job. */
	async #refused(
		job: JournalJob,
		revert: NonNullable<ReturnType<typeof revertOf>>,
		signal: AbortSignal,
	): Promise<JournalJob | null> {
		const { journal } = this.#options;
		switch (meaningOf(revert)) {
			case 'decide-again':
				await journal.append({
					jobId: job.id,
					step: 'superseded',
					title: 'The chosen listing changed before the choice was on chain; deciding again',
					detail: revert.message,
					data: { reason: revert.reason },
				});
				if (job.decisions >= DECISIONS_IN_A_ROW && job.decisions % DECISIONS_IN_A_ROW === 0) {
					await journal.waiting(job, `The chosen listings keep changing (${revert.reason}).`, WAIT_SECONDS);
					return null;
				}
				return journal.undecided(job, revert.message);
			case 'look-again':
				return this.#conclude(job, await this.#read(job));
			case 'too-late':
				return this.#expire(job, signal);
			case 'hopeless':
				await this.#dead(job, `The contracts cannot accept a route for this job: ${revert.message}.`);
				return null;
			case 'blocked':
				await this.#postpone(job, `Routing is not possible now: ${blockedWords(revert.reason)}`, BLOCKED_SECONDS);
				return null;
		}
	}

	/** The chain has moved on, or we did before a crash: whose work is it? */
	async #conclude(job: JournalJob, onChain: ChainJob): Promise<JournalJob | null> {
		const { journal } = this.#options;
		if (onChain.status === 'requested') {
			// A transaction of ours was sent and did not take effect.
			if (job.state === 'submitted' || job.state === 'uploaded')
				return journal.undecided(job, 'The transaction had no effect.');
			await this.#postpone(job, 'The chain does not say yet how the job stands.', 5);
			return null;
		}
		if (onChain.status === 'none') {
			await this.#dead(job, 'The job is not on the chain any more.');
			return null;
		}
		if (this.#isOurs(job, onChain)) return this.#routed(job, null, null);
		const reason = SUPERSEDED[onChain.status] ?? 'Another router has routed it.';
		await journal.finished(job, 'superseded', reason);
		await journal.append({ jobId: job.id, step: 'superseded', title: reason });
		this.#options.metrics.outcomes.inc({ outcome: 'superseded' });
		return null;
	}

	#isOurs(job: JournalJob, onChain: ChainJob): boolean {
		if (job.routing === null) return false;
		const request = requestFromChain(structFromJournal(job.request));
		const ours = commitmentOf({
			jobId: job.id,
			requestHash: hashRequest(request),
			provider: onChain.provider,
			routing: job.routing,
		});
		return ours === onChain.commitment;
	}

	async #routed(job: JournalJob, transaction: Hex | null, ms: number | null): Promise<null> {
		const { journal, metrics, logger } = this.#options;
		await journal.finished(job, 'routed', null);
		await journal.append({
			jobId: job.id,
			step: 'routed',
			title: `Job ${job.id} is routed to listing ${job.routing?.listing}`,
			data: {
				...(transaction === null ? {} : { transaction }),
				...(ms === null ? {} : { ms }),
				record: job.record?.root ?? null,
				listing: job.routing?.listing ?? null,
			},
		});
		metrics.outcomes.inc({ outcome: 'routed' });
		logger.info({ job: job.id.toString(), listing: job.routing?.listing, decisions: job.decisions }, 'Job routed');
		return null;
	}

	async #wait(
		job: JournalJob,
		reason: string,
		request: JobRequest,
		onChain: ChainJob,
		isNews = job.reason !== reason,
	): Promise<null> {
		const { journal, metrics } = this.#options;
		const left = request.routeDeadline - time(onChain);
		await journal.waiting(job, reason, Math.max(1, Math.min(WAIT_SECONDS, left + 1)));
		if (isNews) {
			await journal.append({
				jobId: job.id,
				step: 'waiting',
				title: 'Open until its deadline: tried again whenever the market moves',
				detail: reason,
				data: { routeDeadline: request.routeDeadline },
			});
			metrics.outcomes.inc({ outcome: 'waiting' });
		}
		return null;
	}

	async #tooLate(job: JournalJob, signal: AbortSignal): Promise<boolean> {
		const request = await this.#request(job);
		if (request === null) return true;
		if (nowSeconds() <= request.routeDeadline) return false;
		const onChain = await this.#read(job);
		if (onChain.status !== 'requested' || !isOver(request, onChain)) return false;
		await this.#expire(job, signal);
		return true;
	}

	/** Gives the buyer the money back. Anyone may do that; the agent does it as a service. */
	async #expire(job: JournalJob, signal: AbortSignal): Promise<JournalJob | null> {
		const { lane, registry } = this.#options;
		try {
			await lane.send(
				{ purpose: 'expire', jobId: job.id, to: registry.address, data: registry.expireData(job.id) },
				signal,
			);
		} catch (error) {
			const revert = revertOf(error);
			if (revert === null) throw error;
			if (revert.reason === 'DeadlineNotReached') {
				await this.#postpone(job, 'The deadline is now.', 2);
				return null;
			}
			return this.#conclude(job, await this.#read(job));
		}
		await this.#dead(job, 'Nothing served the job until its deadline; the money was given back.');
		return null;
	}

	async #dead(job: JournalJob, reason: string): Promise<void> {
		const { journal, metrics, logger } = this.#options;
		await journal.finished(job, 'dead', reason);
		await journal.append({ jobId: job.id, step: 'failed', title: reason });
		metrics.outcomes.inc({ outcome: 'dead' });
		logger.warn({ job: job.id.toString(), reason }, 'Job ended without a route');
	}

	async #postpone(job: JournalJob, reason: string, seconds: number): Promise<void> {
		const { journal } = this.#options;
		await journal.postponed(job, reason, seconds);
		if (job.reason !== reason)
			await journal.append({ jobId: job.id, step: 'failed', title: reason, detail: 'It is tried again by itself.' });
	}
}

const SUPERSEDED: Readonly<Record<string, string>> = {
	cancelled: 'The buyer took the job back.',
	expired: 'The job expired; the money was given back.',
};

function blockedWords(reason: string): string {
	switch (reason) {
		case 'IsPaused':
			return 'new routes are paused by the platform.';
		case 'NotRouter':
			return "this agent's key does not have the router role.";
		default:
			return `the contracts answered ${reason}.`;
	}
}

/** Chain and clock do not agree to the second; a job is over when either says so, and the contract has the last word. */
function time(onChain: ChainJob): number {
	return Math.max(onChain.chainTime, nowSeconds());
}

function isOver(request: JobRequest, onChain: ChainJob): boolean {
	return time(onChain) > request.routeDeadline;
}

function max(a: bigint, b: bigint): bigint {
	return a > b ? a : b;
}

function inMs(seconds: number): number {
	return Math.round(seconds * 1000);
}
