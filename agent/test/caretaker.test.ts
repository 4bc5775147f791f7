/** What becomes of jobs that are past a deadline, with an indexer and a chain of the test's own. */
import { hashTerms } from '@necto/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { ChainJob, JobRegistry } from '../src/chain/jobs.ts';
import type { Lane } from '../src/chain/lane.ts';
import type { Journal } from '../src/journal/jobs.ts';
import type { Locks } from '../src/journal/locks.ts';
import { createLogger } from '../src/logger.ts';
import type { Agreements } from '../src/worker/agreement.ts';
import { Caretaker } from '../src/worker/caretaker.ts';
import { type Fake, fakeServer, sendJson } from './support/http.ts';
import { chainRequest, observedJob, standIn, termsOf } from './support/standIns.ts';

const now = Math.floor(Date.now() / 1000);
const request = chainRequest(now);
const terms = termsOf(request, now - 2_000);
let indexer: Fake;
/** Ids that the indexer gives, by the query's names. */
let late: Record<string, bigint[]>;

beforeEach(async () => {
	late = {};
	indexer = await fakeServer((_request, response, body) => {
		const { query } = z.object({ query: z.string() }).parse(JSON.parse(body));
		const lists = [...query.matchAll(/(\w+): jobs\(.*limit: (\d+)(?:, after: "(\d+)")?\)/g)];
		const data = lists.map(([, name = '', limit, after = '0']) => {
			const all = late[name] ?? [];
			const end = Number(after) + Number(limit);
			const items = all.slice(Number(after), end).map((id) => ({ id: String(id) }));
			return [name, { items, pageInfo: { hasNextPage: end < all.length, endCursor: String(end) } }];
		});
		sendJson(response, { data: Object.fromEntries(data) });
	});
});

afterEach(() => indexer.close());

function world(chain: Pick<ChainJob, 'status' | 'time' | 'chainTime'>, read: Agreements['read']) {
	const ended: bigint[] = [];
	const reopened: bigint[] = [];
	const caretaker = new Caretaker({
		indexerUrl: indexer.url,
		registry: standIn<JobRegistry>({
			address: '0x',
			periods: async () => ({ grace: 3_600, arbiter: 3_600 }),
			read: async () => ({ ...chain, termsHash: hashTerms(terms), head: 9n }),
			endData: () => '0x',
		}),
		agreements: standIn<Agreements>({ read, forget: () => undefined }),
		recover: async () => false,
		lane: standIn<Lane>({
			send: async ({ jobId }) => {
				ended.push(jobId);
				return standIn({});
			},
		}),
		journal: standIn<Journal>({
			deployment: 'memory',
			get: async (id) => observedJob(request, now - 2_000, { id }),
			reopen: async (id) => {
				reopened.push(id);
				return true;
			},
			append: async () => undefined,
		}),
		locks: standIn<Locks>({
			tryAcquire: async () => ({ signal: new AbortController().signal, release: async () => undefined }),
		}),
		logger: createLogger('silent'),
		chainTime: async () => chain.chainTime,
	});
	return { caretaker, ended, reopened };
}

const agreed: Agreements['read'] = async () => ({ terms, refusals: [], hidden: false });

describe('SET-02 jobs past a deadline', () => {
	it('are looked after although one of them cannot be', async () => {
		late = { unrouted: [1n, 2n], unsettled: [3n] };
		const { caretaker, ended } = world({ status: 'requested', time: now, chainTime: now }, async (job) => {
			if (job.id === 1n) throw new Error('The chain has no lock of job 1.');
			return agreed(job, { termsHash: hashTerms(terms) });
		});
		expect(await caretaker.round(new AbortController().signal)).toBe(1);
		expect(ended).toEqual([2n]);
	});

	it('are all looked at, also behind pages of jobs for which nothing can be done', async () => {
		late = { unrouted: Array.from({ length: 130 }, (_, index) => BigInt(index + 1)) };
		const { caretaker, ended } = world({ status: 'requested', time: now, chainTime: now }, async (job) =>
			job.id <= 120n ? null : agreed(job, { termsHash: hashTerms(terms) }),
		);
		await caretaker.round(new AbortController().signal);
		expect(ended).toEqual(Array.from({ length: 10 }, (_, index) => BigInt(index + 121)));
	});

	it('are left alone from the moment that the agent stops', async () => {
		late = { unrouted: [1n, 2n] };
		const stopping = new AbortController();
		const { caretaker, ended } = world({ status: 'requested', time: now, chainTime: now }, async () => {
			stopping.abort(new Error('stopping'));
			stopping.signal.throwIfAborted();
			return null;
		});
		await expect(caretaker.round(stopping.signal)).rejects.toThrow('stopping');
		expect(ended).toEqual([]);
	});
});

describe('RES-04 a job that was not started in time', () => {
	it.each<[string, number, number, bigint[]]>([
		['by the chain', now - 10, now - 5, [5n]],
		['by the clock, long ago', now - 60, now - 600, [5n]],
		['by the clock, a moment ago', now - 3, now - 600, []],
	])('%s is routed again once the pipeline holds it for open', async (_, time, chainTime, expected) => {
		late = { unstarted: [5n] };
		const { caretaker, reopened } = world({ status: 'routed', time, chainTime }, agreed);
		expect(await caretaker.round(new AbortController().signal)).toBe(expected.length);
		expect(reopened).toEqual(expected);
	});
});
