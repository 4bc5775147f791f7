/**
 * Vast.ai: machines of many hosts at the price that each of them sets. Documented at docs.vast.ai (`POST /api/v0/bundles/`); answers without a key too.
 *
 * One answer has 64 machines at most, so each GPU model is asked for by itself, cheapest first. `dph_total` is USD for the whole machine and hour with the
 * default disk. `min_bid` is the least that a host takes for an interruptible rental, without the disk: a floor under the price, not the price.
 */
import { z } from 'zod';
import { type SourceDefinition, SourceError } from './asking/source.ts';
import { sumOf } from './reading/decimals.ts';
import { Offers, type RawOffer } from './reading/offers.ts';
import { eachPart, listOf } from './reading/parts.ts';

/** What an answer without a key is cut to. */
const MOST_OFFERS = 64;
const MOST_MODELS = 40;

/** As Vast spells them: a name that it does not know gets an empty list, not an error. */
const MODELS = [
	'B200',
	'H200',
	'H100 SXM',
	'H100 NVL',
	'H100 PCIE',
	'A100 SXM4',
	'A100 PCIE',
	'L40S',
	'L40',
	'A40',
	'L4',
	'A10',
	'RTX PRO 6000 S',
	'RTX PRO 6000 WS',
	'RTX 6000Ada',
	'RTX A6000',
	'RTX A5000',
	'RTX A4000',
	'RTX 5090',
	'RTX 5080',
	'RTX 4090',
	'RTX 4080',
	'RTX 3090',
	'RTX 3080',
	'Tesla V100',
	'Tesla T4',
];

const rowSchema = z.object({
	id: z.int().min(0),
	gpu_name: z.string(),
	num_gpus: z.int().min(1),
	/** MiB of one GPU. */
	gpu_ram: z.number().nullish(),
	dph_base: z.number().nullish(),
	dph_total: z.number(),
	min_bid: z.number().nullish(),
	search: z.object({ diskHour: z.number().nullish() }).nullish(),
	cpu_cores_effective: z.number().nullish(),
	/** MB. */
	cpu_ram: z.number().nullish(),
	inet_up_cost: z.number().nullish(),
	inet_down_cost: z.number().nullish(),
	reliability2: z.number().nullish(),
	verification: z.string().nullish(),
	geolocation: z.string().nullish(),
	rentable: z.boolean().nullish(),
	is_bid: z.boolean().nullish(),
	/** MiB of all GPUs together. */
	gpu_total_ram: z.number().nullish(),
	/** Unix seconds until which the host offers the machine. */
	end_date: z.number().nullish(),
});
type Row = z.output<typeof rowSchema>;

/** As the API answers, and as Vast's own command line writes it. */
const answerSchema = z.union([
	z.object({ offers: z.array(z.unknown()) }),
	z.array(z.looseObject({ dph_total: z.unknown() })).transform((offers) => ({ offers })),
]);

export const vast: SourceDefinition = {
	id: 'vast',
	name: 'Vast.ai',
	network: 'vast',
	url: 'https://cloud.vast.ai/create/',
	about: 'Hosts’ own prices, at most the 64 cheapest machines of each GPU; bids are shown as the floors that they are.',
	prefix: 'VAST',
	baseUrl: 'https://console.vast.ai',
	keys: ['VAST_API_KEY'],
	needsKeys: false,
	options: {
		VAST_GPUS: {
			value: MODELS.join(','),
			about: `which GPUs are asked for, in Vast’s spelling, at most ${MOST_MODELS}`,
		},
		VAST_UNVERIFIED: { value: 'no', about: '`yes` also shows machines that Vast has not verified' },
	},
	refreshSeconds: 300,
	timeoutMs: 60_000,
	fetch: async ({ http, now }, { baseUrl, keys, options }) => {
		const models = [...new Set(listOf(options.VAST_GPUS))];
		if (models.length > MOST_MODELS) {
			throw new SourceError('shape', `VAST_GPUS names ${models.length} GPUs; at most ${MOST_MODELS} are asked for.`);
		}
		const [key] = keys ?? [];
		const headers: Record<string, string> = key === undefined ? {} : { authorization: `Bearer ${key.reveal()}` };
		const offers = new Offers(vast, now);
		const asked = options.VAST_UNVERIFIED === 'yes' ? {} : { verified: { eq: true } };
		await eachPart(
			offers,
			models,
			(model) => model,
			async (model) => {
				const body = {
					...asked,
					gpu_name: { eq: model },
					rentable: { eq: true },
					type: 'ondemand',
					order: [['dph_total', 'asc']],
					limit: MOST_OFFERS,
				};
				readInto(offers, await http.json(`${baseUrl}/api/v0/bundles/`, { body, headers }));
			},
		);
		return offers.answer();
	},
	read: (body, taken) => readInto(new Offers(vast, taken), body).answer(),
};

function readInto(offers: Offers, body: unknown): Offers {
	const answer = answerSchema.safeParse(body);
	if (!answer.success) throw new SourceError('shape', 'Its answer does not list offers.');
	return offers.read(answer.data.offers, rowSchema, offersOf);
}

function offersOf(row: Row): RawOffer[] | string {
	const verification = row.verification ?? 'unverified';
	if (verification === 'deverified') return 'host lost its verification';
	if (verification !== 'verified' && verification !== 'unverified') return 'verification not known';
	const machine = {
		gpu: row.gpu_name,
		memoryGiB: memoryOf(row),
		validity: { until: row.end_date },
		gpus: row.num_gpus,
		vcpus: row.cpu_cores_effective,
		ramGiB: row.cpu_ram == null ? null : row.cpu_ram / 1024,
		region: row.geolocation?.replace(/^[\s,]+/, ''),
		per: 'instance' as const,
		includes: ['cpu', 'ram', 'default disk'],
		excludes: ['storage', ...((row.inet_up_cost ?? 0) > 0 || (row.inet_down_cost ?? 0) > 0 ? ['bandwidth'] : [])],
		available: row.rentable == null ? ('unknown' as const) : row.rentable ? ('available' as const) : ('none' as const),
		uptimeBps: shareOf(row.reliability2),
	} satisfies Partial<RawOffer>;
	// Asked for bids, Vast counts the total with the least bid.
	if (row.is_bid === true) {
		return [{ ...machine, id: `${row.id}/bid`, pricing: 'dynamic', meaning: 'floor', amount: row.dph_total }];
	}
	const offer: RawOffer = { ...machine, id: `${row.id}`, meaning: 'offer', amount: row.dph_total };
	const disk = diskOf(row);
	if (row.min_bid == null || row.min_bid <= 0 || disk === null) return [offer];
	const floor = sumOf([{ amount: row.min_bid }, { amount: disk }]);
	return [offer, { ...machine, id: `${row.id}/bid`, pricing: 'dynamic', meaning: 'floor', amount: floor }];
}

/** GiB of one GPU. Of two figures that contradict each other the smaller one: it shows a part of a GPU. */
function memoryOf({ gpu_ram: one, gpu_total_ram: all, num_gpus: gpus }: Row): number | null {
	const share = all == null || all <= 0 ? null : all / gpus;
	if (one == null) return share === null ? null : share / 1024;
	return (share !== null && share < one * 0.87 ? share : one) / 1024;
}

/** What the default disk of the machine costs in an hour; null when that cannot be told, and then neither can what a bid comes to. */
function diskOf({ search, dph_total, dph_base }: Row): number | string | null {
	if (search?.diskHour != null && search.diskHour >= 0) return search.diskHour;
	if (dph_base == null || dph_base > dph_total) return null;
	return sumOf([{ amount: dph_total }, { amount: dph_base, times: -1 }]);
}

/** `0.9987` -> 9,987 basis points. */
function shareOf(share: number | null | undefined): number | null {
	return share == null || share < 0 || share > 1 ? null : Math.round(share * 10_000);
}
