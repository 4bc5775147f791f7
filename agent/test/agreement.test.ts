/** What is agreed for a job, from what the journal saw of it. */
import { hashTerms } from '@necto/core';
import { describe, expect, it } from 'vitest';
import type { ChainNodes } from '../src/chain/nodes.ts';
import type { StoredChange } from '../src/journal/changes.ts';
import type { Journal } from '../src/journal/jobs.ts';
import { Agreements } from '../src/worker/agreement.ts';
import { chainRequest, hash, observedJob, PROVIDER, ROUTER, standIn, termsOf } from './support/standIns.ts';

const request = chainRequest(1_790_000_000);
const asked = termsOf(request, 1_790_000_000);

const had = (listing: number, reason: 'declined' | 'not-started' | 'overturned'): StoredChange[] => [
	{
		kind: 'routed',
		provider: PROVIDER,
		listing,
		pricePerGpuHour: 1n,
		fee: 0,
		router: ROUTER,
		routedAt: 1_790_000_100,
		commitment: hash('d'),
	},
	{ kind: 'reopened', listing, reason },
];

describe('RES-04 listings that did not take a job', () => {
	const changes = new Map<bigint, StoredChange[]>([
		[5n, [...had(7, 'declined'), ...had(8, 'overturned')]],
		[6n, had(9, 'not-started')],
	]);
	const agreements = new Agreements(
		standIn<ChainNodes>({}),
		standIn({}),
		standIn<Journal>({ changes: async (id) => changes.get(id) ?? [] }),
	);
	const refusalsOf = async (id: bigint, parent: bigint | null) => {
		const job = observedJob(request, 1_790_000_000, { id, parent });
		return (await agreements.read(job, { termsHash: hashTerms(asked) }))?.refusals;
	};

	it('are those that declined it or did not start it', async () => {
		expect(await refusalsOf(5n, null)).toEqual([7]);
	});

	it('RES-01 are not asked for its parts either', async () => {
		expect(await refusalsOf(6n, 5n)).toEqual([7, 9]);
		expect(await refusalsOf(10n, 5n)).toEqual([7]);
	});
});
