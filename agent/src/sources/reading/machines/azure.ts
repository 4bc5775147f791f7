/** GPU sizes of Azure's virtual machines, by series, from its pages of sizes (learn.microsoft.com/azure/virtual-machines/sizes). */
import { gpuIn, gpusIn, type Machine, type MachineLookup } from './machine.ts';

/** Series with the vCPUs as `#`, its GPU, and its sizes: `vCPUs GPUs RAM`, RAM only where it is documented. */
const SERIES: readonly (readonly [series: string, gpu: string, sizes: string])[] = [
	['NC#r?(_Promo)?', 'k80 pcie 12', '6 1 56|12 2 112|24 4 224'],
	['NC#r?s_v2', 'p100 pcie 16', '6 1 112|12 2 224|24 4 448'],
	['NC#r?s_v3', 'v100 pcie 16', '6 1 112|12 2 224|24 4 448'],
	['NC#as_T4_v3', 't4 pcie 16', '4 1 28|8 1 56|16 1 110|64 4 440'],
	['NC#ads_A10_v4', 'a10 pcie 24', '8 1 55|16 1 110|32 2 220'],
	['NC#ads_A100_v4', 'a100 pcie 80', '24 1 220|48 2 440|96 4 880'],
	['NCC?#adi?s_H100_v5', 'h100 nvl 94', '40 1 320|80 2 640'],
	[
		'NC#l?ds_xl_RTXPRO6000BSE_v6',
		'rtxpro6000s pcie 96',
		'16 1/4|24 1/4|32 1/4|36 1/4|64 1/2|72 1/2|128 1|132 1|144 1|256 2|264 2|288 2|320 2|324 2',
	],
	['ND#r?s', 'p40 pcie 24', '6 1 112|12 2 224|24 4 448'],
	['ND#rs_v2', 'v100 sxm 32', '40 8 672'],
	['ND#asr(_A100)?_v4', 'a100 sxm 40', '96 8 900'],
	['ND#amsr?_A100_v4', 'a100 sxm 80', '96 8 1900'],
	['ND#isr?f?(_flex|_noIB)?_H100_v5', 'h100 sxm 80', '96 8 1900'],
	['ND#isr?f?_H200_v5', 'h200 sxm 141', '96 8 1850'],
	['ND#isr?f?_MI300X_v5', 'mi300x oam 192', '96 8 1850'],
	['ND#isrf?_NDR_GB200_v6', 'gb200 superchip 186', '128 4 900'],
	['ND#isrf?(_NDR)?_GB300_v6', 'gb300 superchip 279', '128 4 900'],
	['NV#(_Promo)?', 'm60 pcie 8', '6 1 56|12 2 112|24 4 224'],
	['NV#s_v2', 'm60 pcie 8', '6 1 112|12 2 224|24 4 448'],
	['NV#s_v3', 'm60 pcie 8', '12 1 112|24 2 224|48 4 448'],
	['NV#as_v4', 'mi25 pcie 16', '4 1/8 14|8 1/4 28|16 1/2 56|32 1 112'],
	['NV#ads_A10_v5', 'a10 pcie 24', '6 1/6 55|12 1/3 110|18 1/2 220|36 1 440|72 2 880'],
	['NV#adms_A10_v5', 'a10 pcie 24', '36 1 880'],
	['NV#ads_V710_v5', 'radeonprov710 pcie 24', '4 1/6 16|8 1/3 32|12 1/2 64|24 1 128'],
	['NV#adms_V710_v5', 'radeonprov710 pcie 24', '28 1 160'],
	['NG#ads_V620_v1', 'radeonprov620 pcie 32', '8 1/4 16|16 1/2 32|32 1 64'],
	['NG#adms_V620(_v1)?', 'radeonprov620 pcie 32', '32 1 176'],
];

const RULES = SERIES.map(([series, gpu, sizes]) => ({
	pattern: new RegExp(`^Standard_${series.replace('#', '(?<vcpus>\\d+)')}$`, 'i'),
	gpu: gpuIn(gpu),
	sizes: new Map(
		sizes.split('|').map((entry) => {
			const [vcpus = '', gpus = '', ram] = entry.split(' ');
			return [Number(vcpus), { gpus: gpusIn(gpus), ramGiB: ram === undefined ? null : Number(ram) }] as const;
		}),
	),
}));

/** Every GPU that the table names, for the test that compares it with the catalogue. */
export const AZURE_GPUS: readonly Pick<Machine, 'model' | 'formFactor' | 'memoryGiB'>[] = RULES.map(({ gpu }) => gpu);

/** What stands in an Azure size: `Standard_NC24ads_A100_v4`. */
export function azureMachine(type: string): MachineLookup {
	const name = type.trim();
	for (const { pattern, gpu, sizes } of RULES) {
		const vcpus = Number(pattern.exec(name)?.groups?.vcpus ?? 0);
		const size = sizes.get(vcpus);
		if (size !== undefined) return { ...gpu, ...size, vcpus };
	}
	// NP holds FPGAs and MA35D is a video encoder; every other N is a GPU, and one in no table stays unknown.
	return /^Standard_N[CDGV]/i.test(name) ? 'unknown' : 'not-a-gpu';
}
