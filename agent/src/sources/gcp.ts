/**
 * Google Cloud: the catalogue of billing (cloud.google.com/billing/docs/reference/rest/v1/services.skus), with an API key.
 *
 * It prices a GPU, a core and a gigabyte of memory apart, each per hour. A GPU alone is nothing that can be rented: a machine is the sum of its
 * parts, computed here exactly, in nano-dollars. A region in which a part has no price has no machine. Prices of commitments, reservations,
 * custom machines and workstations are other goods.
 */
import { z } from 'zod';
import { type SourceAnswer, type SourceDefinition, SourceError } from './asking/source.ts';
import { GCP_SHAPES, type GcpShape, gpuPriceName, shapeTitle } from './reading/machines/gcp.ts';
import { Offers, type RawOffer } from './reading/offers.ts';

const COMPUTE_ENGINE = '6F81-5844-456A';
const MOST_PAGES = 40;

const skuSchema = z.object({
	description: z.string(),
	category: z.object({ resourceFamily: z.string(), resourceGroup: z.string(), usageType: z.string() }),
	serviceRegions: z.array(z.string()),
	pricingInfo: z
		.array(
			z.object({
				pricingExpression: z.object({
					usageUnit: z.string(),
					tieredRates: z.array(
						z.object({
							startUsageAmount: z.number(),
							unitPrice: z.object({
								currencyCode: z.string(),
								units: z.string().regex(/^\d{1,9}$/),
								nanos: z.int().min(0).max(999_999_999),
							}),
						}),
					),
				}),
			}),
		)
		.min(1),
});
type Sku = z.output<typeof skuSchema>;

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
				// Of tens of thousands of prices a few hundred are kept.
				skus.push(...more.filter(isOfCompute));
				token = nextPageToken ?? '';
			} catch (error) {
				if (page === 0 || !(error instanceof SourceError)) throw error;
				offers.cut(`A page of its catalogue did not come: ${error.message}`);
				break;
			}
		}
		return addMachines(offers, skus).answer();
	},
	read(body, taken): SourceAnswer {
		const { skus, nextPageToken } = pageOf(body);
		const offers = addMachines(new Offers(gcp, taken), skus);
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

function isOfCompute(row: unknown): boolean {
	const described = z.object({ description: z.string() }).safeParse(row);
	return described.success && partOf(described.data.description) !== null;
}

function addMachines(offers: Offers, rows: readonly unknown[]): Offers {
	const prices = new Prices();
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
	for (const usage of ['OnDemand', 'Preemptible'] as const) {
		for (const region of prices.regionsWithGpus(usage)) {
			for (const shape of GCP_SHAPES) {
				if (shape.spotOnly && usage === 'OnDemand') continue;
				const made = machineOf(prices, usage, region, shape);
				if (typeof made === 'string') offers.leave(made);
				else if (made !== null) offers.add(made);
			}
		}
	}
	return offers;
}

type Usage = 'OnDemand' | 'Preemptible';

/** Null when the region does not have the GPU. */
function machineOf(prices: Prices, usage: Usage, region: string, shape: GcpShape): RawOffer | string | null {
	const { family, gpus, vcpus, ramGiB } = shape;
	const gpu = prices.of(usage, region, `gpu ${gpuPriceName(shape)}`);
	const core = prices.of(usage, region, `core ${family}`);
	const ram = prices.of(usage, region, `ram ${family}`);
	if (gpu === undefined) return null;
	if (core === undefined || ram === undefined) return 'host price missing';
	if (gpu === 'several' || core === 'several' || ram === 'several') return 'a part has several prices';
	const nanos = gpu * BigInt(gpus[0]) + core * BigInt(vcpus) + ram * BigInt(ramGiB);
	const title = shapeTitle(shape);
	const spot = usage === 'Preemptible';
	return {
		id: `${title}/${region}/${spot ? 'spot' : 'on-demand'}`,
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

/** Nano-dollars of one GPU, core or gigabyte for an hour. */
class Prices {
	readonly #nanos = new Map<string, bigint | 'several'>();
	readonly #regions: Record<Usage, Set<string>> = { OnDemand: new Set(), Preemptible: new Set() };

	/** Gives the reason when the row is no price of a part of a machine; rows about other goods are passed over without one. */
	add({ description, category, serviceRegions, pricingInfo }: Sku): string | null {
		const part = partOf(description);
		const { usageType: usage } = category;
		if (part === null) return null;
		if (usage !== 'OnDemand' && usage !== 'Preemptible') return 'bound for a time';
		// The latest comes last.
		const price = pricingInfo.at(-1)?.pricingExpression;
		const rate = price?.tieredRates.find(({ startUsageAmount }) => startUsageAmount === 0)?.unitPrice;
		if (rate === undefined) return 'no price';
		if (rate.currencyCode !== 'USD') return 'price in another currency';
		if (price?.usageUnit !== (part.startsWith('ram') ? 'GiBy.h' : 'h')) return 'unit not known';
		const nanos = BigInt(rate.units) * 1_000_000_000n + BigInt(rate.nanos);
		if (nanos === 0n) return 'no price';
		for (const region of serviceRegions) {
			const key = `${usage} ${region} ${part}`;
			const known = this.#nanos.get(key);
			this.#nanos.set(key, known === undefined || known === nanos ? nanos : 'several');
			if (part.startsWith('gpu')) this.#regions[usage].add(region);
		}
		return null;
	}

	of(usage: Usage, region: string, part: string): bigint | 'several' | undefined {
		return this.#nanos.get(`${usage} ${region} ${part}`);
	}

	regionsWithGpus(usage: Usage): string[] {
		return [...this.#regions[usage]].sort();
	}
}

const GPUS: readonly (readonly [pattern: RegExp, part: string])[] = [
	[/^Nvidia (?:Tesla )?A100 80GB GPU\b/i, 'gpu a100 80'],
	[/^Nvidia (?:Tesla )?A100 GPU\b/i, 'gpu a100 40'],
	[/^Nvidia H100 80GB GPU\b/i, 'gpu h100 80'],
	[/^Nvidia H100 (?:80GB (?:Mega|Plus)|Mega 80GB) GPU\b/i, 'gpu h100-mega 80'],
	[/^(?:Nvidia )?H200 141GB GPU\b/i, 'gpu h200 141'],
	[/^Nvidia L4 GPU\b/i, 'gpu l4 24'],
	[/^Nvidia Tesla T4 GPU\b/i, 'gpu t4 16'],
	[/^Nvidia Tesla V100 GPU\b/i, 'gpu v100 16'],
	[/^Nvidia Tesla P100 GPU\b/i, 'gpu p100 16'],
	[/^Nvidia Tesla P4 GPU\b/i, 'gpu p4 8'],
];

const HOST = /^(A2|A3|A3Plus|A3Ultra|A4|G2|N1 Predefined) Instance (Core|Ram) running in /i;
const OTHER_GOODS = /commit|reserv|custom|premium|sole tenancy|virtual workstation|dws|calendar|extended|overcommit/i;

/** Which part of a machine a price is about: `gpu a100 80`, `core A2`. Null for all other goods. */
function partOf(description: string): string | null {
	if (OTHER_GOODS.test(description)) return null;
	const plain = description.replace(/^Spot Preemptible /i, '');
	const gpu = GPUS.find(([pattern]) => pattern.test(plain));
	if (gpu !== undefined) return gpu[1];
	const [, family = '', part = ''] = HOST.exec(plain) ?? [];
	if (family === '') return null;
	const name = GCP_SHAPES.find(
		(shape) => shape.family.toLowerCase() === family.replace(/ Predefined/i, '').toLowerCase(),
	);
	return name === undefined ? null : `${part.toLowerCase()} ${name.family}`;
}

function nanosText(nanos: bigint): string {
	const digits = nanos.toString().padStart(10, '0');
	return `${digits.slice(0, -9)}.${digits.slice(-9)}`.replace(/\.?0+$/, '');
}
