import { type GpuModelKey, gpuModelKey } from '../ids.ts';
import type { FormFactor } from '../tables.ts';

/**
 * The one table of GPU models. A key names a chip as a buyer means it; form factor and memory are kept beside it, because an H100 SXM is not an
 * H100 PCIe and an A100 of 40 GB not one of 80. Keys go on chain and into records: never rename one.
 */

export interface GpuVariant {
	formFactor: Exclude<FormFactor, 'unknown'>;
	/** GiB of one GPU, as sold; smallest first. */
	memoriesGiB: readonly number[];
}

export interface GpuModel {
	key: GpuModelKey;
	vendor: 'nvidia' | 'amd' | 'intel';
	/** For people: `RTX 4090 D`. */
	name: string;
	/** What exists. */
	variants: readonly GpuVariant[];
	/** Over all variants, smallest first. */
	memoriesGiB: readonly number[];
	/** Over all variants; never `unknown`. */
	formFactors: readonly GpuVariant['formFactor'][];
	/** Other spellings: lower case, letters and digits only. */
	aliases: readonly string[];
}

type Row = [key: string, name: string, variants: string, aliases?: string];

const NVIDIA: Row[] = [
	['gb300', 'GB300', 'superchip:279'],
	['gb200', 'GB200', 'superchip:186'],
	['gh200', 'GH200', 'superchip:96,144'],
	['b300', 'B300', 'sxm:270'],
	['b200', 'B200', 'sxm:180'],
	['h200', 'H200', 'sxm:141 nvl:141'],
	['h100', 'H100', 'sxm:80 pcie:80 nvl:94'],
	['h800', 'H800', 'sxm:80 pcie:80'],
	['h20', 'H20', 'sxm:96,141'],
	['a100', 'A100', 'sxm:40,64,80 pcie:40,80'],
	['a800', 'A800', 'sxm:80 pcie:40,80'],
	['a30', 'A30', 'pcie:24'],
	['a40', 'A40', 'pcie:48'],
	['a16', 'A16', 'pcie:16'],
	['a10', 'A10', 'pcie:24'],
	['a10g', 'A10G', 'pcie:24'],
	['a2', 'A2', 'pcie:16'],
	['l40s', 'L40S', 'pcie:48'],
	['l40', 'L40', 'pcie:48'],
	['l20', 'L20', 'pcie:48'],
	['l4', 'L4', 'pcie:24'],
	['t4', 'T4', 'pcie:16'],
	['t4g', 'T4G', 'pcie:16'],
	['v100', 'V100', 'sxm:16,32 pcie:16,32', 'v100s'],
	['p100', 'P100', 'sxm:16 pcie:12,16'],
	['p40', 'P40', 'pcie:24'],
	['p4', 'P4', 'pcie:8'],
	['k80', 'K80', 'pcie:12'],
	['m60', 'M60', 'pcie:8'],
	['k520', 'GRID K520', 'pcie:4'],
	[
		'rtxpro6000',
		'RTX PRO 6000 Blackwell',
		'pcie:96',
		'pro6000 pro6000we rtxpro6000we rtxpro6000ws rtxpro6000blackwell rtxpro6000blackwellworkstation rtxpro6000workstation',
	],
	[
		'rtxpro6000s',
		'RTX PRO 6000 Blackwell Server',
		'pcie:96',
		'pro6000se rtxpro6000se rtxpro6000bse rtxproserver6000 rtxpro6000server rtxpro6000blackwellserver',
	],
	[
		'rtxpro6000mq',
		'RTX PRO 6000 Blackwell Max-Q',
		'pcie:96',
		'pro6000mq rtxpro6000maxq rtxpro6000blackwellmaxq rtxpro6000blackwellmaxqworkstation',
	],
	['rtxpro5000', 'RTX PRO 5000 Blackwell', 'pcie:48,72', 'pro5000 rtxpro5000blackwell'],
	['rtxpro4500', 'RTX PRO 4500 Blackwell', 'pcie:32', 'pro4500 rtxpro4500blackwell'],
	['rtxpro4000', 'RTX PRO 4000 Blackwell', 'pcie:24', 'pro4000 rtxpro4000blackwell'],
	['rtx6000ada', 'RTX 6000 Ada', 'pcie:48', '6000ada rtxa6000ada'],
	['rtx5880ada', 'RTX 5880 Ada', 'pcie:48', '5880ada'],
	['rtx5000ada', 'RTX 5000 Ada', 'pcie:32', '5000ada rtxa5000ada'],
	['rtx4500ada', 'RTX 4500 Ada', 'pcie:24', '4500ada'],
	['rtx4000ada', 'RTX 4000 Ada', 'pcie:20', '4000ada'],
	['rtx4000sffada', 'RTX 4000 SFF Ada', 'pcie:20', 'rtx4000sada 4000sffada'],
	['rtx2000ada', 'RTX 2000 Ada', 'pcie:16', 'rtx2000eada 2000ada'],
	['rtxa6000', 'RTX A6000', 'pcie:48', 'a6000 quadrortxa6000'],
	['rtxa5500', 'RTX A5500', 'pcie:24', 'a5500'],
	['rtxa5000', 'RTX A5000', 'pcie:24', 'a5000'],
	['rtxa4500', 'RTX A4500', 'pcie:20', 'a4500'],
	['rtxa4000', 'RTX A4000', 'pcie:16', 'a4000'],
	['rtxa2000', 'RTX A2000', 'pcie:6,12', 'a2000'],
	['quadrortx8000', 'Quadro RTX 8000', 'pcie:48', 'rtx8000'],
	['quadrortx6000', 'Quadro RTX 6000', 'pcie:24'],
	['quadrortx5000', 'Quadro RTX 5000', 'pcie:16'],
	['quadrortx4000', 'Quadro RTX 4000', 'pcie:8'],
	['quadrop6000', 'Quadro P6000', 'pcie:24', 'p6000'],
	['quadrop5000', 'Quadro P5000', 'pcie:16', 'p5000'],
	['quadrop4000', 'Quadro P4000', 'pcie:8', 'p4000'],
	['quadrop2000', 'Quadro P2000', 'pcie:4,5', 'p2000'],
	['quadrom4000', 'Quadro M4000', 'pcie:8', 'm4000'],
	['titanrtx', 'TITAN RTX', 'pcie:24'],
	['titanv', 'TITAN V', 'pcie:12'],
	['titanxp', 'TITAN Xp', 'pcie:12'],
	['rtx5090', 'RTX 5090', 'pcie:32', '5090'],
	['rtx5090d', 'RTX 5090 D', 'pcie:32', '5090d'],
	['rtx5080', 'RTX 5080', 'pcie:16', '5080'],
	['rtx5070ti', 'RTX 5070 Ti', 'pcie:16', '5070ti'],
	['rtx5070', 'RTX 5070', 'pcie:12', '5070'],
	['rtx5060ti', 'RTX 5060 Ti', 'pcie:8,16', '5060ti'],
	['rtx5060', 'RTX 5060', 'pcie:8', '5060'],
	['rtx4090', 'RTX 4090', 'pcie:24', '4090'],
	['rtx4090d', 'RTX 4090 D', 'pcie:24', '4090d'],
	['rtx4080s', 'RTX 4080 SUPER', 'pcie:16', 'rtx4080super 4080super 4080s'],
	['rtx4080', 'RTX 4080', 'pcie:16', '4080'],
	['rtx4070tis', 'RTX 4070 Ti SUPER', 'pcie:16', 'rtx4070tisuper 4070tisuper 4070tis rtx4070superti'],
	['rtx4070ti', 'RTX 4070 Ti', 'pcie:12', '4070ti'],
	['rtx4070s', 'RTX 4070 SUPER', 'pcie:12', 'rtx4070super 4070super 4070s'],
	['rtx4070', 'RTX 4070', 'pcie:12', '4070'],
	['rtx4060ti', 'RTX 4060 Ti', 'pcie:8,16', '4060ti'],
	['rtx4060', 'RTX 4060', 'pcie:8', '4060'],
	['rtx3090ti', 'RTX 3090 Ti', 'pcie:24', '3090ti'],
	['rtx3090', 'RTX 3090', 'pcie:24', '3090'],
	['rtx3080ti', 'RTX 3080 Ti', 'pcie:12', '3080ti'],
	['rtx3080', 'RTX 3080', 'pcie:10,12', '3080'],
	['rtx3070ti', 'RTX 3070 Ti', 'pcie:8', '3070ti'],
	['rtx3070', 'RTX 3070', 'pcie:8', '3070'],
	['rtx3060ti', 'RTX 3060 Ti', 'pcie:8', '3060ti'],
	['rtx3060', 'RTX 3060', 'pcie:8,12', '3060'],
	['rtx3050', 'RTX 3050', 'pcie:6,8', '3050'],
	['rtx2080ti', 'RTX 2080 Ti', 'pcie:11', '2080ti'],
	['rtx2080s', 'RTX 2080 SUPER', 'pcie:8', 'rtx2080super 2080super 2080s'],
	['rtx2080', 'RTX 2080', 'pcie:8', '2080'],
	['rtx2070s', 'RTX 2070 SUPER', 'pcie:8', 'rtx2070super 2070super 2070s'],
	['rtx2070', 'RTX 2070', 'pcie:8', '2070'],
	['rtx2060s', 'RTX 2060 SUPER', 'pcie:8', 'rtx2060super 2060super 2060s'],
	['rtx2060', 'RTX 2060', 'pcie:6,12', '2060'],
	['gtx1660ti', 'GTX 1660 Ti', 'pcie:6', '1660ti'],
	['gtx1660s', 'GTX 1660 SUPER', 'pcie:6', 'gtx1660super 1660super'],
	['gtx1660', 'GTX 1660', 'pcie:6'],
	['gtx1650s', 'GTX 1650 SUPER', 'pcie:4', 'gtx1650super'],
	['gtx1650', 'GTX 1650', 'pcie:4'],
	['gtx1080ti', 'GTX 1080 Ti', 'pcie:11', '1080ti'],
	['gtx1080', 'GTX 1080', 'pcie:8'],
	['gtx1070ti', 'GTX 1070 Ti', 'pcie:8', '1070ti'],
	['gtx1070', 'GTX 1070', 'pcie:8'],
	['gtx1060', 'GTX 1060', 'pcie:3,5,6'],
	['gtx1050ti', 'GTX 1050 Ti', 'pcie:4'],
	['gtx1050', 'GTX 1050', 'pcie:2,3'],
	['gtx980ti', 'GTX 980 Ti', 'pcie:6'],
	['gtx980', 'GTX 980', 'pcie:4'],
	['gtx970', 'GTX 970', 'pcie:4'],
	['gtx960', 'GTX 960', 'pcie:2,4'],
];

const AMD: Row[] = [
	['mi355x', 'Instinct MI355X', 'oam:288'],
	['mi350x', 'Instinct MI350X', 'oam:288'],
	['mi325x', 'Instinct MI325X', 'oam:256'],
	['mi300x', 'Instinct MI300X', 'oam:192'],
	['mi308x', 'Instinct MI308X', 'oam:192'],
	['mi300a', 'Instinct MI300A', 'superchip:128'],
	['mi250x', 'Instinct MI250X', 'oam:128'],
	['mi250', 'Instinct MI250', 'oam:128'],
	['mi210', 'Instinct MI210', 'pcie:64'],
	['mi100', 'Instinct MI100', 'pcie:32'],
	['mi60', 'Instinct MI60', 'pcie:32'],
	['mi50', 'Instinct MI50', 'pcie:16,32'],
	['mi25', 'Instinct MI25', 'pcie:16'],
	['radeonprov710', 'Radeon Pro V710', 'pcie:24', 'v710'],
	['radeonprov620', 'Radeon Pro V620', 'pcie:32', 'v620'],
	['radeonprov520', 'Radeon Pro V520', 'pcie:8', 'v520'],
	['radeonprow7900', 'Radeon Pro W7900', 'pcie:48', 'w7900'],
	['rx9070xt', 'Radeon RX 9070 XT', 'pcie:16', '9070xt'],
	['rx7900xtx', 'Radeon RX 7900 XTX', 'pcie:24', '7900xtx'],
	['rx7900xt', 'Radeon RX 7900 XT', 'pcie:20', '7900xt'],
];

const INTEL: Row[] = [
	['max1550', 'Data Center GPU Max 1550', 'oam:128', 'gpumax1550'],
	['max1100', 'Data Center GPU Max 1100', 'pcie:48', 'gpumax1100'],
	['flex170', 'Data Center GPU Flex 170', 'pcie:16'],
	['arca770', 'Arc A770', 'pcie:16'],
	['arcb580', 'Arc B580', 'pcie:12'],
];

function variantsOf(text: string): GpuVariant[] {
	return text.split(' ').map((variant) => {
		const [formFactor = '', memories = ''] = variant.split(':');
		return {
			// The rows above are the only input, and a test reads every one of them against the table of form factors.
			formFactor: formFactor as GpuVariant['formFactor'],
			memoriesGiB: memories.split(',').map(Number),
		};
	});
}

function modelOf(vendor: GpuModel['vendor'], [key, name, text, aliases = '']: Row): GpuModel {
	const variants = variantsOf(text);
	return {
		key: gpuModelKey(key),
		vendor,
		name,
		variants,
		memoriesGiB: [...new Set(variants.flatMap(({ memoriesGiB }) => memoriesGiB))].sort((a, b) => a - b),
		formFactors: variants.map(({ formFactor }) => formFactor),
		aliases: aliases === '' ? [] : aliases.split(' '),
	};
}

/** Every model that has a key, by vendor, the newest and largest first. */
export const GPU_MODELS: readonly GpuModel[] = [
	...NVIDIA.map((row) => modelOf('nvidia', row)),
	...AMD.map((row) => modelOf('amd', row)),
	...INTEL.map((row) => modelOf('intel', row)),
];

const byKey = new Map<string, GpuModel>(GPU_MODELS.map((model) => [model.key, model]));

/** The model of a key. Keys from chain or records need not be in this version's catalogue. */
export function gpuModel(key: string): GpuModel | undefined {
	return byKey.get(key);
}
