/**
 * GPU shapes of Oracle Cloud by the part number that they are billed under, from its page of compute shapes
 * (docs.oracle.com/iaas/Content/Compute/References/computeshapes.htm). Names in the price list are spelt in several ways and the older ones name a generation of
 * hardware instead of a GPU; part numbers stay.
 */
import { gpuIn, type Machine } from './machine.ts';

/** Part number, GPU, and shapes: `name GPUs vCPUs RAM`. */
const PARTS: readonly (readonly [part: string, gpu: string, shapes: string])[] = [
	['B88518', 'p100 pcie 16', 'VM.GPU2.1 1 24 72'],
	['B89734', 'v100 sxm 16', 'VM.GPU3.1 1 12 90|VM.GPU3.2 2 24 180|VM.GPU3.4 4 48 360'],
	['B92740', 'a100 sxm 40', 'BM.GPU4.8 8 128 2048'],
	['B95907', 'a100 sxm 80', 'BM.GPU.A100-v2.8 8 256 2048'],
	['B95909', 'a10 pcie 24', 'VM.GPU.A10.1 1 30 240|VM.GPU.A10.2 2 60 480|BM.GPU.A10.4 4 128 1024'],
	['B98415', 'h100 sxm 80', 'BM.GPU.H100.8 8 224 2048'],
	['B109479', 'l40s pcie 48', 'BM.GPU.L40S.4 4 224 1024'],
	['B109485', 'mi300x oam 192', 'BM.GPU.MI300X.8 8 224 2048'],
	['B110519', 'h200 sxm 141', 'BM.GPU.H200.8 8 224 3072'],
	['B110978', 'b200 sxm 180', 'BM.GPU.B200.8 8 256 4096'],
	['B110979', 'gb200 superchip 186', 'BM.GPU.GB200.4 4 144 960'],
	['B112237', 'b300 sxm 270', 'BM.GPU.B300.8 8 256 4096'],
	['B111758', 'mi355x oam 288', 'BM.GPU.MI355X.8 8 256 3072'],
	['B112140', 'gb300 superchip 279', 'BM.GPU.GB300.4 4 144 960'],
	['B112613', 'rtxpro6000s pcie 96', 'BM.GPU.RTXPRO.8 8 288 3072'],
];

export interface OracleShape extends Machine {
	name: string;
}

/** The shapes whose GPUs are billed under a part number; undefined for one that is not known. */
export const ORACLE_SHAPES: ReadonlyMap<string, readonly OracleShape[]> = new Map(
	PARTS.map(([part, gpu, shapes]) => [
		part,
		shapes.split('|').map((entry): OracleShape => {
			const [name = '', gpus = '', vcpus = '', ram = ''] = entry.split(' ');
			return { ...gpuIn(gpu), name, gpus: [Number(gpus), 1], vcpus: Number(vcpus), ramGiB: Number(ram) };
		}),
	]),
);
