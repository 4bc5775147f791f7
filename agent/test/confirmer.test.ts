/** Finished jobs that are open on chain again after a reorganisation, and those that are not. */
import { hashTerms } from '@necto/core';
import { describe, expect, it } from 'vitest';
import type { JobRegistry } from '../src/chain/jobs.ts';
import type { NewActivity } from '../src/journal/activity.ts';
import type { Journal, JournalJob } from '../src/journal/jobs.ts';
import type { Locks } from '../src/journal/locks.ts';
import { createLogger } from '../src/logger.ts';
import type { Agreements } from '../src/worker/agreement.ts';
import { Confirmer, GONE } from '../src/worker/confirmer.ts';
import { chainRequest, observedJob, standIn, termsOf } from './support/standIns.ts';

const now = 1_790_000_000;
const request = chainRequest(now);
const terms = termsOf(request, now);

function world(job: Partial<JournalJob>) {
	const activity: NewActivity[] = [];
	const confirmed: bigint[] = [];
	const confirmer = new Confirmer({
		journal: standIn<Journal>({
			deployment: 'memory',
			unconfirmed: async () => [5n],
			get: async () => observedJob(request, now, job),
			reopen: async () => true,
			append: async (...events) => {
				activity.push(...events);
			},
			confirmed: async ({ id }) => {
				confirmed.push(id);
			},
		}),
		registry: standIn<JobRegistry>({
			read: async () => ({ status: 'requested', termsHash: hashTerms(terms), time: now, chainTime: now, head: 9n }),
		}),
		agreements: standIn<Agreements>({}),
		recover: async () => false,
		locks: standIn<Locks>({
			tryAcquire: async () => ({ signal: new AbortController().signal, release: async () => undefined }),
		}),
		logger: createLogger('silent'),
	});
	return { activity, confirmed, round: () => confirmer.round(new AbortController().signal) };
}

describe('SYS-05 a finished job that is open on chain', () => {
	it.each([
		GONE.expired,
		GONE.absent,
		// As an earlier version stored it.
		'Nothing served the job until its deadline; the money was given back.',
	])('is routed again when a reorganisation can have undone its end: %s', async (reason) => {
		const { activity, confirmed, round } = world({ state: 'dead', reason });
		expect(await round()).toEqual([5n]);
		expect(activity).toMatchObject([{ jobId: 5n, step: 'reopened' }]);
		expect(confirmed).toEqual([]);
	});

	it('stays finished when the reason is the job itself', async () => {
		const { activity, confirmed, round } = world({ state: 'dead', reason: 'The request is invalid.' });
		expect(await round()).toEqual([]);
		expect(activity).toEqual([]);
		expect(confirmed).toEqual([5n]);
	});
});
