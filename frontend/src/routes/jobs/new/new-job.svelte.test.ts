import { deploymentSchema } from '@necto/contracts';
import { flushSync } from 'svelte';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { page } from 'vitest/browser';
import { render } from 'vitest-browser-svelte';
import type { Balances } from '#lib/escrow/balances.ts';
import { JobFormState } from '#lib/job-form/job-form.svelte.ts';
import Identity from './Identity.svelte';
import Payment from './Payment.svelte';
import Requirements from './Requirements.svelte';

const { BUYER, calls } = vi.hoisted(() => ({ BUYER: `0x${'b0'.repeat(20)}` as const, calls: [] as string[] }));

vi.mock('#lib/wallet/wallet.svelte.ts', () => ({ wallet: { address: BUYER, started: true } }));
vi.mock('#lib/escrow/escrow.service.ts', () => {
	const note = (name: string) => (_deployment: unknown, amount: bigint) => {
		calls.push(`${name} ${amount}`);
		return Promise.resolve({ ok: true });
	};
	return {
		approveAndDeposit: (_deployment: unknown, amount: bigint, allowance: bigint, _person: string, team: number) => {
			calls.push(`deposit ${amount} of ${allowance} for ${team}`);
			return Promise.resolve({ ok: true });
		},
		mintTestUsdc: (_deployment: unknown, _to: string, amount: bigint) => note('mint')(_deployment, amount),
	};
});

const address = `0x${'00'.repeat(19)}01`;
const runtime = {
	chainId: 31337,
	rpcUrl: 'http://127.0.0.1:1',
	deployment: deploymentSchema.parse({
		chainId: 31337,
		startBlock: 0,
		accessControl: address,
		providerRegistry: address,
		jobRegistry: address,
		escrow: address,
		challenge: address,
		usdc: address,
	}),
	explorer: null,
	local: true,
};

beforeEach(() => {
	calls.length = 0;
});

function filled(): JobFormState {
	const form = new JobFormState();
	form.fill({ gpuModel: 'h100', gpuCount: 2, durationHours: '1.5', maxUsdPerGpuHour: '2' });
	return form;
}

async function showPayment(money: Partial<Balances>, local = true, team = 0) {
	const onrequest = vi.fn(() => Promise.resolve());
	await render(Payment, {
		state: filled(),
		runtime: { ...runtime, local, chainId: local ? 31337 : 36900 },
		team,
		balances: { available: 0n, locked: 0n, wallet: 0n, allowance: 0n, ...money },
		problem: null,
		onpaid: vi.fn(),
		onrequest,
	});
	return { onrequest, request: page.getByRole('button', { name: 'Request job' }) };
}

describe('SET-02 what is locked and what is missing', () => {
	test('shows the arithmetic of the lock, and requests once the balance covers it', async () => {
		const { request, onrequest } = await showPayment({ available: 6_000_000n });
		await expect.element(page.getByText('$2.00 × 2 GPUs × 1.5 h =')).toBeVisible();
		await expect.element(page.getByText('$6.00', { exact: true }).first()).toBeVisible();
		await request.click();
		expect(onrequest).toHaveBeenCalledExactlyOnceWith(null);
	});

	test('a micro-dollar short is short: exactly that is approved, then deposited', async () => {
		const { request, onrequest } = await showPayment({ available: 5_999_999n, wallet: 1_000_000n });
		await page.getByRole('button', { name: 'Approve and deposit $0.000001' }).click();
		expect(calls).toEqual(['deposit 1 of 0 for 0']);
		await request.click();
		expect(onrequest).toHaveBeenCalledWith({ amount: 1n, approved: false });
	});

	test("a team's money has to be there before its job is requested", async () => {
		const { request } = await showPayment({ available: 5_999_999n, wallet: 1_000_000n }, true, 3);
		await expect.element(page.getByRole('button', { name: 'Approve and deposit $0.000001' })).toBeVisible();
		await expect.element(request).toBeDisabled();
	});

	test('nothing is requested that the wallet cannot pay', async () => {
		const { request } = await showPayment({ available: 5_999_999n });
		await expect.element(request).toBeDisabled();
	});

	test('asks for no approval that is there already', async () => {
		await showPayment({ wallet: 6_000_000n, allowance: 6_000_000n });
		await page.getByRole('button', { name: 'Deposit $6.00' }).click();
		expect(calls).toEqual(['deposit 6000000 of 6000000 for 0']);
	});

	test('prints play money where money is play', async () => {
		await showPayment({ wallet: 2_000_000n });
		await page.getByRole('button', { name: 'Get $4.00 test USDC' }).click();
		expect(calls).toEqual(['mint 4000000']);
	});

	test('and nowhere else', async () => {
		await showPayment({ wallet: 2_000_000n }, false);
		await expect.element(page.getByText(/Your wallet lacks \$4.00 in USDC/)).toBeVisible();
		expect(page.getByRole('button', { name: /test USDC/ }).elements()).toHaveLength(0);
	});
});

describe('BUY-01 the form', () => {
	test('says what is wrong with a field when it is left, and not before', async () => {
		const form = new JobFormState();
		await render(Requirements, { state: form });
		const ceiling = page.getByRole('textbox', { name: 'Ceiling' });
		await expect.element(ceiling).not.toHaveAttribute('aria-invalid');
		await ceiling.fill('cheap');
		await page.getByRole('textbox', { name: 'Duration' }).click();
		await expect.element(ceiling).toHaveAttribute('aria-invalid', 'true');
		await expect.element(ceiling).toHaveAccessibleDescription(/must be a number such as/);
		await ceiling.fill('1.99');
		await expect.element(ceiling).not.toHaveAttribute('aria-invalid');
		expect(form.request()?.maxPricePerGpuHour).toBe(1_990_000n);
	});

	test('shows every error once it is to be sent', async () => {
		const form = new JobFormState();
		await render(Requirements, { state: form });
		expect(form.try()).toBe(false);
		flushSync();
		await expect.element(page.getByRole('textbox', { name: 'Ceiling' })).toHaveAttribute('aria-invalid', 'true');
	});

	test('RES-01 COMP-02 may be spread, and asks for attestations', async () => {
		const form = filled();
		form.fill({ gpuCount: 12 });
		await render(Requirements, { state: form });
		await page.getByRole('switch', { name: 'May be spread over several machines' }).click();
		await page.getByRole('checkbox', { name: 'ISO 27001' }).click({ force: true });
		expect(form.request()).toMatchObject({ maxParts: 12, attestations: ['iso27001'] });
		// Each part is rounded up by itself.
		expect(form.lock).toBe(36_000_011n);
	});

	test('another model takes along only what it has', async () => {
		const form = new JobFormState();
		form.fill({ gpuModel: 'h100', formFactors: ['sxm', 'nvl'], minMemoryGiB: 94 });
		await render(Requirements, { state: form });
		await page.getByRole('combobox', { name: 'GPU model' }).selectOptions('b200');
		expect(form.draft).toMatchObject({ gpuModel: 'b200', formFactors: ['sxm'], minMemoryGiB: '0' });
	});

	test('AGT-06 untracked: says what the chain still shows, and no team pays', async () => {
		const form = new JobFormState();
		const memberships = [{ team: 3, name: 'Research', role: 'user', mayRequest: true }];
		await render(Identity, { state: form, memberships });
		const payer = page.getByRole('combobox', { name: 'Paid by' });
		await payer.selectOptions('3');
		expect(form.draft.team).toBe(3);
		await page.getByRole('switch', { name: 'Tracked job' }).click();
		await expect.element(page.getByText(/still shows which address sent the transaction/)).toBeVisible();
		await expect.element(payer).toBeDisabled();
		await expect.element(payer).toHaveValue('0');
	});

	test("a viewer cannot spend the team's money", async () => {
		await render(Identity, {
			state: new JobFormState(),
			memberships: [{ team: 3, name: 'Research', role: 'viewer', mayRequest: false }],
		});
		expect(page.getByRole('option', { name: 'Team Research' }).elements()).toHaveLength(0);
	});
});
