import { describe, expect, test } from 'vitest';
import { canonicalGpu, type GpuHints } from '../src/index.ts';

function read(name: string, hints: GpuHints = {}): string {
	const gpu = canonicalGpu(name, hints);
	if ('refused' in gpu) return [gpu.refused, ...gpu.candidates].join(' ');
	return `${gpu.ok.model} ${gpu.ok.formFactor} ${gpu.ok.memoryGiB ?? '?'}`;
}

describe('DISC-03 names with what is glued to them', () => {
	test.each([
		['8 x A100 80GB', 'a100 unknown 80'],
		['8x4090', 'rtx4090 pcie 24'],
		['H100 x8', 'h100 unknown ?'],
		['L40Sx4', 'l40s pcie 48'],
		['gpu_8x_a100_80gb_sxm4', 'a100 sxm 80'],
		['8H100.80S.176V', 'h100 unknown ?'],
		['4RTX6000ADA.40V', 'rtx6000ada pcie 48'],
		['8B300.240V__FI', 'b300 sxm 270'],
		['H100-80G-PCIe-NVLink', 'h100 pcie 80'],
		['A100SXM4', 'a100 sxm ?'],
		['L40S48GB', 'l40s pcie 48'],
		['NVIDIAA100', 'a100 unknown ?'],
		['InstinctMI50', 'mi50 pcie ?'],
		['GeForce RTX™ 4090', 'rtx4090 pcie 24'],
		['Intel(R) Arc(TM) A770 Graphics', 'arca770 pcie ?'],
		['Ｈ１００', 'h100 unknown ?'],
		['VM.GPU.A10.1', 'a10 pcie 24'],
		['l4-90', 'l4 pcie 24'],
		['B300-SXM-8-288G', 'b300 sxm 270'],
	])('%s is %s', (name, expected) => {
		expect(read(name)).toBe(expected);
	});
});

describe('DISC-03 models next to each other', () => {
	test.each([
		['Tesla V100-FHHL-16GB', 'v100 pcie 16'],
		['V100S', 'v100 pcie 32'],
		['RTX 4070S Ti', 'rtx4070tis pcie 16'],
		['GTX 1660 S', 'gtx1660s pcie 6'],
		['Q RTX 6000', 'quadrortx6000 pcie 24'],
		['RTX 4000 Ada SFF', 'rtx4000sffada pcie 20'],
		['RTX PRO 6000 WK', 'rtxpro6000 pcie 96'],
		['RTX PRO 6000 MaxQ', 'rtxpro6000mq pcie 96'],
		['rtx-pro-server-6000', 'rtxpro6000s pcie 96'],
		['RTX 5090 D v2', 'rtx5090dv2 pcie 24'],
		['rtx5090m', 'rtx5090m pcie 24'],
		['NVIDIA GeForce RTX 4060 Laptop GPU', 'rtx4060m pcie 8'],
		['gtx1650ti', 'gtx1650ti pcie 4'],
		['gt1030', 'gt1030 pcie 2'],
		['P104-100 8GB', 'p104-100 pcie 8'],
		['CMP 170HX', 'cmp170hx pcie 8'],
		['Intel Arc Pro A40', 'arcproa40 pcie 6'],
		['DGX GB200', 'gb200 superchip 186'],
		['RTX 4090 Ryzen 5000', 'rtx4090 pcie 24'],
		['RTX 6000 PRO', 'rtxpro6000 pcie 96'],
		['Ada L40S', 'l40s pcie 48'],
		['RTX 4090 (Ada Lovelace)', 'rtx4090 pcie 24'],
		['MI 300X', 'mi300x oam 192'],
	])('%s is %s', (name, expected) => {
		expect(read(name)).toBe(expected);
	});

	test.each([
		['Titan X', 'ambiguous titanxpascal gtxtitanx'],
		['RTX 4090 / 3090', 'ambiguous rtx4090 rtx3090'],
		['GRID T4-16Q', 'slice t4'],
		['A10-24Q', 'slice a10'],
		['a100-mig-3g-40gb', 'slice a100'],
		['A100 4g', 'slice a100'],
		['A100 (1/7)', 'slice a100'],
		['0.5x A100', 'slice a100'],
		['MI300', 'ambiguous mi300x mi300a'],
		['A100 Ada', 'unknown a100'],
		['a2-highgpu-1g', 'unknown a2'],
		['RTX 2080 with Max-Q Design', 'unknown rtx2080'],
		['RTX A2000 Laptop', 'unknown rtxa2000'],
		['RTX4080Ti_16GB', 'unknown'],
		['RTX PRO 6000D', 'unknown'],
		['AMD A10', 'unknown'],
		['Standard_A2_v2', 'not-a-gpu'],
		['Standard_NP10s', 'not-a-gpu'],
		['CPU_NODE', 'not-a-gpu'],
		['AMD EPYC 7402', 'not-a-gpu'],
		['GAUDI2', 'not-a-gpu'],
		['Qualcomm AI100', 'not-a-gpu'],
		['v5litepod-8', 'not-a-gpu'],
		['trn1.32xlarge', 'not-a-gpu'],
		['Tenstorrent n150', 'not-a-gpu'],
	])('%s is refused: %s', (name, expected) => {
		expect(read(name)).toBe(expected);
	});
});

describe('DISC-03 memory', () => {
	test.each([
		['B200 192', 'b200 sxm 180'],
		['A100 80', 'a100 unknown 80'],
		['a100-180', 'a100 unknown ?'],
		['H100 81559 MiB', 'h100 unknown 80'],
		['A100 40,960 MiB', 'a100 unknown 40'],
		['RTX 4090 23.99 GB', 'rtx4090 pcie 24'],
		['RTX 4090 48GB', 'rtx4090 pcie 48'],
		['RTX 4090 32GB RAM', 'rtx4090 pcie 24'],
		['8x H100 640GB', 'h100 unknown 80'],
		['2x H100 NVL (188 GB)', 'h100 nvl 94'],
		['A16 64GB', 'contradiction a16'],
	])('%s: %s', (name, expected) => {
		expect(read(name)).toBe(expected);
	});

	test('in a superchip’s name is its CPU’s, unless the GPU comes with it', () => {
		expect(read('GH200 480GB')).toBe('gh200 superchip 96');
		expect(read('GH200_624GB')).toBe('gh200 superchip 144');
		expect(read('GH200 144G HBM3e')).toBe('gh200 superchip 144');
		expect(read('GH200 96GB HBM3 + 480GB LPDDR5X')).toBe('gh200 superchip 96');
		expect(read('GH200', { memoryGiB: 480 })).toBe('gh200 superchip ?');
	});

	test('of all cards is divided by their number, and left open where both readings exist', () => {
		expect(read('L4', { memoryGiB: 183_105 / 1024, count: 8 })).toBe('l4 pcie 24');
		expect(read('L4', { memoryGiB: 2_861 / 1024, count: 0.125 })).toBe('l4 pcie 24');
		expect(read('A100', { memoryGiB: 320, count: 8 })).toBe('a100 unknown 40');
		expect(read('A100', { memoryGiB: 80, count: 2 })).toBe('a100 unknown ?');
		expect(read('RTX 4090', { memoryGiB: 48, count: 2 })).toBe('rtx4090 pcie 24');
		expect(read('RTX 6000', { memoryGiB: 192, count: 4 })).toBe('rtx6000ada pcie 48');
	});

	test('of no card contradicts the model, unless such rebuilt cards are sold', () => {
		expect(read('RTX 4090 48GB')).toBe('rtx4090 pcie 48');
		expect(read('RTX 4090', { memoryGiB: 49_140 / 1024 })).toBe('rtx4090 pcie 48');
		expect(read('RTX 2080 Ti', { memoryGiB: 22 })).toBe('rtx2080ti pcie 22');
		expect(read('RTX 4090', { memoryGiB: 32 })).toBe('contradiction rtx4090');
		expect(read('RTX 4090 96GB')).toBe('contradiction rtx4090');
		expect(read('RTX 4080', { memoryGiB: 32 })).toBe('contradiction rtx4080');
		expect(read('RTX 5090', { memoryGiB: 64 })).toBe('contradiction rtx5090');
		expect(read('H100', { memoryGiB: 160 })).toBe('contradiction h100');
		expect(read('B200', { memoryGiB: 1440 })).toBe('contradiction b200');
		expect(read('A100', { memoryGiB: 50 })).toBe('contradiction a100');
		// Announced with 288 GB, sold with 256.
		expect(read('MI325X', { memoryGiB: 288 })).toBe('mi325x oam 256');
	});

	test('that another size of the model is by its name contradicts it', () => {
		expect(read('A100 80GB', { memoryGiB: 40 })).toBe('contradiction a100');
		expect(read('A100-SXM4-40GB', { memoryGiB: 79.2 })).toBe('contradiction a100');
		expect(read('H100 SXM5 80GB', { memoryGiB: 94 })).toBe('contradiction h100');
		expect(read('A100-80GB', { memoryGiB: 80.4 })).toBe('a100 unknown 80');
	});

	test.each([
		['H100 SXM', 9_856 / 1024],
		['H100 80GB', 10],
		['A100', 19.5],
		['A100 PCIE', 4.75],
		['L40S', 24],
		['B200', 90],
		['A30', 12],
		['RTX 3090', 12],
		['T4', 8],
		['GH200', 48],
	])('far under that of a whole %s (%d GiB) is a slice', (name, memoryGiB) => {
		expect(read(name, { memoryGiB })).toMatch(/^slice /);
	});

	test.each([
		// In GB of 10^9 bytes, without what error correction takes, or both.
		['A100 SXM4', 74.5, 'a100 sxm 80'],
		['H200', 143_771 / 1024, 'h200 unknown 141'],
		['L40S', 44, 'l40s pcie 44'],
		['L4', 22, 'l4 pcie 22'],
		['T4', 14.2, 't4 pcie 14'],
		['K80', 11_441 / 1024, 'k80 pcie 12'],
	])('of a whole %s may be stated as %d GiB', (name, memoryGiB, expected) => {
		expect(read(name, { memoryGiB })).toBe(expected);
	});

	test('that is no amount says nothing', () => {
		for (const memoryGiB of [0, -1, Number.NaN, Number.POSITIVE_INFINITY, null]) {
			expect(read('T4', { memoryGiB, count: memoryGiB })).toBe('t4 pcie 16');
		}
	});

	test('a form factor that the model does not come in is not believed', () => {
		expect(read('L40S', { formFactor: 'sxm' })).toBe('l40s pcie 48');
		expect(read('V100 NVL')).toBe('v100 unknown ?');
		expect(read('H200 NVL', { formFactor: 'pcie' })).toBe('h200 nvl 141');
		expect(read('H200 PCIe')).toBe('h200 nvl 141');
		expect(read('H100 NVL PCIe')).toBe('h100 nvl 94');
		expect(read('H100 SXM, PCIe')).toBe('h100 unknown ?');
	});
});
