import { beforeEach, describe, expect, test, vi } from 'vitest';
import { page, userEvent } from 'vitest/browser';
import { render } from 'vitest-browser-svelte';
import { type OfferShape, offerViews } from '../../../test/offer.ts';
import { nothingWaits } from './moved.ts';
import OfferTable from './OfferTable.svelte';
import { offerOf } from './offer.ts';

const offers = (...shapes: OfferShape[]) => offerViews(...shapes).map(offerOf);

async function show(list: ReturnType<typeof offers>, change: Record<string, unknown> = {}) {
	const props = {
		offers: list,
		flashed: new Set<string>(),
		waiting: nothingWaits,
		sort: 'best',
		withCost: false,
		compared: [] as string[],
		onsort: vi.fn(),
		onopen: vi.fn(),
		ontick: vi.fn(),
		onhold: vi.fn(),
		onsettle: vi.fn(),
		...change,
	};
	const screen = await render(OfferTable, props);
	return { screen, ...props };
}

const row = (place: number) => page.getByRole('row').nth(place);

beforeEach(() => page.viewport(1440, 900));

describe('the price table', () => {
	test('UI-01 shows the price, what it is and whether a job can be routed there', async () => {
		await show(
			offers({ usd: '1890000', routable: true }, { usd: '1234500', evidence: 'snapshot', observedAt: 1_790_000_000 }),
		);
		await expect.element(row(1).getByText('$1.8900')).toBeVisible();
		await expect.element(row(1).getByText('Routable')).toBeVisible();
		await expect.element(row(1).getByText('Demo', { exact: true })).toBeVisible();
		await expect.element(row(2).getByText('$1.2345')).toBeVisible();
		await expect.element(row(2).getByText('Compare only')).toBeVisible();
		await expect.element(row(2).getByText(/Dated 2\d Sept? 2026/)).toBeVisible();
	});

	test('a live offer at an old exchange rate is not called dated', async () => {
		const price = { model: 'token', currency: 'NOS', amount: '1000000' };
		await show(offers({ observedAt: 1_800_000_000, pricedAt: 1_764_547_200, price }));
		await expect.element(row(1).getByText('Exchange rate of 1 Dec 2025')).toBeVisible();
		await expect.element(row(1).getByText('Token, converted to USD')).toBeVisible();
		expect(row(1).element().textContent).not.toContain('Dated');
	});

	test('a refused price shows no figure', async () => {
		await show(offers({ usd: null }));
		await expect.element(row(1).getByText('Price refused')).toBeVisible();
		expect(row(1).element().textContent).not.toContain('$');
	});

	test('AGT-10 a floor, past bids, an estimate and a doubt are said in the row', async () => {
		const doubt = { code: 'far-below' as const, message: 'A tenth of the others.' };
		await show(offers({ meaning: 'floor' }, { meaning: 'bid-history' }, { meaning: 'estimate' }, { doubt }, {}));
		await expect.element(row(1).getByText('Floor')).toBeVisible();
		await expect.element(row(2).getByText('Past bids')).toBeVisible();
		await expect.element(row(3).getByText('Estimate')).toBeVisible();
		await expect.element(row(4).getByText('Doubtful')).toHaveAttribute('title', 'A tenth of the others.');
		expect(row(5).element().textContent).not.toMatch(/Floor|Past bids|Estimate|Doubtful/);
	});

	test('unknown capacity is not zero, and none is', async () => {
		await show(offers({ free: null }, { free: 0 }));
		await expect.element(row(1).getByRole('cell').nth(6)).toHaveTextContent('Free Yes');
		await expect.element(row(2).getByRole('cell').nth(6)).toHaveTextContent('Free 0');
	});

	test('DISC-02 with a job it says what all of it costs there, and not known where it is not', async () => {
		await show(offers({ cost: { total: '1290000000', perGpuHour: '2239583' } }, { usd: null }), { withCost: true });
		await expect.element(page.getByRole('columnheader', { name: 'Your job' })).toBeVisible();
		await expect.element(row(1).getByText('$1,290.00')).toBeVisible();
		await expect.element(row(1).getByText('$2.2396 / GPU-h')).toBeVisible();
		await expect.element(row(2).getByText('Not known')).toBeVisible();
	});

	test('heads say how the table is sorted and ask for another order', async () => {
		const { onsort } = await show(offers({}));
		const price = page.getByRole('columnheader', { name: 'USD / GPU-hour' });
		await expect.element(price).toHaveAttribute('aria-sort', 'ascending');
		await price.getByRole('button').click();
		expect(onsort).toHaveBeenLastCalledWith('-price');
		await page.getByRole('button', { name: 'Source, age' }).click();
		expect(onsort).toHaveBeenLastCalledWith('age');
	});

	test('a row opens by its button, with the mouse anywhere on it or the keyboard', async () => {
		const list = offers({ key: 'a:1' }, { key: 'a:2' });
		const { onopen } = await show(list);
		await row(2).getByText('DE, Frankfurt').click();
		expect(onopen).toHaveBeenLastCalledWith(list[1]);
		row(1).getByRole('button').element().focus();
		await userEvent.keyboard('{Enter}');
		expect(onopen).toHaveBeenLastCalledWith(list[0]);
		expect(onopen).toHaveBeenCalledTimes(2);
	});

	test('DISC-03 a tick compares and opens nothing; with four the others cannot be ticked', async () => {
		const keys = ['s:0', 's:1', 's:2', 's:3'];
		const { ontick, onopen } = await show(offers({}, {}, {}, {}, {}), { compared: keys });
		await expect.element(row(5).getByRole('checkbox')).toBeDisabled();
		await row(2)
			.getByRole('checkbox', { name: /^Compare H100/ })
			.click();
		expect(ontick).toHaveBeenCalledExactlyOnceWith('s:1', false);
		expect(onopen).not.toHaveBeenCalled();
	});

	test('DISC-01 somebody with the mouse over it has it in hand', async () => {
		const { onhold } = await show(offers({}, {}));
		expect(onhold).toHaveBeenLastCalledWith(false);
		await userEvent.hover(row(2));
		await expect.poll(() => onhold).toHaveBeenLastCalledWith(true);
	});

	test('DISC-01 what waits is said, and applied by a press', async () => {
		const { onsettle } = await show(offers({}, {}), { waiting: { moved: 2, added: 1, gone: 0 } });
		await page.getByRole('button', { name: '2 rows moved, 1 new · apply' }).click();
		expect(onsettle).toHaveBeenCalledOnce();
		expect(document.activeElement).toBe(page.getByRole('table').element());
	});

	test('of many offers only those in sight are on the page', async () => {
		await show(offers(...Array.from({ length: 5_000 }, () => ({}))));
		await expect.element(row(3)).toBeInTheDocument();
		expect(page.getByRole('row').elements().length).toBeLessThan(80);
		await expect.element(page.getByRole('table')).toHaveAttribute('aria-rowcount', '5001');
	});

	test('on a phone rows are cards that fit, with their tick', async () => {
		await page.viewport(390, 844);
		await show(offers({ routable: true, cost: { total: '1290000000', perGpuHour: '2239583' } }, { usd: null }), {
			withCost: true,
		});
		await expect.element(page.getByRole('row').first()).toBeVisible();
		await expect.element(page.getByRole('checkbox').first()).toBeVisible();
		expect(document.documentElement.scrollWidth).toBeLessThanOrEqual(390);
	});

	test('on a phone a published figure of any length leaves room for the GPU’s name', async () => {
		await page.viewport(390, 844);
		await show(offers({ price: { amount: '0.0021520000000000003' } }));
		const name = page.getByRole('row').first().getByText('SXM · 80 GiB');
		await expect.element(name).toBeVisible();
		expect(name.element().getBoundingClientRect().width).toBeGreaterThan(90);
	});

	test.each([768, 1_024, 1_280, 1_440])(
		'beside the navigation it fits a window of %i pixels, also while a new order waits',
		async (width) => {
			await page.viewport(width, 800);
			document.body.style.paddingLeft = '16rem';
			try {
				await show(offers({ cost: { total: '1290000000', perGpuHour: '2239583' } }, {}), {
					withCost: true,
					waiting: { moved: 759, added: 38, gone: 25 },
				});
				await expect.element(page.getByRole('button', { name: /apply/ })).toBeVisible();
				expect(document.documentElement.scrollWidth).toBeLessThanOrEqual(width);
			} finally {
				document.body.style.paddingLeft = '';
			}
		},
	);
});
