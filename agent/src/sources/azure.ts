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
	serviceName: z.string().nullish(),
	/** `1 Year`, of reservations. */
	reservationTerm: z.string().nullish(),
	tierMinimumUnits: z.number().nullish(),
	/** The interval in which the price holds; without an end it holds until another one begins. */
	effectiveStartDate: z.iso.datetime({ offset: true }).nullish(),
	effectiveEndDate: z.iso.datetime({ offset: true }).nullish(),
});
type Row = z.output<typeof rowSchema>;

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
		const offers = new Offers(azure, taken);
		addRows(offers, page.data.Items, taken);
		if (page.data.NextPageLink) offers.cut('This is a page; another one follows.');
		return offers.answer();
	},
};

async function readRegion({ http, now }: FetchContext, baseUrl: string, region: string, offers: Offers): Promise<void> {
	const rows: unknown[] = [];
	try {
		await readPages(http, baseUrl, region, offers, rows);
	} finally {
		// Prices replace each other over pages; of a list that breaks off, what came stands.
		if (rows.length > 0) addRows(offers, rows, now);
	}
}

async function readPages(
	http: FetchContext['http'],
	baseUrl: string,
	region: string,
	offers: Offers,
	rows: unknown[],
): Promise<void> {
	// Values are compared to the letter; the names of machines with GPUs all begin with N.
	const filter = `serviceName eq 'Virtual Machines' and armRegionName eq '${region.replaceAll("'", "''")}' and priceType eq 'Consumption' and contains(armSkuName, 'Standard_N')`;
	let url = `${baseUrl}/api/retail/prices?api-version=2023-01-01-preview&currencyCode='USD'&$filter=${encodeURIComponent(filter)}`;
	for (let pages = 0; pages < MOST_PAGES; pages++) {
		const page = pageSchema.safeParse(await http.json(url));
		if (!page.success) throw new SourceError('shape', 'Its answer does not list prices.');
		rows.push(...page.data.Items);
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

/** An offer with the time at which its price began. Unix seconds; 0 when that is not said. */
interface Dated {
	offer: RawOffer;
	since: number;
}

/** Adds what holds now. Of prices that follow on each other the latest stands; those that began at the same time are left to contradict each other. */
function addRows(offers: Offers, rows: readonly unknown[], now: number): void {
	const dated = new Map<string, Dated[]>();
	offers.read(rows, rowSchema, (row) => {
		const offer = offerOf(row);
		if (typeof offer === 'string') return offer;
		const since = row.effectiveStartDate == null ? 0 : Date.parse(row.effectiveStartDate) / 1_000;
		if (since > now) return 'not valid yet';
		if (row.effectiveEndDate != null && Date.parse(row.effectiveEndDate) / 1_000 <= now) return 'no longer valid';
		dated.set(offer.id, [...(dated.get(offer.id) ?? []), { offer, since }]);
		return [];
	});
	for (const all of dated.values()) {
		const latest = Math.max(...all.map(({ since }) => since));
		for (const { offer, since } of all) {
			if (since === latest) offers.add(offer);
			else offers.leave('replaced by a later price');
		}
	}
}

function offerOf(row: Row): RawOffer | string {
	const machine = azureMachine(row.armSkuName);
	if (typeof machine === 'string') return reasonOf(machine);
	// A reservation's price is that of its whole term, and still says "1 Hour".
	if (row.type !== 'Consumption') return 'not on demand';
	if (row.serviceName != null && row.serviceName !== 'Virtual Machines') return OTHER_PRODUCT;
	const product = furtherWords(row.productName, PRODUCT_WORDS);
	if (product.includes('windows')) return 'with a licence';
	if (product.length > 0) return OTHER_PRODUCT;
	if (row.unitOfMeasure !== '1 Hour') return 'unit not known';
	if (row.currencyCode !== 'USD') return 'price in another currency';
	if ((row.tierMinimumUnits ?? 0) > 0) return 'price in tiers';
	const terms = furtherWords(`${row.meterName} ${row.skuName}`, SIZE_WORDS);
	if (terms.includes('low') && terms.includes('priority')) return 'low priority, which is no longer sold';
	const term = [...terms, ...(row.reservationTerm ? [`reserved ${row.reservationTerm}`] : [])].join(' ');
	const spot = term === 'spot';
	const name = row.armSkuName.trim();
	return {
		id: `${name}/${row.armRegionName}/${term === '' ? 'on-demand' : term}`,
		gpu: name,
		...machine,
		region: row.armRegionName,
		...(spot ? { pricing: 'dynamic', meaning: 'observation' } : { meaning: 'list-price' }),
		term,
		amount: row.retailPrice,
		per: 'instance',
		includes: ['cpu', 'ram'],
	};
}

const OTHER_PRODUCT = 'not a virtual machine of its own';

/** Words of a size's own name. */
const SIZE_WORDS: ReadonlySet<string> = new Set(['standard', 'flex', 'noib', 'ndr', 'pro', 'promo', 'rtx', 'xl']);
/** Words of a plain product: `Virtual Machines NCads A100 v4 Series`, with ` Linux` behind it or not. */
const PRODUCT_WORDS: ReadonlySet<string> = new Set([
	...SIZE_WORDS,
	'linux',
	'machines',
	'series',
	'srs',
	'virtual',
	'vm',
]);

/** What is said beyond the size's name: words without a digit that are neither known nor the series itself (`NCads`), each once, in small letters. */
function furtherWords(text: string, known: ReadonlySet<string>): string[] {
	const words = text.split(/[\s_/,()-]+/).filter((word) => word !== '' && !/\d/.test(word));
	const further = words.filter((word) => !/^N[CDGPV][a-z]{0,5}$/.test(word)).map((word) => word.toLowerCase());
	return [...new Set(further)].filter((word) => !known.has(word));
}
