/**
 * Bids on a deployment of one's own. Figures: four bids for an H100 80Gi SXM5 and two blocks seen on Akash in September 2026; shapes as in the Console
 * API's schemas.
 */
import { describe, expect, it } from 'vitest';
import { akash } from '../../src/sources/akash.ts';
import { priceOf } from '../support/price.ts';
import { ask, closeFakes, serve } from '../support/source.ts';

closeFakes();

const PROVIDER = 'akash1365yvmc4s7awdyj3n2sav7xfx76adc6dnmlx63';
const USDC = 'ibc/170C677610AC31DF0904FFE09CD3B5C657492170E7E52372E48756B71E56F2F1';
/** Larger than 2^32, as they are since they are times in milliseconds. */
const DSEQ = '1790000000123';

const H100 = [{ key: 'vendor/nvidia/model/h100/ram/80Gi/interface/sxm', value: 'true' }];

function resources(units: string, attributes: unknown, count = 1) {
	return {
		count,
		resources: {
			cpu: { units: { val: '8000' }, attributes: [] },
			memory: { quantity: { val: '34359738368' }, attributes: [] },
			storage: [{ name: 'default', quantity: { val: '210453397504' }, attributes: [] }],
			gpu: { units: { val: units }, attributes },
			endpoints: [],
		},
	};
}

function bid(changes: Record<string, unknown> = {}, provider = PROVIDER) {
	return {
		bid: {
			id: { owner: 'akash1owner', dseq: DSEQ, gseq: 1, oseq: 1, bseq: 0, provider },
			state: 'open',
			price: { denom: 'uact', amount: '4262.041502000000000000' },
			created_at: '28826831',
			resources_offer: [resources('1', H100)],
			...changes,
		},
		escrow_account: {},
		isCertificateRequired: false,
	};
}

const blocks = [
	{ height: 28_826_831, datetime: '2026-09-28T12:26:10.000Z', transactionCount: 3 },
	{ height: 28_641_333, datetime: '2026-09-15T21:18:23.000Z', transactionCount: 1 },
];
const providers = [
	{ owner: PROVIDER, ipRegion: 'California', ipCountryCode: 'US', uptime7d: 0.9987, isOnline: true, isAudited: true },
	{ owner: 'akash1other', ipRegion: null, ipCountryCode: 'DE', uptime7d: null, isOnline: false },
];
const history = {
	models: [
		{
			vendor: 'nvidia',
			model: 'a100',
			ram: '80Gi',
			interface: 'SXM4',
			availability: { total: 222, available: 116 },
			price: { currency: 'USD', min: 1.07 },
		},
	],
};

function asked(bids: unknown, files: Record<string, unknown> = {}, dseq = DSEQ, keys?: null) {
	return ask(
		akash,
		serve({
			'gpu-prices': history,
			'v1/bids': { data: bids },
			'v1/blocks': blocks,
			'v1/providers': providers,
			...files,
		}),
		{ options: { AKASH_DSEQ: dseq }, ...(keys === null ? { keys } : {}) },
	);
}

const bidsOf = ({ quotes }: Awaited<ReturnType<typeof asked>>) => quotes.filter(({ meaning }) => meaning === 'offer');

describe('AGT-02 bids on a deployment of one’s own on Akash', () => {
	it('are offers for a block, whose time was measured, and stand apart from the history', async () => {
		const reading = await asked([bid()]);
		expect(reading.incomplete).toBeNull();
		expect(reading.quotes.map(({ meaning }) => meaning)).toEqual(['bid-history', 'offer']);
		expect(bidsOf(reading)[0]).toMatchObject({
			gpu: { model: 'h100', formFactor: 'sxm', memoryGiB: 80 },
			gpus: { numerator: 1, denominator: 1 },
			host: { vcpus: 8, ramGiB: 32, diskGiB: 196 },
			region: { continent: 'north-america', country: 'US' },
			price: {
				amount: '4262.041502000000000000',
				currency: 'USD',
				exponent: 6,
				per: 'instance',
				time: 'block',
				blockMilliseconds: 5_883,
				blockTime: 'measured',
			},
			availability: { state: 'available', gpus: 1 },
			quality: { uptimeBps: 9_987 },
		});
	});

	it.each([
		['3398.93', 2_079_917n],
		['4262.041502', 2_608_083n],
		['5264.58', 3_221_569n],
	])('cost %s micro-ACT for a block by the measured clock, to the millionth', async (amount, micro) => {
		const reading = await asked([bid({ price: { denom: 'uact', amount } })]);
		expect(priceOf(bidsOf(reading)[0])).toBe(micro);
	});

	it('take the time of a block that Akash states when nobody measured it, and say so', async () => {
		for (const files of [{ 'v1/blocks': [] }, { 'v1/blocks': 'nothing' }, { 'v1/blocks': [blocks[0], blocks[0]] }]) {
			const [offer] = bidsOf(await asked([bid()], files));
			expect(offer?.price).toMatchObject({ blockMilliseconds: 6_000, blockTime: 'stated' });
			expect(priceOf(offer)).toBe(2_557_225n);
		}
	});

	it('count AKT in AKT and USDC in dollars', async () => {
		const reading = await asked([
			bid({ price: { denom: 'uakt', amount: '4262.041502' } }),
			bid({ price: { denom: USDC, amount: '4262.041502' } }, 'akash1other'),
		]);
		const [akt, usdc] = bidsOf(reading);
		expect(priceOf(akt)).toBe('no-token-price');
		expect(priceOf(akt, { AKT: '0.5' })).toBe(1_304_042n);
		expect(priceOf(usdc)).toBe(2_608_083n);
		expect(usdc).toMatchObject({ region: { country: 'DE' }, availability: { state: 'unknown' } });
	});

	it('are for all GPUs of the group', async () => {
		const reading = await asked([bid({ resources_offer: [resources('4', H100, 2)] })]);
		expect(bidsOf(reading)[0]?.gpus).toEqual({ numerator: 8, denominator: 1 });
		expect(priceOf(bidsOf(reading)[0])).toBe(326_011n);
	});

	it('are read in the older spelling too', async () => {
		const { id, ...rest } = bid().bid;
		const reading = await asked([{ bid: { ...rest, bid_id: id } }]);
		expect(bidsOf(reading)).toHaveLength(1);
	});

	it.each([
		['lost', { state: 'lost' }, 'bid not open'],
		['without a GPU', { resources_offer: [resources('0', [])] }, 'not a GPU'],
		[
			'on any GPU',
			{ resources_offer: [resources('1', [{ key: 'vendor/nvidia/model/*', value: 'true' }])] },
			'does not say which GPU',
		],
		['silent on the GPU', { resources_offer: [resources('1', [])] }, 'does not say which GPU'],
		[
			'on two kinds of GPU',
			{
				resources_offer: [
					resources('1', H100),
					resources('1', [{ key: 'vendor/nvidia/model/rtx4090', value: 'true' }]),
				],
			},
			'several kinds of GPU',
		],
		['in an unknown coin', { price: { denom: 'uosmo', amount: '1' } }, 'in a currency that is not known'],
		['for nothing', { price: { denom: 'uact', amount: '0.000000000000000000' } }, 'no price'],
		['for a word', { price: { denom: 'uact', amount: 'NaN' } }, 'no price'],
	])('make no offer when %s', async (_, changes, reason) => {
		const reading = await asked([bid(changes)]);
		expect(bidsOf(reading)).toEqual([]);
		expect(reading.left).toEqual({ [reason]: 1 });
	});

	it('leave the history alone when they do not come, and say so', async () => {
		const reading = await asked([bid()], { 'v1/bids': 'gone' });
		expect(reading.quotes).toHaveLength(1);
		expect(reading.incomplete).toContain(`The bids on deployment ${DSEQ} did not come`);
	});

	it('do without the place of who bids', async () => {
		const reading = await asked([bid()], { 'v1/providers': { error: 'maintenance' } });
		expect(bidsOf(reading)[0]?.region.continent).toBe('unknown');
		expect(reading.incomplete).toContain('Where the bidders stand');
	});

	it('are asked for with the key in a header, and only with one', async () => {
		const { fake } = await asked([bid()]);
		expect(fake.requests.find(({ url }) => url.includes('/v1/bids'))).toMatchObject({
			url: `/v1/bids?dseq=${DSEQ}`,
			headers: { 'x-api-key': 'secret-AKASH_API_KEY' },
		});
		const keyless = fake.requests.filter(({ url }) => !url.includes('/v1/bids'));
		for (const { headers } of keyless) expect(headers['x-api-key']).toBeUndefined();

		const without = await asked([bid()], {}, DSEQ, null);
		expect(without.incomplete).toContain('AKASH_API_KEY');
		expect(without.fake.requests).toHaveLength(1);
	});

	it('are not asked for on what is no deployment', async () => {
		const reading = await asked([bid()], {}, '1&owner=x');
		expect(reading.incomplete).toContain('AKASH_DSEQ');
		expect(reading.fake.requests).toHaveLength(1);
	});
});

describe('AGT-02 a saved answer of bids', () => {
	it.each([
		['of the Console API', (rows: unknown[]) => ({ data: rows })],
		['of a node', (rows: unknown[]) => ({ bids: rows, pagination: {} })],
	])('%s is read with the stated time of a block', (_, wrap) => {
		const usdc = bid({ price: { denom: USDC, amount: '4262.041502' } }, 'akash1other');
		const closed = bid({ state: 'closed' }, 'akash1third');
		const answer = akash.read?.(wrap([bid(), usdc, closed]), 1_790_000_000);
		expect(
			answer?.quotes.map(({ price }) => [price.currency, price.time, price.blockMilliseconds, price.blockTime]),
		).toEqual([
			['USD', 'block', 6_000, 'stated'],
			['USD', 'block', 6_000, 'stated'],
		]);
		expect(answer?.left).toEqual({ 'bid not open': 1 });
	});
});
