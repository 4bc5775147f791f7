/**
 * Rows in the shape of SkyPilot's catalogue, version 5; figures of its files of 2024-06-13 and later ones of the clouds named.
 */
import { writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { SourceRunner } from '../../src/sources/asking/runner.ts';
import { readSources } from '../../src/sources/asking/settings.ts';
import { bindSource } from '../../src/sources/asking/source.ts';
import { skypilot } from '../../src/sources/skypilot.ts';
import { usdPerGpuHour } from '../support/price.ts';
import { ask, closeFakes, hostile, NOW, serve, settingsOf } from '../support/source.ts';

closeFakes();

const HEADER =
	'InstanceType,AcceleratorName,AcceleratorCount,vCPUs,MemoryGiB,GpuInfo,Price,SpotPrice,Region,AvailabilityZone';

function info(name: string, count: number | string, size: number, total: number): string {
	return `"{'Gpus': [{'Name': '${name}', 'Manufacturer': 'NVIDIA', 'Count': ${count}, 'MemoryInfo': {'SizeInMiB': ${size}}}], 'TotalGpuMemoryInMiB': ${total}}"`;
}

const read = (...lines: string[]) => skypilot.read?.(`${lines.join('\n')}\n`, NOW) ?? expect.fail();

const P4D = `p4d.24xlarge,A100,8.0,96.0,1152.0,${info('A100', 8, 40_960, 327_680)},32.7726,10.2412,us-east-1,use1-az4`;

describe('AGT-02 SkyPilot’s catalogues', () => {
	it('make an offer on demand and one of spot of a row, per machine', () => {
		const { quotes, left } = read(HEADER, P4D);
		expect(left).toEqual({});
		expect(quotes).toHaveLength(2);
		expect(quotes[0]).toMatchObject({
			evidence: 'snapshot',
			meaning: 'list-price',
			gpu: { model: 'a100', formFactor: 'sxm', memoryGiB: 40 },
			gpus: { numerator: 8, denominator: 1 },
			region: { country: 'US', raw: 'us-east-1' },
			price: { model: 'fixed', amount: '32.7726', per: 'instance', currency: 'USD' },
			availability: { state: 'unknown' },
		});
		expect(usdPerGpuHour(quotes[0])).toBe(4.096575);
		expect(quotes[1]).toMatchObject({ meaning: 'observation', price: { model: 'dynamic', amount: '10.2412' } });
		expect(usdPerGpuHour(quotes[1])).toBe(1.28015);
	});

	it('are read by the names of the columns, in any order and case', () => {
		const { quotes } = read(
			'Region,spotprice,PRICE,AcceleratorCount,GPUInfo,AcceleratorName,InstanceType',
			'fr-par,,5.04,2,,H100,H100-2-80G',
		);
		expect(quotes).toHaveLength(1);
		expect(usdPerGpuHour(quotes[0])).toBe(2.52);
	});

	it.each(['', '0.00', '0', 'NaN', '-1'])('take a spot price of "%s" for none', (spot) => {
		const { quotes } = read(HEADER, `gpu_1x_a10,A10,1,30,200,A10,0.75,${spot},us-east-1,`);
		expect(quotes.map(({ price }) => price.model)).toEqual(['fixed']);
	});

	it('keep a spot price that is the one on demand: it is what was published', () => {
		const { quotes } = read(HEADER, 'g4dn.xlarge,T4,1.0,4.0,16.0,T4,0.526,0.526,us-east-1,use1-az2');
		expect(quotes.map(({ price }) => [price.model, price.amount])).toEqual([
			['fixed', '0.526'],
			['dynamic', '0.526'],
		]);
	});

	it('may be other tables of machines, whose columns leave no doubt of the unit', () => {
		// Prices of the two clouds on demand, July and June 2026.
		const aws = read(
			'instance_type,region,on_demand_usd_per_instance_hour,gpu_name,gpu_count,vcpus,memory_mib',
			'p4d.24xlarge,us-east-1,21.957642,a100,8,96,1179648',
			'inf2.xlarge,us-east-1,0.7582,,,4,16384',
			'g6f.large,us-east-1,,l4,1,2,8192',
		);
		expect(aws.quotes.map((quote) => [quote.gpu.memoryGiB, quote.host.ramGiB, usdPerGpuHour(quote)])).toEqual([
			[40, 1_152, 2.744706],
		]);
		const azure = read(
			'arm_sku_name,arm_region,on_demand_usd_per_instance_hour',
			'Standard_NV6ads_A10_v5,eastus,0.454',
			'Standard_ND96isr_H100_v5,eastus,98.32',
			'Standard_D4s_v5,eastus,0.192',
			'Standard_ND40s_v2,eastus,1',
		);
		expect(azure.quotes.map((quote) => [quote.gpu.model, usdPerGpuHour(quote)])).toEqual([
			['a10', 2.724],
			['h100', 12.29],
		]);
		expect(azure.left).toEqual({ 'machine not known': 1, 'machine without a GPU': 1 });
	});

	it('are refused when a column does not say what its price is for', () => {
		expect(() => read('gpu_name,region,hourly', 'h100,eu,2')).toThrow(/not a catalogue/);
	});

	it.each([
		['1', [1, 1]],
		['8.0', [8, 1]],
		['0.167', [1, 6]],
		['0.333', [1, 3]],
		['0.5', [1, 2]],
		['0.125', [1, 8]],
		['0.25', [1, 4]],
	])('read %s GPUs', (count, [numerator, denominator]) => {
		const { quotes } = read(HEADER, `shared,A10,${count},6,55,A10,0.454,,eastus,`);
		expect(quotes[0]?.gpus).toEqual({ numerator, denominator });
	});

	it.each(['', '0', '-1', '0.37', 'two'])('make nothing of "%s" GPUs', (count) => {
		const { quotes, left } = read(HEADER, `shared,A10,${count},6,55,A10,0.454,,eastus,`);
		expect(quotes).toEqual([]);
		expect(left).toEqual({ 'number of GPUs not known': 1 });
	});

	it.each([
		['per card', `x,V100-32GB,8,64,512,${info('V100', 8, 32_768, 262_144)}`, 32],
		['per card, the total not multiplied', `x,A6000,4,56,400,${info('A6000', '4.0', 49_152, 49_152)}`, 48],
		['already multiplied', `x,L4,4,48,192,${info('L4', 4, 91_553, 366_212)}`, 24],
		['multiplied as the total', `x,H100,4,64,374.3,${info('H100', 4, 383_320, 383_320)}`, 94],
		['as a word in the name', 'x,A100-80GB,8,96,640,A100', 80],
		['in another column', 'x,V100,1,8,32,V100-32GB', 32],
		['as a total in GiB', `x,A10,2,30,480,"{'Gpus': [{'Name': '2x NVIDIA A10 Tensor Core', 'GpuMemory': 48}]}"`, 24],
		[
			'as JSON in small letters',
			`x,H100,8,160,1920,"{""gpus"": [{""name"": ""h100"", ""memoryinfo"": {""sizeinmib"": 81559}}]}"`,
			80,
		],
		['in GiB that are called MiB', `x,H100,2,64,300,${info('H100', 2, 80, 160)}`, 80],
		['multiplied, and the total once more', `x,L40,4,124,232,${info('L40', 4, 196_608, 786_432)}`, 48],
		['nowhere', 'x,A100,1,12,85,A100', null],
	])('know the memory of one GPU that is given %s', (_, row, memory) => {
		expect(read(HEADER, `${row},9,,us-east-1,`).quotes[0]?.gpu.memoryGiB).toBe(memory);
	});

	it('leave a memory open that can be of one GPU or of all, unless other rows of the file tell', () => {
		const open = `y,A100,2,64,300,${info('A100', 2, 81_920, 81_920)},3,,us-east-1,`;
		expect(read(HEADER, open).quotes[0]?.gpu.memoryGiB).toBeNull();
		const telling = `x,RTX4090,2,64,300,${info('RTX4090', 2, 49_128, 49_128)},0.72,,us-east-1,`;
		expect(read(HEADER, telling, open).quotes.map(({ gpu }) => gpu.memoryGiB)).toEqual([24, 40]);
	});

	it('tell cards apart that only the machine’s name tells apart', () => {
		const rows = [
			`2x-RTX_4090D-256,RTX4090,2,256,47.98,${info('RTX4090', 2, 49_128, 49_128)},0.93,,", US",`,
			`1x-RTX_3090_Ti-20,RTX3090,1,20,23.99,${info('RTX3090', 1, 24_564, 24_564)},0.19,,"Vietnam, VN",`,
			`4x-H100_PCIE-128,H100,4,128,318.59,${info('H100', 4, 326_236, 326_236)},7.73,,"Texas, US",`,
		];
		const { quotes } = read(HEADER, ...rows);
		expect(quotes.map(({ gpu }) => `${gpu.model} ${gpu.formFactor}`)).toEqual([
			'rtx4090d pcie',
			'rtx3090ti pcie',
			'h100 pcie',
		]);
		expect(usdPerGpuHour(quotes[2])).toBe(1.9325);
	});

	it('settle a name of several cards by the memory', () => {
		const { quotes } = read(
			HEADER,
			`gpu_1x_rtx6000,RTX6000,1.0,14,46,${info('RTX6000', '1.0', 24_576, 24_576)},0.5,,us-east-1,`,
		);
		expect(quotes[0]?.gpu.model).toBe('quadrortx6000');
	});

	it('go by the machine where its GPUs are known better', () => {
		const { quotes, left } = read(
			HEADER,
			'Standard_NV6ads_A10_v5,A10,1,6,55,A10,0.454,,eastus,',
			'Standard_ND96isr_H100_v5,H100,12,96,1900,H100,98.32,,eastus,',
			'Standard_ND48s_H100_v5,H100,6,48,950,H100,49.16,,eastus,',
			'Standard_NC6s_v3,A100,1,6,112,A100,3.06,,eastus,',
		);
		expect(quotes.map(usdPerGpuHour)).toEqual([2.724, 12.29]);
		expect(left).toEqual({ 'machine not known': 1, 'GPU is not its machine’s': 1 });
	});

	it('take a name for its machine’s GPU that leaves out which edition it is', () => {
		const { quotes } = read(HEADER, 'g7e.2xlarge,RTXPRO6000,1,8,64,RTXPRO6000,3.36312,,us-east-1,');
		expect(quotes[0]?.gpu.model).toBe('rtxpro6000s');
	});

	it('keep to the file for machines that are newer than the table', () => {
		const { quotes } = read(
			HEADER,
			`p9.48xlarge,H200,8.0,192,2048,${info('H200', 8, 144_384, 1_155_072)},63.296,,us-east-1,`,
		);
		expect(usdPerGpuHour(quotes[0])).toBe(7.912);
	});

	it('add the price of a GPU to its host’s, and never show one without the other', () => {
		const rows = [
			'a2-highgpu-1g,,,12.0,85.0,,0.73948,0.29576,us-central1,us-central1-a',
			'n1-standard-16,,,16.0,60.0,,0.76000,0.15000,us-central1,us-central1-a',
			",A100,1.0,,,{'Gpus': [{'MemoryInfo': {'SizeInMiB': 40960}}]},2.93391,1.1736,us-central1,us-central1-a",
			",A100-80GB,1.0,,,{'Gpus': [{'MemoryInfo': {'SizeInMiB': 81920}}]},3.92808,1.5712,us-central1,us-central1-a",
			",A100,1.0,,,{'Gpus': [{'MemoryInfo': {'SizeInMiB': 40960}}]},2.93391,1.1736,us-west4,us-west4-b",
			',T4,2.0,,,,0.7,,us-central1,us-central1-a',
			',tpu-v2-8,1.0,,,tpu-v2-8,4.5,,us-central1,us-central1-b',
		];
		const { quotes, left } = read(HEADER, ...rows);
		expect(quotes.map(usdPerGpuHour)).toEqual([3.67339, 1.46936, 0.73]);
		expect(quotes[0]).toMatchObject({ gpu: { model: 'a100', memoryGiB: 40 }, host: { vcpus: 12, ramGiB: 85 } });
		expect(quotes[2]?.gpu.rawName).toBe('n1-standard-16+2xt4');
		expect(left).toEqual({ 'price of the GPU without its machine': 2, 'not a GPU': 1 });
	});

	it('know that H100 Mega goes with another machine than H100', () => {
		const rows = ['a3-megagpu-8g', 'a3-highgpu-8g'].map(
			(name) => `${name},,,208,1872,,9.46006,5.20187,us-central1,us-central1-a`,
		);
		const { quotes } = read(HEADER, ...rows, ',H100-MEGA,8,,,,80.1,,us-central1,us-central1-a');
		expect(quotes.map(({ gpu, price }) => [gpu.rawName, price.amount])).toEqual([['a3-megagpu-8g', '89.56006']]);
	});

	it('make nothing of a machine of Google’s of which nobody says what its price is for', () => {
		const { quotes, left } = read(HEADER, 'a2-highgpu-1g,A100,1,12,85,A100,0.73948,,us-central1,us-central1-a');
		expect(quotes).toEqual([]);
		expect(left).toEqual({ 'price of the machine or of its parts': 1 });
	});

	it.each(['Gaudi HL-205', 'Inferentia', 'Trainium', 'Qualcomm AI100', 'Virtex UltraScale (VU9P)', 'tpu-v4-8'])(
		'make no offer of a %s',
		(name) => {
			const { quotes, left } = read(HEADER, `x,${name},8,96,768,,13.1,5.3,us-east-1,use1-az2`);
			expect(quotes).toEqual([]);
			expect(left).toEqual({ 'not a GPU': 2 });
		},
	);

	it('do not take the GPUs’ memory for the host’s', () => {
		const { quotes } = read(
			HEADER,
			`x,RTX4090,2,64,47.9765625,${info('RTX4090', 2, 49_128, 49_128)},0.72,,"Spain, ES",`,
		);
		expect(quotes[0]?.host).toMatchObject({ vcpus: 64, ramGiB: null });
	});

	it('keep machines apart that stand in one place at several prices', () => {
		const row = (price: string) => `1x-RTX_4090-256,RTX4090,1,256,64,RTX4090,${price},,"Norway, NO",`;
		const { quotes, left } = read(HEADER, row('0.47'), row('0.47'), row('0.54'));
		expect(quotes.map(usdPerGpuHour)).toEqual([0.47, 0.54]);
		expect(left).toEqual({ 'named twice': 1 });
	});

	it('go by the zone where the region is left out', () => {
		const { quotes } = read(HEADER, 'gx2-8x64x1v100,V100,1.0,8,64,V100,2.821,,,jp-tok-2');
		expect(quotes[0]?.region.country).toBe('JP');
	});
});

const options = (text: string) => ({ options: { SKYPILOT_CATALOGUES: text } });

describe('NET-04 the setting with catalogues', () => {
	it('reads several clouds, each as old as its date', async () => {
		const answers = serve({
			'/aws': `${HEADER}\n${P4D}\n`,
			'/lambda': `${HEADER}\ngpu_1x_a10,A10,1,30,200,A10,0.75,,us-east-1,\n`,
		});
		const { quotes, failing } = await ask(
			skypilot,
			answers,
			options('aws=/aws/vms.csv@2024-06-13, lambda=/lambda/vms.csv'),
		);
		expect(failing).toBeNull();
		expect(quotes.map(({ network, evidence, observedAt }) => [network, evidence, observedAt])).toEqual([
			['aws', 'snapshot', Date.UTC(2024, 5, 13) / 1000],
			['aws', 'snapshot', Date.UTC(2024, 5, 13) / 1000],
			['lambda', 'live', NOW],
		]);
	});

	it('AGT-01 says which catalogue did not come, and keeps the others', async () => {
		const answers = serve({ '/aws': `${HEADER}\n${P4D}\n` });
		const { quotes, incomplete } = await ask(skypilot, answers, options('nebius=/nebius.csv,aws=/aws.csv'));
		expect(quotes).toHaveLength(2);
		expect(incomplete).toContain('The catalogue of nebius did not come');
	});

	it('calls what a bid has to be at least a floor, and no price', async () => {
		const row = `h100-80gb.sxm.8x,H100,8,168,1814,${info('H100', 8, 81_920, 655_360)},8.0,8.0,us-central2-a,`;
		const { quotes } = await ask(skypilot, serve({ '/m': `${HEADER}\n${row}\n` }), options('mithril=/m.csv'));
		expect(quotes.map(({ meaning, price, gpu }) => [meaning, price.model, gpu.formFactor])).toEqual([
			['floor', 'dynamic', 'sxm'],
		]);
	});

	it('bears names that are longer than a key may be', () => {
		const { quotes } = read(HEADER, `${'a/'.repeat(150)},H100,8,168,1814,H100,8.0,,us-east-1,`);
		expect(quotes).toHaveLength(1);
	});

	it('leaves out a last line that may be half', async () => {
		const answers = serve({ '/aws': `${HEADER}\n${P4D}\n${P4D.replace('use1-az4', 'use1')}` });
		const { quotes, incomplete } = await ask(skypilot, answers, options('aws=/aws.csv'));
		expect(quotes).toHaveLength(2);
		expect(incomplete).toContain('breaks off');
	});

	it('reads files of this machine with their date', async () => {
		const folder = await mkdtemp(join(tmpdir(), 'necto-'));
		const path = join(folder, 'vms.csv');
		writeFileSync(path, `${HEADER}\n${P4D}`);
		const { quotes } = await ask(skypilot, serve({}), options(`aws=file:${path}@2024-06-13`));
		expect(quotes).toHaveLength(2);
		await rm(folder, { recursive: true });
	});

	it.each([
		['aws=file:/tmp/vms.csv', 'without the date'],
		['/aws.csv', 'is not cloud=address@date'],
		['aws=ftp://example.com/vms.csv', 'is not cloud=address@date'],
		['aws=file:/nowhere/vms.csv@2024-06-13', 'cannot be read'],
	])('says what is wrong with %s', async (text, message) => {
		const runner = new SourceRunner(bindSource(skypilot, settingsOf(skypilot, 'http://127.0.0.1:1', options(text))), {
			timeoutMs: 3_000,
			now: () => NOW,
		});
		await runner.refresh(new AbortController().signal);
		expect(runner.reading.failing?.message).toContain(message);
	});

	it('is not asked before there is one', () => {
		const { missing } = readSources({}, ['all'], 8_000);
		expect(missing.find(({ definition }) => definition.id === 'skypilot')?.note).toBe(
			'Not asked: name catalogue files in SKYPILOT_CATALOGUES to see their offers.',
		);
	});
});

const given = {
	...skypilot,
	options: { SKYPILOT_CATALOGUES: { value: 'aws=/vms.csv', about: '' } },
};
hostile(given, `${HEADER}\n${P4D}\n`, 'text/csv');
