import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { canonicalGpu, FORM_FACTORS, GPU_MODELS, type GpuHints, gpuModel } from '../src/index.ts';

function read(name: string, hints: GpuHints = {}): string {
	const gpu = canonicalGpu(name, hints);
	if ('refused' in gpu) return gpu.refused;
	return `${gpu.ok.model} ${gpu.ok.formFactor} ${gpu.ok.memoryGiB ?? '?'}`;
}

describe('the catalogue', () => {
	test('has each key and each spelling once', () => {
		const keys = GPU_MODELS.map(({ key }) => key);
		expect(new Set(keys).size).toBe(keys.length);
		const spellings = GPU_MODELS.flatMap(({ key, aliases }) => [key, ...aliases]);
		expect(new Set(spellings).size).toBe(spellings.length);
		expect(keys.length).toBeGreaterThan(80);
	});

	test('holds form factors that exist and memories in order', () => {
		for (const model of GPU_MODELS) {
			expect(model.variants.length).toBeGreaterThan(0);
			for (const { formFactor, memoriesGiB } of model.variants) {
				expect(FORM_FACTORS.slice(1)).toContain(formFactor);
				expect(memoriesGiB.every((size) => Number.isInteger(size) && size > 0)).toBe(true);
			}
			expect([...model.memoriesGiB]).toEqual([...new Set(model.memoriesGiB)].toSorted((a, b) => a - b));
		}
	});

	test('finds a model by its key only', () => {
		expect(gpuModel('rtx4090d')?.name).toBe('RTX 4090 D');
		expect(gpuModel('RTX4090D')).toBeUndefined();
		expect(gpuModel('constructor')).toBeUndefined();
	});

	test('is read back from its own keys and names', () => {
		for (const model of GPU_MODELS) {
			for (const name of [model.key, model.name, ...model.aliases])
				expect([name, read(name).split(' ')[0]]).toEqual([name, model.key]);
		}
	});
});

describe('DISC-03 names as sources spell them', () => {
	test.each([
		['H100 (80 GB SXM5)', 'h100 sxm 80'],
		['H100 (80 GB PCIe)', 'h100 pcie 80'],
		['NVIDIA-H100-80GB-HBM3', 'h100 sxm 80'],
		['NVIDIA H100 PCIe', 'h100 pcie 80'],
		['H100 NVL', 'h100 nvl 94'],
		['h100nvl', 'h100 nvl 94'],
		['h200nvl', 'h200 nvl 141'],
		['gpu_8x_h100_sxm5', 'h100 sxm 80'],
		['8xH100', 'h100 unknown ?'],
		['H100_80GB', 'h100 unknown 80'],
		['NVIDIA A100-SXM4-80GB', 'a100 sxm 80'],
		['A100 PCIE 40GB', 'a100 pcie 40'],
		['A100-80GB', 'a100 unknown 80'],
		['A100', 'a100 unknown ?'],
		['Nvidia Tesla A100 GPU running in Americas', 'a100 unknown ?'],
		['A10', 'a10 pcie 24'],
		['A10G', 'a10g pcie 24'],
		['Compute - GPU - A10', 'a10 pcie 24'],
		['Standard_NC16as_T4_v3', 't4 pcie 16'],
		['T4g', 't4g pcie 16'],
		['RTX 4090', 'rtx4090 pcie 24'],
		['NVIDIA GeForce RTX 4090', 'rtx4090 pcie 24'],
		['4090', 'rtx4090 pcie 24'],
		['RTX 4090 D', 'rtx4090d pcie 24'],
		['RTX4090D', 'rtx4090d pcie 24'],
		['RTX 4090 48GB', 'rtx4090 pcie 48'],
		['rtx4070tisuper', 'rtx4070tis pcie 16'],
		['RTX 4070 Ti SUPER', 'rtx4070tis pcie 16'],
		['RTX 3080 Ti', 'rtx3080ti pcie 12'],
		['RTX 3080', 'rtx3080 pcie ?'],
		['rtx4000sada', 'rtx4000sffada pcie 20'],
		['NVIDIA RTX 6000 Ada Generation', 'rtx6000ada pcie 48'],
		['RTX 6000 (24 GB)', 'quadrortx6000 pcie 24'],
		['A6000 (48 GB)', 'rtxa6000 pcie 48'],
		['NVIDIA RTX PRO 6000 Blackwell Max-Q Workstation Edition', 'rtxpro6000mq pcie 96'],
		['Standard_NC128ds_xl_RTXPRO6000BSE_v6', 'rtxpro6000s pcie 96'],
		['GB200 NVL72', 'gb200 superchip 186'],
		['GH200 (96 GB)', 'gh200 superchip 96'],
		['Tesla P100-PCIE-16GB', 'p100 pcie 16'],
		['AMD Instinct MI300X OAM', 'mi300x oam 192'],
		['Radeon RX 7900 XTX', 'rx7900xtx pcie 24'],
	])('%s is %s', (name, expected) => {
		expect(read(name)).toBe(expected);
	});

	test.each([
		['RTX6000', 'ambiguous'],
		['4000', 'ambiguous'],
		['H100 and A100', 'ambiguous'],
		['RTX 3060 Max-Q', 'unknown'],
		['rtx3060x', 'unknown'],
		['RTX 3050 Ti', 'unknown'],
		['A100X', 'unknown'],
		['A1001', 'unknown'],
		['XA100', 'unknown'],
		['NVIDIA A100 MIG 1g.5gb', 'slice'],
		['A100 3g.20gb', 'slice'],
		['', 'unknown'],
		['__proto__', 'unknown'],
		['Gaudi HL-205', 'not-a-gpu'],
		['tpu-v4-128', 'not-a-gpu'],
		['inferentia2', 'not-a-gpu'],
		['Virtex UltraScale (VU9P)', 'not-a-gpu'],
		['A2 Instance Core running in Americas', 'not-a-gpu'],
	])('%j is refused: %s', (name, reason) => {
		expect(read(name)).toBe(reason);
	});

	test('a refusal names the candidates', () => {
		expect(canonicalGpu('RTX 6000')).toEqual({
			refused: 'ambiguous',
			message: '"RTX 6000" can be rtx6000ada or quadrortx6000.',
			candidates: ['rtx6000ada', 'quadrortx6000'],
		});
	});

	test('hints settle what the name leaves open, and do not overrule it', () => {
		expect(read('RTX 6000', { memoryGiB: 48 })).toBe('rtx6000ada pcie 48');
		expect(read('RTX 6000', { memoryGiB: 24 })).toBe('quadrortx6000 pcie 24');
		expect(read('RTX 6000', { memoryGiB: 96 })).toBe('ambiguous');
		expect(read('A100 SXM4', { memoryGiB: 40 })).toBe('a100 sxm 40');
		expect(read('A100-80GB', { memoryGiB: 640 })).toBe('a100 unknown 80');
		expect(read('H100', { memoryGiB: 94 })).toBe('h100 nvl 94');
		expect(read('H100', { formFactor: 'pcie' })).toBe('h100 pcie 80');
		expect(read('H100 SXM5', { formFactor: 'pcie' })).toBe('h100 sxm 80');
	});

	test('memory as drivers report it is the size that is sold', () => {
		expect(read('B200', { memoryGiB: 183_359 / 1024 })).toBe('b200 sxm 180');
		expect(read('H100 NVL', { memoryGiB: 95_830 / 1024 })).toBe('h100 nvl 94');
		expect(read('L40S', { memoryGiB: 46_068 / 1024 })).toBe('l40s pcie 48');
		expect(read('A10G', { memoryGiB: 23_028 / 1024 })).toBe('a10g pcie 24');
	});

	test('no text makes it throw, and what it answers is in the catalogue', () => {
		const word = fc.constantFrom(
			'a100',
			'h100',
			'4090',
			'd',
			'ti',
			'sxm',
			'nvl',
			'80gb',
			'80',
			'gb',
			'rtx',
			'ada',
			'-',
			'_',
			'x',
			'6000',
		);
		fc.assert(
			fc.property(
				fc.oneof(
					fc.string(),
					fc.array(word).map((words) => words.join(' ')),
				),
				(name) => {
					const gpu = canonicalGpu(name);
					const keys = 'ok' in gpu ? [gpu.ok.model] : gpu.candidates;
					for (const key of keys) expect(gpuModel(key)).toBeDefined();
				},
			),
			{ numRuns: 500 },
		);
	});
});
