/** Figures of the fixture: CUDO's machine types of 2024 in São Paulo and Luster, shape as documented. */
import { describe, expect, it } from 'vitest';
import { cudo } from '../../src/sources/cudo.ts';
import { ask, closeFakes, hostile, NOW, serve } from '../support/source.ts';

closeFakes();

const usd = (value: string) => ({ value });

function machine(changes: Record<string, unknown> = {}): Record<string, unknown> {
	return {
		dataCenterId: 'br-saopaulo-1',
		machineType: 'cascade-lake',
		cpuModel: 'Cascadelake-Server-noTSX',
		gpuModel: 'RTX 3080',
		gpuModelId: 'nvidia-rtx-3080',
		minVcpuPerMemoryGib: 0.25,
		maxVcpuPerMemoryGib: 1,
		minVcpuPerGpu: 1,
		maxVcpuPerGpu: 13,
		vcpuPriceHr: usd('0.002500'),
		memoryGibPriceHr: usd('0.003800'),
		gpuPriceHr: usd('0.05'),
		minStorageGibPriceHr: usd('0.00013'),
		ipv4PriceHr: usd('0.005500'),
		maxGpuFree: 5,
		totalGpuFree: 24,
		...changes,
	};
}

const good = { machineTypes: [machine()] };
const read = (...machineTypes: unknown[]) => {
	const answer = cudo.read?.({ machineTypes }, NOW);
	if (answer === undefined) throw new Error('CUDO reads files');
	return answer;
};
const amountOf = (changes: Record<string, unknown>) => read(machine(changes)).quotes[0]?.price.amount;

describe('NET-05 CUDO Compute', () => {
	it('asks without a key and sums the parts of the smallest machine, exact to the last digit', async () => {
		const { quotes, failing, fake } = await ask(cudo, serve({ '/v1/vms/machine-types': good }));
		expect(failing).toBeNull();
		expect(fake.requests[0]?.headers.authorization).toBeUndefined();
		expect(quotes[0]).toMatchObject({
			meaning: 'list-price',
			gpu: { model: 'rtx3080' },
			host: { vcpus: 1, ramGiB: 1 },
			price: { amount: '0.0563', per: 'instance', includes: ['cpu', 'ram'], excludes: ['storage', 'address'] },
			region: { country: 'BR' },
			availability: { state: 'available', gpus: 24, widest: 5 },
		});
	});

	it('takes a host as large as the type asks for', () => {
		// 4 vCPU need 8 GiB at half a vCPU for each: 0.52 + 4 × 0.0021 + 8 × 0.0034.
		const limits = { minVcpuPerGpu: 4, maxVcpuPerMemoryGib: 0.5, minVcpuPerMemoryGib: 0.25 };
		const luster = { gpuPriceHr: usd('0.520000'), vcpuPriceHr: usd('0.002100'), memoryGibPriceHr: usd('0.003400') };
		expect(amountOf({ ...limits, ...luster })).toBe('0.5556');
		expect(amountOf({ ...luster, minVcpu: 2, minMemoryGib: 4, maxVcpuPerMemoryGib: 'Infinity' })).toBe('0.5378');
	});

	it('shows what has no free GPU as none', () => {
		expect(read(machine({ totalGpuFree: 0 })).quotes[0]?.availability.state).toBe('none');
	});

	it.each([
		['no GPU', { gpuModel: '' }, 'not a GPU'],
		['a GPU without a price', { gpuPriceHr: null }, 'a part without a price'],
		['a part that costs zero', { memoryGibPriceHr: usd('0.00') }, 'no price'],
		['a price in words', { gpuPriceHr: usd('N/A') }, 'no price'],
		['another currency', { gpuPriceHr: { value: '0.05', currency: 'gbp' } }, 'not in USD'],
		['a host of any size', { minVcpuPerGpu: 'Infinity' }, 'machine without a size'],
	])('makes no offer of a type with %s, and keeps the others', (_, changes, reason) => {
		const other = machine({ dataCenterId: 'no-luster-1', gpuModel: 'RTX A5000', gpuModelId: 'nvidia-rtx-a5000' });
		expect(read(other, machine(changes))).toMatchObject({
			quotes: [{ region: { country: 'NO' } }],
			left: { [reason]: 1 },
		});
	});
});

hostile(cudo, good);
