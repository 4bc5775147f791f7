import { beforeEach, describe, expect, test, vi } from 'vitest';
import { page, userEvent } from 'vitest/browser';
import { render } from 'vitest-browser-svelte';
import { type OfferShape, offerView } from '../../../test/offer.ts';
import { noFilters } from './filters.ts';
import OfferTable from './OfferTable.svelte';
import { offerOf } from './offer.ts';

const offers = (...shapes: OfferShape[]) =>
	shapes.map((shape, index) => offerOf(offerView({ key: `s:${index}`, ...shape })));

async function show(list: ReturnType<typeof offers>, props: Partial<{ moved: Set<string> }> = {}) {
	const onsort = vi.fn();
	const onopen = vi.fn();
	const screen = await render(OfferTable, {
		offers: list,
		moved: props.moved ?? new Set<string>(),
		filters: noFilters,
		onsort,
		onopen,
	});
	return { screen, onsort, onopen };
}

beforeEach(() => page.viewport(1440, 900));

describe('the price table', () => {
	test('UI-01 shows the price, what it is and whether a job can be routed there', async () => {
		await show(
			offers({ usd: '1890000', routable: true }, { usd: '1234500', evidence: 'snapshot', observedAt: 1_790_000_000 }),
		);
		const rows = page.getByRole('row');
		await expect.element(rows.nth(1).getByText('$1.8900')).toBeVisible();
		await expect.element(rows.nth(1).getByText('Routable')).toBeVisible();
		await expect.element(rows.nth(2).getByText('$1.2345')).toBeVisible();
		await expect.element(rows.nth(2).getByText('Compare only')).toBeVisible();
		await expect.element(rows.nth(2).getByText(/Snapshot 2\d Sept? 2026/)).toBeVisible();
	});

	test('a refused price shows no figure', async () => {
		await show(offers({ usd: null }));
		const row = page.getByRole('row').nth(1);
		await expect.element(row.getByText('Price refused')).toBeVisible();
		expect(row.element().textContent).not.toContain('$');
	});

	test('unknown capacity is not zero, and none is', async () => {
		await show(offers({ free: null }, { free: 0 }));
		await expect.element(page.getByRole('row').nth(1).getByRole('cell').nth(5).getByText('?')).toBeVisible();
		await expect.element(page.getByRole('row').nth(2).getByRole('cell').nth(5)).toHaveTextContent('Free 0');
	});

	test('heads say how the table is sorted and ask for another order', async () => {
		const { onsort } = await show(offers({}));
		await expect
			.element(page.getByRole('columnheader', { name: 'USD / GPU-hour' }))
			.toHaveAttribute('aria-sort', 'ascending');
		await page.getByRole('button', { name: 'Region' }).click();
		expect(onsort).toHaveBeenCalledExactlyOnceWith('region');
	});

	test('a row opens by its button, with the mouse anywhere on it or the keyboard', async () => {
		const list = offers({ key: 'a:1' }, { key: 'a:2' });
		const { onopen } = await show(list);
		await page.getByRole('row').nth(2).getByText('DE, Frankfurt').click();
		expect(onopen).toHaveBeenLastCalledWith(list[1]);
		page.getByRole('row').nth(1).getByRole('button').element().focus();
		await userEvent.keyboard('{Enter}');
		expect(onopen).toHaveBeenLastCalledWith(list[0]);
		expect(onopen).toHaveBeenCalledTimes(2);
	});

	test('of many offers only those in sight are on the page', async () => {
		await show(offers(...Array.from({ length: 5_000 }, () => ({}))));
		await expect.element(page.getByRole('row').nth(3)).toBeInTheDocument();
		expect(page.getByRole('row').elements().length).toBeLessThan(80);
		await expect.element(page.getByRole('table')).toHaveAttribute('aria-rowcount', '5001');
	});

	test('on a phone rows are cards that fit', async () => {
		await page.viewport(390, 844);
		await show(offers({ routable: true }, { usd: null }));
		await expect.element(page.getByRole('row').first()).toBeVisible();
		expect(document.documentElement.scrollWidth).toBeLessThanOrEqual(390);
	});
});
