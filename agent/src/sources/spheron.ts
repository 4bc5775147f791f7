/**
 * Spheron: a broker over several GPU clouds. `GET /api/gpu-offers` (docs.spheron.ai), page by page; it answers without a key, with one as `Bearer`.
 *
 * `price` is USD for the whole offer and hour. An offer of type SPOT is the spot market's; its own `spot_price` counts where it has one. Offers that are in
 * maintenance are there and cannot be had.
 */
import { termOf } from '@necto/core';
import { z } from 'zod';
import { type SourceDefinition, SourceError } from './asking/source.ts';
import { Offers, type RawOffer } from './reading/offers.ts';
import { readPages } from './reading/parts.ts';

const PAGE = 100;
const MOST_PAGES = 20;

const gpuSchema = z.object({
	gpuType: z.string(),
	displayName: z.string().nullish(),
	offers: z.array(z.unknown()),
});

const offerSchema = z.object({
	offerId: z.string(),
	provider: z.string(),
	gpuCount: z.int().min(0),
	price: z.number().nullish(),
	spot_price: z.number().nullish(),
	instanceType: z.string().nullish(),
	/** GB; whether of one GPU or of all is not said. */
	gpu_memory: z.number().nullish(),
	interconnectType: z.string().nullish(),
	vcpus: z.number().nullish(),
	memory: z.number().nullish(),
	storage: z.number().nullish(),
	clusters: z.array(z.string()).nullish(),
	region: z.string().nullish(),
	available: z.boolean().nullish(),
	maintenance: z.boolean().nullish(),
	minimumRuntimeMinutes: z.number().nullish(),
});

const rowSchema = z.object({ name: z.string(), type: z.string(), offer: offerSchema });

const pageSchema = z.object({ data: z.array(z.unknown()), totalPages: z.int().min(0).nullish() });

export const spheron: SourceDefinition = {
	id: 'spheron',
	name: 'Spheron',
	network: 'spheron',
	url: 'https://app.spheron.ai',
	about: 'Machines of other clouds, resold; the cloud is named with each.',
	prefix: 'SPHERON',
	baseUrl: 'https://app.spheron.ai',
	keys: ['SPHERON_API_KEY'],
	needsKeys: false,
	refreshSeconds: 300,
	timeoutMs: 30_000,
	fetch: async ({ http, now }, { baseUrl, keys }) => {
		const [key] = keys ?? [];
		const headers: Record<string, string> = key === undefined ? {} : { authorization: `Bearer ${key.reveal()}` };
		const offers = new Offers(spheron, now);
		await readPages(offers, MOST_PAGES, async (page) => {
			const body = await http.json(`${baseUrl}/api/gpu-offers?page=${page}&limit=${PAGE}`, { headers });
			return page < readInto(offers, body);
		});
		return offers.answer();
	},
	read: (body, taken) => {
		const offers = new Offers(spheron, taken);
		const pages = readInto(offers, body);
		if (pages > 1) offers.cut(`This is one of ${pages} pages.`);
		return offers.answer();
	},
};

/** Gives how many pages there are. */
function readInto(offers: Offers, body: unknown): number {
	const page = pageSchema.safeParse(body);
	if (!page.success) throw new SourceError('shape', 'Its answer does not list GPUs with their offers.');
	const rows: unknown[] = [];
	offers.read(page.data.data, gpuSchema, ({ gpuType, displayName, offers: all }) => {
		for (const offer of all) rows.push({ name: displayName ?? gpuType, type: gpuType, offer });
		return [];
	});
	// All together, so that a GPU whose offers are all odd leaves the others.
	offers.read(rows, rowSchema, ({ name, type, offer }) => offersOf(name, type, offer));
	return page.data.totalPages ?? 1;
}

function offersOf(name: string, type: string, row: z.output<typeof offerSchema>): RawOffer[] | string {
	if (row.gpuCount === 0) return 'not a GPU';
	const places = row.clusters?.length ? row.clusters : [row.region ?? null];
	const offers = pricesOf(row).flatMap(({ amount, term, suffix }) =>
		places.map(
			(place): RawOffer => ({
				id: [row.provider, row.offerId, ...(place === null ? [] : [place]), ...suffix].join('/'),
				gpu: [name, row.interconnectType ?? ''].join(' ').trim(),
				texts: [type, row.offerId],
				memoryGiB: row.gpuCount === 1 ? row.gpu_memory : null,
				gpus: row.gpuCount,
				vcpus: row.vcpus,
				ramGiB: row.memory,
				diskGiB: row.storage,
				region: place,
				term,
				meaning: 'offer',
				amount,
				per: 'instance',
				includes: ['cpu', 'ram', 'disk'],
				available:
					row.maintenance === true || row.available === false ? 'none' : row.available ? 'available' : 'unknown',
				upstream: { cloud: row.provider, type: row.offerId },
				...(row.minimumRuntimeMinutes == null
					? {}
					: { rental: { minSeconds: Math.ceil(row.minimumRuntimeMinutes * 60), prepaid: null } }),
			}),
		),
	);
	return offers.length === 0 ? 'no price' : offers;
}

/**
 * The prices of a row with their terms. Types are an allow list: `DEDICATED` (or none) is on demand, `SPOT` is spot, every other one is a term of its own. A machine
 * on demand that has a spot price too is two offers.
 */
function pricesOf(row: z.output<typeof offerSchema>): { amount: number; term: string | null; suffix: string[] }[] {
	const type = row.instanceType?.trim() ?? '';
	const spot = (amount: number | null | undefined, suffix: string[]) =>
		amount == null ? [] : [{ amount, term: 'spot', suffix }];
	if (/^spot$/i.test(type)) return spot(row.spot_price ?? row.price, []);
	const isOnDemand = type === '' || /^dedicated$/i.test(type) || termOf(type).kind === 'on-demand';
	const own = row.price == null ? [] : [{ amount: row.price, term: isOnDemand ? null : type, suffix: [] }];
	return isOnDemand ? [...own, ...spot(row.spot_price, ['spot'])] : own;
}
