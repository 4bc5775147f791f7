/**
 * Figures: Google's catalogue of billing for us-central1 (A2 of 2023-03-24, others of 2024), in the shape that its documentation gives.
 */
import { describe, expect, it } from 'vitest';
import { gcp } from '../../src/sources/gcp.ts';
import { sendJson } from '../support/http.ts';
import { usdPerGpuHour } from '../support/price.ts';
import { ask, closeFakes, hostile, NOW } from '../support/source.ts';

closeFakes();

interface Changes {
	usage?: string;
	regions?: string[];
	unit?: string;
	units?: string;
	currency?: string;
	tiers?: unknown[];
}

function sku(description: string, nanos: number, changes: Changes = {}): Record<string, unknown> {
	const { usage = 'OnDemand', regions = ['us-central1'], units = '0', currency = 'USD' } = changes;
	const ram = / Ram /.test(description);
	const rate = { startUsageAmount: 0, unitPrice: { currencyCode: currency, units, nanos } };
	return {
		name: 'services/6F81-5844-456A/skus/039F-D0DA-4055',
		skuId: '039F-D0DA-4055',
		description,
		category: {
			serviceDisplayName: 'Compute Engine',
			resourceFamily: 'Compute',
			resourceGroup: / GPU /.test(description) ? 'GPU' : ram ? 'RAM' : 'CPU',
			usageType: usage,
		},
		serviceRegions: regions,
		pricingInfo: [
			{
				summary: '',
				pricingExpression: {
					usageUnit: changes.unit ?? (ram ? 'GiBy.h' : 'h'),
					displayQuantity: 1,
					tieredRates: changes.tiers ?? [rate],
				},
				currencyConversionRate: 1,
				effectiveTime: '2023-03-24T10:52:50.681Z',
			},
		],
		serviceProviderName: 'Google',
	};
}

const A100 = sku('Nvidia Tesla A100 GPU running in Americas', 933_908_000, { units: '2' });
const CORE = sku('A2 Instance Core running in Americas', 31_611_000);
const RAM = sku('A2 Instance Ram running in Americas', 4_237_000);
const SPOT = { usage: 'Preemptible' };

const good = { skus: [A100, CORE, RAM], nextPageToken: '' };
const asked = (...skus: unknown[]) => ask(gcp, (_, response) => sendJson(response, { skus, nextPageToken: '' }));

describe('DISC-02 Google Cloud', () => {
	it('adds up a machine of its GPUs, cores and memory, to the nano-dollar', async () => {
		const { quotes, failing } = await asked(A100, CORE, RAM);
		expect(failing).toBeNull();
		expect(quotes.map(({ gpu, price }) => [gpu.rawName, price.amount])).toEqual([
			['a2-highgpu-1g', '3.673385'],
			['a2-highgpu-2g', '7.34677'],
			['a2-highgpu-4g', '14.69354'],
			['a2-highgpu-8g', '29.38708'],
			['a2-megagpu-16g', '55.739504'],
		]);
		expect(quotes[0]).toMatchObject({
			meaning: 'list-price',
			evidence: 'live',
			gpu: { model: 'a100', formFactor: 'sxm', memoryGiB: 40 },
			gpus: { numerator: 1, denominator: 1 },
			host: { vcpus: 12, ramGiB: 85 },
			region: { country: 'US', raw: 'us-central1' },
			price: { model: 'fixed', per: 'instance', includes: ['cpu', 'ram'], excludes: ['storage'] },
		});
		expect(usdPerGpuHour(quotes[4])).toBe(3.483719);
	});

	it.each([
		['its cores', [A100, RAM]],
		['its memory', [A100, CORE]],
		[
			'its cores in that region',
			[A100, RAM, sku('A2 Instance Core running in Frankfurt', 31_611_000, { regions: ['europe-west3'] })],
		],
		['its cores but custom ones', [A100, RAM, sku('A2 Custom Instance Core running in Americas', 31_611_000)]],
	])('never shows a GPU without the price of %s', async (_, skus) => {
		const { quotes, left } = await asked(...skus);
		expect(quotes).toEqual([]);
		expect(left).toMatchObject({ 'host price missing': 5 });
	});

	it('keeps the A100 of 80 GB apart', async () => {
		const large = sku('Nvidia Tesla A100 80GB GPU running in Americas', 928_080_000, { units: '3' });
		const { quotes } = await asked(large, CORE, RAM);
		expect(quotes.map(({ gpu }) => gpu.memoryGiB)).toEqual([80, 80, 80, 80]);
		expect(usdPerGpuHour(quotes[0])).toBe(5.027702);
	});

	it('attaches older GPUs to a stated machine', async () => {
		const { quotes } = await asked(
			sku('Nvidia Tesla T4 GPU running in Americas', 350_000_000),
			sku('N1 Predefined Instance Core running in Americas', 31_611_000),
			sku('N1 Predefined Instance Ram running in Americas', 4_237_000),
		);
		expect(quotes.map(({ gpu }) => gpu.rawName)).toEqual([
			'n1-standard-8+1xt4',
			'n1-standard-16+2xt4',
			'n1-standard-32+4xt4',
		]);
		expect(quotes.map(usdPerGpuHour)).toEqual([0.729998, 0.729998, 0.729998]);
	});

	it('takes spot prices together; a host without one counts at its price on demand, never less', async () => {
		const spot = sku('Nvidia Tesla A100 GPU attached to Spot Preemptible VMs running in Americas', 173_563_000, {
			...SPOT,
			units: '1',
		});
		const core = sku('Spot Preemptible A2 Instance Core running in Americas', 12_640_000, SPOT);
		const ram = sku('Spot Preemptible A2 Instance Ram running in Americas', 1_690_000, SPOT);
		const { quotes } = await asked(spot, core, ram);
		expect(quotes).toHaveLength(5);
		expect(quotes[0]).toMatchObject({ meaning: 'observation', price: { model: 'dynamic', amount: '1.468893' } });
		const withHost = await asked(spot, CORE, RAM);
		// 1.173563 + 12 × 0.031611 + 85 × 0.004237
		expect(withHost.quotes[0]).toMatchObject({
			meaning: 'observation',
			price: { model: 'dynamic', amount: '1.91304' },
		});
		expect((await asked(A100, core, ram)).left).toMatchObject({ 'host price missing': 5 });
	});

	it('AGT-02 takes a price for spot that its description calls so, whatever its usage type says', async () => {
		for (const description of [
			'Nvidia Tesla A100 GPU attached to Spot Preemptible VMs running in Americas',
			'Spot Preemptible Nvidia Tesla A100 GPU running in Americas',
		]) {
			const { quotes } = await asked(sku(description, 880_000_000), CORE, RAM);
			expect(quotes).toHaveLength(5);
			expect(new Set(quotes.map(({ price }) => price.model))).toEqual(new Set(['dynamic']));
		}
	});

	it('AGT-02 sells A4 and A4X machines in slices that hold their host', async () => {
		const { quotes, left } = await asked(
			sku('A4 Nvidia B200 (1 gpu slice) running in Americas', 110_000_000, { units: '16' }),
			sku('Spot Preemptible A4 Nvidia B200 (1 gpu slice) running in Americas', 954_200_000, { units: '4' }),
			sku('A4X Nvidia GB200 (1 gpu slice) running in Americas', 0, { units: '20' }),
		);
		expect(quotes.map((quote) => [quote.gpu.rawName, quote.price.model, usdPerGpuHour(quote)])).toEqual([
			['a4-highgpu-8g', 'fixed', 16.11],
			['a4x-highgpu-4g', 'fixed', 20],
			['a4-highgpu-8g', 'dynamic', 4.9542],
		]);
		expect(left).toEqual({});
	});

	it('AGT-02 adds up G4 machines, and sells shares of their GPU in slices of an eighth', async () => {
		const { quotes, left } = await asked(
			sku('G4 Instance Core running in Iowa', 48_910_000),
			sku('G4 Instance Ram running in Iowa', 5_870_000),
			sku('RTX 6000 96GB running in Iowa', 95_650_000, { units: '1' }),
			sku('1/8 vGPU no lssd running in Iowa', 646_880_000),
			sku('1/8 vGPU no lssd attached to DWS Defined Duration VMs running in Iowa', 323_440_000),
		);
		expect(quotes.map(({ gpu, gpus, price }) => [gpu.rawName, gpus, price.amount]).slice(0, 4)).toEqual([
			['g4-standard-6', { numerator: 1, denominator: 8 }, '0.64688'],
			['g4-standard-12', { numerator: 1, denominator: 4 }, '1.29376'],
			['g4-standard-24', { numerator: 1, denominator: 2 }, '2.58752'],
			['g4-standard-48', { numerator: 1, denominator: 1 }, '4.49993'],
		]);
		expect(new Set(quotes.map(({ gpu }) => gpu.model))).toEqual(new Set(['rtxpro6000s']));
		expect(left).toEqual({ 'bound for a time': 1 });
	});

	it.each<[string, string, Changes]>([
		['GPU not known', 'Nvidia Z900 900GB GPU running in Americas', {}],
		['GPU without a known machine', 'Nvidia B200 GPU running in Americas', { regions: ['us-west9'] }],
		['another good', 'Nvidia Tesla T4 GPU attached to Sole Tenancy VMs running in Americas', {}],
		['bound for a time', 'Commitment v1: Nvidia Tesla A100 GPU running in Americas for 1 Year', { usage: 'Commit1Yr' }],
		['bound for a time', 'Nvidia Tesla A100 GPU running in Americas for 1 Year', {}],
		['with a licence', 'Nvidia Tesla T4 Virtual Workstation GPU running in Americas', {}],
		['host without a GPU', 'G2 Instance Core running in Americas', {}],
		['not a GPU', 'E2 Instance Core running in Americas', {}],
	])('AGT-02 counts as "%s": %s', async (reason, description, changes) => {
		const { quotes, left } = await asked(A100, CORE, RAM, sku(description, 700_000_000, changes));
		expect(quotes.map(({ gpu }) => gpu.model)).toEqual(Array.from({ length: 5 }, () => 'a100'));
		const counted = reason === 'GPU without a known machine' ? 'host price missing' : reason;
		expect(left).toEqual({ [counted]: 1 });
	});

	it('AGT-02 takes the price that holds now, not one of the future', async () => {
		const [now] = (A100.pricingInfo as { pricingExpression: unknown; effectiveTime: string }[]) ?? [];
		const [later] = sku('', 1, {}).pricingInfo as { pricingExpression: unknown }[];
		const future = { ...later, effectiveTime: new Date((NOW + 3_600) * 1_000).toISOString() };
		const { quotes } = await asked({ ...A100, pricingInfo: [now, future] }, CORE, RAM);
		expect(quotes[0]?.price.amount).toBe('3.673385');
		expect((await asked({ ...A100, pricingInfo: [future] }, CORE, RAM)).left).toMatchObject({ 'not valid now': 1 });
	});

	it('sells small machines with H100 as spot only', async () => {
		const parts = (prefix: string, gpu: string, usage: Changes) => [
			sku(`Nvidia H100 80GB GPU ${gpu}running in Americas`, 796_550_000, { ...usage, units: '9' }),
			sku(`${prefix}A3 Instance Core running in Americas`, 29_300_000, usage),
			sku(`${prefix}A3 Instance Ram running in Americas`, 2_550_000, usage),
		];
		const plain = await asked(...parts('', '', {}));
		expect(plain.quotes.map(({ gpu }) => gpu.rawName)).toEqual(['a3-highgpu-8g']);
		const spot = await asked(...parts('Spot Preemptible ', 'attached to Spot Preemptible VMs ', SPOT));
		expect(spot.quotes).toHaveLength(4);
	});

	it('keeps the H100 on the faster network apart', async () => {
		const { quotes } = await asked(
			sku('Nvidia H100 80GB Mega GPU running in Americas', 880_000_000, { units: '9' }),
			sku('A3Plus Instance Core running in Americas', 29_300_000),
			sku('A3Plus Instance Ram running in Americas', 2_550_000),
			sku('A3 Instance Core running in Americas', 29_300_000),
			sku('A3 Instance Ram running in Americas', 2_550_000),
		);
		expect(quotes.map(({ gpu }) => gpu.rawName)).toEqual(['a3-megagpu-8g']);
	});

	it.each([
		['a commitment', 'Commitment v1: Nvidia Tesla A100 GPU running in Americas for 1 Year'],
		['a reservation', 'Reserved Nvidia Tesla A100 GPU in Americas'],
		['a queue for a fixed time', 'Nvidia Tesla A100 GPU attached to DWS Defined Duration VMs running in Americas'],
		['a workstation', 'Nvidia Tesla T4 Virtual Workstation GPU running in Americas'],
		['a machine of one tenant', 'A2 Sole Tenancy Instance Core running in Americas'],
		['an image', 'Storage Image'],
	])('passes over %s', async (_, description) => {
		const { quotes } = await asked(A100, CORE, RAM, sku(description, 1_000_000));
		expect(quotes.map(({ price }) => price.amount)[0]).toBe('3.673385');
	});

	it.each<[string, Changes, string]>([
		['another currency', { currency: 'IDR', units: '508' }, 'price in another currency'],
		['another unit', { unit: 'mo' }, 'unit not known'],
		[
			'no tier that begins at nothing',
			{ tiers: [{ startUsageAmount: 5, unitPrice: { currencyCode: 'USD', units: '0', nanos: 5 } }] },
			'no price',
		],
		['a price of zero', {}, 'no price'],
		['a bound usage', { usage: 'Commit1Yr' }, 'bound for a time'],
	])('counts a core with %s', async (_, changes, reason) => {
		const core = sku('A2 Instance Core running in Americas', changes.usage === undefined ? 0 : 31_611_000, changes);
		const { quotes, left } = await asked(A100, RAM, core);
		expect(quotes).toEqual([]);
		expect(left).toEqual({ [reason]: 1, 'host price missing': 5 });
	});

	it('makes no machine of a part that has several prices', async () => {
		const { quotes, left } = await asked(A100, CORE, RAM, sku('A2 Instance Core running in Iowa', 40_000_000));
		expect(quotes).toEqual([]);
		expect(left).toEqual({ 'a part has several prices': 5 });
	});

	it('turns the pages with its key in a header', async () => {
		const { quotes, fake } = await ask(gcp, (request, response) =>
			sendJson(
				response,
				request.url?.includes('pageToken=p2')
					? { skus: [RAM], nextPageToken: '' }
					: { skus: [A100, CORE], nextPageToken: 'p2' },
			),
		);
		expect(quotes).toHaveLength(5);
		expect(fake.requests.map(({ headers }) => headers['x-goog-api-key'])).toEqual([
			'secret-GCP_API_KEY',
			'secret-GCP_API_KEY',
		]);
	});

	it('AGT-01 says that a page did not come', async () => {
		const { failing, incomplete } = await ask(gcp, (request, response) =>
			sendJson(response, { ...good, nextPageToken: 'p2' }, request.url?.includes('pageToken') ? 429 : 200),
		);
		expect(failing).toBeNull();
		expect(incomplete).toContain('A page of its catalogue did not come');
	});

	it('is read from a file', () => {
		expect(gcp.read?.(good, NOW)).toMatchObject({ quotes: { length: 5 }, incomplete: null });
	});

	it('says of a page in a file that others follow', () => {
		expect(gcp.read?.({ ...good, nextPageToken: 'p2' }, NOW).incomplete).toContain('another one follows');
	});
});

hostile(gcp, good);
