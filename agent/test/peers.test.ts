/**
 * What other comparisons of GPU prices fail or test of themselves, asked of the agent's sources and of what it makes of their answers; the rest is in
 * `core/test/peers`. Figures as in the sources' own tests.
 */
import { collapseSupply, microUsd } from '@necto/core';
import fc from 'fast-check';
import { pino } from 'pino';
import { describe, expect, test, vi } from 'vitest';
import { createLogger, type Logger } from '../src/logger.ts';
import type { AskedSources } from '../src/market/asked.ts';
import { MarketSources } from '../src/market/sources.ts';
import { SOURCES } from '../src/sources/all.ts';
import { bindSource, type Source, type SourceDefinition } from '../src/sources/asking/source.ts';
import { lambda } from '../src/sources/lambda.ts';
import { nosana } from '../src/sources/nosana.ts';
import { primeIntellect } from '../src/sources/primeIntellect.ts';
import { runpod } from '../src/sources/runpod.ts';
import { shadeform } from '../src/sources/shadeform.ts';
import { skypilot } from '../src/sources/skypilot.ts';
import { spheron } from '../src/sources/spheron.ts';
import { vast } from '../src/sources/vast.ts';
import { TokenPrices } from '../src/tokenPrices/tokenPrices.ts';
import { askedSources } from './support/asked.ts';
import { fakeServer, sendJson } from './support/http.ts';
import { priceOf } from './support/price.ts';
import { ask, closeFakes, NOW, settingsOf } from './support/source.ts';

closeFakes();

const quotesOf = (source: SourceDefinition, body: unknown) => source.read?.(body, NOW).quotes ?? expect.fail();

const LAMBDA = {
	data: {
		gpu_8x_h100_sxm5: {
			instance_type: {
				name: 'gpu_8x_h100_sxm5',
				gpu_description: 'H100 (80 GB SXM5)',
				price_cents_per_hour: 3192,
				specs: { vcpus: 208, memory_gib: 1800, storage_gib: 22528, gpus: 8 },
			},
			regions_with_capacity_available: [{ name: 'us-west-1', description: 'California, USA' }],
		},
	},
};

const SHADEFORM = {
	instance_types: [
		{
			cloud: 'lambdalabs',
			shade_instance_type: 'H100_sxm5x8',
			cloud_instance_type: 'gpu_8x_h100_sxm5',
			configuration: { gpu_type: 'H100', num_gpus: 8, vram_per_gpu_in_gb: 80, interconnect: 'sxm5' },
			hourly_price: 3192,
			availability: [{ region: 'us-west-1', available: true, display_name: 'California, USA' }],
		},
	],
};

function prime(changes: Record<string, unknown> = {}) {
	return {
		cloudId: 'gpu_8x_h100_sxm5',
		gpuType: 'H100_80GB',
		socket: 'SXM5',
		provider: 'lambdalabs',
		dataCenter: 'us-west-1',
		country: 'US',
		gpuCount: 8,
		gpuMemory: 640,
		stockStatus: 'Available',
		prices: { onDemand: 30, communityPrice: null, currency: 'USD' },
		...changes,
	};
}

const primePage = (items: unknown[], totalCount = items.length) => ({ items, totalCount });

const NOSANA = [
	{
		address: 'eight',
		slug: 'nvidia-8x-h100',
		name: 'NVIDIA 8x H100',
		type: 'OTHER',
		usd_reward_per_hour: 16.5455,
		network_fee_percentage: 10,
		gpu_types: ['NVIDIA H100 80GB HBM3'],
		lowest_vram: 640,
	},
];

const SPHERON = {
	data: [
		{
			gpuType: 'h100',
			offers: [
				{ provider: 'massed-compute', offerId: 'gpu_8x_h100', gpuCount: 8, price: 16.08, clusters: ['us-central-9'] },
			],
		},
	],
};

const RUNPOD = { data: { gpuTypes: [{ id: 'h100', displayName: 'H100 SXM', memoryInGb: 80, securePrice: 2.69 }] } };

const VAST = {
	offers: [{ id: 7, gpu_name: 'H100 SXM', num_gpus: 8, gpu_ram: 81_559, dph_total: 16, geolocation: ', US' }],
};

describe('what the others fail', () => {
	test.each([
		['cents for an instance', lambda, LAMBDA, 3_990_000n],
		['cents for a node', shadeform, SHADEFORM, 3_990_000n],
		['dollars for a node', primeIntellect, primePage([prime()]), 3_750_000n],
		['dollars for an offer of eight', spheron, SPHERON, 2_010_000n],
		['dollars for a GPU', runpod, RUNPOD, 2_690_000n],
		['dollars for a machine', vast, VAST, 2_000_000n],
		// 16.5455 × 1.1 ÷ 8 = 2.27500625, rounded up.
		['what the host of eight cards gets, without the fee', nosana, NOSANA, 2_275_007n],
	])('AGT-02 per-block, per-second, cents, node, GPU units exact: %s', (_, source, body, expected) => {
		expect(quotesOf(source, body).map((quote) => priceOf(quote))).toEqual([expected]);
	});

	test('DISC-03 resold supply collapsed', () => {
		const offers = [
			...quotesOf(lambda, LAMBDA),
			...quotesOf(shadeform, SHADEFORM),
			...quotesOf(primeIntellect, primePage([prime()])),
		].map((quote) => {
			const price = priceOf(quote);
			return { quote, usdPerGpuHour: typeof price === 'bigint' ? microUsd(price) : null };
		});
		expect(offers).toHaveLength(3);
		const behind = [...collapseSupply(offers)];
		expect(behind.map(([key, others]) => [key, others.map(({ source }) => source).toSorted()])).toEqual([
			[expect.stringContaining('prime-intellect:'), ['lambda', 'shadeform']],
		]);
	});

	test('AGT-02 reading any catalogue row of unseen clouds without a wrong unit', () => {
		const columns = [
			'InstanceType',
			'AcceleratorName',
			'AcceleratorCount',
			'MemoryGiB',
			'Region',
			'Price',
			'SpotPrice',
		];
		const rows = fc.record({
			name: fc.constantFrom('H100', 'A100-80GB', 'RTX4090', 'L40S', 'B200', 'MI300X'),
			count: fc.constantFrom(1, 2, 3, 4, 8, 16),
			// Above the bound under which no GPU is sold, for sixteen B200, too.
			micro: fc.integer({ min: 5_000_000, max: 90_000_000 }),
			spot: fc.constantFrom('', '0.00'),
			order: fc.shuffledSubarray(columns, { minLength: columns.length }),
			style: fc.constantFrom(
				(text: string) => text,
				(text: string) => text.toUpperCase(),
				(text: string) => text.replace(/(?<=[a-z])[A-Z]/g, '_$&').toLowerCase(),
			),
			end: fc.constantFrom('\n', '\r\n'),
			mark: fc.constantFrom('', '\uFEFF'),
		});
		fc.assert(
			fc.property(rows, ({ name, count, micro, spot, order, style, end, mark }) => {
				const price = `${Math.floor(micro / 1_000_000)}.${String(micro % 1_000_000).padStart(6, '0')}`;
				const row: Record<string, string> = {
					InstanceType: `cloud.${count}x`,
					AcceleratorName: name,
					AcceleratorCount: `${count}.0`,
					MemoryGiB: '64',
					Region: 'somewhere-1',
					Price: price,
					SpotPrice: spot,
				};
				const text = [order.map(style), order.map((column) => row[column])].map((line) => `${line.join(',')}${end}`);
				const quotes = quotesOf(skypilot, `${mark}${text.join('')}`);
				expect(quotes.map((quote) => priceOf(quote))).toEqual([BigInt(Math.ceil(micro / count))]);
				expect(quotes[0]?.gpus).toEqual({ numerator: count, denominator: 1 });
			}),
		);
	});
});

describe('what the others pass too', () => {
	test('AGT-01 pagination cut in the middle is reported incomplete', async () => {
		const { quotes, incomplete, failing } = await ask(primeIntellect, ({ url = '' }, response) =>
			/[?&]page=1(?!\d)/.test(url)
				? sendJson(response, primePage([prime()], 300))
				: sendJson(response, '{"items":[{"cloudId":'),
		);
		expect(failing).toBeNull();
		expect(quotes).toHaveLength(1);
		expect(incomplete).toContain('Page 2 is missing');
	});

	test('AGT-01 one provider failing leaves the rest', async () => {
		const broken = await fakeServer(({ url = '' }, response) => {
			if (url.includes('bundles')) sendJson(response, { error: 'maintenance' }, 500);
			else if (url.includes('graphql')) response.destroy();
			else if (url.includes('markets')) response.writeHead(200, { 'content-type': 'text/html' }).end('<html>');
			else sendJson(response, {}, 429);
		});
		const well = await fakeServer((_, response) => sendJson(response, LAMBDA));
		const failing = [vast, runpod, nosana, shadeform];
		const live = [bound(lambda, well.url), ...failing.map((source) => bound(source, broken.url))];
		const { asked, sources } = sourcesOf(live, createLogger('silent'));
		await asked.refresh();
		const { rows } = sources;
		expect(rows.map(({ source, quotes }) => [source.id, quotes.length])).toEqual([
			['lambda', 1],
			...failing.map(({ id }) => [id, 0]),
		]);
		for (const { source, status } of rows) expect(status.state).toBe(source.id === 'lambda' ? 'fresh' : 'failing');
		await Promise.all([broken.close(), well.close()]);
	});

	test.each([401, 500])('SYS-03 no key in logs, whatever a network says back with %d', async (status) => {
		// It gives back all that it was sent, and each key among it.
		const echo = await fakeServer(({ url, headers }, response) => sendJson(response, { url, headers }, status));
		const lines: string[] = [];
		// Without the logger's own net: nothing may hand it a key in the first place.
		const logger: Logger = pino({ level: 'trace' }, { write: (line: string) => lines.push(line) });
		const keyed = SOURCES.filter(({ keys }) => keys.length > 0);
		const { asked, sources } = sourcesOf(
			keyed.map((source) => bound(source, echo.url)),
			logger,
		);
		asked.start();
		await vi.waitFor(() => expect(lines).toHaveLength(keyed.length), 30_000);
		await asked.close();
		expect(echo.requests.some(({ headers }) => JSON.stringify(headers).includes('secret-'))).toBe(true);
		const { rows, readings } = sources;
		const said = JSON.stringify([lines, rows, readings], (_, value) =>
			typeof value === 'bigint' ? `${value}` : value,
		);
		expect(said).not.toContain('secret-');
		await echo.close();
	});
});

function bound(source: SourceDefinition, url: string): Source {
	return bindSource(source, settingsOf(source, url, { timeoutMs: 30_000 }));
}

function sourcesOf(offers: Source[], logger: Logger): { asked: AskedSources; sources: MarketSources } {
	const asked = askedSources({ offers, logger, now: () => NOW });
	const sources = new MarketSources({
		readings: asked,
		dated: { sources: [], notConfigured: [] },
		tokenPrices: new TokenPrices({ dated: [], rule: { maxAge: 900, maxSpreadBps: 500 } }),
		now: () => NOW,
	});
	return { asked, sources };
}
