/** Rows in the shape of SkyPilot's catalogue, version 5 to 8, and of tables like it; figures of such files of 2022 to 2026. */
import { describe, expect, it } from 'vitest';
import { skypilot } from '../../src/sources/skypilot.ts';
import { usdPerGpuHour } from '../support/price.ts';
import { closeFakes, NOW } from '../support/source.ts';

closeFakes();

const HEADER = 'InstanceType,AcceleratorName,AcceleratorCount,vCPUs,MemoryGiB,GpuInfo,Price,SpotPrice,Region';
const A10 = 'gpu_1x_a10,A10,1,30,200,A10,1.29,,us-east-1';
const GCP =
	'InstanceType,vCPUs,MemoryGiB,AcceleratorName,AcceleratorCount,GpuInfo,Region,AvailabilityZone,Price,SpotPrice';

const readText = (text: string) => skypilot.read?.(text, NOW) ?? expect.fail();
const read = (...lines: string[]) => readText(`${lines.join('\n')}\n`);
const prices = ({ quotes }: ReturnType<typeof read>) => quotes.map((quote) => usdPerGpuHour(quote));

describe('NET-04 a catalogue that says more than prices', () => {
	it.each([
		['Currency', 'EUR', 'price in another currency'],
		['currency_code', 'gbp', 'price in another currency'],
		['Unit', 'Month', 'unit not known'],
		['unitOfMeasure', '100 Hours', 'unit not known'],
		['Price Unit', 'USD/GPU-hour', 'unit not known'],
		['OperatingSystem', 'Windows Server 2022', 'with a licence'],
		['OperatingSystem', 'RHEL', 'with a licence'],
	])('makes no offer of a row whose %s is %s', (column, value, reason) => {
		const { quotes, left } = read(`${HEADER},${column}`, `${A10},${value}`);
		expect(quotes).toEqual([]);
		expect(left).toEqual({ [reason]: 1 });
	});

	it.each([
		['Currency', 'USD'],
		['Unit', 'Hrs'],
		['unitOfMeasure', '1 Hour'],
		['Price Unit', 'USD/hour'],
		['OperatingSystem', 'Ubuntu Server 22.04 LTS R570 CUDA 12.8 with Docker'],
		['TermType', 'OnDemand'],
		['Currency', ''],
	])('reads a row whose %s is %s', (column, value) => {
		expect(prices(read(`${HEADER},${column}`, `${A10},${value}`))).toEqual([1.29]);
	});

	it('takes the price of a row that is marked as spot for one of spot', () => {
		const header = 'instance_name,location,price,cpu,memory,gpu_count,gpu_name,gpu_memory,spot,disk_size';
		const { quotes, left } = read(
			header,
			'g2,us-east-1,6.9,48,340,2,H100,80,True,',
			'g2,us-east-1,16,48,340,2,H100,80,False,',
		);
		expect(quotes.map(({ gpu }) => gpu.memoryGiB)).toEqual([80, 80]);
		expect(left).toEqual({});
		expect(quotes.map(({ meaning }) => meaning)).toEqual(['observation', 'list-price']);
		expect(quotes.map((quote) => usdPerGpuHour(quote))).toEqual([3.45, 8]);
	});

	it.each([
		...['"1,29"', '"1,290"', '"1,234.50"', '"$1,002.50"', "1'290.5", '1_290', '1.290.5'],
		...['$1.29', 'USD 1.29', '1.29 USD', '€1.29', '1.29 EUR', '129c', '1.29/month', '1-2', '~1.29', '+1.29'],
		...['1.29e0', '1E1', '1e-9', '0x10', '１．２９', '١'],
	])('does not guess what a price of %s is', (price) => {
		const { quotes, left } = read(HEADER, `x,A10,1,30,200,A10,${price},0.50,us-east-1`);
		expect(quotes.map(({ meaning }) => meaning)).toEqual(['observation']);
		expect(left).toEqual({ 'price not readable': 1 });
	});

	it('says of a row with GPUs that nothing names that they are not known', () => {
		const { quotes, left } = read(
			HEADER.replace('AcceleratorName,', ''),
			'gpu_1x_a10,1,30,200,A10,1.29,,us-east-1',
			'cpu_4x_general,,4,16,,0.20,,us-east-1',
		);
		expect(quotes).toEqual([]);
		expect(left).toEqual({ 'GPU not known': 1, 'machine without a GPU': 1 });
	});
});

describe('AGT-02 a catalogue that breaks off', () => {
	const TWO = `${HEADER.replace(',Price', '').replace(',Region', ',Region,Price')}\nx,A10,1,30,200,A10,,us-east-1,1.29\n`;

	it('does not take half a price for a whole one', () => {
		const { quotes, incomplete } = readText(`${TWO}y,H100,1,30,200,H100,,us-east-1,2.4`);
		expect(quotes.map((quote) => usdPerGpuHour(quote))).toEqual([1.29]);
		expect(incomplete).toContain('breaks off');
	});

	it('keeps what stands above a line without its end', () => {
		const { quotes, incomplete } = readText(`${TWO}y,H100,1,30,200,"{'Gpus': [{'Na`);
		expect(quotes).toHaveLength(1);
		expect(incomplete).toContain('breaks off');
	});

	it('takes a last line that lacks nothing but its end', () => {
		const { quotes, incomplete } = readText(`${HEADER}\n${A10}`);
		expect(quotes).toHaveLength(1);
		expect(incomplete).toBeNull();
	});
});

describe('AGT-02 Google’s machines in a catalogue', () => {
	const HOST = 'a2-highgpu-1g,12,85,,,,us-central1,us-central1-a,0.73948,0.22184';
	const ULTRA = 'a2-ultragpu-1g,12,170,,,,us-central1,us-central1-a,1.09962,0.32989';
	const A100 = ',,,A100,1.0,A100,us-central1,us-central1-a,2.934,0.88';
	const A100_80 = ',,,A100-80GB,1.0,A100-80GB,us-central1,us-central1-a,3.93,1.25';

	it.each([
		['are the only ones of their model there', [HOST, A100]],
		['are those that the file does not name by their memory', [HOST, ULTRA, A100, A100_80]],
	])('have the A100 of 40 GB where they %s', (_, rows) => {
		const { quotes } = read(GCP, ...rows);
		const found = quotes.find(({ meaning, gpu }) => meaning === 'list-price' && gpu.rawName === 'a2-highgpu-1g');
		expect(found?.gpu).toMatchObject({ model: 'a100', memoryGiB: 40 });
		expect(usdPerGpuHour(found)).toBe(3.673_48);
	});

	it('make no offer where the A100 may be either', () => {
		const { quotes, left } = read(GCP, HOST, ULTRA, A100);
		expect(quotes).toEqual([]);
		expect(left).toEqual({ 'price of the GPU without its machine': 1, 'machine without a GPU': 2 });
	});

	it('make no offer where the file has two prices of one', () => {
		const { quotes, left } = read(GCP, HOST, HOST.replace('0.73948', '0.510187'), A100);
		expect(quotes).toEqual([]);
		expect(left).toEqual({ 'price of the machine not clear': 1 });
	});

	it('go with the GPUs of their own region where no zone is named', () => {
		const of = (region: string, row: string) => row.replaceAll('us-central1-a', '').replace('us-central1', region);
		const rows = [HOST, A100].flatMap((row) => [
			of('us-central1', row),
			of('asia-northeast1', row.replace('0.73948', '0.94803')),
		]);
		expect(prices(read(GCP, ...rows)).filter((price) => price > 2)).toEqual([3.67348, 3.88203]);
	});
});

describe('DISC-03 the card behind a row', () => {
	const info = (name: string, count: number, size: number, total: number) =>
		`"{'Gpus': [{'Name': '${name}', 'Count': ${count}, 'MemoryInfo': {'SizeInMiB': ${size}}}], 'TotalGpuMemoryInMiB': ${total}}"`;
	const row = (type: string, name: string, count: number, size: number, total = size) =>
		`${type},${name},${count},32,64,${info(name, count, size, total)},1.00,,"Germany, DE, EU"`;

	it('keeps two cards of one name, price and place apart by their memory', () => {
		const { quotes, left } = read(
			HEADER,
			row('1x-RTX_4090-32-65536', 'RTX4090', 1, 24_564),
			row('1x-RTX_4090-32-65536', 'RTX4090', 1, 49_140),
			row('1x-RTX_4090-32-65536', 'RTX4090', 1, 24_564),
		);
		expect(quotes.map(({ gpu }) => gpu.memoryGiB)).toEqual([24, 48]);
		expect(new Set(quotes.map(({ key }) => key)).size).toBe(2);
		expect(left).toEqual({ 'named twice': 1 });
	});

	it('divides memory that a file multiplies twice', () => {
		const { quotes } = read(
			HEADER,
			row('a__8xA100_80GB', 'A100-80GB', 8, 655_360, 5_242_880),
			row('b__2xA100_40GB', 'A100', 2, 81_920, 163_840),
			row('c__2xV100', 'V100', 2, 32_768, 65_536),
		);
		expect(quotes.map(({ gpu }) => gpu.memoryGiB)).toEqual([80, 40, 16]);
	});

	it.each([
		['lambdalabs_H100-sxm5x2', 'H100', 2, 'sxm'],
		['crusoe_A100-80G-sxm4x8', 'A100-80GB', 8, 'sxm'],
		['intel-ice-lake-a100-pci_2x8v16gb', 'A100', 2, 'pcie'],
		['n3-H100x8-NVLink', 'H100', 8, 'unknown'],
		['x_L40S-sxm', 'L40S', 1, 'pcie'],
	] as const)('reads the form factor of %s', (type, name, count, formFactor) => {
		expect(read(HEADER, row(type, name, count, 0)).quotes[0]?.gpu.formFactor).toBe(formFactor);
	});

	it.each(['h100-80gb.sxm.8x', 'ccs-h200.sxm.1x'])('calls a price of Mithril’s %s the floor that it is', (type) => {
		const gpu = type.includes('h200') ? 'H200' : 'H100';
		const { quotes } = read(HEADER, `${type},${gpu},${type.includes('1x') ? 1 : 8},168,1814,,8.0,8.0,us-central2-a`);
		expect(quotes.map(({ meaning }) => meaning)).toEqual(['floor']);
	});
});
