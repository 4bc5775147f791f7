/**
 * Hyperbolic: the catalogue that it keeps for SkyPilot (`GET /v2/skypilot/catalog`), with a key; the rows are those of SkyPilot's catalogue files.
 *
 * Prices are USD for a whole instance and hour. The catalogue does not say what is free, and its region is `default`: none.
 */
import { z } from 'zod';
import { type SourceAnswer, type SourceDefinition, SourceError } from './asking/source.ts';
import { Offers, type RawOffer } from './reading/offers.ts';

const amount = z.union([z.number(), z.string()]);

const rowSchema = z.object({
	InstanceType: z.string(),
	AcceleratorName: z.string(),
	AcceleratorCount: z.coerce.number().pipe(z.int().min(0)),
	vCPUs: z.coerce.number().nullish(),
	MemoryGiB: z.coerce.number().nullish(),
	StorageGiB: z.coerce.number().nullish(),
	Price: amount,
	Region: z.string().nullish(),
	GpuInfo: z.unknown(),
});

const answerSchema = z.object({ vms: z.array(z.unknown()) });
const infoSchema = z.object({ Gpus: z.array(z.object({ Name: z.string() })).min(1) });
/** The names in a Python dictionary, as catalogue files write it. */
const NAME = /['"]Name['"]\s*:\s*(['"])(.*?)\1/g;

export const hyperbolic: SourceDefinition = {
	id: 'hyperbolic',
	name: 'Hyperbolic',
	network: 'hyperbolic',
	url: 'https://app.hyperbolic.ai/gpus',
	about: 'The catalogue of its instances on demand; what is free is not said.',
	prefix: 'HYPERBOLIC',
	baseUrl: 'https://api.hyperbolic.xyz',
	keys: ['HYPERBOLIC_API_KEY'],
	needsKeys: true,
	refreshSeconds: 600,
	fetch: async ({ http, now }, { baseUrl, keys }) => {
		const headers = { authorization: `Bearer ${keys?.[0]?.reveal() ?? ''}` };
		return read(await http.json(`${baseUrl}/v2/skypilot/catalog`, { headers }), now);
	},
	read,
};

function read(body: unknown, taken: number): SourceAnswer {
	const answer = answerSchema.safeParse(body);
	if (!answer.success) throw new SourceError('shape', 'Its answer does not list instances.');
	return new Offers(hyperbolic, taken).read(answer.data.vms, rowSchema, offerOf).answer();
}

function offerOf(row: z.output<typeof rowSchema>): RawOffer | string {
	if (row.AcceleratorCount === 0) return 'not a GPU';
	const gpus = gpuNamesIn(row.GpuInfo);
	const region = row.Region === 'default' ? null : row.Region;
	return {
		id: [row.InstanceType, ...(region ? [region] : [])].join('/'),
		// The longer name has what the short one leaves out: NVIDIA-H100-80GB-HBM3 is an H100 SXM.
		gpu: gpus[0] ?? row.AcceleratorName,
		otherName: row.AcceleratorName,
		texts: [row.InstanceType, ...gpus],
		gpus: row.AcceleratorCount,
		vcpus: row.vCPUs,
		ramGiB: row.MemoryGiB,
		diskGiB: row.StorageGiB,
		region,
		meaning: 'list-price',
		amount: row.Price,
		per: 'instance',
		includes: ['cpu', 'ram', 'disk'],
	};
}

function gpuNamesIn(info: unknown): string[] {
	if (typeof info === 'string') return [...info.matchAll(NAME)].map(([, , name = '']) => name);
	const parsed = infoSchema.safeParse(info);
	return parsed.success ? parsed.data.Gpus.map(({ Name }) => Name) : [];
}
