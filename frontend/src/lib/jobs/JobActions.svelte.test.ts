import { keccak256, stringToBytes } from 'viem';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { page } from 'vitest/browser';
import { render } from 'vitest-browser-svelte';
import { runtimeKey } from '#lib/runtime-context.ts';
import { jobRow } from '../../../test/job.ts';
import { keptEvidence } from './evidence.ts';
import JobActions from './JobActions.svelte';
import { jobActions, nobody } from './permissions.ts';
import type { JobRow } from './rows.ts';

const { steps, answer } = vi.hoisted(() => ({ steps: [] as unknown[], answer: { ok: true } }));

vi.mock('./job.service.ts', () => ({
	actOnJob: (_runtime: unknown, step: unknown) => {
		steps.push(step);
		return Promise.resolve(answer);
	},
}));

beforeEach(() => {
	steps.length = 0;
	answer.ok = true;
	localStorage.clear();
});

const REGISTRY = `0x${'aa'.repeat(20)}`;
const NOW = 1_799_991_000;

async function show(job: JobRow) {
	const ondone = vi.fn();
	const viewer = { ...nobody, address: job.requester };
	await render(JobActions, {
		props: { job, actions: jobActions(job, viewer, NOW), ondone },
		context: new Map([[runtimeKey, () => ({ deployment: { jobRegistry: REGISTRY } })]]),
	});
	return ondone;
}

describe('extending a job', () => {
	test('shows what more is locked, and asks for those seconds', async () => {
		const ondone = await show(jobRow());
		await page.getByRole('button', { name: 'Extend job' }).click();
		const hours = page.getByRole('textbox', { name: 'Extend by' });
		await hours.fill('0.25');
		await expect.element(page.getByText(/what is locked already covers it/)).toBeVisible();
		await hours.fill('2');
		await page.getByRole('button', { name: 'Lock $5.00 and extend' }).click();
		expect(steps).toEqual([{ action: 'extend', extraSeconds: 7_200 }]);
		expect(ondone).toHaveBeenCalledOnce();
	});

	test('keeps what was typed when the transaction fails', async () => {
		answer.ok = false;
		const ondone = await show(jobRow());
		await page.getByRole('button', { name: 'Extend job' }).click();
		await page.getByRole('textbox', { name: 'Extend by' }).fill('2');
		await page.getByRole('button', { name: 'Lock $5.00 and extend' }).click();
		await expect.element(page.getByRole('textbox', { name: 'Extend by' })).toHaveValue('2');
		expect(ondone).not.toHaveBeenCalled();
	});
});

describe('SET-02 a dispute', () => {
	test('says what it does, and sends the hash of what was written and nothing of the text', async () => {
		await show(jobRow());
		await page.getByRole('button', { name: 'Dispute job' }).click();
		await expect.element(page.getByText(/The meter stops.*7 days.*half of what was due/)).toBeVisible();
		const send = page.getByRole('button', { name: 'Stop the meter and dispute' });
		await send.click();
		const evidence = page.getByRole('textbox', { name: 'Evidence' });
		await expect.element(evidence).toHaveAccessibleDescription(/Write what happened first/);
		expect(steps).toEqual([]);
		await evidence.fill('No GPU answered since 12:00.');
		await expect.element(page.getByRole('button', { name: 'Copy text' })).toBeVisible();
		await send.click();
		expect(steps).toEqual([
			{ action: 'dispute', evidenceHash: keccak256(stringToBytes('No GPU answered since 12:00.')) },
		]);
		expect(keptEvidence(localStorage, REGISTRY, 4n).map((each) => each.text)).toEqual(['No GPU answered since 12:00.']);
	});

	test('can be ended by its buyer, who pays what was due', async () => {
		await show(jobRow({ status: 'disputed', disputedAt: NOW - 60, due: 1_000_000n }));
		await page.getByRole('button', { name: 'Pay what was due' }).click();
		await page.getByRole('button', { name: 'Yes, pay what was due' }).click();
		expect(steps).toEqual([{ action: 'complete' }]);
	});
});
