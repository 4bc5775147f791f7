/**
 * GPU machine types of Google Cloud, from its page of machine families (cloud.google.com/compute/docs/gpus). Google prices the GPU and its host
 * apart, so a machine is a GPU and the cores and memory that go with it.
 */
import { gpuIn, gpusIn, type Machine } from './machine.ts';

export interface GcpShape extends Machine {
	name: string;
	/** What the host's cores and memory are sold as: `A2`. */
	family: 'A2' | 'A3' | 'A3Plus' | 'A3Ultra' | 'A4' | 'A4X' | 'G2' | 'G4' | 'N1';
	ramGiB: number;
	/** How many slices it is sold as, each with its share of the host; null when it is sold by its parts. */
	slices: number | null;
	/** Sold as spot only. */
	spotOnly: boolean;
}

/** Prefix, family, GPU, and sizes: `name GPUs vCPUs RAM`, with an `s` where a size is sold as spot only. */
const FAMILIES: readonly (readonly [prefix: string, family: GcpShape['family'], gpu: string, sizes: string])[] = [
	['a2-highgpu-', 'A2', 'a100 sxm 40', '1g 1 12 85|2g 2 24 170|4g 4 48 340|8g 8 96 680'],
	['a2-megagpu-', 'A2', 'a100 sxm 40', '16g 16 96 1360'],
	['a2-ultragpu-', 'A2', 'a100 sxm 80', '1g 1 12 170|2g 2 24 340|4g 4 48 680|8g 8 96 1360'],
	['a3-highgpu-', 'A3', 'h100 sxm 80', '1g 1 26 234 s|2g 2 52 468 s|4g 4 104 936 s|8g 8 208 1872'],
	// The same GPU on a faster network, at a price of its own: H100 Mega.
	['a3-megagpu-', 'A3Plus', 'h100 sxm 80', '8g 8 208 1872'],
	['a3-ultragpu-', 'A3Ultra', 'h200 sxm 141', '8g 8 224 2952'],
	['a4-highgpu-', 'A4', 'b200 sxm 180', '8g 8 224 3968'],
	['a4x-highgpu-', 'A4X', 'gb200 superchip 186', '4g 4 140 884'],
	['a4x-maxgpu-', 'A4X', 'gb300 superchip 279', '4g-metal 4 144 960'],
	// Up to half a GPU in slices of an eighth, whole GPUs by their parts.
	[
		'g4-standard-',
		'G4',
		'rtxpro6000s pcie 96',
		'6 1/8 6 22|12 1/4 12 45|24 1/2 24 90|48 1 48 180|96 2 96 360|192 4 192 720|384 8 384 1440',
	],
	[
		'g2-standard-',
		'G2',
		'l4 pcie 24',
		'4 1 4 16|8 1 8 32|12 1 12 48|16 1 16 64|32 1 32 128|24 2 24 96|48 4 48 192|96 8 96 384',
	],
	// These GPUs are attached to any N1 machine. Eight cores for each is our choice: it is allowed for all four, and is said in the machine's name.
	['n1-standard-', 'N1', 't4 pcie 16', '8 1 8 30|16 2 16 60|32 4 32 120'],
	['n1-standard-', 'N1', 'v100 sxm 16', '8 1 8 30|16 2 16 60|32 4 32 120|64 8 64 240'],
	['n1-standard-', 'N1', 'p100 pcie 16', '8 1 8 30|16 2 16 60|32 4 32 120'],
	['n1-standard-', 'N1', 'p4 pcie 8', '8 1 8 30|16 2 16 60|32 4 32 120'],
];

export const GCP_SHAPES: readonly GcpShape[] = FAMILIES.flatMap(([prefix, family, gpu, sizes]) =>
	sizes.split('|').map((entry): GcpShape => {
		const [size = '', gpus = '', vcpus = '', ram = '', spot] = entry.split(' ');
		return {
			...gpuIn(gpu),
			name: `${prefix}${size}`,
			family,
			gpus: gpusIn(gpus),
			slices: slicesOf(family, gpusIn(gpus)),
			vcpus: Number(vcpus),
			ramGiB: Number(ram),
			spotOnly: spot === 's',
		};
	}),
);

/** A4 and A4X machines are sold in slices of one GPU with its share of the host; shares of a G4 GPU in slices of an eighth. */
function slicesOf(family: GcpShape['family'], [numerator, denominator]: GcpShape['gpus']): number | null {
	if (family === 'A4' || family === 'A4X') return numerator;
	return family === 'G4' && denominator > 1 ? (numerator * 8) / denominator : null;
}

/** What a shape's GPU is priced as: `h100 80`. */
export function gpuPriceName({ family, model, memoryGiB }: GcpShape): string {
	return `${model}${family === 'A3Plus' ? '-mega' : ''} ${memoryGiB}`;
}

/** How a shape is called among offers: `a2-highgpu-1g`, `n1-standard-8+2xt4`. */
export function shapeTitle({ name, family, model, gpus }: GcpShape): string {
	return family === 'N1' ? `${name}+${gpus[0]}x${model}` : name;
}
