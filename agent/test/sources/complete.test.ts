/** No reader loses a row: each gives an offer or a reason, and none takes the others along. */
import { describe, expect, it } from 'vitest';
import { akash } from '../../src/sources/akash.ts';
import type { SourceDefinition } from '../../src/sources/asking/source.ts';
import { azure } from '../../src/sources/azure.ts';
import { oracle } from '../../src/sources/oracle.ts';
import { runpod } from '../../src/sources/runpod.ts';
import { shadeform } from '../../src/sources/shadeform.ts';
import { vast } from '../../src/sources/vast.ts';
import { NOW } from '../support/source.ts';

type Row = Record<string, unknown>;

const READERS: [SourceDefinition, Row, (rows: unknown[]) => unknown][] = [
	[
		akash,
		{
			...{ vendor: 'nvidia', model: 'h100', ram: '80Gi', interface: 'SXM5' },
			...{ availability: { total: 8, available: 1 }, price: { currency: 'USD', min: 2 } },
		},
		(models) => ({ models }),
	],
	[
		azure,
		{
			...{ armSkuName: 'Standard_NC6s_v3', armRegionName: 'eastus', retailPrice: 3.06, currencyCode: 'USD' },
			...{ unitOfMeasure: '1 Hour', meterName: 'NC6s v3', skuName: 'NC6s v3', type: 'Consumption' },
			productName: 'Virtual Machines NCSv3 Series',
		},
		(Items) => ({ Items, NextPageLink: null }),
	],
	[
		oracle,
		{
			...{ partNumber: 'B98415', displayName: 'Compute - GPU - H100', metricName: 'GPU Per Hour' },
			serviceCategory: 'Compute - GPU',
			currencyCodeLocalizations: [{ currencyCode: 'USD', prices: [{ model: 'PAY_AS_YOU_GO', value: 10 }] }],
		},
		(items) => ({ items }),
	],
	[
		runpod,
		{
			id: 'h100',
			displayName: 'H100 SXM',
			memoryInGb: 80,
			secure1: { uninterruptablePrice: 2.99, stockStatus: 'Low' },
		},
		(gpuTypes) => ({ data: { gpuTypes } }),
	],
	[
		shadeform,
		{
			...{ cloud: 'x', shade_instance_type: 'H100', hourly_price: 210, availability: [] },
			configuration: { gpu_type: 'H100', num_gpus: 1, vram_per_gpu_in_gb: 80, interconnect: 'sxm5' },
		},
		(instance_types) => ({ instance_types }),
	],
	[vast, { id: 1, gpu_name: 'H100 SXM', num_gpus: 1, gpu_ram: 81_559, dph_total: 2 }, (offers) => ({ offers })],
];

const HOSTILE: unknown[] = [null, undefined, -1, 0, '', 'whatever', [], {}, 1e300, true];

describe.each(READERS)('AGT-02 $name', (definition, good, wrap) => {
	const accounted = (rows: unknown[]) => {
		const answer = definition.read?.(wrap(rows), NOW);
		if (answer === undefined) throw new Error('it reads files');
		return answer.quotes.length + Object.values(answer.left).reduce((sum, each) => sum + each, 0);
	};

	it('accounts for every row, whatever stands in one of its fields', () => {
		const alone = accounted([good]);
		expect(alone).toBeGreaterThan(0);
		for (const field of Object.keys(good)) {
			for (const value of HOSTILE) {
				const rows = [good, { ...good, [field]: value }];
				expect(accounted(rows), `${field}: ${JSON.stringify(value)}`).toBeGreaterThan(alone);
			}
		}
		for (const row of HOSTILE) expect(accounted([good, row])).toBeGreaterThan(alone);
	});
});
