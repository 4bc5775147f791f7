/**
 * Sources against an outside world that is slow, broken or hostile. Figures of the Akash fixture: its Console API in August 2026, shape as documented.
 */
import type { ServerResponse } from 'node:http';
import { describe, expect, it } from 'vitest';
import { akash } from '../../src/sources/akash.ts';
import { sendJson } from '../support/http.ts';
import { ask, closeFakes, hostile, NOW } from '../support/source.ts';

closeFakes();

function model(changes: Record<string, unknown> = {}): Record<string, unknown> {
	return {
		vendor: 'nvidia',
		model: 'a100',
		ram: '80Gi',
		interface: 'SXM4',
		availability: { total: 222, available: 116 },
		providerAvailability: { total: 7, available: 6 },
		price: { currency: 'USD', min: 1.07, max: 1.83, avg: 1.54, weightedAverage: 1.67, med: 1.83 },
		priceUakt: {
			currency: 'uakt',
			min: 2_190_754.36,
			max: 3_857_617.18,
			avg: 3_023_692.2,
			weightedAverage: 3_232_939.02,
			med: 3_376_447.42,
		},
		...changes,
	};
}

const answered = (answer: (response: ServerResponse) => void) => ask(akash, (_, response) => answer(response));

const good = { availability: { total: 419, available: 215 }, models: [model()] };

describe('AGT-01 Akash', () => {
	it('turns the history of bids into quotes that say so', async () => {
		const { quotes, failing, bodyHash } = await answered((response) => sendJson(response, good));
		expect(failing).toBeNull();
		expect(bodyHash).toMatch(/^0x[0-9a-f]{64}$/);
		expect(quotes).toHaveLength(1);
		expect(quotes[0]).toMatchObject({
			source: 'akash',
			evidence: 'live',
			meaning: 'bid-history',
			observedAt: NOW,
			gpu: { model: 'a100', formFactor: 'sxm', memoryGiB: 80 },
			price: { model: 'token', amount: '1.07', currency: 'USD', exponent: 0, per: 'gpu', time: 'hour' },
			availability: { state: 'available', gpus: 116 },
			listing: null,
		});
	});

	it.each([
		['no price', { price: null }],
		['a price of zero', { price: { currency: 'USD', min: 0 } }],
		['a negative price', { price: { currency: 'USD', min: -1 } }],
		['a price in another unit', { price: { currency: 'uakt', min: 2_190_754.36 } }],
		['a price that only a wrong unit explains', { price: { currency: 'USD', min: 2_190_754 } }],
		['a price in words', { price: { currency: 'USD', min: 'NaN' } }],
		['a GPU that nobody knows', { model: 'warpdrive9' }],
	])('makes no offer of a row with %s, and keeps the others', async (_, changes) => {
		const models = [model({ model: 'h100', interface: 'SXM5', price: { currency: 'USD', min: 2.04 } }), model(changes)];
		const { quotes, failing } = await answered((response) => sendJson(response, { models }));
		expect(failing).toBeNull();
		expect(quotes.map((quote) => quote.gpu.model)).toEqual(['h100']);
	});

	it.each([
		['below zero', { total: 8, available: -3 }, 'unknown', null],
		['of no number', { total: 8, available: 'some' }, 'unknown', null],
		['not said', null, 'unknown', null],
		['above what there is', { total: 8, available: 9 }, 'available', 8],
	])('AGT-02 keeps the price of a model whose free GPUs are %s', async (_, availability, state, gpus) => {
		const { quotes } = await answered((response) => sendJson(response, { models: [model({ availability })] }));
		expect(quotes[0]?.availability).toMatchObject({ state, gpus });
	});

	it('shows a price without a free GPU as none available', async () => {
		const models = [model({ availability: { total: 9, available: 0 } })];
		const { quotes } = await answered((response) => sendJson(response, { models }));
		expect(quotes[0]?.availability).toMatchObject({ state: 'none', gpus: 0 });
	});

	it('keeps one of two equal rows', async () => {
		const { quotes, failing } = await answered((response) => sendJson(response, { models: [model(), model()] }));
		expect(failing).toBeNull();
		expect(quotes).toHaveLength(1);
	});
});

hostile(akash, good);
