/** GPU instance types of AWS EC2, from its pages of instance types (aws.amazon.com/ec2/instance-types). */
import { gpuIn, gpusIn, type Machine, type MachineLookup } from './machine.ts';

/** Family, its GPU, and its sizes: `size GPUs RAM`, with the vCPUs behind it where the size does not tell them. */
const FAMILIES: readonly (readonly [family: string, gpu: string, sizes: string])[] = [
	['g2', 'k520 pcie 4', '2xlarge 1 15|8xlarge 4 60'],
	['g3', 'm60 pcie 8', '4xlarge 1 122|8xlarge 2 244|16xlarge 4 488'],
	['g3s', 'm60 pcie 8', 'xlarge 1 30'],
	['g4ad', 'radeonprov520 pcie 8', 'xlarge 1 16|2xlarge 1 32|4xlarge 1 64|8xlarge 2 128|16xlarge 4 256'],
	[
		'g4dn',
		't4 pcie 16',
		'xlarge 1 16|2xlarge 1 32|4xlarge 1 64|8xlarge 1 128|12xlarge 4 192|16xlarge 1 256|metal 8 384 96',
	],
	[
		'g5',
		'a10g pcie 24',
		'xlarge 1 16|2xlarge 1 32|4xlarge 1 64|8xlarge 1 128|12xlarge 4 192|16xlarge 1 256|24xlarge 4 384|48xlarge 8 768',
	],
	['g5g', 't4g pcie 16', 'xlarge 1 8|2xlarge 1 16|4xlarge 1 32|8xlarge 1 64|16xlarge 2 128|metal 2 128 64'],
	[
		'g6',
		'l4 pcie 24',
		'xlarge 1 16|2xlarge 1 32|4xlarge 1 64|8xlarge 1 128|12xlarge 4 192|16xlarge 1 256|24xlarge 4 384|48xlarge 8 768',
	],
	[
		'g6e',
		'l40s pcie 48',
		'xlarge 1 32|2xlarge 1 64|4xlarge 1 128|8xlarge 1 256|12xlarge 4 384|16xlarge 1 512|24xlarge 4 768|48xlarge 8 1536',
	],
	// Shares of an L4 by memory: 3, 6 and 12 of its 24 GB.
	['g6f', 'l4 pcie 24', 'large 1/8 8|xlarge 1/8 16|2xlarge 1/4 32|4xlarge 1/2 64'],
	['gr6', 'l4 pcie 24', '4xlarge 1 128|8xlarge 1 256'],
	['gr6f', 'l4 pcie 24', '4xlarge 1/2 128'],
	['g7', 'rtxpro4500 pcie 32', '2xlarge 1 32|4xlarge 1 64|8xlarge 1 128|12xlarge 2 192|24xlarge 4 384|48xlarge 8 768'],
	[
		'g7e',
		'rtxpro6000s pcie 96',
		'2xlarge 1 64|4xlarge 1 128|8xlarge 1 256|12xlarge 2 512|24xlarge 4 1024|48xlarge 8 2048',
	],
	['p2', 'k80 pcie 12', 'xlarge 1 61|8xlarge 8 488|16xlarge 16 732'],
	['p3', 'v100 sxm 16', '2xlarge 1 61|8xlarge 4 244|16xlarge 8 488'],
	['p3dn', 'v100 sxm 32', '24xlarge 8 768'],
	['p4d', 'a100 sxm 40', '24xlarge 8 1152'],
	['p4de', 'a100 sxm 80', '24xlarge 8 1152'],
	['p5', 'h100 sxm 80', '4xlarge 1 256|48xlarge 8 2048'],
	['p5e', 'h200 sxm 141', '48xlarge 8 2048'],
	['p5en', 'h200 sxm 141', '48xlarge 8 2048'],
	['p6-b200', 'b200 sxm 180', '48xlarge 8 2048'],
	['p6-b300', 'b300 sxm 270', '48xlarge 8 4096'],
	['p6e-gb200', 'gb200 superchip 186', '36xlarge 4 960'],
];

const MACHINES: ReadonlyMap<string, Machine> = new Map(
	FAMILIES.flatMap(([family, gpu, sizes]) =>
		sizes.split('|').map((entry) => {
			const [size = '', gpus = '', ram = '', vcpus] = entry.split(' ');
			const machine = { ...gpuIn(gpu), gpus: gpusIn(gpus), vcpus: Number(vcpus ?? vcpusOf(size)), ramGiB: Number(ram) };
			return [`${family}.${size}`, machine] as const;
		}),
	),
);

/** All types of the table. */
export const AWS_TYPES: readonly string[] = [...MACHINES.keys()];

/** What stands in an EC2 instance type: `p5.48xlarge`. */
export function awsMachine(type: string): MachineLookup {
	const machine = MACHINES.get(type);
	if (machine !== undefined) return machine;
	// The families of GPUs are p and g; others carry Trainium, Inferentia, Gaudi, Qualcomm, FPGAs, or nothing.
	return /^(?:p|gr?)\d[a-z0-9-]*\./.test(type) ? 'unknown' : 'not-a-gpu';
}

/** `large` has 2 vCPUs, `xlarge` 4, and `12xlarge` twelve times as many. */
function vcpusOf(size: string): number {
	return size === 'large' ? 2 : 4 * Number(/^(\d*)xlarge$/.exec(size)?.[1] || 1);
}
