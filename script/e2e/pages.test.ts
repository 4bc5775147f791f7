import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { AxeBuilder } from '@axe-core/playwright';
import { requestSchema } from '@necto/core';
import type { Locator, Page } from 'playwright-core';
import { beforeAll, describe, expect, test } from 'vitest';
import { root } from '../src/paths.ts';
import { useBrowser } from './browser.ts';
import { useChain } from './chain.ts';
import { request } from './request.ts';
import { until } from './until.ts';

const browser = useBrowser();
/** To be looked at; nothing compares them. */
const shots = join(root, '.necto/screenshots');

interface Look {
	name: string;
	path: () => string;
	/** Who looks; a stranger has no wallet. */
	account?: string;
	/** What is there once the page has its data. */
	shows: (page: Page) => Locator;
	/** What is done before it is looked at. */
	act?: (page: Page) => Promise<void>;
}

let routed: bigint;

const looks: Look[] = [
	{ name: 'market', path: () => '/market', shows: (page) => page.getByText('Compare only').first() },
	{ name: 'market-nothing-fits', path: () => '/market?q=zx81', shows: (page) => page.getByText(/no offer/i).first() },
	{ name: 'new-job', path: () => '/jobs/new', shows: (page) => page.getByLabel('GPU model') },
	{
		name: 'new-job-filled',
		account: 'buyer',
		path: () => '/jobs/new',
		shows: (page) => page.getByRole('button', { name: 'Request job' }),
		act: async (page) => {
			await page.getByLabel('Ceiling').fill('2.50');
			await page
				.getByText(/excluded/i)
				.first()
				.waitFor();
		},
	},
	{ name: 'jobs', path: () => '/jobs', shows: (page) => page.getByRole('link', { name: /\d/ }).first() },
	{
		name: 'job',
		path: () => `/jobs/${routed}`,
		shows: (page) => page.getByRole('button', { name: 'Verify decision' }),
	},
	{
		name: 'job-verified',
		account: 'providerB',
		path: () => `/jobs/${routed}`,
		shows: (page) => page.getByRole('button', { name: 'Start job' }),
		act: async (page) => {
			await page.getByRole('button', { name: 'Verify decision' }).click();
			await page.getByText(/^Verified: /).waitFor();
		},
	},
	{ name: 'unknown-job', path: () => '/jobs/999999', shows: (page) => page.getByText('does not know job') },
	{ name: 'provider', path: () => '/provider', shows: (page) => page.getByRole('button', { name: /connect/i }).last() },
	{
		name: 'provider-connected',
		account: 'providerB',
		path: () => '/provider',
		shows: (page) => page.locator('[data-listing]').first(),
	},
	{ name: 'teams', path: () => '/teams', shows: (page) => page.getByText('Connect to see your teams') },
	{
		name: 'teams-connected',
		account: 'buyer',
		path: () => '/teams',
		shows: (page) => page.getByRole('button', { name: 'Add member to Lab North (demo)' }),
	},
	{ name: 'no-such-page', path: () => '/nothing-here', shows: (page) => page.getByText('There is no such page') },
];
const sizes = [
	{ width: 1440, height: 900 },
	{ width: 390, height: 844 },
];

beforeAll(async () => {
	const chain = useChain();
	const model = requestSchema.shape.gpuModel.parse('h100');
	const maximum = requestSchema.shape.maxPricePerGpuHour.parse('3400000');
	routed = await chain.request('buyer', request({ gpuModel: model, countries: ['US'], maxPricePerGpuHour: maximum }));
	await until(
		() => chain.status(routed),
		(status) => status === 'routed',
	);
});

describe.each(sizes)('at $width px', ({ width, height }) => {
	test.each(looks)('UI-05 $name: axe finds nothing, nothing sticks out, nothing complains', async (look) => {
		const { name, path, account, shows, act } = look;
		const size = { width, height };
		const { page, complaints, close } = account ? await browser.connect(account, size) : await browser.visit(size);
		await page.goto(path());
		await shows(page).waitFor();
		await act?.(page);
		await mkdir(shots, { recursive: true });
		await page.screenshot({ path: join(shots, `${name}-${width}.png`), fullPage: true });

		// RainbowKit draws wallets' icons as images without names; they appear in its window only.
		const { violations } = await new AxeBuilder({ page }).exclude('[data-rk] [role="img"]').analyze();
		expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`)).toEqual([]);
		expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width);
		// A page that does not exist answers with its status, which a browser writes to the console.
		expect(complaints.filter((complaint) => !complaint.includes('404'))).toEqual([]);
		await close();
	});
});

describe('with the keyboard alone', () => {
	test('the first stop is the skip link, and every stop is seen', async () => {
		const { page, close } = await browser.visit();
		await page.goto('/market');
		await page.getByRole('heading', { level: 1 }).waitFor();
		await page.keyboard.press('Tab');
		const first = page.locator(':focus');
		expect(await first.textContent()).toMatch(/skip/i);
		for (let stop = 0; stop < 12; stop++) {
			await page.keyboard.press('Tab');
			const outline = await page.locator(':focus').evaluate((element) => {
				const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(element);
				return (outlineStyle !== 'none' && outlineWidth !== '0px') || boxShadow !== 'none';
			});
			expect(outline).toBe(true);
		}
		await close();
	});
});
