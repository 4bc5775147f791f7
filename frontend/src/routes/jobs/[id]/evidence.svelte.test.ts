import { beforeEach, expect, test } from 'vitest';
import { page } from 'vitest/browser';
import { render } from 'vitest-browser-svelte';
import { keepEvidence } from '#lib/jobs/evidence.ts';
import { hashText } from '#lib/jobs/kept-texts.ts';
import type { JobEventRow } from '#lib/jobs/rows.ts';
import { runtimeKey } from '#lib/runtime-context.ts';
import { jobRow } from '../../../../test/job.ts';
import EvidenceCard from './EvidenceCard.svelte';

const REGISTRY = `0x${'aa'.repeat(20)}`;

beforeEach(() => localStorage.clear());

const event = (kind: string, text: string): JobEventRow => ({
	kind,
	at: 1_799_991_000,
	block: 20n,
	logIndex: 0,
	txHash: null,
	data: JSON.stringify({ evidenceHash: hashText(text) }),
});

async function show(texts: readonly string[], events: readonly JobEventRow[]) {
	const job = jobRow({ status: 'disputed', disputedAt: 1_799_991_000 });
	for (const text of texts) keepEvidence(localStorage, REGISTRY, job.id, text);
	await render(EvidenceCard, {
		props: { job, events, registry: REGISTRY },
		context: new Map([[runtimeKey, () => null]]),
	});
}

test('a text whose transaction never came about is not said to be on chain', async () => {
	const texts = ['No GPU answered.', 'Declined in the wallet.', 'Here is the log.'];
	await show(texts, [event('disputed', 'No GPU answered.'), event('evidence', 'Here is the log.')]);
	const written = page.getByRole('listitem');
	await expect.element(written.nth(1).getByText('Not sent: the chain has no hash of this text.')).toBeVisible();
	expect(page.getByText(/Not sent/).elements()).toHaveLength(1);
	expect(
		written
			.nth(1)
			.getByText(/Its hash/)
			.elements(),
	).toHaveLength(0);
	expect(page.getByText(/Its hash/).elements()).toHaveLength(2);
});
