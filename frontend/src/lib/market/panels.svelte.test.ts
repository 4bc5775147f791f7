import { historyResponseSchema, inferenceResponseSchema, referenceSchema } from '@necto/core';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { page, userEvent } from 'vitest/browser';
import { render } from 'vitest-browser-svelte';
import { type OfferShape, offerView, offerViews, sourceStatus } from '../../../test/offer.ts';
import CompareDialog from './CompareDialog.svelte';
import FilterBar from './FilterBar.svelte';
import { type FilterChange, type Filters, withChange } from './filters.ts';
import InferenceTable from './InferenceTable.svelte';
import JobFields from './JobFields.svelte';
import OfferFacts from './OfferFacts.svelte';
import OfferPanel from './OfferPanel.svelte';
import { offerOf } from './offer.ts';
import PriceHistory from './PriceHistory.svelte';
import SourceStrip from './SourceStrip.svelte';
import { trackRecord } from './words.ts';

/** The agent's answers by path, without the query. */
const answers = new Map<string, () => Response>();

beforeEach(async () => {
	await page.viewport(1280, 900);
	answers.clear();
	answers.set('/api/agent/history', () => Response.json({ gpu: 'h100', from: 0, to: 86_400, series: [] }));
	vi.stubGlobal(
		'fetch',
		vi.fn(async (path: string) => {
			const answer = answers.get(path.split('?')[0] ?? '');
			return answer?.() ?? Response.json({ code: 'not_found', message: 'There is no such offer.' }, { status: 404 });
		}),
	);
});
afterEach(() => vi.unstubAllGlobals());

const aws = referenceSchema.parse({
	cloud: 'aws',
	gpuModel: 'h100',
	formFactor: 'sxm',
	memoryGiB: 80,
	key: 'aws:p5.48xlarge',
	gpus: '8',
	region: 'us-east-1',
	usdPerGpuHour: '6880000',
	observedAt: 1_789_000_000,
});

async function openPanel(shape: OfferShape, change: Record<string, unknown> = {}) {
	const view = offerView({ key: 'a:1', ...shape });
	const steps = [{ name: 'per-gpu', formula: '31.92 ÷ 8 GPUs', value: '3.99', unit: 'USD per GPU-hour' }];
	const cost = view.cost && {
		...view.cost,
		steps: [{ name: 'native', formula: '$1.89 × 8 GPUs × 72 h', value: '1088.64', unit: 'USD' }],
	};
	answers.set(`/api/agent/offers/${encodeURIComponent('a:1')}`, () =>
		Response.json({ ...view, cost, takenAt: 1_790_000_100, steps, references: [aws] }),
	);
	await render(OfferPanel, {
		open: 'a:1',
		row: offerOf(view),
		filters: {} as Filters,
		policy: 'default',
		tokenPrices: [],
		references: [],
		sources: [],
		onclose: vi.fn(),
		...change,
	});
}

describe('an offer’s panel', () => {
	test('NRM-01 shows each step of the price and of the job', async () => {
		await openPanel({ cost: { total: '1088640000', perGpuHour: '1890000' } }, { filters: { gpus: '8', hours: '72' } });
		await expect.element(page.getByText('31.92 ÷ 8 GPUs')).toBeVisible();
		await expect.element(page.getByText('$1.89 × 8 GPUs × 72 h')).toBeVisible();
		await expect.element(page.getByText('$1,088.64')).toBeVisible();
		expect(vi.mocked(fetch).mock.calls[0]?.[0]).toBe('/api/agent/offers/a%3A1?gpus=8&hours=72');
	});

	test('DISC-04 holds the price against a cloud’s on-demand price, with date and arithmetic', async () => {
		await openPanel({ usd: '1890000' });
		await expect.element(page.getByText('72.52 % less')).toBeVisible();
		await expect.element(page.getByText(/\(\$6\.88 − \$1\.89\) ÷ \$6\.88/)).toBeVisible();
	});

	test('DISC-04 says when there is nothing to hold it against', async () => {
		await openPanel({ model: 'rtx4090' });
		await expect.element(page.getByText('No comparable on-demand price is known for this GPU.')).toBeVisible();
	});

	test('says a doubt plainly, names resellers, and why a price is refused', async () => {
		const doubt = { code: 'far-below' as const, message: 'A tenth of what others ask.' };
		await openPanel({ doubt, alternatives: [{ key: 'prime:1', source: 'prime', usdPerGpuHour: '2100000' }] });
		await expect.element(page.getByText('Hard to believe: A tenth of what others ask.')).toBeVisible();
		await expect.element(page.getByText('Prime Intellect')).toBeVisible();
		await expect.element(page.getByText('$2.1000')).toBeVisible();
	});

	test('opens by a link to an offer that the filters hide', async () => {
		await openPanel({ usd: '1890000' }, { row: undefined });
		await expect.element(page.getByRole('dialog').getByText(/^\$1\.8900/)).toBeVisible();
	});

	test('of an offer that is not there says so, and starts no job with it', async () => {
		answers.clear();
		await render(OfferPanel, {
			open: 'gone:1',
			row: undefined,
			filters: {},
			policy: 'default',
			tokenPrices: [],
			references: [],
			sources: [],
			onclose: vi.fn(),
		});
		await expect.element(page.getByText('This offer is not there any more')).toBeVisible();
		expect(page.getByText('Start a job with these limits').elements()).toEqual([]);
	});
});

describe('DISC-04 the job to reckon with', () => {
	test('can be wanted in one machine, and stays so when it grows', async () => {
		const onchange = vi.fn();
		const { rerender } = await render(JobFields, { filters: { gpus: '8' }, onchange });
		await page.getByRole('switch', { name: 'All in one machine' }).click();
		expect(onchange).toHaveBeenLastCalledWith({ width: '8' });
		await rerender({ filters: { gpus: '8', width: '8' }, onchange });
		await page.getByLabelText('GPUs of your job').fill('16');
		await expect.poll(() => onchange.mock.lastCall).toEqual([{ gpus: '16', width: '16' }]);
		await rerender({ filters: { gpus: '1' }, onchange });
		await expect.element(page.getByRole('switch')).not.toBeInTheDocument();
	});

	test('what cannot be read is said at its field, and no other job is asked meanwhile', async () => {
		let filters: Filters = { gpus: '8', hours: '24' };
		const onchange = vi.fn((change: FilterChange) => {
			filters = withChange(filters, change);
			void rerender({ filters, onchange });
		});
		const { rerender } = await render(JobFields, { filters, onchange });
		const gpus = page.getByLabelText('GPUs of your job');
		const hours = page.getByLabelText('Hours of your job');
		for (const text of ['1e9', '-1', 'abc', '0']) {
			await gpus.fill(text);
			await expect.element(gpus).toHaveAccessibleDescription('A whole number from 1 to 65,535');
			expect(filters).toEqual({});
			await expect.element(hours).toHaveValue('24');
		}
		await hours.fill('-5');
		await expect.element(hours).toHaveAccessibleDescription(/Hours above 0/);
		await hours.fill('48');
		expect(filters).toEqual({});
		await gpus.fill('16');
		await expect.element(gpus).not.toHaveAttribute('aria-invalid');
		expect(filters).toEqual({ gpus: '16', hours: '48' });
		await expect.element(gpus).toHaveValue('16');
	});
});

describe('NET-03 where an offer can be rented', () => {
	test('is said where Necto does not route, with the way there', async () => {
		await render(OfferFacts, { offer: offerOf(offerView({})), site: 'https://akash.network/pricing/gpus/' });
		await expect.element(page.getByText(/Not through Necto\./)).toBeVisible();
		await expect
			.element(page.getByRole('link', { name: 'Akash' }))
			.toHaveAttribute('href', 'https://akash.network/pricing/gpus/');
	});

	test('COMP-04 a listing says how its provider’s jobs went', async () => {
		const view = offerView({ routable: true });
		const { listing } = view.quote;
		if (listing === null) throw new Error('no listing');
		const jobs = { completed: 8, failed: 1, disputed: 0 };
		const withJobs = { ...view, quote: { ...view.quote, listing: { ...listing, jobs } } };
		await render(OfferFacts, { offer: offerOf(withJobs), site: null });
		await expect.element(page.getByText('8 completed, 1 failed, 0 disputed; 81 % reliable')).toBeVisible();
		expect(trackRecord({ completed: 1, failed: 0, disputed: 0 })).toContain('too few');
	});
});

describe('DISC-04 the history of a GPU', () => {
	const DAY = 86_400;
	const point = (day: number, usd: string) => ({
		from: day * DAY,
		until: (day + 1) * DAY,
		low: usd,
		median: usd,
		high: usd,
		offers: 2,
	});
	const series = (source: string, dated: boolean, volatilityBps: number | null) => ({
		source,
		pricing: 'fixed',
		dated,
		points: [point(1, '2000000'), point(2, '1000000')],
		volatilityBps,
		staleSeconds: 7_200,
	});

	test('begins today when nothing was kept, as far back as one looks', async () => {
		await render(PriceHistory, { gpu: 'h100' });
		await expect.element(page.getByText('Nothing in the last 90 days')).toBeVisible();
		await page.getByRole('button', { name: 'Show all that is known' }).click();
		await expect.element(page.getByText('History begins today')).toBeVisible();
	});

	test('is a chart with a series for each source, in words and as a table too', async () => {
		const history = {
			gpu: 'h100',
			from: 0,
			to: 10 * DAY,
			series: [series('akash', false, 210), series('aws', true, null)],
		};
		answers.set('/api/agent/history', () => Response.json(historyResponseSchema.parse(history)));
		await render(PriceHistory, { gpu: 'h100' });
		await expect.element(page.getByRole('img', { name: /Prices per GPU-hour from/ })).toBeVisible();
		await expect.element(page.getByText(/moves by about 2\.1 % from day to day; last figure 2 h ago/)).toBeVisible();
		await expect.element(page.getByText('AWS, fixed, dated figures.', { exact: true })).toBeVisible();
		await page.getByText('The figures as a table').click();
		expect(page.getByRole('row').elements()).toHaveLength(5);
		page
			.getByRole('img', { name: /Prices/ })
			.element()
			.focus();
		await userEvent.keyboard('{ArrowLeft}');
		await expect.element(page.getByText(/median \$1\.0000/).first()).toBeVisible();
	});
});

describe('prices for tokens', () => {
	test('DISC-01 stand in their own table and are said to be no GPU-hours', async () => {
		const offer = {
			key: 'zerog:1',
			source: 'zerog',
			provider: `0x${'ab'.repeat(20)}`,
			model: 'gpt-oss-120b',
			service: 'chat',
			evidence: 'snapshot',
			observedAt: 1_790_000_000,
			currency: '0G',
			inputPerMillion: '0.1',
			outputPerMillion: null,
			verifiability: 'TeeML',
		};
		answers.set('/api/agent/inference', () =>
			Response.json(inferenceResponseSchema.parse({ sources: [sourceStatus()], offers: [offer] })),
		);
		await render(InferenceTable, {});
		await expect.element(page.getByText(/Token prices cannot be converted to GPU-hours/)).toBeVisible();
		const row = page.getByRole('row').filter({ hasText: 'gpt-oss-120b' });
		await expect.element(row.getByText('0.1 0G')).toBeVisible();
		await expect.element(row.getByText('Not priced so')).toBeVisible();
		await expect.element(row.getByText(/Dated 2\d Sept? 2026/)).toBeVisible();
		await page.getByRole('searchbox', { name: 'Search models' }).fill('llama');
		await expect.element(row).not.toBeInTheDocument();
		await page.getByRole('searchbox', { name: 'Search models' }).fill('OSS gpt');
		await expect.element(row).toBeVisible();
	});
});

describe('DISC-03 the comparison', () => {
	test('puts offers side by side, names the best, and shows only what differs if wished', async () => {
		const onremove = vi.fn();
		const offers = offerViews({ usd: '1890000' }, { usd: '2500000', memoryGiB: 94 }).map(offerOf);
		await render(CompareDialog, { open: true, offers, missing: ['x:1'], onremove, onclose: vi.fn() });
		const row = (name: string) =>
			page.getByRole('row').filter({ has: page.getByRole('rowheader', { name, exact: true }) });
		await expect.element(row('USD per GPU-hour').getByRole('cell').first()).toHaveTextContent('$1.890000 lowest');
		await expect.element(row('Memory').getByRole('cell').nth(1)).toHaveTextContent('94 GiB most');
		await expect.element(page.getByText(/is no longer offered/)).toBeVisible();
		await page.getByRole('switch', { name: 'Only what differs' }).click();
		await expect.element(row('Form factor')).not.toBeInTheDocument();
		await page
			.getByRole('button', { name: /^Take H100/ })
			.first()
			.click();
		expect(onremove).toHaveBeenCalledExactlyOnceWith('s:0');
	});
});

describe('the filters', () => {
	async function show(filters: Filters) {
		const onchange = vi.fn();
		await render(FilterBar, { filters, sources: [sourceStatus()], networks: ['akash', 'vast'], onchange });
		return onchange;
	}

	test('DISC-02 a basket of GPUs is chosen by name, each with its performance', async () => {
		const onchange = await show({ gpu: 'h100' });
		await page.getByRole('button', { name: 'GPU: H100' }).click();
		await page.getByRole('searchbox', { name: 'Search GPUs' }).fill('a100');
		await page.getByRole('checkbox', { name: /^A100/ }).click();
		expect(onchange).toHaveBeenLastCalledWith({ gpu: 'h100,a100' });
		await page.getByRole('textbox', { name: 'Performance of H100' }).fill('0.9');
		await userEvent.keyboard('{Tab}');
		expect(onchange).toHaveBeenLastCalledWith({ gpu: 'h100:0.9' });
	});

	test('DISC-02 only what is an amount goes into the address; the rest stays as typed', async () => {
		const onchange = await show({});
		const max = page.getByRole('textbox', { name: 'Highest price in USD per GPU-hour' });
		await max.fill('2.5');
		expect(onchange).toHaveBeenLastCalledWith({ maxUsd: '2.5' });
		await max.fill('2.5x');
		expect(onchange).toHaveBeenLastCalledWith({ maxUsd: '' });
		await expect.element(max).toHaveAttribute('aria-invalid', 'true');
		await expect.element(max).toHaveValue('2.5x');
	});

	test('DISC-02 active filters are removed one by one, the further ones are counted', async () => {
		const onchange = await show({ gpu: 'h100', region: 'europe,de', form: 'sxm' });
		await expect.element(page.getByRole('button', { name: 'More filters (1)' })).toBeVisible();
		await page.getByRole('button', { name: 'Remove Germany' }).click();
		expect(onchange).toHaveBeenLastCalledWith({ region: 'europe' });
		await page.getByRole('button', { name: 'More filters (1)' }).click();
		await page.getByRole('group', { name: 'Never these networks' }).getByText('Vast.ai').click();
		expect(onchange).toHaveBeenLastCalledWith({ exclude: 'vast' });
	});
});

describe('SYS-04 the sources', () => {
	test('say since when one fails, what was left out and why, and how to set one up', async () => {
		const sources = [
			sourceStatus({ left: { 'no price': 12, 'unknown GPU': 3 } }),
			sourceStatus({
				id: 'vast',
				name: 'Vast.ai',
				state: 'failing',
				failingSince: 1_790_000_000,
				note: 'It answered 503.',
			}),
			sourceStatus({
				id: 'lambda',
				name: 'Lambda',
				state: 'not-configured',
				fetchedAt: null,
				note: 'Set LAMBDA_API_KEY.',
			}),
		];
		await render(SourceStrip, { sources });
		await expect.element(page.getByText(/Vast\.ai does not/)).toBeVisible();
		await page.getByText('3 sources').click();
		await expect.element(page.getByText('12 no price, 3 unknown GPU')).toBeVisible();
		await expect.element(page.getByText(/no answer since/)).toBeVisible();
		await expect.element(page.getByText('Set LAMBDA_API_KEY.')).toBeVisible();
	});
});
