/** Figures of the fixture: Prime Intellect's answer of October 2025 as its own CLI keeps it for tests, shape as documented. */
import { defaultPolicy, normalise } from '@necto/core';
import { describe, expect, it } from 'vitest';
import { primeIntellect } from '../../src/sources/primeIntellect.ts';
import { sendJson } from '../support/http.ts';
import { ask, closeFakes, hostile, NOW } from '../support/source.ts';

closeFakes();

const DISK = { minCount: 120, defaultCount: 120, maxCount: 3000, pricePerUnit: 0.00014, defaultIncludedInPrice: false };

function machine(changes: Record<string, unknown> = {}): Record<string, unknown> {
	return {
		cloudId: 'NVIDIA A100 80GB PCIe',
		gpuType: 'A100_80GB',
		socket: 'PCIe',
		provider: 'runpod',
		region: 'united_states',
		dataCenter: 'US-KS-2',
		country: 'US',
		gpuCount: 1,
		gpuMemory: 80,
		disk: DISK,
		vcpu: { defaultCount: 14, pricePerUnit: null },
		memory: { defaultCount: 125, pricePerUnit: null },
		stockStatus: 'Low',
		security: 'secure_cloud',
		prices: { onDemand: 1.6567999999999998, communityPrice: null, isVariable: null, currency: 'USD' },
		isSpot: null,
		prepaidTime: null,
		...changes,
	};
}

const prices = (onDemand: number | null, changes = {}) => ({
	onDemand,
	communityPrice: null,
	currency: 'USD',
	...changes,
});
const good = { items: [machine()], totalCount: 1 };
const read = (...items: unknown[]) => {
	const answer = primeIntellect.read?.({ items, totalCount: items.length }, NOW);
	if (answer === undefined) throw new Error('Prime Intellect reads files');
	return answer;
};

describe('NET-05 Prime Intellect', () => {
	it('reads a machine with its owner, and adds no disk to a price that has it', () => {
		const [quote] = read(machine()).quotes;
		if (quote === undefined) throw new Error('no offer');
		expect(quote).toMatchObject({
			upstream: { cloud: 'runpod', type: 'NVIDIA A100 80GB PCIe' },
			gpu: { model: 'a100', formFactor: 'pcie', memoryGiB: 80 },
			host: { vcpus: 14, ramGiB: 125, diskGiB: 120 },
			price: { model: 'fixed', per: 'instance', includes: ['cpu', 'ram', 'disk'], excludes: ['storage'] },
			region: { country: 'US', raw: 'US-KS-2' },
			availability: { state: 'available' },
		});
		expect(normalise(quote, [], quote.observedAt, defaultPolicy)).toMatchObject({ usdPerGpuHour: 1_656_800n });
	});

	it('has the memory of all GPUs together divided among them', () => {
		const [quote] = read(
			machine({ cloudId: 'NVIDIA H200', gpuType: 'H200', socket: 'SXM5', gpuCount: 8, gpuMemory: 1128 }),
		).quotes;
		expect(quote).toMatchObject({ gpu: { memoryGiB: 141 }, gpus: { numerator: 8, denominator: 1 } });
	});

	it('knows a spot price although it stands under onDemand', () => {
		const { quotes } = read(machine(), machine({ isSpot: true, prices: prices(0.9) }));
		expect(quotes.map(({ price }) => [price.model, price.amount])).toEqual([
			['fixed', '1.6567999999999998'],
			['dynamic', '0.9'],
		]);
	});

	it('says what is paid in advance', () => {
		const [quote] = read(machine({ prepaidTime: 24 })).quotes;
		const term = { kind: 'prepaid', words: 'prepaid 24' };
		expect(quote?.rental).toEqual({ minSeconds: null, prepaid: true, term });
	});

	it.each([
		['variable', { prices: prices(1.8, { isVariable: true }) }, 'fixed', { kind: 'variable', words: 'variable' }],
		['spot, which always varies', { isSpot: true, prices: prices(1.8, { isVariable: true }) }, 'dynamic', undefined],
		['spot and prepaid', { isSpot: true, prepaidTime: 24 }, 'fixed', { kind: 'prepaid', words: 'spot, prepaid 24' }],
		['neither', { prices: prices(1.8, { isVariable: false }), prepaidTime: 0 }, 'fixed', undefined],
	])('AGT-02 tells a price that is %s', (_, changes, model, term) => {
		const [quote] = read(machine(changes)).quotes;
		expect(quote?.rental?.term).toEqual(term);
		if (term === undefined) expect(quote?.price.model).toBe(model);
	});

	it.each(['EUR', 'usd ', null])('AGT-02 makes no offer of a price in the currency %j', (currency) => {
		expect(read(machine(), machine({ cloudId: 'x', prices: prices(1.8, { currency }) })).left).toEqual({
			'not in USD': 1,
		});
	});

	it('shows the community’s price beside the data centre’s', () => {
		const { quotes } = read(machine({ prices: prices(1.8, { communityPrice: 1.64 }) }));
		expect(quotes.map(({ price }) => price.amount)).toEqual(['1.8', '1.64']);
	});

	it('finds the country of a data centre that does not name it', () => {
		const [quote] = read(machine({ dataCenter: 'hall-2', country: 'FI' })).quotes;
		expect(quote?.region).toMatchObject({ country: 'FI', raw: 'FI, hall-2' });
	});

	it.each([
		['a CPU', { gpuType: 'CPU_NODE' }, 'not a GPU'],
		['no GPU', { gpuCount: 0 }, 'not a GPU'],
		['another currency', { prices: prices(1.6, { currency: 'EUR' }) }, 'not in USD'],
		['a price of zero', { prices: prices(0) }, 'no price'],
		['no price', { prices: prices(null) }, 'no price'],
		['no provider', { provider: null }, 'not of the documented shape'],
	])('makes no offer of a row with %s, and keeps the others', (_, changes, reason) => {
		expect(read(machine({ cloudId: 'other' }), machine(changes))).toMatchObject({
			quotes: [{}],
			left: { [reason]: 1 },
		});
	});

	it.each([
		['Unavailable', 'none'],
		['Available', 'available'],
		[null, 'unknown'],
	])('reads the stock %s as %s', (stockStatus, state) => {
		expect(read(machine({ stockStatus })).quotes[0]?.availability.state).toBe(state);
	});

	it('reads the older answer, keyed by GPU type', () => {
		const older = {
			A100_80GB: [machine()],
			H100_80GB: [machine({ gpuType: 'H100_80GB', cloudId: 'H100' })],
			CPU_NODE: [],
		};
		expect(primeIntellect.read?.(older, NOW).quotes.map(({ gpu }) => gpu.model)).toEqual(['a100', 'h100']);
	});

	describe('page by page', () => {
		const page = (url = '') => Number(/[?&]page=(\d+)/.exec(url)?.[1]);
		const rows = (from: number, count: number) =>
			Array.from({ length: count }, (_, index) => machine({ cloudId: `type-${from + index}` }));

		it('asks until it has all rows, with the key in a header', async () => {
			const { quotes, incomplete, fake } = await ask(primeIntellect, (request, response) => {
				const at = (page(request.url) - 1) * 2;
				sendJson(response, { items: rows(at, Math.min(2, 5 - at)), totalCount: 5 });
			});
			expect(fake.requests).toHaveLength(3);
			expect(fake.requests[2]?.headers.authorization).toBe('Bearer secret-PRIMEINTELLECT_API_KEY');
			expect(quotes).toHaveLength(5);
			expect(incomplete).toBeNull();
		});

		it.each([
			['does not come', (response: Parameters<typeof sendJson>[0]) => sendJson(response, {}, 502), 'status 502'],
			['is cut', (response: Parameters<typeof sendJson>[0]) => sendJson(response, '{"items":[{'), 'not complete JSON'],
			[
				'is empty',
				(response: Parameters<typeof sendJson>[0]) => sendJson(response, { items: [], totalCount: 9 }),
				'2 of 9',
			],
		])('keeps the pages before one that %s, and says what is missing', async (_, second, words) => {
			const { quotes, incomplete, failing } = await ask(primeIntellect, (request, response) =>
				page(request.url) === 1 ? sendJson(response, { items: rows(0, 2), totalCount: 9 }) : second(response),
			);
			expect(failing).toBeNull();
			expect(quotes).toHaveLength(2);
			expect(incomplete).toContain('Page 2 is missing');
			expect(incomplete).toContain(words);
		});

		it('does not ask without an end', async () => {
			let at = 0;
			const { fake, incomplete } = await ask(primeIntellect, (_, response) =>
				sendJson(response, { items: rows(at++, 1), totalCount: 1_000_000 }),
			);
			expect(fake.requests).toHaveLength(50);
			expect(incomplete).toBe('Prime Intellect has more than 50 pages.');
		});
	});

	it('says of one page in a file that it is one', () => {
		expect(primeIntellect.read?.({ items: [machine()], totalCount: 608 }, NOW).incomplete).toContain('1 of 608');
	});
});

hostile(primeIntellect, good);
