/**
 * Prime Intellect: a broker over a dozen clouds and marketplaces. Documented at docs.primeintellect.ai (`GET /api/v1/availability/gpus`), with a key.
 *
 * Prices are USD for the whole machine and hour. The default disk is in the price even where `defaultIncludedInPrice` says no (1.6568 is
 * 1.64 + 120 GB × 0.00014): nothing is added. Rows with `isSpot` carry the spot price in `onDemand`.
 */
import { z } from 'zod';
import { type SourceAnswer, type SourceDefinition, SourceError } from './asking/source.ts';
import { Offers, type RawOffer } from './reading/offers.ts';
import { readPages } from './reading/parts.ts';
import { placeOf } from './reading/place.ts';

const PAGE = 100;
const MOST_PAGES = 50;

const resourceSchema = z.object({ defaultCount: z.number().nullish(), pricePerUnit: z.number().nullish() }).nullish();

const rowSchema = z.object({
	cloudId: z.string(),
	gpuType: z.string(),
	socket: z.string().nullish(),
	provider: z.string(),
	region: z.string().nullish(),
	dataCenter: z.string().nullish(),
	country: z.string().nullish(),
	gpuCount: z.int().min(0),
	/** GB of all GPUs together. */
	gpuMemory: z.number().nullish(),
	disk: resourceSchema,
	vcpu: resourceSchema,
	memory: resourceSchema,
	stockStatus: z.string().nullish(),
	security: z.string().nullish(),
	prices: z.object({
		onDemand: z.number().nullish(),
		communityPrice: z.number().nullish(),
		currency: z.string().nullish(),
		/** Whether the price moves while the machine runs. */
		isVariable: z.boolean().nullish(),
	}),
	isSpot: z.boolean().nullish(),
	prepaidTime: z.number().nullish(),
});

const pageSchema = z.object({ items: z.array(z.unknown()), totalCount: z.int().min(0).nullish() });
/** The older `/api/v1/availability/`: lists by GPU type. */
const olderSchema = z.record(z.string(), z.array(z.unknown()));

export const primeIntellect: SourceDefinition = {
	id: 'prime-intellect',
	name: 'Prime Intellect',
	network: 'prime-intellect',
	url: 'https://app.primeintellect.ai/dashboard/create-cluster',
	about: 'Machines of other clouds and marketplaces, resold; the cloud is named with each.',
	prefix: 'PRIMEINTELLECT',
	baseUrl: 'https://api.primeintellect.ai',
	keys: ['PRIMEINTELLECT_API_KEY'],
	needsKeys: true,
	refreshSeconds: 300,
	timeoutMs: 30_000,
	fetch: async ({ http, now }, { baseUrl, keys }) => {
		const headers = { authorization: `Bearer ${keys?.[0]?.reveal() ?? ''}` };
		const offers = new Offers(primeIntellect, now);
		let seen = 0;
		await readPages(offers, MOST_PAGES, async (page) => {
			const url = `${baseUrl}/api/v1/availability/gpus?page=${page}&page_size=${PAGE}`;
			const { rows, total } = rowsOf(await http.json(url, { headers }));
			seen += rows.length;
			offers.read(rows, rowSchema, offersOf);
			if (rows.length === 0 && seen < (total ?? 0)) {
				throw new SourceError('shape', `it gives ${seen} of ${total} rows.`);
			}
			return total !== null && seen < total;
		});
		return offers.answer();
	},
	read,
};

function read(body: unknown, taken: number): SourceAnswer {
	const { rows, total } = rowsOf(body);
	const offers = new Offers(primeIntellect, taken).read(rows, rowSchema, offersOf);
	if (total !== null && rows.length < total) offers.cut(`This is a page of ${rows.length} of ${total} rows.`);
	return offers.answer();
}

function rowsOf(body: unknown): { rows: unknown[]; total: number | null } {
	const page = pageSchema.safeParse(body);
	if (page.success) return { rows: page.data.items, total: page.data.totalCount ?? null };
	const older = olderSchema.safeParse(body);
	if (!older.success) throw new SourceError('shape', 'Its answer does not list machines.');
	return { rows: Object.values(older.data).flat(), total: null };
}

function offersOf(row: z.output<typeof rowSchema>): RawOffer[] | string {
	if (/^cpu_node$/i.test(row.gpuType) || row.gpuCount === 0) return 'not a GPU';
	const { prices } = row;
	if (prices.currency !== 'USD') return 'not in USD';
	const spot = row.isSpot === true;
	const prepaid = row.prepaidTime != null && row.prepaidTime !== 0;
	const variable = prices.isVariable === true && !spot;
	const terms = [
		...(spot ? ['spot'] : []),
		...(prepaid ? [`prepaid ${row.prepaidTime}`] : []),
		...(variable ? ['variable'] : []),
	];
	const offer = {
		gpu: [row.gpuType, row.socket ?? ''].join(' ').trim(),
		memoryGiB: row.gpuMemory == null ? null : row.gpuMemory / row.gpuCount,
		gpus: row.gpuCount,
		vcpus: row.vcpu?.defaultCount,
		ramGiB: row.memory?.defaultCount,
		diskGiB: row.disk?.defaultCount,
		region: placeOf(row.dataCenter ?? row.region, row.country),
		term: terms.join(', '),
		pricing: spot ? ('dynamic' as const) : ('fixed' as const),
		meaning: 'offer' as const,
		per: 'instance' as const,
		includes: ['cpu', 'ram', 'disk'],
		...(row.disk?.pricePerUnit ? { excludes: ['storage'] } : {}),
		available: stockOf(row.stockStatus),
		upstream: { cloud: row.provider, type: row.cloudId },
		// For how long it is paid ahead is published without its unit.
		...(prepaid ? { rental: { minSeconds: null, prepaid: true } } : {}),
	};
	const where = row.dataCenter ?? row.region ?? row.country ?? '-';
	const id = [row.provider, row.cloudId, row.socket ?? '-', row.gpuCount, where, row.security ?? '-'].join('/');
	const suffix = `${spot ? '/spot' : ''}${prepaid ? `/prepaid-${row.prepaidTime}` : ''}${variable ? '/variable' : ''}`;
	const priced = [
		{ id: `${id}${suffix}`, amount: prices.onDemand },
		{ id: `${id}${suffix}/community`, amount: prices.communityPrice },
	].flatMap(({ id, amount }) => (amount == null || amount <= 0 ? [] : [{ ...offer, id, amount }]));
	return priced.length === 0 ? 'no price' : priced;
}

function stockOf(status: string | null | undefined): 'available' | 'none' | 'unknown' {
	if (status == null) return 'unknown';
	if (/^(available|high|medium|low)$/i.test(status)) return 'available';
	return /^(unavailable|none|out.?of.?stock)$/i.test(status) ? 'none' : 'unknown';
}
