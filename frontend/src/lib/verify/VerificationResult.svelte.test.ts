import { verify } from '@necto/core';
import { describe, expect, test } from 'vitest';
import { page } from 'vitest/browser';
import { render } from 'vitest-browser-svelte';
import { routed } from '../../../../core/test/build.ts';
import VerificationResult from './VerificationResult.svelte';

/** A real decision with its files, shown after a real verification; `change` spoils the record, `snapshot: false` loses the snapshot. */
async function show({ change = (text: string) => text, snapshot = true, fileName = null as string | null } = {}) {
	const { recordBytes, snapshotBytes, chain } = routed();
	const bytes = new TextEncoder().encode(change(new TextDecoder().decode(recordBytes)));
	const verification = verify({ recordBytes: bytes, snapshotBytes: snapshot ? snapshotBytes : null, chain });
	await render(VerificationResult, {
		fileName,
		result: {
			verification,
			recordText: new TextDecoder().decode(bytes),
			record: { bytes, source: fileName === null ? '0g' : 'file', notes: [] },
			snapshot: snapshot ? { source: 'agent', notes: ['0G Storage: answered with status 404.'] } : null,
			snapshotProblem: snapshot ? null : 'The market snapshot could not be fetched.',
		},
	});
	return verification;
}

const outcomeOf = (id: string) => document.querySelector(`[data-check="${id}"]`)?.getAttribute('data-status');

describe('VER-03 the checks of a verification', () => {
	test('a true record: each check by name, and one sentence that says so', async () => {
		const { checks, notCheckable } = await show();
		await expect
			.element(page.getByRole('status'))
			.toHaveTextContent(
				`Verified: ${checks.length} of ${checks.length} checks passed. ${notCheckable.length} points listed below cannot be verified.`,
			);
		const list = page.getByRole('list', { name: 'Checks' });
		for (const check of checks) await expect.element(list.getByText(check.name, { exact: true })).toBeVisible();
		expect(list.getByText('Failed').elements()).toHaveLength(0);
		await expect.element(page.getByText(/market snapshot from the agent's copy/)).toBeVisible();
		await expect.element(page.getByText(/answered with status 404/)).toBeVisible();
	});

	test('what cannot be verified is listed below the checks, with the reason', async () => {
		const { notCheckable } = await show();
		const list = page.getByRole('list', { name: 'Not checkable' });
		expect(notCheckable.length).toBeGreaterThan(1);
		for (const { what, why } of notCheckable) {
			await expect.element(list.getByText(`${what}.`, { exact: true })).toBeVisible();
			await expect.element(list.getByText(why, { exact: true }).first()).toBeVisible();
		}
		await expect.element(list.getByText(/prices of other networks/)).toBeVisible();
	});

	test('one changed byte: the failed checks stand open with both values', async () => {
		const { checks } = await show({
			change: (text) => text.replace('"takenAt":1795000000', '"takenAt":1795000001'),
			fileName: 'changed.json',
		});
		await expect.element(page.getByText(/Not verified: \d+ of \d+ checks passed, \d+ failed/)).toBeVisible();
		expect(outcomeOf('record-root')).toBe('failed');
		expect(outcomeOf('record-hash')).toBe('failed');
		expect(outcomeOf('record-canonical')).toBe('passed');
		const root = checks.find((check) => check.id === 'record-root');
		await expect.element(page.getByText(root?.expected ?? 'nothing', { exact: true })).toBeVisible();
		await expect.element(page.getByText(root?.found ?? 'nothing', { exact: true })).toBeVisible();
		await expect.element(page.getByText(/Record from your file changed.json/)).toBeVisible();
	});

	test('what cannot be run is not called verified', async () => {
		await show({ snapshot: false });
		await expect.element(page.getByText(/Not fully verified: .* could not run\./)).toBeVisible();
		expect(outcomeOf('ranking')).toBe('not-run');
		await expect.element(page.getByText(/could not be fetched/)).toBeVisible();
	});

	test('bytes that are no record still show what is wrong, and the bytes', async () => {
		await show({ change: () => '<html>nope</html>' });
		expect(outcomeOf('record-shape')).toBe('failed');
		await page.getByText('Raw record', { exact: true }).click();
		await expect.element(page.getByRole('region', { name: 'Raw record' })).toHaveTextContent('<html>nope</html>');
	});
});
