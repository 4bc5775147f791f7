/** One round: a chain, nodes with faults, buyers, and an agent that is killed now and then; afterwards everything has to fit together. */
import { randomUUID } from 'node:crypto';
import { jobRegistryAbi } from '@necto/contracts';
import { hashTerms, type MarketSnapshot, NOT_ROUTED, termsAfter, unixSeconds, zeroGRoot } from '@necto/core';
import type { Pool } from 'pg';
import { decodeFunctionData, getAbiItem } from 'viem';
import { z } from 'zod';
import { listed, snapshot } from '../../../core/test/build.ts';
import { JobRegistry } from '../../src/chain/jobs.ts';
import type { Call, Lane } from '../../src/chain/lane.ts';
import { ChainNodes } from '../../src/chain/nodes.ts';
import { RevertError } from '../../src/chain/reverts.ts';
import { changeSchema } from '../../src/journal/changes.ts';
import { Journal } from '../../src/journal/jobs.ts';
import { createLogger } from '../../src/logger.ts';
import type { Market } from '../../src/market/market.ts';
import { Metrics } from '../../src/metrics.ts';
import { Agreements } from '../../src/worker/agreement.ts';
import { Confirmer } from '../../src/worker/confirmer.ts';
import { Pipeline } from '../../src/worker/pipeline.ts';
import { Recovery } from '../../src/worker/recovery.ts';
import { Scanner } from '../../src/worker/scanner.ts';
import type { Storage } from '../../src/zerog/storage.ts';
import { ROUTER, standIn } from '../support/standIns.ts';
import { Crash, type Fuse, fused } from './crashes.ts';
import { ChainModel, type ModelJob, REGISTRY } from './model.ts';
import { clientOf, type Faults, FaultyNode, HONEST } from './node.ts';
import { Random } from './random.ts';

const TICKS = 5;
/** Rounds of the agent after the faults have stopped, at most. */
const SETTLE = 12;
const signal = new AbortController().signal;
const logger = createLogger('silent');

/** The calls that the lane understands: viem hashes the signature of each function that it is given, at every call. */
const sendsAbi = [
	getAbiItem({ abi: jobRegistryAbi, name: 'route' }),
	getAbiItem({ abi: jobRegistryAbi, name: 'split' }),
	getAbiItem({ abi: jobRegistryAbi, name: 'expire' }),
	getAbiItem({ abi: jobRegistryAbi, name: 'complete' }),
	getAbiItem({ abi: jobRegistryAbi, name: 'resolve' }),
] as const;

interface Agent {
	scanner: Scanner;
	pipeline: Pipeline;
	confirmer: Confirmer;
	journal: Journal;
}

/** Plays one round. @throws Error saying what does not fit */
export async function playRound(pool: Pool, seed: number): Promise<void> {
	const random = new Random(seed);
	const now = Math.floor(Date.now() / 1000);
	const model = new ChainModel(random, now, random.chance(0.75));
	const nodes = Array.from({ length: 1 + random.below(3) }, () => new FaultyNode(model, random));
	// Several addresses with a node each, or one with all of them behind it.
	const clients = random.chance(0.5) ? nodes.map((node) => clientOf([node], random)) : [clientOf(nodes, random)];
	const fuse: Fuse = { left: null };
	const clock = { now: 0 };
	const deployment = `simulation:${seed}:${randomUUID()}`;
	const start = () => startAgent(fused(pool, fuse), deployment, clients, model, random, clock);
	let agent = start();

	const live = async () => {
		clock.now += 1_000;
		try {
			await work(agent, pool, deployment);
		} catch (error) {
			if (!(error instanceof Crash)) throw error;
			agent = start();
			fuse.left = null;
		}
	};

	for (let tick = 0; tick < TICKS; tick++) {
		for (const node of nodes) node.faults = random.chance(0.3) ? HONEST : anyFaults(random);
		if (random.chance(0.15)) fuse.left = 1 + random.below(40);
		act(model, random);
		await live();
	}
	fuse.left = null;
	for (const node of nodes) node.faults = HONEST;
	if (random.chance(0.3)) agent = start();
	for (let tick = 0; tick < SETTLE && (await problemOf(model, agent)) !== null; tick++) {
		model.mine();
		await live();
	}
	const problem = await problemOf(model, agent);
	if (problem !== null) throw new Error(problem);
}

function anyFaults(random: Random): Faults {
	return {
		lag: random.chance(0.5) ? random.below(6) : 0,
		empty: random.pick([0, 0, 0.3, 0.8]),
		forgets: random.pick([0, 0, 2, 5]),
		fails: random.pick([0, 0, 0.1, 0.4]),
		stale: random.pick([0, 0, 0.5]),
	};
}

/** What people do in a moment, and what becomes of the chain. */
function act(model: ChainModel, random: Random): void {
	const anyJob = (status: ModelJob['status']) => {
		const jobs = model.jobs.filter((job) => job.status === status);
		return jobs.length === 0 ? null : random.pick(jobs).id;
	};
	for (let action = 0; action < 1 + random.below(3); action++) {
		if (random.chance(0.55)) model.request(1 + random.below(3));
		const open = anyJob('requested');
		if (open !== null && random.chance(0.15)) model.cancel(open);
		const placed = anyJob('routed');
		if (placed !== null && random.chance(0.15)) model.decline(placed);
		if (random.chance(0.4)) model.mine();
	}
	if (random.chance(0.12)) model.reorganise(1 + random.below(3));
}

/** One round of the worker: reads the chain, then does what is due. */
async function work({ scanner, pipeline, confirmer, journal }: Agent, pool: Pool, deployment: string): Promise<void> {
	await quietly(() => scanner.scan(signal));
	// Nothing waits for the clock here.
	await pool.query('UPDATE agent.job SET next_at = now() WHERE deployment = $1 AND next_at > now() AND next_at < $2', [
		deployment,
		'infinity',
	]);
	await quietly(() => confirmer.round(signal));
	const due = await journal.due(50);
	for (const id of due) await quietly(() => pipeline.advance(id, signal));
}

/** Failures of the outside world are tried again in the next round, as the worker does; a crash is one of ours. */
async function quietly(work: () => Promise<unknown>): Promise<void> {
	try {
		await work();
	} catch (error) {
		if (error instanceof Crash) throw error;
	}
}

function startAgent(
	pool: Pool,
	deployment: string,
	clients: ConstructorParameters<typeof ChainNodes>[0],
	model: ChainModel,
	random: Random,
	clock: { now: number },
): Agent {
	const nodes = new ChainNodes(clients, { retryMs: 0, believeMs: 3_000, now: () => clock.now });
	const journal = new Journal(pool, deployment);
	const registry = new JobRegistry(nodes, REGISTRY);
	const agreements = new Agreements(nodes, standIn({}), journal);
	const recovery = new Recovery({ nodes, journal, registry, logger, proves: (...read) => agreements.proves(...read) });
	const scanner = new Scanner({ nodes, journal, registry, startBlock: 1n, logger, now: () => clock.now });
	const pipeline = new Pipeline({
		chainId: 31_337,
		journal,
		registry,
		agreements,
		recover: (job, onChain) => recovery.recover(job, onChain),
		lane: laneOf(model, random),
		market: standIn<Market>({
			collect: async () => ({ snapshot: marketOf(model), sources: [] }),
			admissions: async () => [],
		}),
		storage: standIn<Storage>({
			address: ROUTER,
			upload: async (bytes) => ({ root: zeroGRoot(bytes), transaction: null }),
		}),
		clock: { assertInSync: () => undefined },
		metrics: new Metrics(),
		logger,
	});
	const confirmer = new Confirmer({
		journal,
		registry,
		agreements,
		recover: (job, onChain) => recovery.recover(job, onChain),
		logger,
		locks: { tryAcquire: async () => ({ signal, release: async () => undefined }) },
	});
	return { scanner, pipeline, confirmer, journal };
}

function marketOf(model: ChainModel): MarketSnapshot {
	const quotes = [1, 2, 3, 4].map((id) => listed(id, 2_000_000n + BigInt(id)));
	return snapshot(quotes, {
		takenAt: unixSeconds(Math.floor(Date.now() / 1000)),
		chain: { id: 31_337, block: BigInt(model.head.number) },
	});
}

/** Transactions reach the chain, or not, or nobody hears of it. */
function laneOf(model: ChainModel, random: Random): Lane {
	return standIn<Lane>({
		address: ROUTER,
		refusal: async () => null,
		assertCanPayRoute: async () => undefined,
		recover: async () => undefined,
		send: async (call: Call) => {
			if (random.chance(0.05)) throw new Error('The node does not answer.');
			const hash = `0x${'9'.repeat(64)}` as const;
			await call.onSigned?.(hash);
			const { functionName, args } = decodeFunctionData({ abi: sendsAbi, data: call.data });
			if (functionName === 'route') model.route(args[0], args[1], args[3]);
			else if (functionName === 'split') model.split(args[0], args[1], args[3]);
			else throw new RevertError('DeadlineNotReached', []);
			if (random.chance(0.05)) throw new Error('The node does not answer.');
			return standIn<Awaited<ReturnType<Lane['send']>>>({ transactionHash: hash });
		},
	});
}

const EXPECTED: Readonly<Record<string, readonly string[]>> = {
	routed: ['routed'],
	split: ['split'],
	cancelled: ['superseded', 'dead'],
};

const heldSchema = z.array(
	z.object({ id: z.string().transform(BigInt), state: z.string(), reason: z.string().nullable() }),
);
const changesSchema = z.array(z.object({ job: z.string().transform(BigInt), change: changeSchema }));

/** What does not fit between chain and journal; null when everything does. */
async function problemOf(model: ChainModel, { scanner, journal }: Agent): Promise<string | null> {
	const { missing, unconfirmed, behindMs } = scanner.trouble;
	if (missing.length > 0 || unconfirmed !== null || behindMs !== null) return 'The scanner still reports trouble.';
	if (scanner.lastBlock !== BigInt(model.head.number)) return `The cursor is at ${scanner.lastBlock}.`;
	// Two statements for all jobs: this is asked for after each tick.
	const read = async (sql: string) => (await journal.pool.query(sql, [journal.deployment])).rows;
	const held = new Map(
		heldSchema
			.parse(await read('SELECT id, state, reason FROM agent.job WHERE deployment = $1'))
			.map((job) => [job.id, job]),
	);
	const changes = changesSchema.parse(
		await read('SELECT job, change FROM agent.change WHERE deployment = $1 ORDER BY block, log_index'),
	);
	for (const { id, status, terms, routed, reopened } of model.jobs) {
		const job = held.get(id);
		if (job === undefined) return `Job ${id} is on chain and not in the journal.`;
		const states = EXPECTED[status];
		if (states === undefined) return `Job ${id} is ${status} on chain, ${job.state} in the journal: ${job.reason}`;
		if (!states.includes(job.state)) return `Job ${id} is ${status} on chain and ${job.state} in the journal.`;
		if (routed > reopened + 1) return `Job ${id} was routed ${routed} times.`;
		if (status !== 'routed') continue;
		const own = changes.filter((change) => change.job === id).map(({ change }) => change);
		const known = own.reduce(termsAfter, { ...terms, ...NOT_ROUTED });
		if (hashTerms(known) !== hashTerms(terms)) return `The journal has other terms of job ${id}.`;
	}
	const ghosts = [...held.values()].filter(({ id, state }) => id > model.jobs.length && state !== 'dead');
	return ghosts.length === 0 ? null : `The journal holds ${ghosts.length} jobs that the chain does not have.`;
}
