/**
 * Lambda: its instance types with their prices and the regions that have some free. Documented at docs.lambda.ai (Cloud API,
 * `GET /api/v1/instance-types`), with a key.
 *
 * Prices are US cents for an instance and hour, and fall with its size: what eight GPUs cost each is no price for one. They hardly ever move; what
 * moves is capacity. GPU memory stands in the description only.
 */
import { z } from 'zod';
import { type SourceAnswer, type SourceDefinition, SourceError } from './asking/source.ts';
import { Offers, type RawOffer } from './reading/offers.ts';
import { placeOf } from './reading/place.ts';

const rowSchema = z.object({
	instance_type: z.object({
		name: z.string(),
		description: z.string().nullish(),
		gpu_description: z.string(),
		price_cents_per_hour: z.number(),
		architecture: z.string().nullish(),
		specs: z.object({
			gpus: z.int().min(0),
			vcpus: z.number().nullish(),
			memory_gib: z.number().nullish(),
			storage_gib: z.number().nullish(),
		}),
	}),
	regions_with_capacity_available: z.array(z.object({ name: z.string(), description: z.string().nullish() })).nullish(),
});

/** By name of the type; files that were cut down to the data come without their wrapper. */
const answerSchema = z.union([
	z.object({ data: z.record(z.string(), z.unknown()) }).transform(({ data }) => data),
	z.record(z.string(), z.unknown()),
]);

export const lambda: SourceDefinition = {
	id: 'lambda',
	name: 'Lambda',
	network: 'lambda',
	url: 'https://lambda.ai/pricing',
	about: 'Prices of whole instances, on demand, and the regions in which one is free now.',
	prefix: 'LAMBDA',
	baseUrl: 'https://cloud.lambda.ai',
	keys: ['LAMBDA_API_KEY'],
	needsKeys: true,
	refreshSeconds: 300,
	fetch: async ({ http, now }, { baseUrl, keys }) => {
		const headers = { authorization: `Bearer ${keys?.[0]?.reveal() ?? ''}` };
		return read(await http.json(`${baseUrl}/api/v1/instance-types`, { headers }), now);
	},
	read,
};

function read(body: unknown, taken: number): SourceAnswer {
	const answer = answerSchema.safeParse(body);
	if (!answer.success) throw new SourceError('shape', 'Its answer does not hold instance types by name.');
	return new Offers(lambda, taken).read(Object.values(answer.data), rowSchema, offersOf).answer();
}

function offersOf({ instance_type: type, regions_with_capacity_available: regions }: z.output<typeof rowSchema>) {
	if (type.specs.gpus === 0) return 'not a GPU';
	const offer: RawOffer = {
		id: type.name,
		// The images for it are others, so an ARM machine says so beside its GPU.
		gpu: type.architecture === 'arm64' ? `${type.gpu_description}, arm64` : type.gpu_description,
		texts: [type.name, type.description],
		gpus: type.specs.gpus,
		vcpus: type.specs.vcpus,
		ramGiB: type.specs.memory_gib,
		diskGiB: type.specs.storage_gib,
		meaning: 'offer',
		seller: 'lambda',
		amount: type.price_cents_per_hour,
		exponent: 2,
		per: 'instance',
		includes: ['cpu', 'ram', 'disk'],
	};
	if (regions == null) return { ...offer, meaning: 'list-price' as const };
	if (regions.length === 0) return { ...offer, available: 'none' as const };
	return regions.map(
		({ name, description }): RawOffer => ({
			...offer,
			id: `${type.name}/${name}`,
			region: placeOf(name, description),
			available: 'available',
		}),
	);
}
