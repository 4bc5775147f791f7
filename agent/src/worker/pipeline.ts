/**
 * The states of one job: observed → decided → uploaded → submitted → routed. Each step stores its result before the next one begins, and can be repeated
 * after a crash without side effects happening twice.
 */
import {
	address,
	checkRequest,
	commitmentOf,
	type DecisionRecord,
	type JobRef,
	type JobRequest,
	knownPolicy,
	planSplit,
	RequestError,
	recordFromBytes,
	requestFromChain,
	type Terms,
	jobId as toJobId,
	unixSeconds,
} from '@necto/core';
import type { Hex } from 'viem';
import { NoFundsError } from '../chain/funds.ts';
import { type ChainJob, isOpen, type JobRegistry } from '../chain/jobs.ts';
import type { Lane } from '../chain/lane.ts';
import { meaningOf, type RevertError, revertOf, wordsOf } from '../chain/reverts.ts';
import { type ChainClock, ClockError } from '../health/clock.ts';
import type { FileRef, Journal, JournalJob } from '../journal/jobs.ts';
import type { Logger } from '../logger.ts';
import type { Market } from '../market/market.ts';
import type { Metrics } from '../metrics.ts';
import { nowSeconds } from '../time.ts';
import { StorageError } from '../zerog/reader.ts';
import type { Storage } from '../zerog/storage.ts';
import type { Agreement, Agreements } from './agreement.ts';
import { GONE } from './confirmer.ts';
import { makeDecision, passedOverBy, whyOutdated } from './decision.ts';
import { structFromJournal } from './requests.ts';
import { collectedStory, decisionStory } from './story.ts';

export interface PipelineOptions {
	chainId: number;
	journal: Journal;
	registry: JobRegistry;
	agreements: Agreements;
	/** Reads a job's events again; returns whether they match the terms hash on chain now. */
	recover: (job: JournalJob, onChain: ChainJob) => Promise<boolean>;
	lane: Lane;
	market: Market;
	storage: Storage;
	clock: Pick<ChainClock, 'assertInSync'>;
	metrics: Metrics;
	logger: Logger;
}
/** Why no agent could ever decide a request that the contracts accepted, as a message; null when one can. */
function faultsOf(
	request: JobRequest,
	terms: Terms,
	isListed: (key: JobRequest['gpuModel']) => boolean,
): string | null {
	const faults = checkRequest(request, unixSeconds(terms.requestedAt), isListed);
	return faults.length === 0 ? null : faults.map(({ message }) => message).join(' ');
}

/** For a job that cannot be routed in any market. */
const WHAT_TO_DO =
	'This job cannot be routed. Cancel it for an immediate refund and submit a corrected request; otherwise it is refunded after its deadline.';

/** A waiting job is decided again this often even if no listing is known to have changed: prices in tokens change by themselves. */
const WAIT_SECONDS = 30;
const BLOCKED_SECONDS = 15;
/** A short wait without an activity step: the event is expected within a moment. */
const MOMENT_SECONDS = 0.5;
/** After so many short waits, reading the chain has taken too long. */
const LONG_BEHIND = 60;
/** After so many decisions that the chain refused, the market changes too fast to retry at once. */
const DECISIONS_IN_A_ROW = 6;

export class Pipeline {
	readonly #options: PipelineOptions;
	/** Jobs whose look at the market was announced and has not ended. */
	readonly #looking = new Set<bigint>();

	constructor(options: PipelineOptions) {
		this.#options = options;
	}

	/**
	 * Advances a job as far as possible now. What an operator has to fix first is reported in the job's activity, and the job is retried soon;
	 * other errors of external services are thrown, and the caller decides when to retry.
	 */
	async advance(id: bigint, signal: AbortSignal): Promise<void> {
		try {
			await this.#advance(id, signal);
		} catch (error) {
			const obstacle = this.#obstacleOf(error);
			const job = obstacle === null ? null : await this.#options.journal.get(id);
			if (obstacle === null || job === null) throw error;
			this.#options.logger.warn({ job: id.toString(), ...obstacle }, 'A job cannot be routed now');
			await this.#postpone(job, obstacle.title, BLOCKED_SECONDS, obstacle.detail);
		}
	}

	async #advance(id: bigint, signal: AbortSignal): Promise<void> {
		const { journal } = this.#options;
		let job = await journal.get(id);
		// Every pass moves the job to its next state; the bound only prevents an endless loop after a programming error.
		for (let pass = 0; job !== null && pass < 20; pass++) {
			signal.throwIfAborted();
			const next: JournalJob | null = await this.#step(job, signal);
			if (next === null) return;
			job = next;
		}
	}

	/** What an operator has to do before a job can continue; null for errors that are temporary. */
	#obstacleOf(error: unknown): { title: string; detail: string } | null {
		if (error instanceof NoFundsError) return { title: error.message, detail: error.detail };
		if (error instanceof ClockError) {
			return { title: "The agent's clock is out of sync with the chain", detail: error.message };
		}
		if (error instanceof StorageError && error.kind === 'no-funds') {
			const title = `The agent cannot pay for storage: its account ${this.#options.storage.address} has too little 0G. The operator has to fund it.`;
			return { title, detail: 'The decision is stored automatically once the balance suffices.' };
		}
		return null;
	}

	/** Moves the job to its next state; null when it has to wait or is final. */
	async #step(job: JournalJob, signal: AbortSignal): Promise<JournalJob | null> {
		switch (job.state) {
			case 'observed':
			case 'waiting':
				return this.#decide(job, signal);
			case 'decided':
				if (await this.#tooLate(job, signal)) return null;
				// A decision that cannot be sent would be stored for nothing.
				await this.#options.lane.assertCanPayRoute();
				return this.#upload(job);
			case 'uploaded':
				return this.#submit(job, signal);
			case 'submitted':
				await this.#options.lane.recover(signal);
				return this.#conclude(job, await this.#read(job));
			case 'routed':
			case 'superseded':
			case 'dead':
			case 'split':
				return null;
		}
	}

	async #read(job: JournalJob): Promise<ChainJob> {
		return this.#options.registry.read(job.id, job.requestedBlock);
	}

	async #decide(job: JournalJob, signal: AbortSignal): Promise<JournalJob | null> {
		const { journal, market, chainId, registry, metrics } = this.#options;
		const onChain = await this.#read(job);
		if (!isOpen(onChain)) return this.#conclude(job, onChain);
		const request = await this.#request(job);
		if (request === null) return null;
		const agreement = await this.#options.agreements.read(job, onChain);
		if (agreement === null) return this.#behind(job, onChain);
		// Before deadlines are checked: with a clock that is ahead they would seem to have passed.
		this.#options.clock.assertInSync();
		if (isOver(request, onChain)) return this.#expire(job, signal);
		if (job.parent !== null && (await journal.hasEarlierPart(job))) {
			await journal.postponed(job, 'Waiting until the earlier parts are routed.', MOMENT_SECONDS);
			return null;
		}
		const policy = knownPolicy(request.policyHash);
		// The contracts accept requests that no agent can decide. What depends on the market is checked once it is known.
		const faults = faultsOf(request, agreement.terms, () => true);
		if (faults !== null || policy === null) return this.#refuse(job, faults ?? '', request, onChain);

		const first = job.state === 'observed';
		// Said once, however often it has to be tried; why it failed is a step of its own.
		if (first && !this.#looking.has(job.id)) {
			this.#looking.add(job.id);
			await journal.append({ jobId: job.id, step: 'collecting', title: 'Looking at the market' });
		}
		const collecting = metrics.steps.startTimer({ step: 'collect' });
		const { snapshot, sources } = await market.collect(
			max(job.requestedBlock, onChain.head),
			[request.gpuModel],
			signal,
		);
		this.#looking.delete(job.id);
		const collected = collecting();
		const unknown = faultsOf(request, agreement.terms, (key) => snapshot.quotes.some(({ gpu }) => gpu.model === key));
		if (unknown !== null) return this.#refuse(job, unknown, request, onChain);

		const deciding = metrics.steps.startTimer({ step: 'decide' });
		const ref: JobRef = {
			chainId,
			registry: address(registry.address),
			id: toJobId(job.id),
			requester: request.tracked && job.requester !== null ? address(job.requester) : null,
		};
		const admitted = ref.requester === null ? [] : await market.admissions(ref.requester, request, snapshot, signal);
		const passedOver = passedOverBy(agreement, onChain);
		const made = makeDecision({ job: ref, request, snapshot, policy, admitted, passedOver });
		const decided = deciding();

		// A waiting job that is decided repeatedly reports its steps once, and again when the outcome changes.
		const isNews = first || made.route !== null || job.reason !== made.decision.summary;
		if (isNews) {
			await journal.append(
				...collectedStory(job.id, sources, snapshot.chain.block, inMs(collected)),
				...decisionStory(job.id, made.decision, inMs(decided)),
			);
		}
		if (made.route === null) {
			const parts = planSplit({ job: ref, request, snapshot, policy, admitted, passedOver });
			// A job that was routed before is not split.
			if (parts !== null && onChain.status === 'requested') return this.#split(job, agreement, parts, signal);
			if (isNews) {
				await journal.append({
					jobId: job.id,
					step: 'unservable',
					title: 'No matching offer right now',
					detail: made.decision.summary,
				});
			}
			return this.#wait(job, made.decision.summary, request, onChain, isNews);
		}
		return journal.decided(job, { snapshot: made.snapshot, ...made.route });
	}

	/**
	 * The job stays open until its deadline and is then refunded: an agent of a later version may be able to decide it. The buyer is informed at once, and can
	 * cancel.
	 */
	async #refuse(job: JournalJob, reason: string, request: JobRequest, onChain: ChainJob): Promise<null> {
		const { journal, metrics } = this.#options;
		const left = request.routeDeadline - time(onChain);
		await journal.waiting(job, reason, Math.max(1, Math.min(WAIT_SECONDS, left + 1)));
		if (job.reason === reason) return null;
		await journal.append({ jobId: job.id, step: 'refused', title: reason, detail: WHAT_TO_DO });
		metrics.outcomes.inc({ outcome: 'refused' });
		return null;
	}

	/** No single machine has enough free GPUs for the job, but several together do. Each part is then a job of its own. */
	async #split(
		job: JournalJob,
		{ terms, hidden }: Agreement,
		parts: readonly number[],
		signal: AbortSignal,
	): Promise<JournalJob | null> {
		const { journal, lane, registry } = this.#options;
		await journal.append({
			jobId: job.id,
			step: 'split',
			title: `No single machine has enough free GPUs; splitting the job into ${parts.length} parts`,
			detail: `GPUs in each: ${parts.join(', ')}`,
			data: { parts },
		});
		const data = registry.splitData(job.id, terms, structFromJournal(job.request), parts);
		try {
			await lane.send({ purpose: 'split', jobId: job.id, to: registry.address, data, hidden }, signal);
		} catch (error) {
			const revert = revertOf(error);
			if (revert === null) throw error;
			return this.#reverted(job, revert, signal);
		}
		return this.#isSplit(job);
	}

	async #isSplit(job: JournalJob): Promise<null> {
		const { journal, metrics } = this.#options;
		const title = 'The job is split; each part is routed by itself';
		await journal.finished(job, 'split', title);
		await journal.append({ jobId: job.id, step: 'split', title });
		metrics.outcomes.inc({ outcome: 'split' });
		return null;
	}

	async #request(job: JournalJob): Promise<JobRequest | null> {
		try {
			return requestFromChain(structFromJournal(job.request));
		} catch (error) {
			if (!(error instanceof RequestError)) throw error;
			await this.#dead(job, error.message, 'refused');
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
		// In parallel: each waits seconds for 0G, and they are independent.
		await Promise.all([this.#store(job.snapshot), this.#store(job.record)]);
		const ms = inMs(timer());
		const next = await journal.uploaded(job);
		await journal.append({
			jobId: job.id,
			step: 'uploaded',
			title: 'The decision and its market snapshot are on 0G Storage',
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
		const { routing } = job;
		if (routing === null) throw new Error(`Job ${job.id} is uploaded without a choice.`);
		const onChain = await this.#read(job);
		if (!isOpen(onChain)) return this.#conclude(job, onChain);
		const agreement = await this.#options.agreements.read(job, onChain);
		if (agreement === null) return this.#behind(job, onChain);
		const to = registry.address;
		const data = registry.routeData(job.id, agreement.terms, structFromJournal(job.request), routing);
		const outdated = whyOutdated(await this.#record(job), passedOverBy(agreement, onChain), nowSeconds());
		if (outdated !== null) {
			// While the router may not route at all, no decision could be sent: each new one would be stored for nothing.
			const revert = await lane.refusal({ to, data });
			if (revert === null) await lane.assertCanPayRoute();
			if (revert !== null && meaningOf(revert) === 'blocked') return this.#reverted(job, revert, signal);
			await journal.append({ jobId: job.id, step: 'superseded', title: outdated });
			return journal.undecided(job, outdated);
		}
		const timer = metrics.steps.startTimer({ step: 'route' });
		let current = job;
		try {
			const receipt = await lane.send(
				{
					purpose: 'route',
					jobId: job.id,
					to,
					data,
					hidden: agreement.hidden,
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
			const sent = { transaction: receipt.transactionHash, ms: inMs(timer()) };
			return this.#routed(current, routing.listing, sent);
		} catch (error) {
			const revert = revertOf(error);
			if (revert === null) throw error;
			return this.#reverted(current, revert, signal);
		}
	}

	/** The stored record of the decision. */
	async #record(job: JournalJob): Promise<DecisionRecord> {
		const file = job.record === null ? null : await this.#options.journal.file(job.record);
		if (file === null) throw new Error(`The journal lost the record of job ${job.id}.`);
		return recordFromBytes(file.bytes);
	}

	/** Handles a revert of the contracts. */
	async #reverted(job: JournalJob, revert: RevertError, signal: AbortSignal): Promise<JournalJob | null> {
		const { journal, metrics } = this.#options;
		metrics.reverts.inc({ reason: revert.reason });
		switch (meaningOf(revert)) {
			case 'decide-again':
				await journal.append({
					jobId: job.id,
					step: 'superseded',
					title: 'The chosen listing changed before the choice was on chain; deciding again',
					detail: wordsOf(revert),
					data: { reason: revert.reason },
				});
				if (job.decisions >= DECISIONS_IN_A_ROW && job.decisions % DECISIONS_IN_A_ROW === 0) {
					await journal.waiting(job, `The chosen listings keep changing (${revert.reason}).`, WAIT_SECONDS);
					return null;
				}
				return journal.undecided(job, wordsOf(revert));
			case 'look-again': {
				const onChain = await this.#read(job);
				if (job.routing === null || !isOpen(onChain)) return this.#conclude(job, onChain);
				// The next block holds what the last one does not show yet, or a start is missed by our clock and not by the chain's. Deciding again
				// would store the same once more: the decision, also one refused only in its block, is sent a little later, if it still holds then.
				await journal.postponed(
					await journal.uploaded(job),
					'The chain does not accept the route yet.',
					BLOCKED_SECONDS,
				);
				return null;
			}
			case 'too-late':
				return this.#expire(job, signal);
			case 'hopeless':
				await this.#dead(job, `The contracts cannot accept a route for this job: ${wordsOf(revert)}`);
				return null;
			case 'blocked':
				await this.#postpone(job, `Routing is not possible now: ${wordsOf(revert)}`, BLOCKED_SECONDS);
				return null;
		}
	}

	/** Finishes a job that is no longer open on chain: routed by this agent (perhaps before a crash), by another router, or ended. */
	async #conclude(job: JournalJob, onChain: ChainJob): Promise<JournalJob | null> {
		const { journal } = this.#options;
		if (onChain.status === 'requested') {
			// A transaction of ours was sent and did not take effect.
			if (job.state === 'submitted' || job.state === 'uploaded')
				return journal.undecided(job, 'The transaction had no effect.');
			await this.#postpone(job, 'The state of the job on chain is not known yet.', 5);
			return null;
		}
		if (onChain.status === 'none') {
			await this.#dead(job, GONE.absent);
			return null;
		}
		if (onChain.status === 'split') return this.#isSplit(job);
		const agreement = await this.#options.agreements.read(job, onChain);
		if (agreement === null) return this.#behind(job, onChain);
		if (isOpen(onChain) && job.state !== 'observed') {
			return journal.undecided(job, 'The provider that had the job did not start it in time.');
		}
		if (this.#isOurs(job, agreement.terms)) return this.#routed(job, agreement.terms.listing, null);
		const reason = SUPERSEDED[onChain.status] ?? 'Another router has routed it.';
		this.#looking.delete(job.id);
		await journal.finished(job, 'superseded', reason);
		await journal.append({ jobId: job.id, step: 'superseded', title: reason });
		this.#options.metrics.outcomes.inc({ outcome: 'superseded' });
		return null;
	}

	/** Whether this agent routed the job: by its key, or with a decision of its own that a node had wrongly reported as not sent. */
	#isOurs(job: JournalJob, terms: Terms): boolean {
		if (terms.router.toLowerCase() === this.#options.lane.address.toLowerCase()) return true;
		if (job.routing === null) return false;
		const { requestHash, provider, commitment } = terms;
		return commitmentOf({ jobId: job.id, requestHash, provider, routing: job.routing }) === commitment;
	}

	/** The events that were read do not match the terms hash on chain. Usually the newest are read within a moment; missing ones are searched for. */
	async #behind(job: JournalJob, onChain: ChainJob): Promise<null> {
		const { journal, logger, recover } = this.#options;
		const isRecovered = job.failures > 0 && (await recover(job, onChain));
		const isLong = job.failures >= LONG_BEHIND;
		if (job.failures === LONG_BEHIND) {
			logger.error({ job: job.id.toString() }, 'The events of a job do not match its terms hash on chain');
		}
		// The events that were read again may have changed the row.
		const current = isRecovered ? ((await journal.get(job.id)) ?? job) : job;
		await journal.postponed(
			current,
			isLong
				? 'The events of this job on the RPC nodes do not match its terms hash on chain.'
				: 'Waiting for the latest events of this job.',
			isLong ? BLOCKED_SECONDS : MOMENT_SECONDS,
		);
		return null;
	}

	/** @param sent the transaction and how long it took; null when the job was found to be routed already */
	async #routed(job: JournalJob, listing: number, sent: { transaction: Hex; ms: number } | null): Promise<null> {
		const { agreements, journal, metrics, logger } = this.#options;
		agreements.forget(job.id);
		this.#looking.delete(job.id);
		await journal.finished(job, 'routed', null);
		await journal.append({
			jobId: job.id,
			step: 'routed',
			title: `Job ${job.id} is routed to listing ${listing}`,
			data: { ...sent, record: job.record?.root ?? null, listing },
		});
		metrics.outcomes.inc({ outcome: 'routed' });
		logger.info({ job: job.id.toString(), listing, decisions: job.decisions }, 'Job routed');
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
				title: 'Open until its deadline; retried whenever the market changes',
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

	/** Refunds the buyer after the deadline. Anyone may do that; the agent does it as a service. */
	async #expire(job: JournalJob, signal: AbortSignal): Promise<JournalJob | null> {
		const { agreements, lane, registry } = this.#options;
		const onChain = await this.#read(job);
		const agreement = await agreements.read(job, onChain);
		if (agreement === null) return this.#behind(job, onChain);
		const { terms, hidden } = agreement;
		const data = registry.endData('expire', job.id, terms);
		try {
			await lane.send({ purpose: 'expire', jobId: job.id, to: registry.address, data, hidden }, signal);
		} catch (error) {
			const revert = revertOf(error);
			if (revert === null) throw error;
			if (revert.reason === 'DeadlineNotReached') {
				await this.#postpone(job, 'The deadline is now.', 2);
				return null;
			}
			return this.#conclude(job, await this.#read(job));
		}
		await this.#dead(job, GONE.expired);
		return null;
	}

	async #dead(job: JournalJob, reason: string, step: 'failed' | 'refused' = 'failed'): Promise<void> {
		const { agreements, journal, metrics, logger } = this.#options;
		agreements.forget(job.id);
		this.#looking.delete(job.id);
		await journal.finished(job, 'dead', reason);
		await journal.append({
			jobId: job.id,
			step,
			title: reason,
			...(step === 'refused' ? { detail: WHAT_TO_DO } : {}),
		});
		metrics.outcomes.inc({ outcome: 'dead' });
		logger.warn({ job: job.id.toString(), reason }, 'Job ended without a route');
	}

	async #postpone(
		job: JournalJob,
		reason: string,
		seconds: number,
		detail = 'It is retried automatically.',
	): Promise<void> {
		const { journal } = this.#options;
		await journal.postponed(job, reason, seconds);
		if (job.reason !== reason) await journal.append({ jobId: job.id, step: 'failed', title: reason, detail });
	}
}

const SUPERSEDED: Readonly<Record<string, string>> = {
	cancelled: 'The buyer cancelled the job.',
	expired: 'The job expired; the locked amount was refunded.',
};

/** The clocks of the chain and of the agent differ by seconds; a job is over when either says so, and the contract decides. */
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
