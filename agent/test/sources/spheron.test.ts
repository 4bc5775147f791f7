/** Figures of the fixture: the H100 SXM5 of 2026 that Spheron names in its own texts (2.01 on demand, 0.99 spot), shape of `/api/gpu-offers`. */
import { describe, expect, it } from 'vitest';
import { spheron } from '../../src/sources/spheron.ts';
import { sendJson } from '../support/http.ts';
import { ask, closeFakes, hostile, NOW } from '../support/source.ts';

closeFakes();

function offer(changes: Record<string, unknown> = {}): Record<string, unknown> {
	return {
		provider: 'massed-compute',
		offerId: 'gpu_1x_h100',
		name: 'H100 SXM5',
		vcpus: 26,
		memory: 225,
		storage: 1000,
		gpuCount: 1,
		price: 2.01,
		available: true,
		clusters: ['us-central-9'],
		gpu_memory: 80,
		maintenance: false,
		interconnectType: 'SXM5',
		instanceType: 'DEDICATED',
		...changes,
	};
}

const body = (offers: unknown[], totalPages = 1) => ({
	data: [{ gpuType: 'h100', displayName: 'H100', offers }],
	total: 1,
	totalPages,
});
const read = (...offers: unknown[]) => {
	const answer = spheron.read?.(body(offers), NOW);
	if (answer === undefined) throw new Error('Spheron reads files');
	return answer;
};

describe('NET-05 Spheron', () => {
	it('reads the price of the whole offer, and who owns the machine', () => {
		const [quote] = read(offer({ offerId: 'gpu_8x_h100', gpuCount: 8, price: 16.08, gpu_memory: 640 })).quotes;
		expect(quote).toMatchObject({
			upstream: { cloud: 'massed-compute', type: 'gpu_8x_h100' },
			gpu: { model: 'h100', formFactor: 'sxm', memoryGiB: 80 },
			gpus: { numerator: 8, denominator: 1 },
			price: { amount: '16.08', per: 'instance', model: 'fixed' },
			region: { country: 'US' },
			availability: { state: 'available' },
		});
	});

	it.each([
		['its own spot price', { spot_price: 0.99, instanceType: 'SPOT' }, '0.99'],
		['the price of its type', { price: 0.99, instanceType: 'SPOT' }, '0.99'],
	])('reads a spot offer by %s', (_, changes, amount) => {
		expect(read(offer(changes)).quotes[0]?.price).toMatchObject({ model: 'dynamic', amount });
	});

	it.each([
		['DEDICATED', ['fixed', undefined]],
		[null, ['fixed', undefined]],
		['RESERVED', ['fixed', { kind: 'reserved', words: 'RESERVED' }]],
		['CLUSTER', ['fixed', { kind: 'other', words: 'CLUSTER' }]],
	])('AGT-02 takes a row of type %s for what it is', (instanceType, expected) => {
		expect(read(offer({ instanceType })).quotes.map(({ price, rental }) => [price.model, rental?.term])).toEqual([
			expected,
		]);
	});

	it('AGT-02 makes two offers of a machine on demand that has a spot price too', () => {
		expect(read(offer({ spot_price: 0.99 })).quotes.map(({ price }) => [price.model, price.amount])).toEqual([
			['fixed', '2.01'],
			['dynamic', '0.99'],
		]);
	});

	it('gives an offer for each cluster', () => {
		const { quotes } = read(offer({ clusters: ['us-central-9', 'FIN-02'] }));
		expect(quotes.map(({ region }) => region.country)).toEqual(['US', 'FI']);
	});

	it.each([
		['in maintenance', { maintenance: true }],
		['not available', { available: false }],
	])('shows what is %s as none', (_, changes) => {
		expect(read(offer(changes)).quotes[0]?.availability.state).toBe('none');
	});

	it('names the least time that is paid', () => {
		expect(read(offer({ minimumRuntimeMinutes: 20 })).quotes[0]?.rental).toEqual({ minSeconds: 1200, prepaid: null });
	});

	it.each([
		['no GPU', { gpuCount: 0 }, 'not a GPU'],
		['no price', { price: null }, 'no price'],
		['a price of zero', { price: 0 }, 'no price'],
		['no id', { offerId: null }, 'not of the documented shape'],
	])('makes no offer of a row with %s, and keeps the others', (_, changes, reason) => {
		expect(read(offer({ offerId: 'other' }), offer(changes))).toMatchObject({ quotes: [{}], left: { [reason]: 1 } });
	});

	it('leaves the other GPUs when all offers of one are odd', () => {
		const { data } = body([offer()]);
		const odd = { gpuType: 'a100', displayName: 'A100', offers: [{ price: 'ask us' }] };
		expect(spheron.read?.({ data: [odd, ...data], totalPages: 1 }, NOW)).toMatchObject({
			quotes: [{ gpu: { model: 'h100' } }],
			left: { 'not of the documented shape': 1 },
		});
	});

	it('asks page after page, and keeps what came before one that is missing', async () => {
		const { quotes, incomplete, fake } = await ask(spheron, (request, response) =>
			request.url?.includes('page=3')
				? sendJson(response, {}, 500)
				: sendJson(response, body([offer({ offerId: request.url })], 4)),
		);
		expect(fake.requests[0]?.headers.authorization).toBe('Bearer secret-SPHERON_API_KEY');
		expect(quotes).toHaveLength(2);
		expect(incomplete).toContain('Page 3 is missing');
	});
});

hostile(spheron, body([offer()]));
