import { NO_LIMIT } from '@necto/core';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { page } from 'vitest/browser';
import { render } from 'vitest-browser-svelte';
import type { Balances } from '#lib/escrow/balances.ts';
import type { Runtime } from '#lib/runtime.ts';
import type { OwnTeam, SessionKey } from '#lib/teams/team.queries.ts';
import SessionsCard from './SessionsCard.svelte';
import TeamCard from './TeamCard.svelte';

const { calls, answer } = vi.hoisted(() => ({ calls: [] as unknown[][], answer: { ok: true } }));

vi.mock('#lib/teams/team.service.ts', () => {
	const note =
		(name: string) =>
		(_runtime: unknown, ...args: unknown[]) => {
			calls.push([name, ...args]);
			return Promise.resolve({ ok: true });
		};
	return {
		setMember: note('setMember'),
		removeMember: note('removeMember'),
		setTeamBudget: note('setTeamBudget'),
		grantSession: note('grantSession'),
		revokeSession: note('revokeSession'),
		revokeAllSessions: note('revokeAllSessions'),
	};
});

vi.mock('#lib/escrow/escrow.service.ts', () => {
	const note =
		(name: string) =>
		(_deployment: unknown, ...args: unknown[]) => {
			calls.push([name, ...args]);
			return Promise.resolve(answer);
		};
	return { approveAndDeposit: note('approveAndDeposit'), withdrawFromTeam: note('withdrawFromTeam') };
});

beforeEach(() => {
	calls.length = 0;
	answer.ok = true;
});

// What these components hand on and never look into.
const runtime = {} as Runtime;
const balances: Balances = { available: 40_500_000n, locked: 2_000_000n, wallet: 20_000_000n, allowance: 5_000_000n };
const ME = `0x${'b0'.repeat(20)}` as const;
const MATE = '0x90F79bf6EB2c4f870365E785982E1f101E93b906';
const start = Math.floor(Date.now() / 1_000) - 100;

const own = (role: OwnTeam['role']): OwnTeam => ({
	role,
	team: { id: 3, name: 'Research', limit: 100_000_000n, period: 86_400, periodStart: start, spent: 25_000_000n },
	members: [
		{ team: 3, address: ME, role, limit: NO_LIMIT, spent: 25_000_000n, periodStart: start },
		{ team: 3, address: MATE, role: 'user', limit: 10_000_000n, spent: 10_000_000n, periodStart: start - 86_400 },
	],
});

describe('SET-04 a team', () => {
	test('shows what is spent in this period of what may be, for all and for each', async () => {
		await render(TeamCard, { own: own('admin'), balances, runtime, me: ME, ondone: vi.fn() });
		await expect.element(page.getByText('of $100.00 spent')).toBeVisible();
		await expect
			.element(page.getByRole('progressbar', { name: 'Budget of Research spent in this period' }))
			.toHaveAttribute('value', '2500');
		await expect.element(page.getByText('spent · No limit')).toBeVisible();
		// What the mate spent was yesterday's.
		await expect.element(page.getByText('of $10.00 spent')).toBeVisible();
		expect(page.getByText(/Nothing left/).elements()).toHaveLength(0);
	});

	test('an admin adds a member with a role and a limit; a mistyped address goes no further', async () => {
		const ondone = vi.fn();
		await render(TeamCard, { own: own('admin'), balances, runtime, me: ME, ondone });
		await page.getByRole('button', { name: 'Add member to Research' }).click();
		const address = page.getByRole('textbox', { name: 'Address' });
		await address.fill(`${MATE.slice(0, -1)}A`);
		await page.getByRole('button', { name: 'Add', exact: true }).click();
		await expect.element(address).toHaveAttribute('aria-invalid', 'true');
		await address.fill(MATE);
		await page.getByRole('textbox', { name: 'Limit in each period' }).fill('12.5');
		await page.getByRole('button', { name: 'Add', exact: true }).click();
		expect(calls).toEqual([['setMember', 3, MATE, 'user', 12_500_000n]]);
		expect(ondone).toHaveBeenCalledOnce();
	});

	test('no limit is a choice of its own', async () => {
		await render(TeamCard, { own: own('admin'), balances, runtime, me: ME, ondone: vi.fn() });
		await page.getByRole('button', { name: 'Change budget of Research' }).click();
		const limit = page.getByRole('textbox', { name: 'Limit' });
		await expect.element(limit).toHaveValue('100');
		await limit.fill('');
		await page.getByRole('button', { name: 'Save budget' }).click();
		expect(calls).toEqual([['setTeamBudget', 3, NO_LIMIT, 86_400]]);
	});

	test('who is no admin may leave and change nothing', async () => {
		await render(TeamCard, { own: own('user'), balances, runtime, me: ME, ondone: vi.fn() });
		expect(page.getByRole('button', { name: /Change|Add/ }).elements()).toHaveLength(0);
		await page.getByRole('button', { name: 'Leave Research' }).click();
		await page.getByRole('button', { name: 'Yes, leave' }).click();
		expect(calls).toEqual([['removeMember', 3, ME]]);
	});
});

describe('SET-02 the money of a team', () => {
	const show = async (role: OwnTeam['role'], money = balances) => {
		const ondone = vi.fn();
		await render(TeamCard, { own: own(role), balances: money, runtime, me: ME, ondone });
		return ondone;
	};
	const deposit = page.getByRole('button', { name: 'Deposit for Research' });
	const withdraw = page.getByRole('button', { name: 'Withdraw from Research' });
	const dialog = page.getByRole('dialog');

	test('is shown to every member, who may add to it', async () => {
		const ondone = await show('viewer');
		await expect.element(page.getByText('$40.50 available, $2.00 locked for jobs')).toBeVisible();
		expect(withdraw.elements()).toHaveLength(0);
		await deposit.click();
		const amount = dialog.getByRole('textbox', { name: 'Amount' });
		await expect.element(amount).not.toHaveAttribute('aria-invalid');
		await dialog.getByRole('button', { name: 'Deposit' }).click();
		await expect.element(amount).toHaveAttribute('aria-invalid', 'true');
		await amount.fill('20.01');
		await expect.element(amount).toHaveAccessibleDescription(/Your wallet holds \$20.00.*That is more/);
		await amount.fill('5');
		await expect.element(dialog.getByRole('button', { name: 'Deposit $5.00' })).toBeVisible();
		await amount.fill('12.5');
		await dialog.getByRole('button', { name: 'Approve and deposit $12.50' }).click();
		expect(calls).toEqual([['approveAndDeposit', 12_500_000n, 5_000_000n, ME, 3]]);
		await expect.element(dialog).not.toBeInTheDocument();
		expect(ondone).toHaveBeenCalledOnce();
	});

	test('reads balances anew after a deposit that failed: its approval may have been mined', async () => {
		answer.ok = false;
		const ondone = await show('user');
		await deposit.click();
		const amount = dialog.getByRole('textbox', { name: 'Amount' });
		await amount.fill('12.5');
		await dialog.getByRole('button', { name: 'Approve and deposit $12.50' }).click();
		await expect.element(amount).toHaveValue('12.5');
		expect(ondone).toHaveBeenCalledOnce();
	});

	test('is withdrawn by an admin: all of it to the own address, or what and whereto it says', async () => {
		const ondone = await show('admin');
		await withdraw.click();
		await expect.element(dialog.getByRole('textbox', { name: 'Paid to' })).toHaveValue(ME);
		await dialog.getByRole('button', { name: 'Withdraw $40.50' }).click();
		await expect.element(dialog).not.toBeInTheDocument();
		await withdraw.click();
		await dialog.getByRole('textbox', { name: 'Amount' }).fill('1.25');
		await dialog.getByRole('textbox', { name: 'Paid to' }).fill(MATE);
		await dialog.getByRole('button', { name: 'Withdraw $1.25' }).click();
		expect(calls).toEqual([
			['withdrawFromTeam', 3, 40_500_000n, expect.stringMatching(new RegExp(ME, 'i'))],
			['withdrawFromTeam', 3, 1_250_000n, MATE],
		]);
		expect(ondone).toHaveBeenCalledTimes(2);
	});

	test('goes to nobody by a mistyped address, and not beyond what is available', async () => {
		await show('admin');
		await withdraw.click();
		const send = dialog.getByRole('button', { name: /^Withdraw/ });
		const receiver = dialog.getByRole('textbox', { name: 'Paid to' });
		await receiver.fill(`${MATE.slice(0, -1)}A`);
		await expect.element(receiver).toHaveAccessibleDescription(/a digit is mistyped/);
		await expect.element(send).toBeDisabled();
		await receiver.fill(MATE);
		await expect.element(send).toBeEnabled();
		await dialog.getByRole('textbox', { name: 'Amount' }).fill('40.51');
		await expect.element(dialog.getByText('Only $40.50 is available.')).toBeVisible();
		await expect.element(send).toBeDisabled();
		expect(calls).toEqual([]);
	});

	test('offers nothing to take where all of it is locked', async () => {
		await show('admin', { ...balances, available: 0n });
		await expect.element(withdraw).toBeDisabled();
		await expect.element(deposit).toBeEnabled();
	});
});

describe('AGT-09 session keys', () => {
	const session: SessionKey = {
		key: MATE,
		total: 50_000_000n,
		spent: 20_000_000n,
		perPeriod: 10_000_000n,
		periodSpent: 5_000_000n,
		period: 86_400,
		periodIndex: 0,
		grantedAt: start,
		expiresAt: start + 10 * 86_400,
		team: 0,
		state: 'live',
	};
	const show = (sessions: SessionKey[]) =>
		render(SessionsCard, { runtime, me: ME, sessions, problem: null, teams: [own('user').team], ondone: vi.fn() });

	test('show what they spent, and can be revoked while they live', async () => {
		await show([session, { ...session, key: ME, state: 'revoked' }]);
		await expect.element(page.getByText('of $50.00 spent').first()).toBeVisible();
		await expect.element(page.getByText('Revoked')).toBeVisible();
		expect(page.getByRole('button', { name: /^Revoke 0x/ }).elements()).toHaveLength(1);
		await page.getByRole('button', { name: `Revoke ${MATE}` }).click();
		expect(calls).toEqual([['revokeSession', ME, MATE]]);
	});

	test('rest, and say why, while their owner may not spend the team’s money; they can be revoked all the same', async () => {
		await show([
			{ ...session, team: 3, state: 'resting' },
			{ ...session, key: ME, state: 'expired' },
		]);
		await expect.element(page.getByText('Resting')).toBeVisible();
		await expect.element(page.getByText(/no User of this team now.*works again by itself/)).toBeVisible();
		await expect.element(page.getByText('Expired')).toBeVisible();
		expect(page.getByText('Revoked').elements()).toHaveLength(0);
		expect(page.getByRole('button', { name: /^Revoke 0x/ }).elements()).toHaveLength(1);
		await page.getByRole('button', { name: `Revoke ${MATE}` }).click();
		expect(calls).toEqual([['revokeSession', ME, MATE]]);
	});

	test('are granted with limits and an end', async () => {
		await show([]);
		await page.getByRole('button', { name: 'Grant key' }).click();
		const dialog = page.getByRole('dialog');
		await dialog.getByRole('textbox', { name: 'Key address' }).fill(MATE);
		await dialog.getByRole('textbox', { name: 'In all' }).fill('50');
		await dialog.getByRole('combobox', { name: 'And at most' }).selectOptions('86400');
		await dialog.getByRole('button', { name: 'Grant key' }).click();
		expect(calls).toEqual([]);
		await dialog.getByRole('textbox', { name: 'In each period' }).fill('10');
		await dialog.getByRole('combobox', { name: 'Whose money' }).selectOptions('Team Research');
		await dialog.getByRole('button', { name: 'Grant key' }).click();
		expect(calls).toEqual([
			[
				'grantSession',
				MATE,
				{ total: 50_000_000n, perPeriod: 10_000_000n, period: 86_400, expiresAt: expect.any(Number), team: 3 },
			],
		]);
	});
});
