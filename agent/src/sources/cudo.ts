/**
 * CUDO Compute: its data centres' machine types. `GET /v1/vms/machine-types` (REST API at cudocompute.com/docs), without a key.
 *
 * GPU, vCPU and memory have a price each, in USD an hour. The GPU's alone would understate: what is shown is the smallest machine with one GPU that the type
 * allows, its parts summed. Disk and address cost extra. Since 2026 an account is on request.
 */
import { z } from 'zod';
import { type SourceAnswer, type SourceDefinition, SourceError } from './asking/source.ts';
import { freeCount } from './reading/counts.ts';
import { sumOf } from './reading/decimals.ts';
import { Offers, type RawOffer } from './reading/offers.ts';

const priceSchema = z.object({ value: z.string(), currency: z.string().nullish() });
/** Limits may be `"Infinity"`. */
const limit = z.union([z.number(), z.string().transform(Number)]).nullish();

const rowSchema = z.object({
	dataCenterId: z.string(),
	machineType: z.string(),
	gpuModel: z.string().nullish(),
	gpuModelId: z.string().nullish(),
	gpuMemoryGib: z.number().nullish(),
	gpuPriceHr: priceSchema.nullish(),
	vcpuPriceHr: priceSchema.nullish(),
	memoryGibPriceHr: priceSchema.nullish(),
	minVcpu: limit,
	minMemoryGib: limit,
	minVcpuPerGpu: limit,
	minVcpuPerMemoryGib: limit,
	maxVcpuPerMemoryGib: limit,
	/** In one machine. */
	maxGpuFree: freeCount,
	totalGpuFree: freeCount,
});
type Row = z.output<typeof rowSchema>;

const answerSchema = z.object({ machineTypes: z.array(z.unknown()) });

export const cudo: SourceDefinition = {
	id: 'cudo',
	name: 'CUDO Compute',
	network: 'cudo',
	url: 'https://www.cudocompute.com/pricing',
	about: 'The list price of the smallest machine with one GPU; an account is on request.',
	prefix: 'CUDO',
	baseUrl: 'https://rest.compute.cudo.org',
	keys: [],
	needsKeys: false,
	refreshSeconds: 600,
	fetch: async ({ http, now }, { baseUrl }) => read(await http.json(`${baseUrl}/v1/vms/machine-types`), now),
	read,
};

function read(body: unknown, taken: number): SourceAnswer {
	const answer = answerSchema.safeParse(body);
	if (!answer.success) throw new SourceError('shape', 'Its answer does not list machine types.');
	return new Offers(cudo, taken).read(answer.data.machineTypes, rowSchema, offerOf).answer();
}

function offerOf(row: Row): RawOffer | string {
	if (!row.gpuModel) return 'not a GPU';
	const { gpuPriceHr: gpu, vcpuPriceHr: vcpu, memoryGibPriceHr: memory } = row;
	if (gpu == null || vcpu == null || memory == null) return 'a part without a price';
	if ([gpu, vcpu, memory].some(({ currency }) => currency != null && currency.toUpperCase() !== 'USD'))
		return 'not in USD';
	const smallest = smallestOf(row);
	if (smallest === null) return 'machine without a size';
	const { totalGpuFree: free, maxGpuFree: widest } = row;
	return {
		id: `${row.dataCenterId}/${row.machineType}/${row.gpuModelId ?? row.gpuModel}`,
		gpu: row.gpuModel,
		otherName: row.gpuModelId ?? undefined,
		texts: [row.machineType],
		memoryGiB: row.gpuMemoryGib,
		gpus: 1,
		vcpus: smallest.vcpus,
		ramGiB: smallest.memoryGiB,
		region: row.dataCenterId,
		meaning: 'list-price',
		amount: amountOf(gpu.value, vcpu.value, memory.value, smallest) ?? '0',
		per: 'instance',
		includes: ['cpu', 'ram'],
		excludes: ['storage', 'address'],
		available: free == null ? 'unknown' : free > 0 ? 'available' : 'none',
		free,
		widest,
	};
}

interface Size {
	vcpus: number;
	memoryGiB: number;
}

/** The least host that the type's limits allow beside one GPU. */
function smallestOf(row: Row): Size | null {
	const atLeast = (...limits: (number | null | undefined)[]) =>
		Math.ceil(Math.max(1, ...limits.map((one) => one ?? 1)));
	let vcpus = atLeast(row.minVcpu, row.minVcpuPerGpu);
	const memoryGiB = atLeast(row.minMemoryGib, vcpus / (row.maxVcpuPerMemoryGib ?? Number.POSITIVE_INFINITY));
	vcpus = atLeast(vcpus, memoryGiB * (row.minVcpuPerMemoryGib ?? 0));
	return [vcpus, memoryGiB].every((size) => Number.isInteger(size) && size <= 4_096) ? { vcpus, memoryGiB } : null;
}

/** Null if a part is priced at nothing: zero never means free. */
function amountOf(gpu: string, vcpu: string, memory: string, { vcpus, memoryGiB }: Size): string | null {
	try {
		if ([gpu, vcpu, memory].some((value) => !/[1-9]/.test(sumOf([{ amount: value }])))) return null;
		return sumOf([{ amount: gpu }, { amount: vcpu, times: vcpus }, { amount: memory, times: memoryGiB }]);
	} catch {
		return null;
	}
}
