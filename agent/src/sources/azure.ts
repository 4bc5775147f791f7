/**
 * Azure: retail prices of virtual machines (learn.microsoft.com/rest/api/cost-management/retail-prices/azure-retail-prices), keyless. USD per
 * machine-hour, on demand and spot. It says nothing about capacity, and names machines only: the GPUs come from the table of series.
 */
import { z } from 'zod';
import { type FetchContext, type SourceAnswer, type SourceDefinition, SourceError } from './asking/source.ts';
import { azureMachine } from './reading/machines/azure.ts';
import { reasonOf } from './reading/machines/machine.ts';
import { Offers, type RawOffer } from './reading/offers.ts';
import { eachPart, listOf } from './reading/parts.ts';

/** A page has 1,000 rows; a region's machines with GPUs fill one or two. */
const MOST_PAGES = 40;

const rowSchema = z.object({
	armSkuName: z.string(),
	armRegionName: z.string(),
	retailPrice: z.number(),
	currencyCode: z.string(),
	unitOfMeasure: z.string(),
	meterName: z.string(),
	productName: z.string(),
	skuName: z.string(),
	type: z.string(),
});

const pageSchema = z.object({ Items: z.array(z.unknown()), NextPageLink: z.string().nullish() });

export const azure: SourceDefinition = {
	id: 'azure',
	name: 'Azure',
	network: 'azure',
	url: 'https://azure.microsoft.com/pricing/details/virtual-machines/linux/',
	about: 'Retail prices per machine, on demand and spot; they say nothing about capacity.',
	prefix: 'AZURE',
	baseUrl: 'https://prices.azure.com',
	keys: [],
	needsKeys: false,
	options: {
		AZURE_REGIONS: {
			value: 'eastus,southcentralus,westus3,westeurope,northeurope,swedencentral',
			about: 'regions, separated by commas',
		},
	},
	refreshSeconds: 3_600,
	timeoutMs: 60_000,
	async fetch(context, { baseUrl, options }) {
		const offers = new Offers(azure, context.now);
		await eachPart(
			offers,
			listOf(options.AZURE_REGIONS),
			(region) => `Azure’s ${region}`,
			(region) => readRegion(context, baseUrl, region, offers),
		);
		return offers.answer();
	},
	read(body, taken): SourceAnswer {
		const page = pageSchema.safeParse(body);
		if (!page.success) throw new SourceError('shape', 'Its answer does not list prices.');
		const offers = addRows(new Offers(azure, taken), page.data.Items);
		if (page.data.NextPageLink) offers.cut('This is a page; another one follows.');
		return offers.answer();
	},
};

async function readRegion({ http }: FetchContext, baseUrl: string, region: string, offers: Offers): Promise<void> {
	// Values are compared to the letter; the names of machines with GPUs all begin with N.
	const filter = `serviceName eq 'Virtual Machines' and armRegionName eq '${region.replaceAll("'", "''")}' and priceType eq 'Consumption' and contains(armSkuName, 'Standard_N')`;
	let url = `${baseUrl}/api/retail/prices?api-version=2023-01-01-preview&currencyCode='USD'&$filter=${encodeURIComponent(filter)}`;
	for (let pages = 0; pages < MOST_PAGES; pages++) {
		const page = pageSchema.safeParse(await http.json(url));
		if (!page.success) throw new SourceError('shape', 'Its answer does not list prices.');
		addRows(offers, page.data.Items);
		const next = page.data.NextPageLink;
		if (next == null || next === '') return;
		url = sameOrigin(next, baseUrl);
	}
	offers.cut(`Azure’s ${region} has more than ${MOST_PAGES} pages.`);
}

/** The next page, if it is where the first one was: an answer must not send the agent to other addresses. */
function sameOrigin(link: string, baseUrl: string): string {
	const home = new URL(baseUrl);
	const url = URL.canParse(link) ? new URL(link) : null;
	// The vendor writes its port into the link.
	if (url?.protocol !== home.protocol || url.hostname !== home.hostname || url.port !== home.port) {
		throw new SourceError('redirects', 'Its next page is at another address.');
	}
	return url.href;
}

function addRows(offers: Offers, rows: readonly unknown[]): Offers {
	return offers.read(rows, rowSchema, offerOf);
}

function offerOf(row: z.output<typeof rowSchema>): RawOffer | string {
	const machine = azureMachine(row.armSkuName);
	if (typeof machine === 'string') return reasonOf(machine);
	// A reservation's price is that of its whole term, and still says "1 Hour".
	if (row.type !== 'Consumption') return 'not on demand';
	if (/Windows/i.test(row.productName)) return 'with a licence';
	if (/Dedicated|Cloud Services/i.test(row.productName)) return 'not a virtual machine of its own';
	if (/Low Priority/i.test(`${row.meterName} ${row.skuName}`)) return 'low priority, which is no longer sold';
	if (row.unitOfMeasure !== '1 Hour') return 'unit not known';
	if (row.currencyCode !== 'USD') return 'price in another currency';
	const spot = /\bSpot\b/i.test(`${row.meterName} ${row.skuName}`);
	const name = row.armSkuName.trim();
	return {
		id: `${name}/${row.armRegionName}/${spot ? 'spot' : 'on-demand'}`,
		gpu: name,
		...machine,
		region: row.armRegionName,
		...(spot ? { pricing: 'dynamic', meaning: 'observation' } : { meaning: 'list-price' }),
		amount: row.retailPrice,
		per: 'instance',
		includes: ['cpu', 'ram'],
	};
}
