/**
 * Shadeform: a broker that resells machines of some twenty clouds. Documented at docs.shadeform.ai (`GET /v1/instances/types`), with a key.
 *
 * Prices are US cents for a whole machine and hour. The same machine may be there from its own cloud and from other brokers too.
 */
import { termOf } from '@necto/core';
import { z } from 'zod';
import { type SourceAnswer, type SourceDefinition, SourceError } from './asking/source.ts';
import { Offers, type RawOffer } from './reading/offers.ts';
import { placeOf } from './reading/place.ts';

const rowSchema = z.object({
	cloud: z.string(),
	shade_instance_type: z.string(),
	cloud_instance_type: z.string().nullish(),
	configuration: z.object({
		gpu_type: z.string(),
		num_gpus: z.int().min(0),
		vram_per_gpu_in_gb: z.number().nullish(),
		interconnect: z.string().nullish(),
		vcpus: z.number().nullish(),
		memory_in_gb: z.number().nullish(),
		storage_in_gb: z.number().nullish(),
	}),
	hourly_price: z.number(),
	availability: z.array(z.object({ region: z.string(), available: z.boolean(), display_name: z.string().nullish() })),
	rental_type: z.string().nullish(),
});

const answerSchema = z.object({ instance_types: z.array(z.unknown()) });

export const shadeform: SourceDefinition = {
	id: 'shadeform',
	name: 'Shadeform',
	network: 'shadeform',
	url: 'https://www.shadeform.ai/instances',
	about: 'Machines of other clouds, resold; the cloud is named with each.',
	prefix: 'SHADEFORM',
	baseUrl: 'https://api.shadeform.ai',
	keys: ['SHADEFORM_API_KEY'],
	needsKeys: true,
	refreshSeconds: 300,
	fetch: async ({ http, now }, { baseUrl, keys }) => {
		const headers = { 'x-api-key': keys?.[0]?.reveal() ?? '' };
		return read(await http.json(`${baseUrl}/v1/instances/types`, { headers }), now);
	},
	read,
};

function read(body: unknown, taken: number): SourceAnswer {
	const answer = answerSchema.safeParse(body);
	if (!answer.success) throw new SourceError('shape', 'Its answer does not list instance types.');
	return new Offers(shadeform, taken).read(answer.data.instance_types, rowSchema, offersOf).answer();
}

function offersOf(row: z.output<typeof rowSchema>): RawOffer[] | RawOffer | string {
	const { configuration: machine, availability } = row;
	if (machine.num_gpus === 0) return 'not a GPU';
	// Answers from before there were other types do not name any: those machines are on demand.
	const { kind, words } = termOf(row.rental_type);
	const suffix = kind === 'on-demand' ? '' : `/${kind === 'spot' ? kind : words}`;
	const id = `${row.cloud}/${row.shade_instance_type}${suffix}`;
	const offer: RawOffer = {
		id,
		// The name may leave the form factor to the interconnect: both together are read.
		gpu: [machine.gpu_type, machine.interconnect ?? ''].join(' ').trim(),
		texts: [row.shade_instance_type],
		memoryGiB: machine.vram_per_gpu_in_gb,
		gpus: machine.num_gpus,
		vcpus: machine.vcpus,
		ramGiB: machine.memory_in_gb,
		diskGiB: machine.storage_in_gb,
		term: row.rental_type,
		meaning: 'offer',
		amount: row.hourly_price,
		exponent: 2,
		per: 'instance',
		includes: ['cpu', 'ram', 'disk'],
		upstream: { cloud: row.cloud, type: row.cloud_instance_type ?? row.shade_instance_type },
	};
	if (availability.length === 0) return { ...offer, available: 'none' };
	return availability.map(({ region, available, display_name }) => ({
		...offer,
		id: `${id}/${region}`,
		region: placeOf(region, display_name),
		available: available ? 'available' : 'none',
	}));
}
