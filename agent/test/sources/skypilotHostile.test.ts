/** Catalogues with faults: each row makes an offer or is counted with a reason, and no fault costs the rows around it. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { skypilot } from '../../src/sources/skypilot.ts';
import { NOW } from '../support/source.ts';

const HEADER = 'InstanceType,AcceleratorName,AcceleratorCount,vCPUs,MemoryGiB,GpuInfo,Price,SpotPrice,Region';
const readText = (text: string) => skypilot.read?.(text, NOW) ?? expect.fail();
const read = (...lines: string[]) => readText(`${lines.join('\n')}\n`);
const info = (name: string, size: number) =>
	`"{'Gpus': [{'Name': '${name}', 'Count': 1, 'MemoryInfo': {'SizeInMiB': ${size}}}], 'TotalGpuMemoryInMiB': ${size}}"`;

describe('AGT-02 lines that cannot be read', () => {
	const GOOD = ['a,H100,8,8,64,,20,,US', 'b,L40S,1,8,64,,1,,US'];
	it.each([
		['has a field too few', 'x,H100,8,8,64,,16'],
		['has a field too many', 'x,H100,8,8,64,,16,,US,more'],
		['has a quotation mark without its other', 'x,"H100,8,8,64,,16,,US'],
		['is no row at all', 'total: 3 machines'],
	])('are lost and counted, and the others stand: one that %s', (_, bad) => {
		for (const lines of [
			[bad, ...GOOD],
			[GOOD[0] ?? '', bad, GOOD[1] ?? ''],
			[...GOOD, bad],
		]) {
			const { quotes, left } = read(HEADER, ...lines);
			expect(quotes.map(({ gpu }) => gpu.model).sort()).toEqual(['h100', 'l40s']);
			expect(left).toEqual({ 'line not readable': 1 });
		}
	});

	it('may count more than once for quotation marks inside a field, and cost no other row', () => {
		const { quotes, left } = read(HEADER, 'x,H"10"0,8,8,64,,16,,US', ...GOOD);
		expect(quotes).toHaveLength(2);
		expect(left['line not readable']).toBeGreaterThanOrEqual(1);
	});

	it('are none where a file has a byte order mark and CRLF', () => {
		const { quotes, left } = readText(`\ufeff${[HEADER, ...GOOD].join('\r\n')}\r\n`);
		expect([quotes.length, left]).toEqual([2, {}]);
	});

	it.each(['Price', ' price ', 'PRICE', 'Accelerator_Count'])(
		'refuses a file that has the column %s twice',
		(column) => {
			expect(() => read(`${HEADER},${column}`, `${GOOD[0]},1`)).toThrow(/twice, so nobody can tell/);
		},
	);

	it('refuses a row in which two columns of one meaning differ', () => {
		const header = `${HEADER},OnDemandUsdPerInstanceHour`;
		expect(read(header, `${GOOD[0]},2`).left).toEqual({ 'columns contradict each other': 1 });
		expect(read(header, `${GOOD[0]},20`).quotes).toHaveLength(1);
	});
});

describe('AGT-02 figures of a catalogue', () => {
	it.each(['1e2', '8.5', '1.5', '33', '1000000', '0.0001', '0x8', '8 GPUs', '٨', '-8', 'NaN', 'Infinity'])(
		'make nothing of %s GPUs',
		(count) => {
			const { quotes, left } = read(HEADER, `m,H100,${count},8,64,,16,,US`);
			expect([quotes, left]).toEqual([[], { 'number of GPUs not known': 1 }]);
		},
	);

	it.each(['0.01', '0.0000001', '0.63'])('make nothing of a machine with 8 H100 for %s', (price) => {
		const { quotes, left } = read(HEADER, `m,H100,8,8,64,,${price},,US`);
		expect([quotes, left]).toEqual([[], { 'price below any real one': 1 }]);
	});
});

describe('DISC-03 slices and contradictions of a catalogue', () => {
	it.each([
		['H100 MIG 1g.10gb', 'm', ''],
		['H100', 'm', info('H100', 10_240)],
		['H100', 'm', info('H100 MIG 2g.20gb', 20_480)],
		['A100-80GB', 'm', info('A100', 9_856)],
		['A100', 'gpu_1x_a100_1g.5gb', ''],
		['L40S', 'vgpu-l40s', ''],
		['T4', 't4-shared-1', ''],
		['A10-4Q', 'm', ''],
	])('%s in %s is a part of a GPU', (name, type, gpu) => {
		const { quotes, left } = read(HEADER, `${type},${name},1,8,64,${gpu},1.00,,US`);
		expect([quotes, left]).toEqual([[], { 'part of a GPU': 1 }]);
	});

	it('the size of a type’s name holds where its field has the other one', () => {
		const memories = (...rows: [type: string, name: string, size: number][]) =>
			read(HEADER, ...rows.map(([type, name, size]) => `${type},${name},1,8,64,${info(name, size)},2,,US`));
		const { quotes } = memories(['gpu_1x_a100_80gb_sxm4', 'A100', 40_960], ['gpu_1x_a100_pcie', 'A100', 40_960]);
		expect(quotes.map(({ gpu }) => gpu.memoryGiB)).toEqual([80, 40]);
		expect(memories(['gpu_1x_a100_40gb', 'A100-80GB', 81_920]).left).toEqual({ 'memory contradicts the model': 1 });
		expect(memories(['1x_H100_SECURE', 'A100', 81_920]).left).toEqual({ 'names of two GPUs': 1 });
		expect(memories(['m', 'H100', 163_840]).left).toEqual({ 'memory contradicts the model': 1 });
	});
});

describe('PRC-02 contradictions of a catalogue', () => {
	it('two prices of one machine in one zone leave neither, and their common spot price stands', () => {
		const { quotes, left } = read(HEADER, 'm,H100,8,8,64,,20,9,US', 'm,H100,8,8,64,,24,9,US');
		expect(quotes.map(({ meaning }) => meaning)).toEqual(['observation']);
		expect(left).toEqual({ 'two prices for one thing': 2, 'named twice': 1 });
	});

	it('prices on demand in a market of bids are counted', () => {
		const { quotes, left } = read(HEADER, 'x-h200.sxm.8x,H200,8,8,64,,30,12,US');
		expect(quotes.map(({ meaning }) => meaning)).toEqual(['floor']);
		expect(left).toEqual({ 'price on demand in a market of bids': 1 });
	});
});

describe('PRC-03 terms of a catalogue', () => {
	const kind = (column: string, value: string) => {
		const { quotes } = read(`${HEADER},${column}`, `m,H100,8,8,64,,20,,US,${value}`);
		return quotes[0]?.rental?.term?.kind ?? (quotes[0]?.price.model === 'dynamic' ? 'spot' : 'on-demand');
	};
	it.each([
		['Term', 'On-Demand', 'on-demand'],
		['PurchaseOption', 'pay as you go', 'on-demand'],
		['Term', '', 'on-demand'],
		['Commitment', 'none', 'on-demand'],
		['PricingModel', 'low-priority', 'spot'],
		['Preemptible', 'true', 'spot'],
		['Term', 'RI 3Y', 'reserved'],
		['Reserved', 'yes', 'reserved'],
		['LeaseContractLength', '1yr', 'committed'],
		['BillingType', 'monthly', 'monthly'],
		['PaymentOption', 'prepaid', 'prepaid'],
		['Term', 'Capacity Block', 'capacity-block'],
		['Market', 'flex start', 'other'],
		['Term', 'trial', 'other'],
		['Lifecycle', 'quantum-deal', 'other'],
		['Spot', 'maybe', 'other'],
	])('%s %s: %s', (column, value, expected) => {
		expect(kind(column, value)).toBe(expected);
	});
});

describe('AGT-02 every row of a catalogue', () => {
	const field = fc.constantFrom(
		'',
		'0',
		'1',
		'8',
		'0.167',
		'8.5',
		'1e2',
		'-1',
		'x',
		'20',
		'2',
		'"1,234"',
		'€3',
		'0.001',
		'"',
	);
	const row = fc.record({
		gpu: fc.constantFrom(
			'',
			'H100',
			'A100-80GB',
			'T4',
			'L40S',
			'RTX 5090 Pro',
			'A10-4Q',
			'Gaudi 2',
			'RTX6000',
			'nonsense',
		),
		count: field,
		gpuInfo: fc.constantFrom('', info('H100', 81_920), info('H100', 10_240), 'H100 MIG'),
		price: field,
		spot: field,
		region: fc.constantFrom('us-east-1', 'eu', ''),
		term: fc.constantFrom('', 'on-demand', 'spot', 'reserved', 'odd'),
		short: fc.integer({ min: 0, max: 9 }),
	});

	it('makes an offer or is counted', () => {
		fc.assert(
			fc.property(fc.array(row, { minLength: 1, maxLength: 12 }), (rows) => {
				const lines = rows.map(({ gpu, count, gpuInfo, price, spot, region, term, short }, at) => {
					const line = `machine-${at}-end,${gpu},${count},8,64,${gpuInfo},${price},${spot},${region},${term}`;
					return short === 0 ? line.slice(0, line.lastIndexOf(',')) : line;
				});
				// A row that is surely one, so that the file is a catalogue.
				const sure = 'sure,H200,8,8,64,,40,,nowhere,';
				const { quotes, left } = read(`${HEADER},Term`, sure, ...lines);
				const shown = new Set(quotes.map(({ key }) => /machine-\d+-end|sure/.exec(key)?.[0]));
				const counted = Object.values(left).reduce((sum, each) => sum + each, 0);
				expect(shown.has('sure')).toBe(true);
				expect(shown.size + counted).toBeGreaterThanOrEqual(rows.length + 1);
				for (const { gpu, gpus } of quotes) {
					expect(gpus.numerator / gpus.denominator).toBeLessThanOrEqual(32);
					expect(gpu.rawName).not.toMatch(/mig|4q|pro/i);
				}
			}),
			{ numRuns: 150, seed: 20_261_130 },
		);
	});
});
