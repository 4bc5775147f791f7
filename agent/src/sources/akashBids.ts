/**
 * Akash's binding prices: the bids that providers make on a deployment of one's own. Shapes as in the Console API's schemas (akash-network/console):
 * `GET /v1/bids?dseq=`, `GET /v1/blocks`, `GET /v1/providers`.
 *
 * A bid is for the deployment's whole group and for each block, in one of three denominations.
 */
import { z } from 'zod';
import { SourceError } from './asking/source.ts';
import type { Offers, RawOffer } from './reading/offers.ts';

/** Prices of leases, in 10^-6 of what they are named after. */
const DENOMS: ReadonlyMap<string, string> = new Map([
	// ACT is minted by burning AKT worth one US dollar, cannot be sold on, and only pays for leases: a price in it is a price in dollars.
	['uact', 'USD'],
	['uakt', 'AKT'],
	// USDC, brought over by Axelar.
	['ibc/170C677610AC31DF0904FFE09CD3B5C657492170E7E52372E48756B71E56F2F1', 'USD'],
]);

/** What Akash's own console reckons with. */
const STATED_BLOCK = { milliseconds: 6_000, from: 'stated' } as const;
/** Blocks that took longer or shorter than this are no measure. */
const BLOCK_LIMITS = { least: 1_000, most: 60_000 };

export type BlockTime = NonNullable<RawOffer['block']>;

export interface AkashProvider {
	region: string | null;
	uptimeBps: number | null;
	online: boolean | null;
}

const whole = z.string().regex(/^\d{1,20}$/);
const bidId = z.object({
	dseq: z.string(),
	gseq: z.union([z.int(), z.string()]),
	oseq: z.union([z.int(), z.string()]),
	provider: z.string(),
});
const bidSchema = z.object({
	bid: z.object({
		// The chain renamed it; both are answered.
		id: bidId.optional(),
		bid_id: bidId.optional(),
		state: z.string(),
		price: z.object({ denom: z.string(), amount: z.string() }),
		resources_offer: z.array(
			z.object({
				count: z.int().min(1),
				resources: z.object({
					cpu: z.object({ units: z.object({ val: whole }) }),
					memory: z.object({ quantity: z.object({ val: whole }) }),
					storage: z.array(z.object({ quantity: z.object({ val: whole }) })),
					gpu: z.object({
						units: z.object({ val: whole }),
						attributes: z.array(z.object({ key: z.string(), value: z.string() })),
					}),
				}),
			}),
		),
	}),
});
type Resources = z.output<typeof bidSchema>['bid']['resources_offer'];

/** As the Console API answers, and as a node of the chain does (`/akash/market/…/bids/list`). */
const answerSchema = z.union([
	z.object({ data: z.array(z.unknown()) }).transform(({ data }) => data),
	z.object({ bids: z.array(z.unknown()) }).transform(({ bids }) => bids),
]);

/** Whether it is an answer of `/v1/bids`. */
export function isBids(body: unknown): boolean {
	return answerSchema.safeParse(body).success;
}

/**
 * Adds the open bids of an answer of `/v1/bids`.
 *
 * @param providers what is known of who bids, by address
 * @throws SourceError when it is not such an answer
 */
export function addBids(
	offers: Offers,
	body: unknown,
	block: BlockTime,
	providers: ReadonlyMap<string, AkashProvider>,
): void {
	const answer = answerSchema.safeParse(body);
	if (!answer.success) throw new SourceError('shape', 'Its answer does not list bids.');
	offers.read(answer.data, bidSchema, ({ bid }) => {
		const id = bid.id ?? bid.bid_id;
		if (id === undefined) return 'not of the documented shape';
		if (bid.state !== 'open') return 'bid not open';
		const currency = DENOMS.get(bid.price.denom);
		if (currency === undefined) return 'in a currency that is not known';
		const gpus = gpusOf(bid.resources_offer);
		if (typeof gpus === 'string') return gpus;
		const provider = providers.get(id.provider);
		return {
			id: `bid/${id.dseq}/${id.gseq}/${id.oseq}/${id.provider}`,
			gpu: gpus.name,
			gpus: gpus.count,
			...hostOf(bid.resources_offer),
			region: provider?.region ?? null,
			pricing: 'token',
			meaning: 'offer',
			amount: bid.price.amount,
			currency,
			exponent: 6,
			per: 'instance',
			time: 'block',
			block,
			includes: ['cpu', 'ram', 'disk'],
			available: provider?.online === false ? 'unknown' : 'available',
			free: gpus.count,
			uptimeBps: provider?.uptimeBps ?? null,
		};
	});
}

/** How many GPUs of which kind; a bid that leaves either open makes no price of one GPU. */
function gpusOf(resources: Resources): { name: string; count: number } | string {
	const names = new Set<string>();
	let count = 0;
	for (const { count: copies, resources: each } of resources) {
		const units = Number(each.gpu.units.val);
		if (units === 0) continue;
		count += units * copies;
		const kinds = each.gpu.attributes.filter(({ value }) => value === 'true').map(({ key }) => nameOf(key));
		for (const kind of kinds.length === 0 ? [null] : kinds) {
			if (kind === null) return 'does not say which GPU';
			names.add(kind);
		}
	}
	const [name] = names;
	if (name === undefined) return 'not a GPU';
	return names.size === 1 ? { name, count } : 'several kinds of GPU';
}

/** `vendor/nvidia/model/h100/ram/80Gi/interface/sxm` -> `nvidia h100 80Gi sxm`; `*` is any. */
function nameOf(key: string): string | null {
	const [, vendor, model, ram = '', form = ''] =
		/^vendor\/(\w+)\/model\/([\w-]+)(?:\/ram\/(\w+))?(?:\/interface\/(\w+))?$/.exec(key) ?? [];
	return model === undefined ? null : `${vendor} ${model} ${ram} ${form}`.trim().replace(/ +/g, ' ');
}

/** CPU comes in thousandths, memory and storage in bytes. */
function hostOf(resources: Resources): Pick<RawOffer, 'vcpus' | 'ramGiB' | 'diskGiB'> {
	let [cpu, ram, disk] = [0, 0, 0];
	for (const { count, resources: each } of resources) {
		cpu += Number(each.cpu.units.val) * count;
		ram += Number(each.memory.quantity.val) * count;
		for (const { quantity } of each.storage) disk += Number(quantity.val) * count;
	}
	return { vcpus: cpu / 1_000, ramGiB: ram / 2 ** 30, diskGiB: disk / 2 ** 30 };
}

const blockSchema = z.array(z.object({ height: z.int().positive(), datetime: z.iso.datetime({ offset: true }) }));

/**
 * How long a block takes, from the first and the last of an answer of `/v1/blocks`; what Akash states if that tells nothing. To the nearest
 * millisecond.
 */
export function blockTimeOf(body: unknown): BlockTime {
	const blocks = blockSchema.safeParse(body);
	if (!blocks.success) return STATED_BLOCK;
	const sorted = blocks.data.toSorted((a, b) => a.height - b.height);
	const [first, last] = [sorted[0], sorted.at(-1)];
	if (first === undefined || last === undefined || first.height === last.height) return STATED_BLOCK;
	const milliseconds = Math.round(
		(Date.parse(last.datetime) - Date.parse(first.datetime)) / (last.height - first.height),
	);
	const likely = milliseconds >= BLOCK_LIMITS.least && milliseconds <= BLOCK_LIMITS.most;
	return likely ? { milliseconds, from: 'measured' } : STATED_BLOCK;
}

const providerSchema = z.object({
	owner: z.string(),
	ipRegion: z.string().nullish(),
	ipCountryCode: z.string().nullish(),
	isOnline: z.boolean().nullish(),
	uptime7d: z.number().min(0).max(1).nullish(),
});

/** Where providers stand and how reliably they were online for a week, by address. */
export function providersOf(body: unknown): Map<string, AkashProvider> {
	const rows = z.array(z.unknown()).safeParse(body);
	if (!rows.success) throw new SourceError('shape', 'Its answer does not list providers.');
	return new Map(
		rows.data.flatMap((row): [string, AkashProvider][] => {
			const { data } = providerSchema.safeParse(row);
			if (data === undefined) return [];
			const region = [data.ipRegion, data.ipCountryCode].filter((part) => part != null && part !== '').join(', ');
			const uptimeBps = data.uptime7d == null ? null : Math.floor(data.uptime7d * 10_000);
			return [[data.owner, { region: region === '' ? null : region, uptimeBps, online: data.isOnline ?? null }]];
		}),
	);
}
