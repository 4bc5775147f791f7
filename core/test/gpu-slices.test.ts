import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { canonicalGpu, GPU_MODELS, namesSlice } from '../src/index.ts';

const options = { seed: 20_261_130, numRuns: 3_000 };
const anyModel = fc.constantFrom(...GPU_MODELS);
const refusal = (name: string) => {
	const gpu = canonicalGpu(name);
	return 'refused' in gpu ? gpu.refused : `ok ${gpu.ok.model}`;
};

/** How sellers and drivers write parts of GPUs: Nvidia's MIG and vGPU user guides, and words of marketplaces. */
const SLICES = [
	...['1g.5gb', '1g.10gb', '1g.10gb+me', '2g.20gb', '3g.40gb', '1c.3g.40gb', 'mig-1g-12gb', '7g.80gb'],
	...['1-5CME', '4-20C', '4Q', '8Q', '16A', '2B', '2B4', '12C'],
	...[
		'MIG',
		'vGPU',
		'GRID',
		'vWS',
		'shared',
		'Shared instance',
		'time-sliced',
		'time sliced',
		'timesliced',
		'time slicing',
	],
	...['slice', 'fractional', 'partial', 'half', 'quarter', 'virtual', 'MPS', 'partition', 'multi-instance slice'],
	...[
		'1/2',
		'1∕2',
		'1⁄2',
		'1:2',
		'(1/7)',
		'1 / 4',
		'3/8',
		'½',
		'⅐',
		'1 of 7',
		'0.5',
		'0.25x',
		'x0.5',
		'50%',
		'(12.5 %)',
	],
];

describe('DISC-03 parts of a GPU', () => {
	test('are never a whole one, whatever the model, the order, the case and the marks between', () => {
		const place = fc.constantFrom<(model: string, slice: string) => string>(
			(model, slice) => `${model} ${slice}`,
			(model, slice) => `${slice} ${model}`,
			(model, slice) => `${model}-${slice}`,
			(model, slice) => `NVIDIA ${model} (${slice})`,
			(model, slice) => `${model}_${slice}`,
			(model, slice) => `1x ${model}, ${slice}`,
		);
		fc.assert(
			fc.property(anyModel, fc.constantFrom(...SLICES), place, fc.boolean(), (model, slice, write, upper) => {
				const name = write(model.name, slice);
				expect(refusal(upper ? name.toUpperCase() : name)).not.toMatch(/^ok/);
			}),
			options,
		);
	});

	test.each([
		'H200 MIG 1g.18gb',
		'A10-8',
		'H100 MIG 1g10',
		'0.5 GB300',
		'NVIDIA A30 MIG 2g.12gb',
		'H100 NVL 1g.12gb',
		'NVIDIA GRID A100-10C',
		'A16-2Q',
		'L4-24Q',
		'RTX PRO 6000 Server DC-2-24Q',
		'T4 (shared)',
		'shared L4',
		'time-sliced A10G',
		'1/4 A100 80GB',
		'L40S 0.5',
		'H100 33%',
	])('%s is said to be one', (name) => {
		const gpu = canonicalGpu(name);
		expect(gpu).toMatchObject({ refused: 'slice' });
		expect('refused' in gpu && gpu.message).toContain('is a part of a GPU');
	});

	test.each(['A100D-20C', 'V100DX-16Q', 'RTX6000P-12Q', 'A40-8Q'])('the vGPU type %s is none', (name) => {
		expect(refusal(name)).not.toMatch(/^ok/);
	});

	test('are told by a machine’s type as well, and sizes of machines are none', () => {
		for (const type of ['gpu.h100-mig-1', 'h100.1g.10gb', 'vgpu-small', 'gpu_1x_shared', 'half-gpu', 't4-shared']) {
			expect([type, namesSlice(type)]).toEqual([type, true]);
		}
		for (const type of [
			'a2-highgpu-1g',
			'shared',
			'shared-cpu-2x',
			'gpu-a100-16c',
			'g5.xlarge',
			'Standard_NC24ads_A100_v4',
			'8x_H100_SECURE',
		]) {
			expect([type, namesSlice(type)]).toEqual([type, false]);
		}
	});
});

describe('DISC-03 words beside a model’s name', () => {
	test('that nobody has listed as harmless make another card', () => {
		const odd = fc.constantFrom(
			'pro',
			'ext',
			'max',
			'plus',
			'lite',
			'oc',
			'x2',
			'gen2',
			'mini',
			'zz',
			'beta',
			'ultimate',
			'se2',
		);
		fc.assert(
			fc.property(anyModel, odd, fc.boolean(), (model, word, before) => {
				const gpu = canonicalGpu(before ? `${word} ${model.name}` : `${model.name} ${word}`);
				expect('ok' in gpu && gpu.ok.model === model.key).toBe(word === 'x2' && 'ok' in gpu);
			}),
			options,
		);
	});

	test.each([
		['RTX 4080 Pro', 'unknown'],
		['RTX 5090 Pro', 'unknown'],
		['RTX 4090 Ext', 'unknown'],
		['RTX 3090 Max', 'unknown'],
		['H100 Lite', 'unknown'],
		['RTX A6000 Blackwell', 'unknown'],
		['RTX PRO 6000 Ada', 'unknown'],
		['H100 reserved', 'unknown'],
		['Genoa', 'not-a-gpu'],
		['AMD Bergamo', 'not-a-gpu'],
		['Intel Sapphire Rapids', 'not-a-gpu'],
	])('%s is refused: %s', (name, reason) => {
		expect(refusal(name)).toBe(reason);
	});

	test.each([
		['H100 NVLink', 'h100'],
		['NVIDIA H100 Hopper 80GB HBM3', 'h100'],
		['L40S (compute mode)', 'l40s'],
		['RTX 3060 LHR', 'rtx3060'],
		['RTX 4090 24GB GDDR6X', 'rtx4090'],
		['RTX 4090, Ryzen 9 7950X, 64 GB DDR5', 'rtx4090'],
		['B300 Blackwell Ultra', 'b300'],
		['bare metal 8x H100', 'h100'],
	])('%s is the card: %s', (name, model) => {
		expect(refusal(name)).toBe(`ok ${model}`);
	});
});

describe('DISC-03 one card under several names', () => {
	test.each([
		[
			'rtxpro6000s',
			'NVIDIA RTX PRO 6000 Blackwell Server Edition',
			'RTX PRO 6000 Server Edition',
			'RTX PRO 6000 SE',
			'RTX 6000 PRO Server',
			'RTXPRO6000-BSE',
			'rtx-pro-6000-blackwell-server-edition',
			'PRO 6000 Server',
			'RTX PRO 6000 S',
		],
		[
			'rtxpro6000',
			'NVIDIA RTX PRO 6000 Blackwell Workstation Edition',
			'RTX PRO 6000 WS',
			'RTX PRO 6000 WK',
			'PRO6000_96GB',
			'RTX 6000 Blackwell',
			'RTX Blackwell PRO 6000',
		],
		[
			'rtxpro6000mq',
			'NVIDIA RTX PRO 6000 Blackwell Max-Q Workstation Edition',
			'RTX PRO 6000 Max-Q',
			'PRO 6000 Blackwell Max-Q',
			'RTX PRO 6000 MQ',
		],
	])('%s', (model, ...names) => {
		for (const name of names) expect([name, refusal(name)]).toEqual([name, `ok ${model}`]);
	});
});

test('DISC-03 a size before the word memory is the GPU’s', () => {
	expect(refusal('H100 40GB memory')).toBe('slice');
	expect(refusal('H100 80GB memory')).toBe('ok h100');
});
