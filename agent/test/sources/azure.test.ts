/** Figures: Azure's retail prices of 2026-06-18, in the shape that its documentation gives. */
import { describe, expect, it } from 'vitest';
import { azure } from '../../src/sources/azure.ts';
import { sendJson } from '../support/http.ts';
import { usdPerGpuHour } from '../support/price.ts';
import { ask, closeFakes, hostile, NOW } from '../support/source.ts';

closeFakes();

function item(changes: Record<string, unknown> = {}): Record<string, unknown> {
	return {
		currencyCode: 'USD',
		tierMinimumUnits: 0,
		retailPrice: 3.673,
		unitPrice: 3.673,
		armRegionName: 'eastus',
		location: 'US East',
		effectiveStartDate: '2022-06-01T00:00:00Z',
		meterId: 'e0d4a2d6-3c5b-5a9c-9d0e-0a6e2e0f7b11',
		meterName: 'NC24ads A100 v4',
		productName: 'Virtual Machines NCads A100 v4 Series',
		skuName: 'NC24ads A100 v4',
		serviceName: 'Virtual Machines',
		serviceFamily: 'Compute',
		unitOfMeasure: '1 Hour',
		type: 'Consumption',
		isPrimaryMeterRegion: true,
		armSkuName: 'Standard_NC24ads_A100_v4',
		...changes,
	};
}

const page = (items: unknown[], next: string | null = null) => ({
	BillingCurrency: 'USD',
	CustomerEntityId: 'Default',
	CustomerEntityType: 'Retail',
	Items: items,
	NextPageLink: next,
	Count: items.length,
});

const good = page([item()]);
const EAST = { options: { AZURE_REGIONS: 'eastus' } };
const asked = (...items: unknown[]) => ask(azure, (_, response) => sendJson(response, page(items)), EAST);

describe('DISC-02 Azure', () => {
	it('gives a machine’s price with the GPUs of its series', async () => {
		const { quotes, failing, fake } = await asked(item());
		expect(failing).toBeNull();
		expect(quotes).toHaveLength(1);
		expect(quotes[0]).toMatchObject({
			meaning: 'list-price',
			evidence: 'live',
			gpu: { model: 'a100', formFactor: 'pcie', memoryGiB: 80, rawName: 'Standard_NC24ads_A100_v4' },
			gpus: { numerator: 1, denominator: 1 },
			host: { vcpus: 24, ramGiB: 220 },
			region: { country: 'US', raw: 'eastus' },
			price: { model: 'fixed', amount: '3.673', per: 'instance' },
		});
		const query = new URL(`http://x${fake.requests[0]?.url}`).searchParams;
		expect(query.get('$filter')).toBe(
			"serviceName eq 'Virtual Machines' and armRegionName eq 'eastus' and priceType eq 'Consumption' and contains(armSkuName, 'Standard_N')",
		);
	});

	it.each([
		['Standard_ND96isr_H100_v5', 98.32, 12.29],
		['Standard_NV6ads_A10_v5', 0.454, 2.724],
		['Standard_NC80adis_H100_v5', 13.96, 6.98],
		['Standard_NC72ds_xl_RTXPRO6000BSE_v6', 2.83, 5.66],
		['Standard_NG8ads_V620_v1', 0.732, 2.928],
	])('AGT-02 divides the price of %s by its GPUs', async (armSkuName, retailPrice, expected) => {
		const { quotes } = await asked(item({ armSkuName, retailPrice }));
		expect(quotes.map(usdPerGpuHour)).toEqual([expected]);
	});

	it('tells spot from on demand by the meter', async () => {
		const spot = item({ meterName: 'NC24ads A100 v4 Spot', skuName: 'NC24ads A100 v4 Spot', retailPrice: 0.734 });
		const { quotes } = await asked(item(), spot);
		expect(quotes.map(({ price, meaning }) => [price.model, meaning, price.amount])).toEqual([
			['fixed', 'list-price', '3.673'],
			['dynamic', 'observation', '0.734'],
		]);
	});

	it.each([
		['Windows', { productName: 'Virtual Machines NCads A100 v4 Series Windows' }, 'with a licence'],
		['a dedicated host', { productName: 'NCads A100 v4 Series Dedicated Host' }, 'not a virtual machine of its own'],
		['low priority', { meterName: 'NC24ads A100 v4 Low Priority' }, 'low priority, which is no longer sold'],
		[
			'a reservation of a year',
			{ type: 'Reservation', reservationTerm: '1 Year', retailPrice: 20_000 },
			'not on demand',
		],
		['a price for testers', { type: 'DevTestConsumption' }, 'not on demand'],
		['a price of zero', { retailPrice: 0 }, 'no price'],
		['a price in euros', { currencyCode: 'EUR' }, 'price in another currency'],
		['a price of a month', { unitOfMeasure: '1/Month' }, 'unit not known'],
		['an unknown series', { armSkuName: 'Standard_ND96isr_Z900_v9' }, 'machine not known'],
		['an FPGA', { armSkuName: 'Standard_NP10s' }, 'not a GPU'],
		['a price in words', { retailPrice: '3.673' }, 'not of the documented shape'],
	])('makes no offer of %s', async (_, changes, reason) => {
		const other = item({ armSkuName: 'Standard_NC4as_T4_v3', retailPrice: 0.526 });
		const { quotes, left } = await asked(item(changes), other);
		expect(quotes.map(({ gpu }) => gpu.model)).toEqual(['t4']);
		expect(left).toEqual({ [reason]: 1 });
	});

	const day = (days: number) => new Date((NOW + days * 86_400) * 1_000).toISOString();

	it.each<[string, Record<string, unknown>[], string[], Record<string, number>]>([
		[
			'the one that holds now',
			[
				{ retailPrice: 2, effectiveStartDate: day(-900), effectiveEndDate: day(-300) },
				{ retailPrice: 3, effectiveStartDate: day(-300) },
				{ retailPrice: 1, effectiveStartDate: day(30) },
			],
			['3'],
			{ 'no longer valid': 1, 'not valid yet': 1 },
		],
		[
			'the latest of several that hold',
			[
				{ retailPrice: 3, effectiveStartDate: day(-300) },
				{ retailPrice: 2, effectiveStartDate: day(-900) },
			],
			['3'],
			{ 'replaced by a later price': 1 },
		],
		['none of the future', [{ retailPrice: 1, effectiveStartDate: day(1) }], [], { 'not valid yet': 1 }],
		['none whose end has come', [{ retailPrice: 1, effectiveEndDate: day(0) }], [], { 'no longer valid': 1 }],
	])('AGT-02 takes of prices with dates %s', async (_, changes, amounts, reasons) => {
		for (const order of [changes, changes.toReversed()]) {
			const { quotes, left } = await asked(...order.map(item));
			expect(quotes.map(({ price }) => price.amount)).toEqual(amounts);
			expect(left).toEqual(reasons);
		}
	});

	it('AGT-02 keeps terms that it does not know apart, with their words', async () => {
		const { quotes } = await asked(
			item({ skuName: 'NC24ads A100 v4 Reserved Hour' }),
			item({ meterName: 'NC24ads A100 v4 Expired' }),
		);
		expect(quotes.map(({ rental }) => rental?.term)).toEqual([
			{ kind: 'reserved', words: 'reserved hour' },
			{ kind: 'other', words: 'expired' },
		]);
	});

	it.each([
		['Virtual Machines NCads A100 v4 Series Red Hat Enterprise Linux', 'not a virtual machine of its own'],
		['NCads A100 v4 Series Cloud Services', 'not a virtual machine of its own'],
	])('AGT-02 makes no offer of another product: %s', async (productName, reason) => {
		expect((await asked(item({ productName }))).left).toEqual({ [reason]: 1 });
	});

	it('turns the pages', async () => {
		const { quotes, fake } = await ask(
			azure,
			(request, response) => {
				const next = `http://${request.headers.host}/api/retail/prices?api-version=2023-01-01-preview&$skip=1000`;
				const second = request.url?.includes('$skip=1000');
				sendJson(response, second ? page([item({ armSkuName: 'Standard_NC4as_T4_v3' })]) : page([item()], next));
			},
			EAST,
		);
		expect(fake.requests).toHaveLength(2);
		expect(quotes.map(({ gpu }) => gpu.model)).toEqual(['a100', 't4']);
	});

	it('AGT-01 follows no page to another address', async () => {
		const { quotes, incomplete, fake } = await ask(
			azure,
			(_, response) => sendJson(response, page([item()], 'https://prices.azure.com.example.com/next')),
			EAST,
		);
		expect(fake.requests).toHaveLength(1);
		expect(quotes).toHaveLength(1);
		expect(incomplete).toContain('next page is at another address');
	});

	it('AGT-01 turns pages that have no end only so far', async () => {
		const { fake, incomplete } = await ask(
			azure,
			(request, response) =>
				sendJson(response, page([item()], `http://${request.headers.host}/api/retail/prices?again`)),
			EAST,
		);
		expect(fake.requests).toHaveLength(40);
		expect(incomplete).toBe('Azure’s eastus has more than 40 pages.');
	});

	it('AGT-01 asks no further after being told to slow down, and keeps what came', async () => {
		const { quotes, incomplete, failing, fake } = await ask(
			azure,
			(request, response) => sendJson(response, good, request.url?.includes('eastus') ? 200 : 429),
			{ options: { AZURE_REGIONS: 'eastus,westus3,westeurope' } },
		);
		expect(failing).toBeNull();
		expect(quotes).toHaveLength(1);
		expect(fake.requests).toHaveLength(2);
		expect(incomplete).toBe(
			'2 of 3 parts (Azure’s westus3, Azure’s westeurope) did not come whole: Azure limits the rate of requests (429).',
		);
	});

	it('AGT-01 keeps the first page when the second does not come', async () => {
		const { quotes, incomplete, failing } = await ask(
			azure,
			(request, response) => {
				const next = `http://${request.headers.host}/api/retail/prices?$skip=1000`;
				if (request.url?.includes('$skip')) sendJson(response, {}, 429);
				else sendJson(response, page([item()], next));
			},
			EAST,
		);
		expect(failing).toBeNull();
		expect(quotes).toHaveLength(1);
		expect(incomplete).toBe('Azure’s eastus did not come whole: Azure limits the rate of requests (429).');
	});

	it('is read from a file', () => {
		expect(azure.read?.(good, NOW)).toMatchObject({ quotes: { length: 1 }, incomplete: null });
	});

	it('says of a page in a file that others follow', () => {
		const next = 'https://prices.azure.com:443/api/retail/prices?$skip=1000';
		expect(azure.read?.({ ...good, NextPageLink: next }, NOW).incomplete).toContain('another one follows');
	});
});

hostile(azure, good);
