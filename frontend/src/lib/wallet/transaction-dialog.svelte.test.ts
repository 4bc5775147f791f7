import type { TransactionReceipt } from 'viem';
import { expect, it, vi } from 'vitest';
import { Problem } from '#lib/problem.ts';
import { TransactionDialog } from './transaction-dialog.svelte.ts';
import type { Outcome } from './transactions.svelte.ts';

// Nothing of a receipt is looked at.
const mined: Outcome = { ok: true, receipt: {} as TransactionReceipt };
const refused: Outcome = { ok: false, problem: new Problem({ code: 'declined', message: 'No.' }) };

function made() {
	const told: string[] = [];
	const dialog = new TransactionDialog({
		onclose: () => told.push('closed'),
		ondone: () => told.push('done'),
	});
	return { dialog, told };
}

it('a dialog closes once its transaction worked, and tells its owner', async () => {
	const { dialog, told } = made();
	await dialog.send(async () => {
		expect([dialog.open, dialog.busy]).toEqual([true, true]);
		return mined;
	});
	expect([dialog.open, dialog.busy]).toEqual([false, false]);
	expect(told).toEqual(['closed', 'done']);
});

it('a refused transaction leaves it open for another try', async () => {
	const { dialog, told } = made();
	await dialog.send(async () => refused);
	expect([dialog.open, dialog.busy]).toEqual([true, false]);
	expect(told).toEqual([]);
	await dialog.send(async () => mined);
	expect(told).toEqual(['closed', 'done']);
});

it('nothing is sent twice while it is under way', async () => {
	const { dialog } = made();
	const pending = Promise.withResolvers<Outcome>();
	const send = vi.fn(() => pending.promise);
	const first = dialog.send(send);
	await dialog.send(send);
	pending.resolve(mined);
	await first;
	expect(send).toHaveBeenCalledTimes(1);
});
