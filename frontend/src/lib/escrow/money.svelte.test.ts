import { accountOfTeam, deploymentSchema } from '@necto/contracts';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { page } from 'vitest/browser';
import { render } from 'vitest-browser-svelte';
import type { Runtime } from '#lib/runtime.ts';
import { approveAndDeposit, withdrawFromTeam } from './escrow.service.ts';
import YourBalance from './YourBalance.svelte';

const { ME, calls, refused } = vi.hoisted(() => ({
	ME: `0x${'b0'.repeat(20)}` as const,
	calls: [] as { address: string; functionName: string; args: unknown[] }[],
	refused: new Set<string>(),
}));

vi.mock('#lib/wallet/wallet.svelte.ts', () => ({ wallet: { address: ME } }));
vi.mock('#lib/wallet/transactions.svelte.ts', () => ({
	transact: (_title: string, { address, functionName, args }: (typeof calls)[number]) => {
		calls.push({ address, functionName, args });
		return Promise.resolve({ ok: !refused.has(functionName) });
	},
}));

const at = (digits: string) => `0x${digits.repeat(20)}` as const;
const deployment = deploymentSchema.parse({
	chainId: 31337,
	startBlock: 0,
	accessControl: at('01'),
	providerRegistry: at('02'),
	jobRegistry: at('03'),
	escrow: at('04'),
	challenge: at('05'),
	usdc: at('06'),
});
const { escrow, usdc } = deployment;
const runtime: Runtime = { chainId: 31337, rpcUrl: 'http://127.0.0.1:1', deployment, explorer: null, local: true };

beforeEach(() => {
	calls.length = 0;
	refused.clear();
});

describe("SET-02 a person's own balance", () => {
	const show = async (available: bigint, locked = 0n) => {
		const ondone = vi.fn();
		await render(YourBalance, { runtime, balances: { available, locked, wallet: 0n, allowance: 0n }, ondone });
		return ondone;
	};
	const withdraw = page.getByRole('region', { name: 'Your balance' }).getByRole('button', { name: 'Withdraw' });
	const dialog = page.getByRole('dialog', { name: 'Withdraw' });

	test('is paid out to its own address, all of it or what is typed', async () => {
		const ondone = await show(7_500_000n, 2_000_000n);
		await expect.element(page.getByText('In your Escrow balance, besides $2.00 locked for jobs')).toBeVisible();
		await withdraw.click();
		expect(dialog.getByRole('textbox').elements()).toHaveLength(1);
		await dialog.getByRole('button', { name: 'Withdraw $7.50' }).click();
		await expect.element(dialog).not.toBeInTheDocument();
		await withdraw.click();
		await dialog.getByRole('textbox', { name: 'Amount' }).fill('0.5');
		await dialog.getByRole('button', { name: 'Withdraw $0.50' }).click();
		expect(calls).toEqual([
			{ address: escrow, functionName: 'withdraw', args: [7_500_000n, ME] },
			{ address: escrow, functionName: 'withdraw', args: [500_000n, ME] },
		]);
		expect(ondone).toHaveBeenCalledTimes(2);
	});

	test('keeps what was typed when the transaction fails', async () => {
		refused.add('withdraw');
		const ondone = await show(7_500_000n);
		await withdraw.click();
		await dialog.getByRole('textbox', { name: 'Amount' }).fill('7');
		await dialog.getByRole('button', { name: 'Withdraw $7.00' }).click();
		await expect.element(dialog.getByRole('textbox', { name: 'Amount' })).toHaveValue('7');
		expect(ondone).not.toHaveBeenCalled();
	});

	test('cannot be withdrawn while all of it is locked', async () => {
		await show(0n, 2_000_000n);
		await expect.element(withdraw).toBeDisabled();
	});
});

describe('SET-02 moving money', () => {
	const deposited = { address: escrow, functionName: 'depositTo', args: [accountOfTeam(3), 10n] };

	test('approves exactly what is deposited, and only where the Escrow may not take it yet', async () => {
		await approveAndDeposit(deployment, 10n, 10n, ME, 3);
		expect(calls.splice(0)).toEqual([deposited]);
		await approveAndDeposit(deployment, 10n, 9n, ME, 3);
		expect(calls).toEqual([{ address: usdc, functionName: 'approve', args: [escrow, 10n] }, deposited]);
	});

	test('deposits nothing after a declined approval', async () => {
		refused.add('approve');
		expect(await approveAndDeposit(deployment, 10n, 0n, ME, 3)).toMatchObject({ ok: false });
		expect(calls.map(({ functionName }) => functionName)).toEqual(['approve']);
	});

	test('names the team, how much and whom to pay', async () => {
		await withdrawFromTeam(deployment, 3, 10n, ME);
		expect(calls).toEqual([{ address: escrow, functionName: 'withdrawFromTeam', args: [3, 10n, ME] }]);
	});
});
