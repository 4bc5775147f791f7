import { readFile } from 'node:fs/promises';
import { historyResponseSchema } from '@necto/core';
import type { Page } from 'playwright-core';
import { afterAll, describe, expect, inject, test } from 'vitest';
import { useBrowser } from './browser.ts';
import { type Answer, say } from './networks.ts';
import { until } from './until.ts';

const browser = useBrowser();
const networks = () => inject('networks');

/** A Nosana market for one H100: what its host gets an hour, of which the renter pays a tenth more. */
const nosana = (hostUsd: number): Answer => ({
	kind: 'json',
	body: [
		{
			address: 'H100MarketOfTheTests',
			slug: 'nvidia-h100-premium',
			name: 'NVIDIA H100 80GB',
			type: 'PREMIUM',
			usd_reward_per_hour: hostUsd,
			network_fee_percentage: 10,
			gpu_types: ['NVIDIA H100 80GB HBM3'],
			lowest_vram: 80,
		},
	],
});

/** Lambda's H100 in one region, in cents an hour. */
const lambda = (cents: number): Answer => ({
	kind: 'json',
	body: {
		data: {
			gpu_1x_h100_sxm5: {
				instance_type: {
					name: 'gpu_1x_h100_sxm5',
					gpu_description: 'H100 (80 GB SXM5)',
					price_cents_per_hour: cents,
					specs: { gpus: 1, vcpus: 26, memory_gib: 225, storage_gib: 2816 },
				},
				regions_with_capacity_available: [{ name: 'us-west-1', description: 'California, USA' }],
			},
		},
	},
});

const row = (page: Page, who: string) =>
	page
		.getByRole('row')
		.filter({ hasText: who })
		.filter({ hasText: /(just|s) (now|ago)/ })
		.first();

afterAll(async () => {
	await say(networks(), 'nosana', { kind: 'json', body: [] });
	await say(networks(), 'lambda', { kind: 'json', body: { data: {} } });
	await say(networks(), 'golem', { kind: 'json', body: [] });
});

describe('the market while networks answer', () => {
	test('AGT-01 AGT-02 a live price appears, moves and goes without a reload; what is open stays open', async () => {
		const { page, complaints } = await browser.visit();
		await page.goto('/market?gpu=h100');
		await page.getByRole('table', { name: 'Offers' }).waitFor();
		await say(networks(), 'nosana', nosana(1));
		await row(page, 'Nosana').getByText('$1.1000').waitFor();
		await row(page, 'Nosana').getByRole('checkbox').check();
		await row(page, 'Nosana')
			.getByRole('button', { name: /: show/ })
			.click();
		await page.getByRole('dialog').getByText('1.1 USD per GPU-hour').first().waitFor();
		await say(networks(), 'nosana', nosana(0.9));
		await page.getByRole('dialog').getByText('$0.9900').first().waitFor();
		await page.keyboard.press('Escape');
		await page.getByRole('dialog').waitFor({ state: 'hidden' });
		await row(page, 'Nosana').getByText('$0.9900').waitFor();
		expect(await row(page, 'Nosana').getByRole('checkbox').isChecked()).toBe(true);
		expect(complaints).toEqual([]);
	});

	test('DISC-03 a liar is marked, never the cheapest, and holds up nobody; one that hangs is shown as such', async () => {
		await say(networks(), 'nosana', nosana(1));
		// Nine cents: just above what is refused as no price at all.
		await say(networks(), 'lambda', lambda(9));
		await say(networks(), 'golem', { kind: 'silence' });
		const { page } = await browser.visit();
		await page.goto('/market?gpu=h100');
		await row(page, 'Lambda').getByText('Doubtful').waitFor();
		await page.getByText(/cheapest (now )?\$(?!0\.0)/).waitFor();
		await page
			.getByText(/\d+ sources/)
			.first()
			.click();
		const golem = page.getByRole('row').filter({ hasText: 'Golem' });
		await golem.getByText(/did not answer in time|left alone/).waitFor();
		await page.getByRole('row').filter({ hasText: 'Nosana' }).filter({ hasText: 'fresh' }).first().waitFor();
		await say(networks(), 'lambda', { kind: 'page', html: '<html>maintenance</html>' });
		await page
			.getByRole('row')
			.filter({ hasText: 'Lambda' })
			.getByText(/instead of JSON|left alone/)
			.first()
			.waitFor();
	});

	test('AGT-12 an alert tells when a price is met, and remembers it for whoever comes back', async () => {
		await say(networks(), 'nosana', nosana(1.4));
		const { page } = await browser.visit();
		await page.goto('/market?gpu=h100&maxUsd=1.05');
		await page.getByRole('button', { name: 'Alerts' }).click();
		await page.getByRole('button', { name: 'Set alert' }).click();
		await page.getByRole('dialog').getByText('Waiting').waitFor();
		await say(networks(), 'nosana', nosana(0.9));
		await page.reload();
		await page
			.getByText(/met your alerts|An alert is met/)
			.first()
			.waitFor();
		await page.getByRole('button', { name: 'Alerts' }).click();
		await page
			.getByRole('dialog')
			.getByText(/\$0\.99/)
			.first()
			.waitFor();
	});

	test('AGT-10 DISC-04 what is filtered can be taken along, and what was seen is remembered', async () => {
		await say(networks(), 'nosana', nosana(0.8));
		const { page } = await browser.visit();
		await page.goto('/market?gpu=h100&source=nosana');
		await row(page, 'Nosana').getByText('$0.8800').waitFor();
		const download = page.waitForEvent('download');
		await page.getByRole('link', { name: 'CSV' }).click();
		const csv = await readFile(await (await download).path(), 'utf8');
		expect(csv.trim().split('\r\n')).toHaveLength(2);
		expect(csv).toContain('0.88');
		await until(
			async () => {
				const response = await fetch(`${inject('ready').agent}/history?gpu=h100&source=nosana`);
				return historyResponseSchema.parse(await response.json()).series;
			},
			(series) => series.some(({ dated, points }) => !dated && points.length > 0),
		);
	});
});
