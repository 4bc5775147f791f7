/** Figures: Oracle's public price list of September 2026, in the shape that its API answers. */
import { describe, expect, it } from 'vitest';
import { oracle } from '../../src/sources/oracle.ts';
import { sendJson } from '../support/http.ts';
import { usdPerGpuHour } from '../support/price.ts';
import { ask, closeFakes, hostile, NOW } from '../support/source.ts';

closeFakes();

function item(changes: Record<string, unknown> = {}, prices: unknown[] = [{ model: 'PAY_AS_YOU_GO', value: 10 }]) {
	return {
		partNumber: 'B98415',
		displayName: 'OCI - Compute - GPU - H100',
		metricName: 'GPU Per Hour',
		serviceCategory: 'Compute - GPU',
		currencyCodeLocalizations: [{ currencyCode: 'USD', prices }],
		...changes,
	};
}

const list = (...items: unknown[]) => ({ lastUpdated: '2026-09-01T14:26:53.943Z', items });
const read = (...items: unknown[]) => {
	const answer = oracle.read?.(list(...items), NOW);
	if (answer === undefined) throw new Error('Oracle reads files');
	return answer;
};

describe('NET-05 Oracle Cloud', () => {
	it('gives the price of one GPU for each shape that it is sold in', async () => {
		const a10 = item({ partNumber: 'B95909', displayName: 'OCI- Compute  - GPU - A10' }, [
			{ model: 'PAY_AS_YOU_GO', value: 2 },
		]);
		const { quotes, fake } = await ask(oracle, (_, response) => sendJson(response, list(item(), a10)));
		expect(fake.requests[0]?.url).toBe('/pls/apex/cetools/api/v1/products/?currencyCode=USD');
		expect(quotes.map((quote) => [quote.gpu.model, quote.gpus.numerator, usdPerGpuHour(quote)])).toEqual([
			['h100', 8, 10],
			['a10', 1, 2],
			['a10', 2, 2],
			['a10', 4, 2],
		]);
		expect(quotes[0]).toMatchObject({
			meaning: 'list-price',
			price: { model: 'fixed', per: 'gpu' },
			availability: { widest: 8 },
		});
	});

	it('AGT-02 ranks pay as you go alone: every other model is a term of its own', () => {
		const { quotes } = read(
			item({}, [
				{ model: 'PAY_AS_YOU_GO', value: 10 },
				{ model: 'MONTHLY_COMMIT', value: 7 },
				{ model: 'FLEX', value: 6 },
			]),
		);
		expect(quotes.map(({ price, rental }) => [price.amount, rental?.term])).toEqual([
			['10', undefined],
			['7', { kind: 'committed', words: 'monthly commit' }],
			['6', { kind: 'other', words: 'flex' }],
		]);
	});

	it('knows parts that are named after a generation of hardware', () => {
		const { quotes } = read(item({ partNumber: 'B92740', displayName: 'OCI - Compute - GPU - E3' }));
		expect(quotes[0]?.gpu).toMatchObject({ model: 'a100', memoryGiB: 40 });
	});

	it.each<[string, Record<string, unknown>, string]>([
		[
			'a licence by the GPU-hour',
			{ partNumber: 'B111824', displayName: 'OCI - NVIDIA AI Enterprise - H100' },
			'with a licence',
		],
		['an appliance', { serviceCategory: 'Compute Cloud@Customer' }, 'another good'],
		['a node', { metricName: 'Node Per Hour' }, 'unit not known'],
		[
			'a core',
			{ displayName: 'OCI - Compute - Standard - E5', metricName: 'OCPU Per Hour', serviceCategory: 'Compute - VM' },
			'not a GPU',
		],
		[
			'another currency',
			{ currencyCodeLocalizations: [{ currencyCode: 'EUR', prices: [] }] },
			'price in another currency',
		],
		['a part given to another GPU', { displayName: 'OCI - Compute - GPU - L40S' }, 'part number and name disagree'],
		['an unknown part', { partNumber: 'B999999', displayName: 'OCI - Compute - GPU - Z900' }, 'GPU not known'],
		['no price', { currencyCodeLocalizations: [{ currencyCode: 'USD', prices: [] }] }, 'no price'],
		['no shape', { metricName: 7 }, 'not of the documented shape'],
	])('counts %s', (_, changes, reason) => {
		const { quotes, left } = read(item(), item(changes));
		expect(quotes).toHaveLength(1);
		expect(left).toEqual({ [reason]: 1 });
	});

	it('AGT-02 makes no offer of a part with two prices', () => {
		const two = [
			{ model: 'PAY_AS_YOU_GO', value: 10 },
			{ model: 'PAY_AS_YOU_GO', value: 9 },
		];
		expect(read(item({}, two))).toMatchObject({ quotes: [], left: { 'two prices for one thing': 1 } });
	});
});

hostile(oracle, list(item()));
