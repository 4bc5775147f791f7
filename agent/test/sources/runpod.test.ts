/** Figures of the fixtures: RunPod's documentation (RTX 4090 at 0.44 and 0.31, RTX A4000 at 0.35), shapes as documented; other prices vary them. */
import { describe, expect, it } from 'vitest';
import { runpod } from '../../src/sources/runpod.ts';
import { sendJson } from '../support/http.ts';
import { ask, closeFakes, hostile, NOW, serve } from '../support/source.ts';

closeFakes();

const at = (price: number | null, stockStatus: string | null = 'High', minimumBidPrice: number | null = price) => ({
	uninterruptablePrice: price,
	minimumBidPrice,
	stockStatus,
});

const nowhere = Object.fromEntries(
	['secure', 'community'].flatMap((cloud) => [1, 2, 4, 8].map((width) => [`${cloud}${width}`, at(null, null)])),
);

function gpuType(changes: Record<string, unknown> = {}) {
	return { id: 'NVIDIA GeForce RTX 4090', displayName: 'RTX 4090', memoryInGb: 24, ...nowhere, ...changes };
}

const graph = (...gpuTypes: unknown[]) => ({ data: { gpuTypes } });

function gpu(changes: Record<string, unknown> = {}) {
	return {
		id: 'NVIDIA GeForce RTX 4090',
		name: 'RTX 4090',
		pool: 'ADA_24',
		manufacturer: 'NVIDIA',
		memory: 24,
		secure: true,
		community: true,
		price: { secure: 0.44, community: 0.31, serverless: 1.1 },
		maxCount: { secure: 8, community: 4 },
		availability: 'HIGH',
		dataCenters: [{ id: 'US-KS-2', name: 'US Kansas 2', availability: 'HIGH' }],
		...changes,
	};
}

const read = (body: unknown) => {
	const answer = runpod.read?.(body, NOW);
	if (answer === undefined) throw new Error('RunPod reads files');
	return answer;
};
const shown = (body: unknown) =>
	read(body).quotes.map(({ key, price, availability }) => [key, price.amount, availability.state, availability.widest]);

describe('NET-05 RunPod’s list as others ask for it', () => {
	const plain = (changes: Record<string, unknown>) => ({
		id: 'NVIDIA GeForce RTX 4090',
		displayName: 'RTX 4090',
		memoryInGb: 24,
		...changes,
	});

	it('has the list price of one GPU in each cloud that has it', () => {
		const prices = { securePrice: 0.44, communityPrice: 0.31, secureSpotPrice: 0.22, communitySpotPrice: 0.31 };
		const { quotes, left } = read(graph(plain(prices)));
		expect(left).toEqual({});
		expect(quotes.map(({ price, meaning }) => [price.amount, price.per, meaning])).toEqual([
			['0.44', 'gpu', 'list-price'],
			['0.22', 'gpu', 'floor'],
			['0.31', 'gpu', 'list-price'],
		]);
	});

	it.each([
		['a cloud that does not have it', { securePrice: 0.44, secureCloud: false, communityPrice: 0 }],
		['no price', { secureCloud: true }],
		['the lowest price of a cloud that is not named', { lowestPrice: { uninterruptablePrice: 0.3 } }],
	])('makes no offer of %s', (_, changes) => {
		expect(read(graph(plain(changes)))).toMatchObject({ quotes: [], left: { 'no price': 1 } });
	});
});

describe('NET-05 RunPod without a key', () => {
	it('asks both clouds for each width in one question', async () => {
		const { quotes, fake } = await ask(
			runpod,
			(_, response) => sendJson(response, graph(gpuType({ secure1: at(0.44) }))),
			{ keys: null },
		);
		expect(fake.requests.map(({ method, url }) => `${method} ${url}`)).toEqual(['POST /graphql']);
		expect(fake.requests[0]?.headers.authorization).toBeUndefined();
		const { query } = JSON.parse(fake.requests[0]?.body ?? '');
		for (const width of [1, 2, 4, 8]) {
			expect(query).toContain(`secure${width}: lowestPrice(input: {gpuCount: ${width}, secureCloud: true})`);
			expect(query).toContain(`community${width}: lowestPrice(input: {gpuCount: ${width}, secureCloud: false})`);
		}
		expect(quotes).toHaveLength(1);
		expect(quotes[0]).toMatchObject({
			meaning: 'offer',
			gpu: { model: 'rtx4090', memoryGiB: 24 },
			price: { amount: '0.44', per: 'gpu', time: 'hour', model: 'fixed' },
		});
	});

	it('says how wide a pod can be now, not how wide one could be', () => {
		const type = gpuType({
			secure1: at(0.44),
			secure2: at(0.44, 'Low'),
			secure4: at(0.44, null),
			secure8: at(null, null),
		});
		expect(shown(graph(type))).toEqual([['runpod:NVIDIA-GeForce-RTX-4090%2Fsecure', '0.44', 'available', 2]]);
	});

	it('shows a price without stock as none available', () => {
		const [quote] = read(graph(gpuType({ community1: at(0.31, null) }))).quotes;
		expect(quote?.availability).toMatchObject({ state: 'none', gpus: 0 });
	});

	it('keeps a width with another price apart', () => {
		const type = gpuType({ secure1: at(0.44), secure8: at(0.4) });
		expect(shown(graph(type))).toEqual([
			['runpod:NVIDIA-GeForce-RTX-4090%2Fsecure', '0.44', 'available', 1],
			['runpod:NVIDIA-GeForce-RTX-4090%2Fsecure%2F8x', '0.4', 'available', 8],
		]);
	});

	it('sells no bid as spot that is the price on demand; a lower one is a floor', () => {
		expect(read(graph(gpuType({ secure1: at(0.44, 'High', 0.44) }))).quotes).toHaveLength(1);
		const [, floor] = read(graph(gpuType({ secure1: at(0.44, 'High', 0.2) }))).quotes;
		expect(floor).toMatchObject({ meaning: 'floor', price: { model: 'dynamic', amount: '0.2' } });
	});

	it('makes no offer of zero and null', () => {
		const type = gpuType({ secure1: at(0), community1: null });
		expect(
			read(
				graph(type, gpuType({ id: 'NVIDIA RTX A4000', displayName: 'RTX A4000', memoryInGb: 16, secure1: at(0.35) })),
			),
		).toMatchObject({ quotes: [{ gpu: { model: 'rtxa4000' } }] });
		expect(read(graph(type)).left).toEqual({ 'no price': 2 });
	});
});

describe('NET-05 RunPod with its key', () => {
	it('asks the catalogue for each cloud and width, and keeps the clouds apart', async () => {
		const { quotes, fake } = await ask(runpod, (request, response) => {
			const wide = /count=[48]/.test(request.url ?? '');
			sendJson(response, { gpus: [gpu(wide ? { availability: null } : {})] });
		});
		expect(fake.requests).toHaveLength(8);
		expect(fake.requests[0]?.url).toBe('/v2/catalog/gpus?include=AVAILABILITY&product=POD&cloud=SECURE&count=1');
		expect(fake.requests[0]?.headers.authorization).toBe('Bearer secret-RUNPOD_API_KEY');
		expect(quotes.map(({ price, availability }) => [price.amount, availability.widest])).toEqual([
			['0.44', 2],
			['0.31', 2],
		]);
	});

	it('keeps what came when one width fails', async () => {
		const { quotes, incomplete } = await ask(runpod, (request, response) =>
			request.url?.includes('count=8') ? sendJson(response, {}, 500) : sendJson(response, { gpus: [gpu()] }),
		);
		expect(quotes.map(({ availability }) => availability.widest)).toEqual([4, 4]);
		expect(incomplete).toContain('2 of 8 parts (secure × 8, community × 8) did not come whole');
	});

	it.each([
		['the answer', { gpus: [gpu()] }],
		[
			'the answer as the documentation prints it',
			{ gpus: { summary: 'Successful response', value: { gpus: [gpu()] } } },
		],
	])('reads %s', (_, body) => {
		expect(shown(body).map(([, amount]) => amount)).toEqual(['0.44', '0.31']);
	});

	it('does not believe a price of a cloud that does not have the GPU', () => {
		expect(shown({ gpus: [gpu({ community: false })] }).map(([, amount]) => amount)).toEqual(['0.44']);
	});

	it('takes a file without availability for a price list', () => {
		const [quote] = read({ gpus: [gpu({ availability: undefined })] }).quotes;
		expect(quote).toMatchObject({ meaning: 'list-price', availability: { state: 'unknown' } });
	});

	it('says so when it cannot be reached at all', async () => {
		const { failing } = await ask(runpod, serve({}));
		expect(failing?.failure).toBe('status');
	});
});

hostile(runpod, { gpus: [gpu()] });
hostile({ ...runpod, name: 'RunPod without a key', keys: [] }, graph(gpuType({ secure1: at(0.44) })));
