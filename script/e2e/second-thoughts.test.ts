import { setTimeout as pause } from 'node:timers/promises';
import { formatUsd, offlinePolicy, policyHash } from '@necto/core';
import { describe, expect, test } from 'vitest';
import { useBrowser } from './browser.ts';
import { useChain } from './chain.ts';
import { act, stands } from './page.ts';
import { request } from './request.ts';
import { until } from './until.ts';

const browser = useBrowser();

describe('when it goes otherwise than thought', () => {
	test('RES-04 SET-02 a declined job finds another place, is extended, disputed, and ends as its buyer says', async () => {
		const chain = useChain();
		// Singapore is cheapest and says no; Montreal takes it for 0.39.
		const job = await chain.request('buyer', request({ policyHash: policyHash(offlinePolicy) }));
		const first = await browser.connect('providerC');
		await first.page.goto(`/jobs/${job}`);
		await stands(first.page, 'Routed');
		await act(first.page, 'Decline job');
		const again = await until(
			() => chain.terms(job),
			({ provider }) => provider === chain.account('providerB').address,
		);
		expect(again.pricePerGpuHour).toBe(390_000n);

		const second = await browser.connect('providerB');
		await second.page.goto(`/jobs/${job}`);
		await act(second.page, 'Start job');
		const buyer = await browser.connect('buyer');
		await buyer.page.goto(`/jobs/${job}`);
		await stands(buyer.page, 'Running');

		await buyer.page.getByRole('button', { name: 'Extend job' }).click();
		await buyer.page.getByLabel('Extend by').fill('2');
		await buyer.page.getByRole('button', { name: /extend$/i }).click();
		const longer = await until(
			() => chain.terms(job),
			({ duration }) => duration === 3 * 3600,
		);
		const { locked } = longer;

		await pause(2500);
		const before = await chain.balance('buyer');
		await buyer.page.getByRole('button', { name: 'Dispute job' }).click();
		await buyer.page.getByLabel('Evidence').fill('nvidia-smi shows no device.');
		await buyer.page.getByRole('button', { name: 'Stop the meter and dispute' }).click();
		await until(
			() => chain.status(job),
			(status) => status === 'disputed',
		);
		// The meter stands still from here on.
		await pause(2500);
		await act(buyer.page, 'Pay what was due');
		await stands(buyer.page, 'Settled');
		const after = await chain.balance('buyer');
		const paid = before.available + locked - after.available;
		const metered = BigInt(await chain.secondsUntilDispute(job));
		expect(metered).toBeGreaterThan(0n);
		expect(paid).toBe((390_000n * metered) / 3600n);
		await buyer.page.getByText(formatUsd(paid), { exact: true }).first().waitFor();
		for (const { complaints } of [first, second, buyer]) expect(complaints).toEqual([]);
	});
});
