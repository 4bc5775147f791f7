/** Tables whose columns no reader was told about: their names and their values decide. */
import { rentalTermOf } from '@necto/core';
import { describe, expect, it } from 'vitest';
import { skypilot } from '../../src/sources/skypilot.ts';
import { NOW } from '../support/source.ts';

const HEADER = 'InstanceType,AcceleratorName,AcceleratorCount,vCPUs,Price,Region';
const read = (...lines: string[]) => skypilot.read?.(`${lines.join('\n')}\n`, NOW) ?? expect.fail();
const rowWith = (column: string, value: string) => read(`${HEADER},${column}`, `x,H100,1,8,1.90,us-1,${value}`);
const terms = ({ quotes }: ReturnType<typeof read>) => quotes.map(rentalTermOf);

describe('AGT-02 terms in columns that nobody listed', () => {
	it.each([
		['provisioning_model', 'SPOT', 'spot'],
		['provisioningModel', 'RESERVATION_BOUND', 'reserved'],
		['pricing_term', '1yr', 'committed'],
		['commitment_months', '12', 'committed'],
		['contract_term', '3 years', 'committed'],
		['term_length', '12 months', 'committed'],
		['Term Months', '12', 'monthly'],
		['payment', 'All Upfront', 'prepaid'],
		['Payment Type', 'prepaid', 'prepaid'],
		['Discount', 'CUD 3yr', 'committed'],
		['SKU', 'Committed use 1yr H100', 'committed'],
		['Description', 'Spot H100', 'spot'],
		['Notes', 'reserved only', 'reserved'],
		['Name', 'H100 Reserved', 'reserved'],
		['Product', 'Savings Plan', 'committed'],
		['PricingMethod', 'prepaid', 'prepaid'],
		['Availability', 'spot', 'spot'],
		['Mode', 'preemptible', 'spot'],
		['min_term', '1 month', 'monthly'],
		['Subscription', 'monthly', 'monthly'],
		['Rental', 'reserved', 'reserved'],
		['BillingCycle', 'monthly', 'monthly'],
		['Lease', '36 months', 'committed'],
		['Commit', '1y', 'committed'],
		['Upfront', '1000', 'prepaid'],
		['UpfrontFee', '1000', 'prepaid'],
		['SetupFee', '50', 'other'],
		['Rental Agreement', 'gold', 'other'],
		['Whatever', 'only with a contract of 6 months', 'committed'],
	])('%s = %s is %s', (column, value, kind) => {
		expect(terms(rowWith(column, value))).toEqual([kind]);
	});

	it.each([
		['h100-reserved-12mo', 'reserved'],
		['h100-1yr-commit', 'committed'],
		['h100-spot', 'spot'],
		['h100 capacity block', 'capacity-block'],
		['h100.monthly', 'monthly'],
		['h100_prepaid', 'prepaid'],
		['preemptible-h100', 'spot'],
	])('the type %s is %s', (type, kind) => {
		expect(terms(read(HEADER, `${type},H100,1,8,1.90,us-1`))).toEqual([kind]);
	});

	it.each([
		['provisioning_model', 'on-demand'],
		['Upfront', '0.00'],
		['commitment', 'none'],
		['MonthlyPrice', '1387'],
		['reserved_1yr_usd', '1.20'],
		['Generation', 'V1'],
		['Colour', 'green'],
		['ValidUntil', ''],
		['gpu_fraction', '1.0'],
		['VRAM', '80 GB'],
		['GPU Memory Bandwidth', '3350'],
	])('%s = %s leaves a price on demand', (column, value) => {
		const answer = rowWith(column, value);
		expect([terms(answer), answer.left]).toEqual([['on-demand'], {}]);
	});
});

describe('AGT-02 columns that make no offer of their row', () => {
	it.each<readonly [string, string, string]>([
		['Price Unit', 'GPU', 'unit not known'],
		['price_per', 'month', 'unit not known'],
		['Price basis', 'gpu', 'unit not known'],
		['Currency Symbol', '€', 'price in another currency'],
		['Effective Date', '2099-06-01', 'not valid yet'],
		['ValidFrom', '2099-01-01', 'not valid yet'],
		['valid_until', '2024-01-01', 'no longer valid'],
		['EffectiveEndDate', '2024-01-01', 'no longer valid'],
		['Expires', 'next spring', 'validity not readable'],
		['gpu_fraction', '0.125', 'part of a GPU'],
		['MIG Profile', '1g.10gb', 'part of a GPU'],
		['Notes', 'time-sliced', 'part of a GPU'],
		['Model', 'NVIDIA A100', 'names of two GPUs'],
		['Description', '8x H100 SXM', 'number of GPUs not clear'],
		...[
			...['VRAM', 'VRAM (GB)', 'gpu_vram_gb', 'GPU RAM', 'GPU Memory (GB)', 'GpuMemSizeGB', 'AcceleratorMemory'],
			...['Accelerator Memory GiB', 'Memory per GPU', 'HBM'],
		].map((column) => [column, '10', 'part of a GPU'] as const),
		['VRAM', '10 GB', 'part of a GPU'],
		['VRAM', '10240', 'part of a GPU'],
		['VRAM', 'a tenth', 'memory of the GPU not readable'],
	])('%s = %s', (column, value, reason) => {
		const { quotes, left } = rowWith(column, value);
		expect([quotes, left]).toEqual([[], { [reason]: 1 }]);
	});

	it('two memories of one GPU contradict each other', () => {
		const { quotes, left } = read(`${HEADER},VRAM,GPU RAM`, 'x,H100,1,8,1.90,us-1,80,40');
		expect([quotes, left]).toEqual([[], { 'columns contradict each other': 1 }]);
	});
});

describe('AGT-02 counts and names of a table’s machines', () => {
	it.each([
		['gpu_1x_h100_sxm5', 8],
		['1x-h100-80gb', 8],
		['h100-x1', 4],
		['8x-h100', 1],
		['h100x8', 1],
		['gpu_8x_h100', 1],
		['h100-8gpu', 1],
	])('%s with a count of %i is neither', (type, count) => {
		const { quotes, left } = read(HEADER, `${type},H100,${count},8,2.49,us-1`);
		expect([quotes, left]).toEqual([[], { 'number of GPUs not clear': 1 }]);
	});

	it('a machine has one price, however its GPU is spelled', () => {
		const rows = ['H100', 'NVIDIA H100', 'H100-80GB'].map((name, index) => `x1,${name},1,8,${2.49 - index / 2},us-1`);
		const { quotes, left } = read(HEADER, ...rows);
		expect([quotes, left]).toEqual([[], { 'two prices for one thing': 3 }]);
	});
});
