/**
 * Google Cloud: the catalogue of billing (cloud.google.com/billing/docs/reference/rest/v1/services.skus), with an API key.
 *
 * It prices a GPU, a core and a gigabyte of memory apart, each per hour. A GPU alone is nothing that can be rented: a machine is the sum of its
 * parts, computed here exactly, in nano-dollars. A region in which a part has no price has no machine. Prices of commitments, reservations,
 * custom machines and workstations are other goods.
 */
import { z } from 'zod';
import { type SourceAnswer, type SourceDefinition, SourceError } from './asking/source.ts';
import { partOf, reasonFor, skuSchema, type Usage } from './gcpParts.ts';
import { GcpPrices, type PartPrice } from './gcpPrices.ts';
import { GCP_SHAPES, type GcpShape, gpuPriceName, shapeTitle } from './reading/machines/gcp.ts';
import { Offers, type RawOffer } from './reading/offers.ts';

const COMPUTE_ENGINE = '6F81-5844-456A';
const MOST_PAGES = 40;

const pageSchema = z.object({ skus: z.array(z.unknown()), nextPageToken: z.string().optional() });

export const gcp: SourceDefinition = {
	id: 'gcp',
	name: 'Google Cloud',
	network: 'gcp',
	url: 'https://cloud.google.com/compute/gpus-pricing',
	about: 'List prices of GPU and host together; disks that some machines need, and capacity, are not part of them.',
	prefix: 'GCP',
	baseUrl: 'https://cloudbilling.googleapis.com',
	keys: ['GCP_API_KEY'],
	needsKeys: true,
	refreshSeconds: 21_600,
	timeoutMs: 120_000,
	maxBytes: 32 * 1024 * 1024,
	async fetch({ http, now }, { baseUrl, keys }) {
		const headers = { 'x-goog-api-key': keys?.[0]?.reveal() ?? '' };
		const offers = new Offers(gcp, now);
		const skus: unknown[] = [];
		let token = '';
		for (let page = 0; page === 0 || token !== ''; page++) {
			if (page === MOST_PAGES) {
				offers.cut(`Its catalogue has more than ${MOST_PAGES} pages.`);
				break;
			}
			try {
				const query = `pageSize=5000&currencyCode=USD${token === '' ? '' : `&pageToken=${encodeURIComponent(token)}`}`;
				const answer = await http.json(`${baseUrl}/v1/services/${COMPUTE_ENGINE}/skus?${query}`, { headers });
				const { skus: more, nextPageToken } = pageOf(answer);
				skus.push(...ofMachines(offers, more));
				token = nextPageToken ?? '';
			} catch (error) {
				if (page === 0 || !(error instanceof SourceError)) throw error;
				offers.cut(`A page of its catalogue did not come: ${error.message}`);
				break;
			}
		}
		return addMachines(offers, skus, now).answer();
	},
	read(body, taken): SourceAnswer {
		const { skus, nextPageToken } = pageOf(body);
		const offers = addMachines(new Offers(gcp, taken), skus, taken);
		if (nextPageToken) offers.cut('This is a page; another one follows.');
		return offers.answer();
	},
};

/** @throws SourceError when it is no page of the catalogue */
function pageOf(body: unknown): z.output<typeof pageSchema> {
	const page = pageSchema.safeParse(body);
	if (!page.success) throw new SourceError('shape', 'Its answer does not list prices.');
	return page.data;
}

/** Keeps what is about parts of GPU machines, a few hundred of tens of thousands of prices; the others are counted. */
function ofMachines(offers: Offers, rows: readonly unknown[]): unknown[] {
	return rows.filter((row) => {
		const sku = skuSchema.safeParse(row);
		if (!sku.success || partOf(sku.data.description) !== null) return true;
		offers.leave(reasonFor(sku.data));
		return false;
	});
}

function addMachines(offers: Offers, rows: readonly unknown[], now: number): Offers {
	const prices = new GcpPrices(now);
	let shaped = 0;
	for (const row of rows) {
		const sku = skuSchema.safeParse(row);
		if (!sku.success) {
			offers.leave('not of the documented shape');
			continue;
		}
		shaped++;
		const reason = prices.add(sku.data);
		if (reason !== null) offers.leave(reason);
	}
	if (rows.length > 0 && shaped === 0) throw new SourceError('shape', 'None of its rows has the documented fields.');
	for (const usage of ['on-demand', 'spot'] as const) {
		for (const region of prices.regionsWithGpus(usage)) {
			for (const shape of GCP_SHAPES) {
				if (shape.spotOnly && usage === 'on-demand') continue;
				const made = machineOf(prices, usage, region, shape);
				if (typeof made === 'string') offers.leave(made);
				else if (made !== null) offers.add(made);
			}
		}
	}
	for (const reason of prices.unused) offers.leave(reason);
	return offers;
}

/** Null when the region does not have the GPU. */
function machineOf(prices: GcpPrices, usage: Usage, region: string, shape: GcpShape): RawOffer | string | null {
	const nanos = bundled(prices, usage, region, shape) ?? composed(prices, usage, region, shape);
	if (nanos === null || typeof nanos === 'string') return nanos;
	const title = shapeTitle(shape);
	const spot = usage === 'spot';
	return {
		id: `${title}/${region}/${usage}`,
		gpu: title,
		...shape,
		region,
		...(spot ? { pricing: 'dynamic', meaning: 'observation' } : { meaning: 'list-price' }),
		amount: nanosText(nanos),
		per: 'instance',
		includes: ['cpu', 'ram'],
		// Google sells disks apart, also those in a2-ultragpu and a3 machines.
		excludes: ['storage'],
	};
}

/** Machines that are sold in slices, each a GPU, or a share of one, with its cores and memory. Null when they have no such price there. */
function bundled(prices: GcpPrices, usage: Usage, region: string, shape: GcpShape): bigint | string | null {
	if (shape.slices === null) return null;
	const slice = prices.take(usage, region, `slice ${gpuPriceName(shape)}`);
	if (slice === undefined) return null;
	return slice === 'several' ? SEVERAL : slice * BigInt(shape.slices);
}

const SEVERAL = 'a part has several prices';

/** Machines whose GPUs, cores and memory have a price each. */
function composed(prices: GcpPrices, usage: Usage, region: string, shape: GcpShape): bigint | string | null {
	const { family, gpus, vcpus, ramGiB } = shape;
	// A share of a GPU is sold as a slice only: a whole one's price is not divided.
	if (gpus[1] !== 1) return null;
	const gpu = prices.take(usage, region, `gpu ${gpuPriceName(shape)}`);
	if (gpu === undefined) return null;
	const core = hostPrice(prices, usage, region, `core ${family}`);
	const ram = hostPrice(prices, usage, region, `ram ${family}`);
	if (core === undefined || ram === undefined) return 'host price missing';
	if (gpu === 'several' || core === 'several' || ram === 'several') return SEVERAL;
	return gpu * BigInt(gpus[0]) + core * BigInt(vcpus) + ram * BigInt(ramGiB);
}

/** A host without a spot price in the list counts at its price on demand, which is never below it. */
function hostPrice(prices: GcpPrices, usage: Usage, region: string, part: string): PartPrice | undefined {
	return prices.take(usage, region, part) ?? (usage === 'spot' ? prices.take('on-demand', region, part) : undefined);
}

function nanosText(nanos: bigint): string {
	const digits = nanos.toString().padStart(10, '0');
	return `${digits.slice(0, -9)}.${digits.slice(-9)}`.replace(/\.?0+$/, '');
}
