import { deploymentSchema } from '@necto/contracts';
import { listingId, NO_LIMIT, offerKey, type SplitPreviewJson, sourceId, type TeamFacts } from '@necto/core';
import { flushSync } from 'svelte';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { page } from 'vitest/browser';
import { render } from 'vitest-browser-svelte';
import type { Balances } from '#lib/escrow/balances.ts';
import { JobFormState } from '#lib/job-form/job-form.svelte.ts';
import type { Payer } from '#lib/jobs/payer.ts';
import type { Kept } from '#lib/wallet/kept.ts';
import Identity from './Identity.svelte';
import Payment from './Payment.svelte';
import Requirements from './Requirements.svelte';
import SplitPreview from './SplitPreview.svelte';

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

const unlimited = { limit: NO_LIMIT, spent: 0n, periodStart: 1_000 };
/** A team in which the buyer may spend what there is. */
const open: TeamFacts = { role: 'user', period: 86_400, budget: unlimited, member: unlimited };

interface More {
	payer?: Partial<Payer>;
	same?: Kept | null;
}

async function showPayment(money: Partial<Balances>, local = true, team = 0, { payer, same = null }: More = {}) {
	const onrequest = vi.fn(() => Promise.resolve());
	await render(Payment, {
		state: filled(),
		runtime: { ...runtime, local, chainId: local ? 31337 : 36900 },
		team,
		balances: { available: 0n, locked: 0n, wallet: 0n, allowance: 0n, ...money },
		problem: null,
		onpaid: vi.fn(),
		payer: { team, paused: false, facts: team === 0 ? undefined : open, ahead: 0, ...payer },
		same,
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
		expect(onrequest).toHaveBeenCalledExactlyOnceWith(null, false);
	});

	test('a micro-dollar short is short: exactly that is approved, then deposited', async () => {
		const { request, onrequest } = await showPayment({ available: 5_999_999n, wallet: 1_000_000n });
		await page.getByRole('button', { name: 'Approve and deposit $0.000001' }).click();
		expect(calls).toEqual(['deposit 1 of 0 for 0']);
		await request.click();
		expect(onrequest).toHaveBeenCalledWith({ amount: 1n, approved: false }, false);
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

	test('mints test USDC where the chain has it', async () => {
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

describe('SYS-05 what the contracts would refuse is said before', () => {
	const start = Math.floor(Date.now() / 1_000) - 60;
	const spent = { limit: 10_000_000n, spent: 5_000_000n, periodStart: start };

	test.each<[string, Partial<Payer>, RegExp]>([
		[
			'a member over its budget',
			{ facts: { ...open, budget: { ...unlimited, periodStart: start }, member: spent } },
			/Your budget in team 3: \$5.00 of \$10.00 is left/,
		],
		[
			'a team over its budget',
			{ facts: { ...open, budget: spent } },
			/The budget of team 3: \$5.00 of \$10.00 is left/,
		],
		['a Viewer', { facts: { ...open, role: 'viewer' } }, /A Viewer of team 3 cannot spend its money/],
		['a team that is none', { facts: null }, /There is no team 3/],
		['a pause', { paused: true }, /New requests are paused/],
	])('%s', async (_, payer, words) => {
		const { request } = await showPayment({ available: 6_000_000n }, true, 3, { payer });
		await expect.element(page.getByText(words)).toBeVisible();
		expect(page.getByText(words).elements()).toHaveLength(1);
		await expect.element(request).toBeDisabled();
		expect(page.getByText('Covered by the balance.').elements()).toHaveLength(0);
	});

	test('a budget that is enough is shown, and what it was in a period that is over does not count', async () => {
		const facts = {
			...open,
			period: 3_600,
			budget: { ...spent, periodStart: start - 7_200 },
			member: { ...spent, periodStart: start - 7_200 },
		};
		const { request } = await showPayment({ available: 6_000_000n }, true, 3, { payer: { facts } });
		await expect.element(page.getByText('$10.00 of $10.00 left').first()).toBeVisible();
		await expect.element(page.getByText('Covered by the balance.')).toBeVisible();
		await expect.element(request).toBeEnabled();
	});
});

describe('SYS-06 the same request a second time', () => {
	const entry: Kept = {
		id: '7d1f5b06-13e8-4f0e-8ea2-7f6a5d0f7c11',
		place: '31337:0x01:0x02',
		account: BUYER,
		wallet: 'necto-local',
		title: 'Request 2 × H100',
		state: 'submitted',
		content: 'request:0x01',
		requestHash: `0x${'03'.repeat(32)}`,
		to: BUYER,
		dataHash: `0x${'04'.repeat(32)}`,
		nonce: 1,
		fromBlock: 1,
		hash: `0x${'05'.repeat(32)}`,
		jobId: null,
		problem: null,
		startedAt: 1_800_000_000_000,
		endedAt: null,
	};

	test('cannot be made while the first is under way, whose hash is shown', async () => {
		const { request } = await showPayment({ available: 6_000_000n }, true, 0, { same: entry });
		await expect.element(page.getByText('This request is already pending')).toBeVisible();
		await expect.element(page.getByText('0x0505…0505')).toBeVisible();
		expect(request.elements()).toHaveLength(0);
		expect(page.getByRole('button', { name: 'Request the same job again' }).elements()).toHaveLength(0);
	});

	test('may be declared not sent where nobody knows', async () => {
		await showPayment({ available: 6_000_000n }, true, 0, { same: { ...entry, state: 'lost', hash: null } });
		await expect.element(page.getByText(/The page was closed before the wallet responded/)).toBeVisible();
		await expect.element(page.getByRole('button', { name: 'Mark as not sent' })).toBeVisible();
	});

	test('is an explicit wish once there is a job', async () => {
		const { onrequest } = await showPayment({ available: 6_000_000n }, true, 0, {
			same: { ...entry, state: 'confirmed', jobId: '17', endedAt: 1_800_000_001_000 },
		});
		await expect.element(page.getByRole('link', { name: 'Open job 17' })).toHaveAttribute('href', '/jobs/17');
		await page.getByRole('button', { name: 'Request the same job again' }).click();
		expect(onrequest).toHaveBeenCalledExactlyOnceWith(null, true);
	});
});

describe('SYS-05 a split', () => {
	test('is shown part by part before it is asked for', async () => {
		const split: SplitPreviewJson = {
			parts: [
				{
					gpuCount: 8,
					chosen: { key: offerKey(sourceId('necto'), '2'), listing: listingId(2), pricePerGpuHour: '2000000' },
					locked: '40000000',
					cost: '16000000',
				},
				{ gpuCount: 6, chosen: null, locked: '30000000', cost: null },
			],
			locked: '70000000',
			cost: null,
		};
		await render(SplitPreview, {
			split,
			faces: (key: string) => ({ title: `Face of ${key}`, detail: '', dated: null }),
		});
		await expect.element(page.getByText('Would be split into 2 jobs')).toBeVisible();
		await expect.element(page.getByText('Face of necto:2')).toBeVisible();
		await expect.element(page.getByText('$16.00 for the full duration, $40.00 locked')).toBeVisible();
		await expect.element(page.getByText('No matching offer for this part right now')).toBeVisible();
		await expect.element(page.getByText('Together $70.00 locked')).toBeVisible();
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

	test('marks only the weight that is wrong, with what is wrong', async () => {
		const form = filled();
		await render(Requirements, { state: form });
		await page.getByText('Weights, pricing models and deadlines').click();
		const latency = page.getByRole('textbox', { name: 'Latency' });
		await latency.fill('much');
		await page.getByRole('textbox', { name: 'Rating' }).click();
		await expect.element(latency).toHaveAttribute('aria-invalid', 'true');
		await expect.element(latency).toHaveAccessibleDescription(/A percentage from 0 to 100/);
		for (const name of ['Uptime', 'Rating', 'Risk of losing it']) {
			await expect.element(page.getByRole('textbox', { name })).not.toHaveAttribute('aria-invalid');
		}
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
