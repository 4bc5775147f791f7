import { AxeBuilder } from '@axe-core/playwright';
import { accountOfTeam, escrowAbi, mockUsdcAbi } from '@necto/contracts';
import { formatUsd } from '@necto/core';
import type { Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { useBrowser } from './browser.ts';
import { useChain } from './chain.ts';

const browser = useBrowser();
/** The seed's first team: the buyer is its admin, the teammate a user. */
const TEAM = 1;
const NAME = 'Lab North (demo)';

function useMoney() {
	const chain = useChain();
	return {
		/** Micro-USDC in a wallet. */
		wallet(name: string) {
			return chain.client.readContract({
				address: chain.contract('usdc'),
				abi: mockUsdcAbi,
				functionName: 'balanceOf',
				args: [chain.account(name).address],
			});
		},
		/** Micro-USDC of the team in the Escrow. */
		team() {
			return chain.client.readContract({
				address: chain.contract('escrow'),
				abi: escrowAbi,
				functionName: 'balanceOf',
				args: [accountOfTeam(TEAM)],
			});
		},
		own: (name: string) => chain.balance(name),
		address: (name: string) => chain.account(name).address,
	};
}

/** Waits until the page says that the team has this much. */
async function shows(page: Page, money: { available: bigint; locked: bigint }): Promise<void> {
	const words = `${formatUsd(money.available)} available, ${formatUsd(money.locked)} locked for jobs`;
	await page.locator(`[data-team-money="${TEAM}"]`).getByText(words).waitFor();
}

async function expectAccessible(page: Page): Promise<void> {
	const { violations } = await new AxeBuilder({ page }).exclude('[data-rk] [role="img"]').analyze();
	expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`)).toEqual([]);
	const { width } = page.viewportSize() ?? { width: 0 };
	expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width);
}

describe('money goes in and comes out again', () => {
	test('SET-02 a member deposits for its team, and its admin pays it out to whom it says', async () => {
		const money = useMoney();
		const before = { team: await money.team(), teammate: await money.wallet('teammate') };
		const member = await browser.connect('teammate');
		await member.page.goto('/teams');
		await shows(member.page, before.team);
		await member.page.getByRole('button', { name: `Deposit for ${NAME}` }).click();
		const paying = member.page.getByRole('dialog', { name: `Deposit for ${NAME}` });
		await paying.getByLabel('Amount').fill('12.34');
		await expectAccessible(member.page);
		await paying.getByRole('button', { name: 'Approve and deposit $12.34' }).click();
		await paying.waitFor({ state: 'detached' });
		const richer = { available: before.team.available + 12_340_000n, locked: before.team.locked };
		expect(await money.team()).toEqual(richer);
		expect(await money.wallet('teammate')).toBe(before.teammate - 12_340_000n);
		await shows(member.page, richer);
		expect(await member.page.getByRole('button', { name: `Withdraw from ${NAME}` }).count()).toBe(0);

		// On a phone, and with the keyboard alone.
		const admin = await browser.connect('buyer', { width: 390, height: 844 });
		const { page } = admin;
		await page.goto('/teams');
		await shows(page, richer);
		await page.getByRole('button', { name: `Withdraw from ${NAME}` }).press('Enter');
		const taking = page.getByRole('dialog', { name: `Withdraw from ${NAME}` });
		const receiver = taking.getByLabel('Paid to');
		expect(await receiver.inputValue()).toBe(money.address('buyer'));
		await taking.getByLabel('Amount').fill('12.34');
		await receiver.fill(money.address('teammate'));
		await expectAccessible(page);
		await receiver.press('Enter');
		await taking.waitFor({ state: 'detached' });
		expect(await money.team()).toEqual(before.team);
		expect(await money.wallet('teammate')).toBe(before.teammate);
		await shows(page, before.team);
		for (const { complaints } of [member, admin]) expect(complaints).toEqual([]);
	});

	test('SET-02 a buyer who owns no provider takes money out where its jobs are', async () => {
		const money = useMoney();
		const before = { own: await money.own('buyer'), wallet: await money.wallet('buyer') };
		const { page, complaints } = await browser.connect('buyer', { width: 390, height: 844 });
		await page.goto('/jobs');
		const balance = page.getByRole('region', { name: 'Your balance' });
		await balance.getByText(formatUsd(before.own.available), { exact: true }).waitFor();
		await expectAccessible(page);
		await balance.getByRole('button', { name: 'Withdraw' }).click();
		const taking = page.getByRole('dialog', { name: 'Withdraw' });
		await taking.getByLabel('Amount').fill('1.5');
		await expectAccessible(page);
		await taking.getByRole('button', { name: 'Withdraw $1.50' }).click();
		await taking.waitFor({ state: 'detached' });
		expect(await money.wallet('buyer')).toBe(before.wallet + 1_500_000n);
		const left = before.own.available - 1_500_000n;
		expect((await money.own('buyer')).available).toBe(left);
		await balance.getByText(formatUsd(left), { exact: true }).waitFor();
		expect(complaints).toEqual([]);
	});
});
