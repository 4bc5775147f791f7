/** A job's way where chain, clock and market do not agree. */
import { encodeBytes16 } from '@necto/contracts';
import { hashTerms, listingId, type MarketSnapshot, type Terms, unixSeconds, zeroGRoot } from '@necto/core';
import { describe, expect, it } from 'vitest';
import { listed, snapshot } from '../../core/test/build.ts';
import { NoFundsError } from '../src/chain/funds.ts';
import type { ChainJob, JobRegistry } from '../src/chain/jobs.ts';
import type { Call, Lane } from '../src/chain/lane.ts';
import { RevertError } from '../src/chain/reverts.ts';
import { ClockError } from '../src/health/clock.ts';
import type { Journal } from '../src/journal/jobs.ts';
import { createLogger } from '../src/logger.ts';
import type { Market } from '../src/market/market.ts';
import { Metrics } from '../src/metrics.ts';
import type { Agreements } from '../src/worker/agreement.ts';
import { Pipeline } from '../src/worker/pipeline.ts';
import type { Storage } from '../src/zerog/storage.ts';
import {
	BUYER,
	chainRequest,
	hash,
	MemoryJournal,
	observedJob,
	PROVIDER,
	ROUTER,
	standIn,
	termsOf,
} from './support/standIns.ts';

const signal = new AbortController().signal;
const now = Math.floor(Date.now() / 1000);
const request = chainRequest(now);
const asked = termsOf(request, now - 2_000);
/** Listing 1 has the job since a while. */
const placed: Terms = {
	...asked,
	provider: PROVIDER,
	listing: 1,
	pricePerGpuHour: 2_000_000n,
	fee: 100,
	router: ROUTER,
	routedAt: now - 1_000,
	commitment: hash('d'),
};

interface State {
	terms: Terms;
	refusals: number[];
	chain: Pick<ChainJob, 'status' | 'time' | 'chainTime'>;
	/** When the market is looked at. */
	takenAt: number;
	/** What the contracts say to a call before it is sent. */
	refusal: RevertError | null;
	/** What they say in its block. */
	reverts: RevertError | null;
	/** Whether the router's key cannot pay. */
	poor: boolean;
	clockIsOff: boolean;
	/** Why the market cannot be looked at. */
	away: Error | null;
}

/** The pipeline with one job. What a test changes of it holds from then on. */
function world(changes: Partial<State> = {}, wanted: Partial<typeof request> = {}) {
	const journal = new MemoryJournal(observedJob({ ...request, ...wanted }, now - 2_000));
	const state: State = {
		terms: asked,
		refusals: [],
		chain: { status: 'requested', time: request.routeDeadline, chainTime: now },
		takenAt: now,
		refusal: null,
		reverts: null,
		poor: false,
		clockIsOff: false,
		away: null,
		...changes,
	};
	const sent: Call[] = [];
	const collected: MarketSnapshot[] = [];
	let uploads = 0;
	const pipeline = new Pipeline({
		chainId: 31337,
		journal: standIn<Journal>(journal),
		registry: standIn<JobRegistry>({
			address: ROUTER,
			read: async () => ({ ...state.chain, termsHash: hashTerms(state.terms), head: 9n }),
			routeData: () => '0x01',
		}),
		agreements: standIn<Agreements>({
			read: async () => ({ terms: state.terms, refusals: state.refusals, hidden: false }),
			forget: () => undefined,
		}),
		recover: async () => false,
		lane: standIn<Lane>({
			address: ROUTER,
			refusal: async () => state.refusal,
			recover: async () => undefined,
			assertCanPayRoute: async () => {
				if (state.poor) throw new NoFundsError('The key is empty', 'It has nothing.');
			},
			send: async (call) => {
				if (state.refusal !== null) throw state.refusal;
				await call.onSigned?.(hash('9'));
				if (state.reverts !== null) throw state.reverts;
				sent.push(call);
				return standIn<Awaited<ReturnType<Lane['send']>>>({ transactionHash: hash('9') });
			},
		}),
		market: standIn<Market>({
			collect: async () => {
				if (state.away !== null) throw state.away;
				// Each look finds another block, so that no two decisions have the same bytes.
				const chain = { id: 31337, block: 50n + BigInt(collected.length) };
				const quotes = [listed(1, 2_000_000n), listed(2, 2_100_000n), listed(3, 2_200_000n)];
				const market = snapshot(quotes, { takenAt: unixSeconds(state.takenAt), chain });
				collected.push(market);
				return { snapshot: market, sources: [] };
			},
			admissions: async () => [],
		}),
		storage: standIn<Storage>({
			address: ROUTER,
			upload: async (bytes) => {
				uploads++;
				return { root: zeroGRoot(bytes), transaction: null };
			},
		}),
		clock: {
			assertInSync: () => {
				if (state.clockIsOff) throw new ClockError('The clock is an hour off.');
			},
		},
		metrics: new Metrics(),
		logger: createLogger('silent'),
	});
	return {
		journal,
		state,
		sent,
		uploads: () => uploads,
		advance: () => pipeline.advance(5n, signal),
		/** A decision that is stored and was not sent: the router was not allowed to. */
		async stuck() {
			state.refusal = new RevertError('IsPaused', []);
			await pipeline.advance(5n, signal);
			expect(journal.job.state).toBe('uploaded');
		},
	};
}

describe('VER-05 a decision that could not be sent at once', () => {
	it('is sent as it is when the way is free again soon', async () => {
		const { journal, state, sent, uploads, advance, stuck } = world({ takenAt: now - 240 });
		await stuck();
		state.refusal = null;
		await advance();
		expect(sent).toHaveLength(1);
		expect(uploads()).toBe(2);
		expect(journal.job.state).toBe('routed');
		expect(journal.titles).toContain('Job 5 is routed to listing 1');
	});

	it('is made anew when that took longer than five minutes: the market it looked at is not that of the routing', async () => {
		const { journal, state, sent, advance, stuck } = world({ takenAt: now - 400 });
		await stuck();
		const old = journal.job.record;
		state.refusal = null;
		state.takenAt = now;
		await advance();
		expect(sent).toHaveLength(1);
		expect(journal.job).toMatchObject({ state: 'routed', decisions: 2 });
		expect(journal.job.record).not.toEqual(old);
		expect(journal.titles).toContain('The decision waited too long before it could be sent; deciding again');
	});

	it('is not made anew while the router may not route: nothing of it could be sent either', async () => {
		const { journal, state, uploads, advance, stuck } = world({ takenAt: now - 400 });
		await stuck();
		for (const reason of ['IsPaused', 'BondTooSmall', 'NotRouter']) {
			state.refusal = new RevertError(reason, []);
			await advance();
			expect(journal.job).toMatchObject({ state: 'uploaded', decisions: 1 });
		}
		expect(uploads()).toBe(2);
	});

	it('RES-04 is made anew when another listing had the job meanwhile and did not take it', async () => {
		const { journal, state, sent, advance, stuck } = world();
		await stuck();
		state.refusal = null;
		state.refusals = [1];
		await advance();
		expect(sent).toHaveLength(1);
		expect(journal.job).toMatchObject({ state: 'routed', decisions: 2, routing: { listing: 2 } });
	});
});

describe('RES-04 a start that was missed by the agent’s clock, and not by the chain’s', () => {
	const missed: Partial<State> = {
		terms: placed,
		chain: { status: 'routed', time: now - 100, chainTime: now - 1_000 },
	};
	const notYet = new RevertError('WrongStatus', []);

	it('stores one decision and sends it when the chain has come so far', async () => {
		const { journal, state, sent, uploads, advance } = world({ ...missed, refusal: notYet });
		for (let round = 0; round < 4; round++) await advance();
		expect(journal.job).toMatchObject({ state: 'uploaded', decisions: 1 });
		expect(journal.postponements).toEqual([15, 15, 15, 15]);
		expect(uploads()).toBe(2);
		state.refusal = null;
		await advance();
		expect(sent).toHaveLength(1);
		expect(journal.job).toMatchObject({ state: 'routed', routing: { listing: 2 } });
	});

	it('keeps the decision when it was refused only in its block', async () => {
		const { journal, state, advance } = world({ ...missed, reverts: notYet });
		await advance();
		expect(journal.job).toMatchObject({ state: 'uploaded', decisions: 1 });
		state.reverts = null;
		await advance();
		expect(journal.job).toMatchObject({ state: 'routed', decisions: 1 });
	});

	it('leaves the job to the provider that started it after all', async () => {
		const { journal, state, advance } = world({ ...missed, refusal: notYet });
		await advance();
		state.chain = { status: 'running', time: now, chainTime: now };
		state.terms = { ...placed, router: BUYER };
		await advance();
		expect(journal.job.state).toBe('superseded');
	});
});

describe('a job that is found routed', () => {
	it('is told of by its listing where the journal has no choice', async () => {
		const { journal, advance } = world({
			terms: { ...placed, listing: 7 },
			chain: { status: 'routed', time: now + 600, chainTime: now },
		});
		await advance();
		expect(journal.titles).toEqual(['Job 5 is routed to listing 7']);
		expect(journal.activity[0]?.data).toMatchObject({ listing: listingId(7) });
	});
});

describe('SYS-05 a request that the contracts took and no agent can decide', () => {
	const unknownPolicy = { policyHash: hash('e') };

	it.each<[string, Partial<ReturnType<typeof chainRequest>>, string]>([
		['an unknown policy', unknownPolicy, 'The request names an unknown routing policy.'],
		['an unknown GPU model', { gpuModel: encodeBytes16('foo') }, '"foo" is not a known GPU model.'],
		['an unknown country', { countries: encodeBytes16('XX') }, '"XX" is not the two-letter code of a country.'],
		['no pricing model left', { excludedPricing: 7 }, 'All pricing models are excluded.'],
	])('is refused at once with what to do: %s', async (_, changes, words) => {
		const { journal, sent, advance } = world({}, changes);
		await advance();
		await advance();
		expect(sent).toHaveLength(0);
		expect(journal.job).toMatchObject({ state: 'waiting', reason: words });
		const refusals = journal.activity.filter(({ step }) => step === 'refused');
		expect(refusals).toEqual([expect.objectContaining({ title: words, detail: expect.stringContaining('Cancel it') })]);
		expect(journal.activity.some(({ step }) => step === 'waiting')).toBe(false);
	});

	it('with bits that mean nothing here is refused in the same way', async () => {
		const { journal, advance } = world({}, { formFactors: 0x80 });
		await advance();
		expect(journal.job.state).toBe('dead');
		expect(journal.activity.at(-1)).toMatchObject({ step: 'refused', detail: expect.stringContaining('Cancel it') });
	});
});

describe('SYS-05 what an operator has to mend first', () => {
	it('an empty key: nothing is stored for nothing, the job says why once, and goes on by itself', async () => {
		const { journal, state, sent, uploads, advance } = world({ poor: true });
		await advance();
		await advance();
		expect(journal.job.state).toBe('decided');
		expect(uploads()).toBe(0);
		expect(journal.activity.filter(({ step }) => step === 'failed')).toEqual([
			{ jobId: 5n, step: 'failed', title: 'The key is empty', detail: 'It has nothing.' },
		]);
		expect(journal.postponements).toEqual([15, 15]);
		state.poor = false;
		await advance();
		expect(journal.job.state).toBe('routed');
		expect(sent).toHaveLength(1);
	});

	it('an indexer that is away: looking at the market is said once, however often it is tried', async () => {
		const { journal, state, advance } = world({ away: new Error('The indexer cannot be reached (ECONNREFUSED).') });
		for (let attempt = 0; attempt < 3; attempt++) await expect(advance()).rejects.toThrow('The indexer');
		const looks = () => journal.activity.filter(({ step }) => step === 'collecting').length;
		expect(looks()).toBe(1);
		state.away = null;
		await advance();
		expect(journal.job.state).toBe('routed');
		expect(looks()).toBe(1);
	});

	it('a clock that is off: nothing is decided, and the job says why', async () => {
		const { journal, state, advance } = world({ clockIsOff: true });
		await advance();
		expect(journal.job.state).toBe('observed');
		expect(journal.activity).toEqual([
			{
				jobId: 5n,
				step: 'failed',
				title: "The agent's clock is out of sync with the chain",
				detail: 'The clock is an hour off.',
			},
		]);
		state.clockIsOff = false;
		await advance();
		expect(journal.job.state).toBe('routed');
	});
});
