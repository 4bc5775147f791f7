import { beforeEach, describe, expect, test, vi } from 'vitest';
import { page } from 'vitest/browser';
import { render } from 'vitest-browser-svelte';
import type { ListingRow } from '#lib/provider/rows.ts';
import type { Runtime } from '#lib/runtime.ts';
import Listings from './Listings.svelte';

const { calls } = vi.hoisted(() => ({ calls: [] as unknown[][] }));

vi.mock('#lib/provider/provider.service.ts', () => {
	const note =
		(name: string) =>
		(_runtime: unknown, ...args: unknown[]) => {
			calls.push([name, ...args]);
			return Promise.resolve({ ok: true });
		};
	return {
		setPricing: note('setPricing'),
		setTiers: note('setTiers'),
		setTotal: note('setTotal'),
		setOffline: note('setOffline'),
		setAvailability: note('setAvailability'),
		setAccessRules: note('setAccessRules'),
	};
});

beforeEach(() => {
	calls.length = 0;
});

const listing: ListingRow = {
	id: 7,
	providerId: 1,
	kind: 'own',
	gpuModel: 'h100',
	memoryGiB: 80,
	formFactor: 'sxm',
	total: 8,
	widest: 8,
	reserved: 0,
	offline: false,
	continent: 'europe',
	country: 'DE',
	region: 'Frankfurt',
	network: '',
	name: 'Rack 4',
	vcpus: 16,
	ramGiB: 128,
	diskGiB: 500,
	pricingModel: 'fixed',
	rate: 2_000_000n,
	floor: 0n,
	ceiling: 0n,
	tokenAmount: 0n,
	token: '',
	availableFrom: 0,
	availableUntil: 0,
	tiers: [],
	ruleAttestations: 0,
	allowListOnly: false,
	version: 1,
	updatedAt: 0,
};

async function show(change: Partial<ListingRow> = {}, owned = true) {
	const ondone = vi.fn();
	// Handed on and never looked into.
	await render(Listings, { listings: [{ ...listing, ...change }], runtime: {} as Runtime, owned, ondone });
	return ondone;
}

describe('PROV-08 the hours of a listing', () => {
	test('are added and saved, and the page goes on', async () => {
		const ondone = await show();
		await page.getByRole('button', { name: 'Change hours of Rack 4' }).click();
		await page.getByRole('button', { name: 'Add tier' }).click();
		await page.getByRole('combobox', { name: 'From day' }).selectOptions('Saturday');
		await expect.element(page.getByRole('button', { name: 'Save hours' })).toBeDisabled();
		await page.getByRole('textbox', { name: 'Of the rate' }).fill('80');
		await expect.element(page.getByText(/From Saturday 00:00: \$1.60, 80 % of the rate/)).toBeVisible();
		await page.getByRole('button', { name: 'Save hours' }).click();
		expect(calls).toEqual([['setTiers', 7, [{ hour: 120, multiplier: 8_000 }]]]);
		expect(ondone).toHaveBeenCalledOnce();
		await page.getByRole('button', { name: 'Change capacity of Rack 4' }).click();
		await expect.element(page.getByRole('dialog', { name: 'Capacity of Rack 4' })).toBeVisible();
	});

	test('cannot be given where the price is no one number', async () => {
		await show({ pricingModel: 'token' });
		expect(page.getByRole('button', { name: /Change hours/ }).elements()).toHaveLength(0);
	});
});

describe('PROV-01 when a listing is open', () => {
	test('an untouched time stays to the second', async () => {
		const availableFrom = 1_790_000_037;
		const availableUntil = 4_000_000_019;
		await show({ availableFrom, availableUntil });
		await page.getByRole('button', { name: 'Change availability of Rack 4' }).click();
		// What no step of the input allows could not be sent by a browser that checks.
		for (const name of ['Available from', 'Available until']) {
			const input = page.getByLabelText(name);
			await expect.element(input).toHaveAttribute('step', '1');
			await expect.element(input).toBeValid();
		}
		await page.getByRole('button', { name: 'Save availability' }).click();
		expect(calls).toEqual([['setAvailability', 7, availableFrom, availableUntil]]);
	});
});

describe('PROV-09 whom a listing serves', () => {
	test('is chosen by attestations and by the list', async () => {
		await show();
		await page.getByRole('button', { name: 'Change buyers of Rack 4' }).click();
		await page.getByRole('checkbox', { name: 'SOC 2' }).click({ force: true });
		await page.getByRole('switch', { name: 'Only buyers on my list' }).click();
		await page.getByRole('button', { name: 'Save rules' }).click();
		expect(calls).toEqual([['setAccessRules', 7, ['soc2'], true]]);
	});

	test('is shown, and is not for a delegate to choose', async () => {
		await show({ ruleAttestations: 1, allowListOnly: true }, false);
		await expect.element(page.getByText('Only buyers on your list and attested KYC')).toBeVisible();
		expect(page.getByRole('button', { name: /Change buyers/ }).elements()).toHaveLength(0);
	});
});
