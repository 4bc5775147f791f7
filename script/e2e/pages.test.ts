import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { AxeBuilder } from '@axe-core/playwright';
import { describe, expect, test } from 'vitest';
import { root } from '../src/paths.ts';
import { useBrowser } from './browser.ts';

const browser = useBrowser();
/** To be looked at; nothing compares them. */
const shots = join(root, '.necto/screenshots');

const pages = [
	{ name: 'market', path: '/market' },
	{ name: 'new-job', path: '/jobs/new' },
	{ name: 'jobs', path: '/jobs' },
	{ name: 'job', path: '/jobs/1' },
	{ name: 'unknown-job', path: '/jobs/999999' },
	{ name: 'provider', path: '/provider' },
	{ name: 'nothing', path: '/nothing-here' },
];
const sizes = [
	{ width: 1440, height: 900 },
	{ width: 390, height: 844 },
];

describe.each(sizes)('at $width px', ({ width, height }) => {
	test.each(pages)('UI-05 $name: axe finds nothing, nothing sticks out, nothing complains', async ({ name, path }) => {
		const { page, complaints, close } = await browser.visit({ width, height });
		await page.goto(path);
		await page.getByRole('heading', { level: 1 }).waitFor();
		await page.locator('[aria-busy="true"]').first().waitFor({ state: 'detached' });
		await page.waitForLoadState('load');
		await mkdir(shots, { recursive: true });
		await page.screenshot({ path: join(shots, `${name}-${width}.png`), fullPage: true });

		const { violations } = await new AxeBuilder({ page }).analyze();
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
