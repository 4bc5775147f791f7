/**
 * RunPod: its price list for pods, and what of it can be had in which width. Without a key by GraphQL (`gpuTypes` with `lowestPrice`), with one by
 * `GET /v2/catalog/gpus`; both documented at docs.runpod.io.
 *
 * Prices are USD for one GPU and hour, in two clouds: RunPod's data centres (`secure`) and peers (`community`). Whether a GPU can be had depends on how many
 * of them are wanted in one pod, so each width is asked for. Zero and null mean that a cloud does not have it.
 */
import { z } from 'zod';
import { type SourceAnswer, type SourceDefinition, SourceError } from './asking/source.ts';
import { Offers, type RawOffer } from './reading/offers.ts';
import { eachPart } from './reading/parts.ts';

const CLOUDS = ['secure', 'community'] as const;
type Cloud = (typeof CLOUDS)[number];
const WIDTHS = [1, 2, 4, 8] as const;

/** A GPU in one cloud at one width. */
interface Cell {
	id: string;
	name: string;
	memoryGiB: number | null;
	cloud: Cloud;
	width: number;
	/** USD per GPU-hour. */
	price: number | null;
	bid: number | null;
	stock: 'available' | 'none' | 'unknown';
}

const priceSchema = z
	.object({
		uninterruptablePrice: z.number().nullish(),
		minimumBidPrice: z.number().nullish(),
		stockStatus: z.string().nullish(),
	})
	.nullish();

const typeSchema = z.looseObject({ id: z.string(), displayName: z.string(), memoryInGb: z.number().nullish() });
const graphSchema = z.object({ data: z.object({ gpuTypes: z.array(z.unknown()) }) });

const bothOf = <Value extends z.ZodType>(value: Value) => z.object({ secure: value, community: value });
const gpuSchema = z.object({
	id: z.string(),
	name: z.string(),
	memory: z.number().nullish(),
	secure: z.boolean(),
	community: z.boolean(),
	price: bothOf(z.number().nullish()),
	availability: z.string().nullish(),
});
const catalogueSchema = z.object({ gpus: z.array(z.unknown()) });
/** As the documentation prints the answer. */
const wrappedSchema = z.object({ gpus: z.object({ value: catalogueSchema }) }).transform(({ gpus }) => gpus.value);
const listSchema = z.union([catalogueSchema, wrappedSchema]);

export const runpod: SourceDefinition = {
	id: 'runpod',
	name: 'RunPod',
	network: 'runpod',
	url: 'https://www.runpod.io/pricing',
	about: 'The price list for pods in both of its clouds, and how many GPUs one pod can have now.',
	prefix: 'RUNPOD',
	baseUrl: 'https://api.runpod.io',
	keys: ['RUNPOD_API_KEY'],
	needsKeys: false,
	refreshSeconds: 300,
	timeoutMs: 30_000,
	fetch: async ({ http, now }, { baseUrl, keys }) => {
		const offers = new Offers(runpod, now);
		const [key] = keys ?? [];
		if (key === undefined) {
			return collect(offers, graphCells(offers, await http.json(`${baseUrl}/graphql`, { body: { query: QUERY } })));
		}
		const headers = { authorization: `Bearer ${key.reveal()}` };
		const questions = CLOUDS.flatMap((cloud) => WIDTHS.map((width) => ({ cloud, width })));
		const cells: Cell[] = [];
		await eachPart(
			offers,
			questions,
			({ cloud, width }) => `${cloud} × ${width}`,
			async ({ cloud, width }) => {
				const asked = `include=AVAILABILITY&product=POD&cloud=${cloud.toUpperCase()}&count=${width}`;
				const body = await http.json(`${baseUrl}/v2/catalog/gpus?${asked}`, { headers });
				cells.push(...catalogueCells(offers, body, [cloud], width));
			},
		);
		return collect(offers, cells);
	},
	read: (body, taken) => {
		const offers = new Offers(runpod, taken);
		const isCatalogue = listSchema.safeParse(body).success;
		return collect(offers, isCatalogue ? catalogueCells(offers, body, CLOUDS, 1) : graphCells(offers, body));
	},
};

const aliasOf = (cloud: Cloud, width: number) => `${cloud}${width}`;

const QUERY = `query { gpuTypes { id displayName memoryInGb ${CLOUDS.flatMap((cloud) =>
	WIDTHS.map(
		(width) =>
			`${aliasOf(cloud, width)}: lowestPrice(input: {gpuCount: ${width}, secureCloud: ${cloud === 'secure'}}) { uninterruptablePrice minimumBidPrice stockStatus }`,
	),
).join(' ')} } }`;

function graphCells(offers: Offers, body: unknown): Cell[] {
	const answer = graphSchema.safeParse(body);
	if (!answer.success) throw new SourceError('shape', 'Its answer does not list GPU types.');
	const cells: Cell[] = [];
	const ids = new Set<string>();
	offers.read(answer.data.data.gpuTypes, typeSchema, (type) => {
		if (ids.has(type.id)) return 'named twice';
		ids.add(type.id);
		const asked = CLOUDS.some((cloud) => WIDTHS.some((width) => aliasOf(cloud, width) in type));
		if (!asked) {
			const found = plainCells(type);
			if (typeof found === 'string') return found;
			cells.push(...found);
			return [];
		}
		const before = cells.length;
		for (const cloud of CLOUDS) {
			for (const width of WIDTHS) {
				const found = priceSchema.safeParse(type[aliasOf(cloud, width)]);
				if (!found.success) return 'not of the documented shape';
				if (found.data == null) continue;
				const { uninterruptablePrice: price = null, minimumBidPrice: bid = null, stockStatus } = found.data;
				cells.push({
					id: type.id,
					name: type.displayName,
					memoryGiB: type.memoryInGb ?? null,
					cloud,
					width,
					price,
					bid,
					stock: stockOf(stockStatus),
				});
			}
		}
		if (cells.length === before) return 'no price';
		return [];
	});
	return cells;
}

/** Nothing said means that nothing is free; a word that is not known says nothing. */
function stockOf(status: string | null | undefined): Cell['stock'] {
	if (status == null || /^(?:none|unavailable)$/i.test(status)) return 'none';
	return /^(?:high|medium|low)$/i.test(status) ? 'available' : 'unknown';
}

const plainSchema = z.object({
	secureCloud: z.boolean().nullish(),
	communityCloud: z.boolean().nullish(),
	securePrice: z.number().nullish(),
	communityPrice: z.number().nullish(),
	secureSpotPrice: z.number().nullish(),
	communitySpotPrice: z.number().nullish(),
});

/** A type as others ask for it: its list prices, without a word on what can be had. The lowest price alone does not say of which cloud it is. */
function plainCells(type: z.output<typeof typeSchema>): Cell[] | string {
	const found = plainSchema.safeParse(type);
	if (!found.success) return 'not of the documented shape';
	const cells = CLOUDS.flatMap((cloud): Cell[] => {
		const { [`${cloud}Price` as const]: price, [`${cloud}SpotPrice` as const]: bid = null } = found.data;
		if (price === undefined || found.data[`${cloud}Cloud` as const] === false) return [];
		const { id, displayName: name, memoryInGb: memoryGiB = null } = type;
		return [{ id, name, memoryGiB, cloud, width: 1, price, bid, stock: 'unknown' }];
	});
	return cells.length === 0 ? 'no price' : cells;
}

/** The catalogue fills in prices of clouds that do not have the GPU: what counts is whether they say they do. */
function catalogueCells(offers: Offers, body: unknown, clouds: readonly Cloud[], width: number): Cell[] {
	const answer = listSchema.safeParse(body);
	if (!answer.success) throw new SourceError('shape', 'Its answer does not list GPUs.');
	const cells: Cell[] = [];
	offers.read(answer.data.gpus, gpuSchema, (gpu) => {
		if (!clouds.some((cloud) => gpu[cloud])) return 'in no cloud';
		for (const cloud of clouds) {
			if (!gpu[cloud]) continue;
			const price = gpu.price[cloud] ?? null;
			const stock = gpu.availability === undefined ? 'unknown' : stockOf(gpu.availability);
			cells.push({
				id: gpu.id,
				name: gpu.name,
				memoryGiB: gpu.memory ?? null,
				cloud,
				width,
				price,
				bid: null,
				stock,
			});
		}
		return [];
	});
	return cells;
}

/** One offer for each price of a GPU in a cloud; mostly all widths have the same. */
function collect(offers: Offers, cells: readonly Cell[]): SourceAnswer {
	const groups = new Map<string, Cell[]>();
	const unpriced = new Set<string>();
	for (const cell of cells) {
		const gpu = `${cell.id}/${cell.cloud}`;
		if (cell.price === null || cell.price <= 0) {
			unpriced.add(gpu);
			continue;
		}
		const key = JSON.stringify([gpu, cell.price, spotOf(cell)]);
		const group = groups.get(key);
		if (group === undefined) groups.set(key, [cell]);
		else group.push(cell);
	}
	for (const group of groups.values()) for (const offer of offersOf(group)) offers.add(offer);
	const priced = new Set([...groups.values()].map(([cell]) => `${cell?.id}/${cell?.cloud}`));
	const without = [...unpriced].filter((gpu) => !priced.has(gpu)).length;
	if (without > 0) offers.leave('no price', without);
	return offers.answer();
}

function offersOf(group: readonly Cell[]): RawOffer[] {
	const [first] = group;
	if (first === undefined) return [];
	const free = group.filter(({ stock }) => stock === 'available').map(({ width }) => width);
	const known = group.some(({ stock }) => stock !== 'unknown');
	const offer: RawOffer = {
		id: `${first.id}/${first.cloud}${first.width === 1 ? '' : `/${first.width}x`}`,
		gpu: first.name,
		// The id tells the edition that the title leaves out: an "RTX PRO 6000" is a Server Edition.
		otherName: first.id,
		memoryGiB: first.memoryGiB,
		gpus: first.width,
		meaning: known ? 'offer' : 'list-price',
		amount: first.price ?? 0,
		per: 'gpu',
		includes: ['cpu', 'ram'],
		excludes: ['storage'],
		available: known ? (free.length > 0 ? 'available' : 'none') : 'unknown',
		widest: free.length === 0 ? null : Math.max(...free),
	};
	const bid = spotOf(first);
	return bid === null
		? [offer]
		: [offer, { ...offer, id: `${offer.id}/bid`, pricing: 'dynamic', meaning: 'floor', amount: bid }];
}

/** The least bid, where it is below the price on demand; the same amount is not a spot price, it is the price. */
function spotOf({ price, bid }: Cell): number | null {
	return price !== null && bid !== null && bid > 0 && bid < price ? bid : null;
}
