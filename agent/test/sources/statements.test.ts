/** Rows whose texts, counts, memories, terms or dates contradict what they are priced as. Shapes as the vendors document them; names and prices are made up. */
import { rentalTermOf } from '@necto/core';
import { describe, expect, it } from 'vitest';
import type { SourceAnswer, SourceDefinition } from '../../src/sources/asking/source.ts';
import { aws } from '../../src/sources/aws.ts';
import { azure } from '../../src/sources/azure.ts';
import { cudo } from '../../src/sources/cudo.ts';
import { hyperbolic } from '../../src/sources/hyperbolic.ts';
import { lambda } from '../../src/sources/lambda.ts';
import { nosana } from '../../src/sources/nosana.ts';
import { primeIntellect } from '../../src/sources/primeIntellect.ts';
import { validityTrouble } from '../../src/sources/reading/validity.ts';
import { shadeform } from '../../src/sources/shadeform.ts';
import { spheron } from '../../src/sources/spheron.ts';
import { vast } from '../../src/sources/vast.ts';
import { NOW } from '../support/source.ts';

type Changes = Record<string, unknown>;

/** A machine with one H100 at about two dollars, in the shape of each vendor. */
const shapes = {
	lambda: (type: Changes) => [
		lambda,
		{
			data: {
				a: {
					instance_type: {
						name: 'gpu_1x_h100_pcie',
						gpu_description: 'H100 (80 GB PCIe)',
						price_cents_per_hour: 199,
						specs: { gpus: 1, vcpus: 26, memory_gib: 200, storage_gib: 512 },
						...type,
					},
				},
			},
		},
	],
	prime: (row: Changes) => [
		primeIntellect,
		{
			items: [
				{
					...{ cloudId: 'h100', gpuType: 'H100_80GB', socket: 'PCIe', provider: 'x', region: 'us', gpuCount: 1 },
					...{ prices: { onDemand: 1.99, currency: 'USD' }, isSpot: false, ...row },
				},
			],
			totalCount: 1,
		},
	],
	shadeform: (row: Changes) => [
		shadeform,
		{
			instance_types: [
				{
					...{ cloud: 'a', shade_instance_type: 'H100', cloud_instance_type: 'gpu_1x_h100', hourly_price: 199 },
					configuration: { gpu_type: 'H100', num_gpus: 1, vram_per_gpu_in_gb: 80, interconnect: 'pcie' },
					availability: [{ region: 'us-east', available: true }],
					...row,
				},
			],
		},
	],
	hyperbolic: (row: Changes) => [
		hyperbolic,
		{
			vms: [
				{ InstanceType: '1x-H100', AcceleratorName: 'H100', AcceleratorCount: 1, Price: 1.99, GpuInfo: '', ...row },
			],
		},
	],
	cudo: (row: Changes) => [
		cudo,
		{
			machineTypes: [
				{
					...{ dataCenterId: 'us-1', machineType: 'sapphire-rapids', gpuModel: 'H100', gpuModelId: 'nvidia-h100' },
					...{ gpuPriceHr: { value: '1.9' }, vcpuPriceHr: { value: '0.002' }, memoryGibPriceHr: { value: '0.003' } },
					...{ maxGpuFree: 4, totalGpuFree: 4, ...row },
				},
			],
		},
	],
	spheron: ({ gpuType = 'H100', ...row }: Changes) => [
		spheron,
		{
			data: [
				{
					gpuType,
					displayName: 'H100',
					offers: [{ offerId: 'o1', provider: 'p', gpuCount: 1, price: 1.99, region: 'us', ...row }],
				},
			],
		},
	],
	nosana: (row: Changes) => [
		nosana,
		[
			{
				...{ address: 'a1', slug: 'nvidia-h100', name: 'NVIDIA H100', type: 'PREMIUM', usd_reward_per_hour: 1.9 },
				...{ network_fee_percentage: 10, gpu_types: ['NVIDIA H100 80GB HBM3'], ...row },
			},
		],
	],
	vast: (row: Changes) => [
		vast,
		{ offers: [{ id: 1, gpu_name: 'H100 SXM', num_gpus: 1, gpu_ram: 81_559, dph_total: 1.99, ...row }] },
	],
	azure: (row: Changes) => [
		azure,
		{
			Items: [
				{
					...{
						armSkuName: 'Standard_NC24ads_A100_v4',
						armRegionName: 'eastus',
						retailPrice: 3.673,
						currencyCode: 'USD',
					},
					...{ unitOfMeasure: '1 Hour', meterName: 'NC24ads A100 v4', skuName: 'NC24ads A100 v4', type: 'Consumption' },
					...{ productName: 'Virtual Machines NCads A100 v4 Series', ...row },
				},
			],
		},
	],
} satisfies Record<string, (changes: Changes) => [SourceDefinition, unknown]>;

type Vendor = keyof typeof shapes;

function read(vendor: Vendor, changes: Changes = {}): SourceAnswer {
	const [definition, body] = shapes[vendor](changes);
	return definition.read?.(body, NOW) ?? expect.fail('The source reads no files.');
}

const terms = ({ quotes }: SourceAnswer) => quotes.map(rentalTermOf);
const VENDORS = Object.keys(shapes) as Vendor[]; // The keys of an object that is written above.

describe('AGT-02 a row whose statements agree', () => {
	it.each(VENDORS)('of %s is an offer on demand', (vendor) => {
		const answer = read(vendor);
		expect([terms(answer), answer.left]).toEqual([['on-demand'], {}]);
	});
});

describe('DISC-03 a part of a GPU that is named outside the GPU’s name', () => {
	it.each<[Vendor, Changes]>([
		['lambda', { name: 'gpu_1x_h100_mig_1g10' }],
		['lambda', { description: '1/7 of an H100, time-sliced' }],
		['prime', { cloudId: 'h100_mig_1g.10gb' }],
		['prime', { flavour: 'H100 time-sliced' }],
		['shadeform', { shade_instance_type: 'H100_MIG_1g' }],
		['shadeform', { cloud_instance_type: 'h100-1g.10gb' }],
		['hyperbolic', { InstanceType: '1x-H100-1g.10gb' }],
		['hyperbolic', { GpuInfo: "{'Gpus': [{'Name': 'H100 MIG 2g.20gb'}]}" }],
		['cudo', { machineType: 'h100-mig-1g-10gb' }],
		['cudo', { gpuModelId: 'nvidia-h100-1g.10gb' }],
		['spheron', { offerId: 'h100-mig-1g.10gb' }],
		['spheron', { gpuType: 'H100_MIG_1G' }],
		['nosana', { gpu_types: ['NVIDIA H100 MIG 1g.10gb', 'NVIDIA H100'] }],
		['vast', { gpu_total_ram: 10_240 }],
	])('of %s with %j is none of a whole one', (vendor, changes) => {
		const { quotes, left } = read(vendor, changes);
		expect([quotes, left]).toEqual([[], { 'part of a GPU': 1 }]);
	});
});

describe('AGT-02 identities and counts that contradict themselves', () => {
	it.each<[Vendor, Changes, string]>([
		['lambda', { name: 'gpu_1x_a100_sxm4' }, 'names of two GPUs'],
		['lambda', { name: 'gpu_1x_a10' }, 'names of two GPUs'],
		['prime', { cloudId: 'gpu_1x_a100_40gb' }, 'names of two GPUs'],
		['shadeform', { shade_instance_type: 'A100_80G' }, 'names of two GPUs'],
		['hyperbolic', { GpuInfo: { Gpus: [{ Name: 'NVIDIA A100 80GB' }] } }, 'GPU name of several models'],
		['hyperbolic', { GpuInfo: { Gpus: [{ Name: 'H100' }, { Name: 'NVIDIA A100' }] } }, 'names of two GPUs'],
		['cudo', { gpuModelId: 'nvidia-a100' }, 'GPU name of several models'],
		['spheron', { gpuType: 'A100' }, 'names of two GPUs'],
		['nosana', { gpu_types: ['NVIDIA A100', 'NVIDIA A100 80GB'] }, 'names of two GPUs'],
		['lambda', { name: 'gpu_8x_h100_pcie' }, 'number of GPUs not clear'],
		['prime', { cloudId: '1x_h100_pcie', gpuCount: 8 }, 'number of GPUs not clear'],
		['shadeform', { cloud_instance_type: 'h100x8' }, 'number of GPUs not clear'],
		['hyperbolic', { InstanceType: 'h100-8gpu' }, 'number of GPUs not clear'],
		['spheron', { offerId: 'h100-sxm5x2' }, 'number of GPUs not clear'],
	])('of %s with %j make no offer', (vendor, changes, reason) => {
		const { quotes, left } = read(vendor, changes);
		expect([quotes, left]).toEqual([[], { [reason]: 1 }]);
	});
});

describe('AGT-02 terms outside the field for them', () => {
	it.each<[Vendor, Changes, string]>([
		['lambda', { name: 'gpu_1x_h100_reserved_1yr' }, 'reserved'],
		['lambda', { description: '1x H100, reserved for 1 year' }, 'reserved'],
		['lambda', { name: 'gpu_1x_h100_spot' }, 'spot'],
		['prime', { cloudId: 'h100-spot-1x' }, 'spot'],
		['prime', { cloudId: 'h100-reserved-12mo', isSpot: true }, 'reserved'],
		['prime', { interruptible: true }, 'spot'],
		['prime', { pricingType: 'monthly' }, 'monthly'],
		['shadeform', { cloud_instance_type: 'gpu_1x_h100_interruptible' }, 'spot'],
		['hyperbolic', { commitmentMonths: 12 }, 'committed'],
		['vast', { rental_type: 'reserved' }, 'reserved'],
		['vast', { type: 'bid' }, 'spot'],
		['azure', { reservationTerm: '1 Year' }, 'reserved'],
	])('of %s with %j are the offer’s', (vendor, changes, kind) => {
		expect(terms(read(vendor, changes))).toEqual([kind]);
	});

	it.each(['1x H100, non-interruptible', 'H100 without commitment', 'H100, no contract'])(
		'are not denied ones: %s',
		(text) => {
			expect(terms(read('lambda', { description: text }))).toEqual(['on-demand']);
		},
	);
});

describe('AGT-02 the time in which a price holds', () => {
	it('is over for a machine whose host’s offer ended', () => {
		expect(read('vast', { end_date: NOW - 1 }).left).toEqual({ 'no longer valid': 1 });
		expect(read('vast', { end_date: NOW + 86_400 }).quotes).toHaveLength(1);
	});

	it('counts where the reader does not know its field', () => {
		expect(read('hyperbolic', { valid_until: '2024-01-01' }).left).toEqual({ 'no longer valid': 1 });
		expect(read('lambda', { effectiveFrom: '2099-01-01T00:00:00Z' }).left).toEqual({ 'not valid yet': 1 });
	});

	it.each([
		['2026-01-01', '2026-01-02', null],
		['2026-01-02', null, null],
		['2026-01-03', null, 'not valid yet'],
		[1_767_398_400, null, 'not valid yet'],
		[1_767_398_400_000, null, 'not valid yet'],
		[null, '2026-01-01', 'no longer valid'],
		[null, '2026-01-02T11:00:00+00:00', 'no longer valid'],
		[null, '2026-01-02 13:00', null],
		['', 'never', null],
		['01.02.2026', null, 'validity not readable'],
		[null, 'soon', 'validity not readable'],
	])('from %s until %s on 2 January 2026, noon: %s', (from, until, expected) => {
		expect(validityTrouble({ from, until }, Date.parse('2026-01-02T12:00:00Z') / 1_000)).toBe(expected);
	});
});

describe('AGT-02 a row of AWS’s list', () => {
	const COLUMNS = {
		...{ TermType: 'OnDemand', EffectiveDate: '2026-01-01', PriceDescription: '$0.8 per On Demand Linux g6.xlarge' },
		...{ StartingRange: '0', EndingRange: 'Inf', Unit: 'Hrs', PricePerUnit: '0.80', Currency: 'USD' },
		...{ 'Instance Type': 'g6.xlarge', Tenancy: 'Shared', 'Operating System': 'Linux', CapacityStatus: 'Used' },
		...{ 'Pre Installed S/W': 'NA', 'Region Code': 'us-east-1', MarketOption: 'OnDemand' },
	};
	const row = (changes: Partial<typeof COLUMNS>) => {
		const values = { ...COLUMNS, ...changes };
		const lines = [
			...Array(5).fill('"above"'),
			...[Object.keys(values), Object.values(values)].map((line) => `"${line.join('","')}"`),
		];
		return aws.read?.(`${lines.join('\n')}\n`, NOW) ?? expect.fail('AWS reads files');
	};

	it('is on demand as it stands', () => {
		expect(terms(row({}))).toEqual(['on-demand']);
	});

	it('is reserved where its description says so', () => {
		expect(terms(row({ PriceDescription: '$0.4 per Reserved Linux g6.xlarge 1yr' }))).toEqual(['reserved']);
	});

	it('is left out with a price of later or of some hours only', () => {
		expect(row({ EffectiveDate: '2099-06-01' }).left).toEqual({ 'not valid yet': 1 });
		expect(row({ EndingRange: '10' }).left).toEqual({ 'price in tiers': 1 });
		expect(row({ StartingRange: '10' }).left).toEqual({ 'price in tiers': 1 });
	});
});
