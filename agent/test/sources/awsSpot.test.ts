/**
 * Figures: AWS's spot.js with its odd prices, its Spot Instance Advisor of July 2025, and prices by zone of June 2024, in the shape that
 * EC2's documentation gives for DescribeSpotPriceHistory.
 */
import type { Quote } from '@necto/core';
import { describe, expect, it } from 'vitest';
import { awsSpot } from '../../src/sources/awsSpot.ts';
import { sendJson } from '../support/http.ts';
import { usdPerGpuHour } from '../support/price.ts';
import { ask, closeFakes, hostile, NOW } from '../support/source.ts';

closeFakes();

function size(name: string, linux: string) {
	return {
		size: name,
		valueColumns: [
			{ name: 'mswin', prices: { USD: '9.9999' } },
			{ name: 'linux', prices: { USD: linux } },
		],
	};
}

function script(regions: Record<string, ReturnType<typeof size>[]>): string {
	const listed = Object.entries(regions).map(([region, sizes]) => ({
		region,
		footnotes: { '*': 'notAvailableForCCorCGPU' },
		instanceTypes: [{ type: 'gpuInstancesCurrentGen', sizes }],
	}));
	return `callback(${JSON.stringify({ vers: 0.01, config: { rate: 'perhr', valueColumns: ['linux', 'mswin'], currencies: ['USD'], regions: listed } })});`;
}

const good = script({ 'us-east': [size('p4d.24xlarge', '10.2412'), size('g4dn.xlarge', '0.2260')] });

const advisor = {
	instance_types: {},
	ranges: [],
	spot_advisor: {
		'us-east-1': {
			Linux: { 'p4d.24xlarge': { s: 67, r: 2 }, 'p5.48xlarge': { s: 52, r: 4 }, 'p4de.24xlarge': { s: 65, r: 0 } },
		},
	},
};

function observation(type: string, price: string, zoneId: string, at: string, product = 'Linux/UNIX'): string {
	return `<item><instanceType>${type}</instanceType><productDescription>${product}</productDescription><spotPrice>${price}</spotPrice><timestamp>${at}</timestamp><availabilityZone>us-east-1a</availabilityZone><availabilityZoneId>${zoneId}</availabilityZoneId></item>`;
}

function history(items: string, next = ''): string {
	return `<?xml version="1.0" encoding="UTF-8"?>\n<DescribeSpotPriceHistoryResponse xmlns="http://ec2.amazonaws.com/doc/2016-11-15/"><requestId>59dbff89-35bd-4eac-99ed-be587EXAMPLE</requestId><spotPriceHistorySet>${items}</spotPriceHistorySet><nextToken>${next}</nextToken></DescribeSpotPriceHistoryResponse>`;
}

interface World {
	script?: string;
	advisor?: unknown;
	/** Pages of EC2; without, there are no keys. */
	pages?: (string | number)[];
}

const world = ({ script = good, advisor: advised = advisor, pages }: World) => {
	let page = 0;
	return ask(
		awsSpot,
		(request, response) => {
			if (request.url === '/spot.js') {
				response.writeHead(200, { 'content-type': 'application/javascript' });
				return response.end(script);
			}
			if (request.url === '/advisor') return sendJson(response, advised, advised === null ? 500 : 200);
			const answer = pages?.[page++] ?? 404;
			if (typeof answer === 'number') return sendJson(response, {}, answer);
			response.writeHead(200, { 'content-type': 'text/xml;charset=UTF-8' });
			response.end(answer);
		},
		{
			...(pages === undefined ? { keys: null } : {}),
			options: { AWS_SPOT_ADVISOR_URL: '/advisor', AWS_EC2_URL: '/ec2/{region}', AWS_REGIONS: 'us-east-1' },
		},
	);
};

const named = (quotes: readonly Quote[], part: string) =>
	quotes.find(({ key }) => decodeURIComponent(key).includes(part));

describe('AGT-01 AWS spot without keys', () => {
	it('divides the price of an instance by its GPUs, under today’s name of the region', async () => {
		const { quotes, failing, incomplete } = await world({});
		expect(failing ?? incomplete).toBeNull();
		expect(quotes).toHaveLength(2);
		expect(quotes[0]).toMatchObject({
			network: 'aws',
			evidence: 'live',
			meaning: 'observation',
			gpu: { model: 'a100', formFactor: 'sxm', memoryGiB: 40, rawName: 'p4d.24xlarge' },
			gpus: { numerator: 8, denominator: 1 },
			host: { vcpus: 96, ramGiB: 1152 },
			region: { continent: 'north-america', country: 'US', raw: 'us-east-1' },
			price: { model: 'dynamic', amount: '10.2412', per: 'instance' },
			availability: { state: 'unknown' },
		});
		expect(usdPerGpuHour(quotes[0])).toBe(1.28015);
	});

	it.each([
		['eu-ireland', 'IE'],
		['apac-sin', 'SG'],
		['apac-syd', 'AU'],
		['apac-tokyo', 'JP'],
		['us-west', 'US'],
		['eu-central-1', 'DE'],
	])('knows where %s is', async (region, country) => {
		const { quotes } = await world({ script: script({ [region]: [size('g4dn.xlarge', '0.2260')] }) });
		expect(quotes[0]?.region.country).toBe(country);
	});

	it('makes no price of "N/A*", reads "9.0E-2" as it is written, and leaves other machines out', async () => {
		const sizes = [
			size('g5.xlarge', 'N/A*'),
			size('t3.nano', '9.0E-4'),
			size('g6f.large', '9.0E-2'),
			size('inf2.xlarge', '0.2'),
			size('p9.48xlarge', '12.5'),
			size('g4dn.xlarge', '0'),
		];
		const { quotes, left } = await world({ script: script({ 'us-east': sizes }) });
		expect(quotes.map(usdPerGpuHour)).toEqual([0.72]);
		expect(left).toEqual({ 'no price': 2, 'machine not known': 1, 'not a GPU': 2 });
	});

	it.each([
		['p4d.24xlarge', { monthlyBps: 1_500, bound: 'at-most' }],
		['p4de.24xlarge', { monthlyBps: 500, bound: 'at-most' }],
		['p5.48xlarge', { monthlyBps: 2_000, bound: 'at-least' }],
	])('COMP-04 says how often %s is taken back, and no more than is published', async (type, interruption) => {
		const { quotes } = await world({ script: script({ 'us-east': [size(type, '20')] }) });
		expect(quotes[0]?.interruption).toEqual({
			...interruption,
			noticeSeconds: 120,
			source: 'AWS Spot Instance Advisor',
			observedAt: NOW,
		});
		expect(quotes[0]?.quality.riskBps).toBe(interruption.monthlyBps);
	});

	it('COMP-04 leaves the risk unknown where the advisor says nothing, and where it does not come', async () => {
		const known = await world({});
		expect(named(known.quotes, 'g4dn')?.quality.riskBps).toBeNull();
		const silent = await world({ advisor: null });
		expect(silent.quotes.map(({ quality, interruption }) => [quality.riskBps, interruption])).toEqual([
			[null, undefined],
			[null, undefined],
		]);
		expect(silent.incomplete).toContain('How often machines are taken back did not come');
	});
});

describe('AGT-01 AWS spot with keys', () => {
	const first = [
		observation('p4d.24xlarge', '10.1000', 'use1-az4', '2026-09-21T01:00:00.000Z'),
		observation('p4d.24xlarge', '9.2000', 'use1-az4', '2026-09-20T01:00:00.000Z'),
		observation('p4d.24xlarge', '11.6', 'use1-az6', '2026-09-01T01:00:00.000Z', 'Linux/UNIX (Amazon VPC)'),
		observation('p4d.24xlarge', '14.1', 'use1-az2', '2026-09-21T01:00:00.000Z', 'Windows'),
	].join('');

	it('gives the latest price in each zone, by the id that all accounts share, instead of the region’s', async () => {
		const { quotes, failing } = await world({ pages: [history(first)] });
		expect(failing).toBeNull();
		const zones = quotes.filter(({ gpu }) => gpu.model === 'a100');
		expect(zones.map(({ region, price }) => [region.raw, region.country, price.amount])).toEqual([
			['use1-az4', 'US', '10.1000'],
			['use1-az6', 'US', '11.6'],
		]);
		expect(zones[0]?.interruption?.monthlyBps).toBe(1_500);
		// What has no price by zone keeps its region's.
		expect(named(quotes, 'g4dn.xlarge')?.region.raw).toBe('us-east-1');
	});

	it('signs the question and keeps the secret', async () => {
		const { fake } = await world({ pages: [history(first)] });
		const question = fake.requests.find(({ url }) => url === '/ec2/us-east-1');
		expect(question?.method).toBe('POST');
		expect(question?.headers.authorization).toMatch(
			/^AWS4-HMAC-SHA256 Credential=secret-AWS_ACCESS_KEY_ID\/\d{8}\/us-east-1\/ec2\/aws4_request, SignedHeaders=[a-z0-9;-]+, Signature=[0-9a-f]{64}$/,
		);
		expect(JSON.stringify(fake.requests)).not.toContain('secret-AWS_SECRET_ACCESS_KEY');
		const form = new URLSearchParams(question?.body);
		expect(form.get('Action')).toBe('DescribeSpotPriceHistory');
		expect(form.get('ProductDescription.1')).toBe('Linux/UNIX');
		expect(form.get('StartTime')).toBe('2026-09-21T14:13:20Z');
		expect([...form.values()]).toContain('p5.48xlarge');
	});

	it('turns the pages', async () => {
		const more = observation('g4dn.xlarge', '0.1900', 'use1-az1', '2026-09-21T01:00:00.000Z');
		const { quotes, fake, incomplete } = await world({ pages: [history(first, 'next=='), history(more)] });
		expect(incomplete).toBeNull();
		expect(new URLSearchParams(fake.requests.at(-1)?.body).get('NextToken')).toBe('next==');
		expect(named(quotes, 'g4dn.xlarge/use1-az1')?.price.amount).toBe('0.1900');
	});

	it.each([429, 500, 401])('says that a page did not come (%i), and keeps the rest', async (status) => {
		const { quotes, incomplete, failing } = await world({ pages: [history(first, 'next=='), status] });
		expect(failing).toBeNull();
		expect(named(quotes, 'use1-az4')?.price.amount).toBe('10.1000');
		expect(incomplete).toContain('The spot prices of us-east-1 are incomplete');
	});

	it('falls back on the prices by region when EC2 does not answer', async () => {
		const { quotes, incomplete, failing } = await world({ pages: [401] });
		expect(failing).toBeNull();
		expect(quotes.map(({ region }) => region.raw)).toEqual(['us-east-1', 'us-east-1']);
		expect(incomplete).toContain('EC2 of us-east-1 did not come whole');
	});

	it.each(['<html>', history('<item/>').slice(0, 200), '<Other/>'])('believes nothing of %s', async (text) => {
		const { quotes, incomplete } = await world({ pages: [text] });
		expect(quotes.map(({ region }) => region.raw)).toEqual(['us-east-1', 'us-east-1']);
		expect(incomplete).toContain('EC2 of us-east-1 did not come whole');
	});
});

describe('AGT-01 a file of AWS spot', () => {
	it('is read without the network', () => {
		expect(awsSpot.read?.(good, NOW).quotes.map(usdPerGpuHour)).toEqual([1.28015, 0.226]);
		expect(() => awsSpot.read?.('callback({', NOW)).toThrow(/not a complete script/);
	});

	it('may be what AWS’s command line wrote, of which the latest price of a zone counts', () => {
		const row = (InstanceType: string, AvailabilityZone: string, SpotPrice: string, Timestamp: string) => ({
			...{ AvailabilityZone, InstanceType, SpotPrice, Timestamp },
			ProductDescription: 'Linux/UNIX',
		});
		const SpotPriceHistory = [
			row('p4d.24xlarge', 'us-west-2b', '10.2412', '2024-06-10T04:32:53.000Z'),
			row('p4d.24xlarge', 'us-west-2b', '9.9', '2024-06-09T04:32:53.000Z'),
			row('m1.xlarge', 'us-west-1a', '0.080000', '2014-01-06T04:32:53.000Z'),
			{ ...row('g5.xlarge', 'us-west-2b', '0.4', '2024-06-10T04:32:53.000Z'), ProductDescription: 'Windows' },
		];
		const answer = awsSpot.read?.({ SpotPriceHistory }, NOW);
		expect(answer?.quotes.map((quote) => [usdPerGpuHour(quote), quote.region.country])).toEqual([[1.28015, 'US']]);
		expect(answer?.left).toEqual({ 'not a GPU': 1, 'replaced by a later price': 1, 'with a licence': 1 });
		expect(answer?.incomplete).toBeNull();
		const page = awsSpot.read?.({ SpotPriceHistory, NextToken: 'p2' }, NOW);
		expect(page?.incomplete).toContain('another one follows');
	});
});

hostile(awsSpot, good, 'application/javascript');
