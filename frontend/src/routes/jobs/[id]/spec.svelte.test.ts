import { specHashOf } from '@necto/core';
import { beforeEach, expect, test } from 'vitest';
import { page } from 'vitest/browser';
import { render } from 'vitest-browser-svelte';
import { keepSpec } from '#lib/jobs/spec.ts';
import { runtimeKey } from '#lib/runtime-context.ts';
import { jobRow } from '../../../../test/job.ts';
import SpecCard from './SpecCard.svelte';

const TEXT = 'image: pytorch:2.5\ncommand: train.py';

beforeEach(() => localStorage.clear());

async function show(text: string) {
	await render(SpecCard, {
		props: { job: jobRow({ specHash: specHashOf(text) }) },
		context: new Map([[runtimeKey, () => null]]),
	});
}

test('the buyer sees the text that this browser kept, with its hash', async () => {
	keepSpec(localStorage, 'another one');
	keepSpec(localStorage, TEXT);
	await show(TEXT);
	await expect.element(page.getByText(/command: train.py/)).toBeVisible();
	await expect.element(page.getByTitle(specHashOf(TEXT))).toBeVisible();
	await expect.element(page.getByRole('button', { name: 'Copy text' })).toBeVisible();
	await expect.element(page.getByText(/the buyer sends it to the provider outside Necto/)).toBeVisible();
});

test('the provider sees the hash, and whether a text is the one behind it', async () => {
	await show(TEXT);
	await expect.element(page.getByTitle(specHashOf(TEXT))).toBeVisible();
	const check = page.getByRole('textbox', { name: 'Check a text against the hash' });
	await check.fill(`${TEXT}.`);
	await expect.element(page.getByText(/This is not the text of the request/)).toBeVisible();
	await expect.element(check).toHaveAccessibleDescription(/its hash is another one/);
	await check.fill(TEXT);
	await expect.element(page.getByText('This is the text of the request.')).toBeVisible();
	await check.fill(`${TEXT}\n`);
	await expect.element(page.getByText(/without the spaces and line breaks around it/)).toBeVisible();
});

test('a request without a text is said to have none', async () => {
	await show('');
	await expect.element(page.getByText(/The request contains no text/)).toBeVisible();
});
