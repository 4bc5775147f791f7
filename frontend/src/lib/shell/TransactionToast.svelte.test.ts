import { flushSync } from 'svelte';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { page } from 'vitest/browser';
import { render } from 'vitest-browser-svelte';
import { Problem } from '#lib/problem.ts';
import { Transaction } from '#lib/wallet/transaction.svelte.ts';
import TransactionToast from './TransactionToast.svelte';

afterEach(() => vi.useRealTimers());

const hash = `0x${'12'.repeat(32)}` as const;

async function show() {
	const transaction = new Transaction('1', 'Deposit $12.00');
	const onclose = vi.fn();
	await render(TransactionToast, { transaction, onclose });
	return { transaction, onclose };
}

describe('a transaction as it goes', () => {
	test('nothing is called done before its receipt', async () => {
		const { transaction } = await show();
		await expect.element(page.getByText('Deposit $12.00')).toBeVisible();
		for (const [status, words] of [
			['checking', 'Checking'],
			['signing', 'Confirm in your wallet'],
			['submitted', 'Submitted, waiting for its block'],
		] as const) {
			transaction.status = status;
			await expect.element(page.getByText(words)).toBeVisible();
			expect(page.getByText('Confirmed', { exact: true }).elements()).toHaveLength(0);
		}
		transaction.status = 'confirmed';
		await expect.element(page.getByText('Confirmed', { exact: true })).toBeVisible();
	});

	test('shows its hash, to copy, as soon as there is one', async () => {
		const { transaction } = await show();
		expect(page.getByText('0x1212').elements()).toHaveLength(0);
		transaction.hash = hash;
		transaction.status = 'submitted';
		await expect.element(page.getByText('0x1212…1212')).toBeVisible();
		await expect.element(page.getByRole('button', { name: 'Copy transaction hash' })).toBeVisible();
	});

	test('SYS-06 what a reload cut off is said not to have been sent, and stays', async () => {
		const { transaction, onclose } = await show();
		transaction.status = 'unsent';
		await expect.element(page.getByText('Not sent: nothing was signed')).toBeVisible();
		await expect.element(page.getByText(/The page was reloaded before your wallet was asked/)).toBeVisible();
		expect(onclose).not.toHaveBeenCalled();
	});

	test('a failure says why and what to do, and stays', async () => {
		vi.useFakeTimers();
		const { transaction, onclose } = await show();
		transaction.problem = new Problem({
			code: 'IsPaused',
			message: 'New requests are paused.',
			suggestion: 'Try later.',
		});
		transaction.status = 'failed';
		flushSync();
		vi.advanceTimersByTime(60_000);
		expect(onclose).not.toHaveBeenCalled();
		vi.useRealTimers();
		await expect.element(page.getByText('New requests are paused.')).toBeVisible();
		await expect.element(page.getByText('Try later.')).toBeVisible();
	});

	test('declining in the wallet is not shown as a failure, and goes by itself', async () => {
		vi.useFakeTimers();
		const { transaction, onclose } = await show();
		transaction.status = 'rejected';
		flushSync();
		vi.advanceTimersByTime(60_000);
		expect(onclose).toHaveBeenCalledOnce();
		vi.useRealTimers();
		await expect.element(page.getByText('Not sent')).toBeVisible();
		expect(page.getByText('Failed').elements()).toHaveLength(0);
	});
});
