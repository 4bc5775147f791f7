/** A page that is reloaded, opened twice or clicked twice while a job is being requested: its money is locked once, and the job is found. */
import { setTimeout as pause } from 'node:timers/promises';
import { jobRegistryAbi } from '@necto/contracts';
import type { Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { useBrowser } from './browser.ts';
import { useChain } from './chain.ts';
import { until } from './until.ts';

const browser = useBrowser();

/** So low that nothing serves it: the jobs of these tests move no price of another test. USD per GPU-hour. */
const ceilings = (function* () {
	for (let cents = 1; ; cents++) yield `0.00${String(cents).padStart(2, '0')}`;
})();

async function fill(page: Page, ceiling: string): Promise<void> {
	await page.goto('/jobs/new');
	await page.locator('html[data-hydrated]').waitFor();
	await page.getByLabel('GPU model').selectOption({ label: 'RTX 4090' });
	await page.getByLabel('Ceiling').fill(ceiling);
	await page.getByRole('button', { name: 'Request job' }).waitFor();
	await page.getByText('Covered by the balance').waitFor();
}

async function jobsSince(block: bigint): Promise<bigint[]> {
	const chain = useChain();
	const events = await chain.client.getContractEvents({
		address: chain.contract('jobRegistry'),
		abi: jobRegistryAbi,
		eventName: 'JobRequested',
		// From the block itself: a node refuses to look at one that it does not have yet.
		fromBlock: block,
		strict: true,
	});
	return events.filter(({ blockNumber }) => blockNumber > block).map(({ args }) => args.job);
}

/** As the newcomer's first visit: the demo account, without an extension. */
async function asDemoBuyer(page: Page): Promise<void> {
	await page.goto('/market');
	await page.getByRole('button', { name: 'Connect wallet' }).click();
	await page.getByRole('button', { name: /^Buyer/ }).click();
	await page.getByRole('button', { name: /^Account / }).waitFor();
}

describe('SYS-06 a request and a page that goes away', () => {
	test.each([0, 50, 350, 1_000])('is made once or not at all when it is reloaded after %d ms', async (delay) => {
		const chain = useChain();
		const { page, complaints } = await browser.visit();
		await asDemoBuyer(page);
		const ceiling = ceilings.next().value ?? '';
		await fill(page, ceiling);
		const block = await chain.client.getBlockNumber({ cacheTime: 0 });
		const before = await chain.balance('buyer');

		await page.getByRole('button', { name: 'Request job' }).click({ noWaitAfter: true });
		await pause(delay);
		await page.reload();

		// What the page says once it knows: the job, or that there is none and the form as it was.
		const job = page.getByRole('link', { name: /^Open job \d+$/ }).first();
		const requestable = page.getByRole('button', { name: 'Request job' });
		const here = page.getByRole('heading', { level: 1, name: /^Job \d+$/ });
		await job
			.or(requestable.and(page.locator(':enabled')))
			.or(here)
			.first()
			.waitFor();
		// An intent that was under way at the reload is settled within seconds.
		await until(
			() => page.locator('[data-slot="request-under-way"]:not([data-state="confirmed"])').count(),
			(count) => count === 0,
		);
		const jobs = await jobsSince(block);
		expect(jobs.length).toBeLessThanOrEqual(1);
		const [requested] = jobs;
		if (requested === undefined) {
			await expect.poll(() => page.getByLabel('Ceiling').inputValue()).toBe(ceiling);
			expect(await chain.balance('buyer')).toEqual(before);
		} else {
			await page
				.getByText(new RegExp(`job ${requested}\\b`, 'i'))
				.first()
				.waitFor();
		}
		if (requested === undefined) {
			await requestable.click();
			await page.waitForURL(/\/jobs\/\d+$/);
			expect(await jobsSince(block)).toHaveLength(1);
		}
		expect(complaints).toEqual([]);
	});

	test('that is cut off while it is checked is said not to have been sent', async () => {
		const chain = useChain();
		const { page } = await browser.visit();
		await asDemoBuyer(page);
		const ceiling = ceilings.next().value ?? '';
		await fill(page, ceiling);
		const block = await chain.client.getBlockNumber({ cacheTime: 0 });
		// The chain does not answer the page, so that its check cannot end.
		await page.route(`${chain.rpc}**`, () => {});
		await page.getByRole('button', { name: 'Request job' }).click();
		await page.getByText('Checking', { exact: true }).waitFor();
		await page.reload();
		await page.getByText('Not sent: nothing was signed').waitFor();
		expect(await page.getByLabel('Ceiling').inputValue()).toBe(ceiling);
		expect(await jobsSince(block)).toHaveLength(0);
	});

	test('that is not mined yet is shown after the reload and in a second tab, and blocks a second one', async () => {
		const chain = useChain();
		const { page } = await browser.visit();
		await asDemoBuyer(page);
		const ceiling = ceilings.next().value ?? '';
		await fill(page, ceiling);
		const second = await page.context().newPage();
		await fill(second, ceiling);
		const block = await chain.client.getBlockNumber({ cacheTime: 0 });
		// The chain takes transactions and makes no block.
		await chain.mining(false);
		try {
			await page.getByRole('button', { name: 'Request job' }).click();
			await page.getByText('Submitted, waiting for its block').waitFor();
			await second.locator('[data-slot="request-under-way"][data-state="submitted"]').waitFor();
			await second.getByText('Submitted, waiting for its block').waitFor();
			await page.reload();
			const panel = page.locator('[data-slot="request-under-way"][data-state="submitted"]');
			await panel.waitFor();
			await page.getByText('Submitted, waiting for its block').waitFor();
			expect(await page.getByLabel('Ceiling').inputValue()).toBe(ceiling);
			expect(await page.getByRole('button', { name: 'Request job' }).count()).toBe(0);
			expect(await page.getByRole('button', { name: 'Request the same job again' }).count()).toBe(0);
		} finally {
			await chain.mining(true);
		}
		for (const each of [page, second]) {
			await each.locator('[data-slot="request-under-way"][data-state="confirmed"]').waitFor();
		}
		expect(await jobsSince(block)).toHaveLength(1);
		// Only an explicit wish makes a second one.
		await second.getByRole('button', { name: 'Request the same job again' }).click();
		await second.waitForURL(/\/jobs\/\d+$/);
		expect(await jobsSince(block)).toHaveLength(2);
	});

	test('clicked twice, and in two tabs at once, locks once', async () => {
		const chain = useChain();
		const { page } = await browser.visit();
		await asDemoBuyer(page);
		const ceiling = ceilings.next().value ?? '';
		await fill(page, ceiling);
		const second = await page.context().newPage();
		await fill(second, ceiling);
		const block = await chain.client.getBlockNumber({ cacheTime: 0 });
		const before = await chain.balance('buyer');
		const press = (each: Page) =>
			each.getByRole('button', { name: 'Request job' }).evaluate((button) => {
				for (let click = 0; click < 3; click++) (button as unknown as { click(): void }).click();
			});
		await Promise.all([press(page), press(second)]);
		await until(
			() => jobsSince(block),
			(jobs) => jobs.length > 0,
		);
		await pause(3_000);
		expect(await jobsSince(block)).toHaveLength(1);
		const after = await chain.balance('buyer');
		expect(after.locked - before.locked).toBe(before.available - after.available);
	});

	test('whose transaction the node forgets is said to be dropped, and can be made again', async () => {
		const chain = useChain();
		const { page } = await browser.visit();
		await asDemoBuyer(page);
		await fill(page, ceilings.next().value ?? '');
		const block = await chain.client.getBlockNumber({ cacheTime: 0 });
		await chain.mining(false);
		try {
			await page.getByRole('button', { name: 'Request job' }).click();
			await page.getByText('Submitted, waiting for its block').waitFor();
			await page.reload();
			await page.locator('[data-slot="request-under-way"][data-state="submitted"]').waitFor();
			await chain.forget('buyer');
			await page.getByText('Dropped: not on the chain').waitFor();
		} finally {
			await chain.mining(true);
		}
		expect(await jobsSince(block)).toHaveLength(0);
		await page.getByRole('button', { name: 'Request job' }).click();
		await page.waitForURL(/\/jobs\/\d+$/);
		expect(await jobsSince(block)).toHaveLength(1);
	});
});
