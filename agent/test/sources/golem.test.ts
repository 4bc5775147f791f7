/** Shape as golemfactory's statistics serve it, properties as its standards name them, coefficients as in their examples. */
import { describe, expect, it } from 'vitest';
import { golem } from '../../src/sources/golem.ts';
import { priceOf } from '../support/price.ts';
import { ask, closeFakes, hostile, NOW, serve } from '../support/source.ts';

closeFakes();

const GPU = 'golem.!exp.gap-35.v1.inf.gpu';

const offered = {
	'golem.runtime.name': 'vm-nvidia',
	'golem.com.pricing.model': 'linear',
	'golem.com.usage.vector': ['golem.usage.duration_sec', 'golem.usage.cpu_sec'],
	'golem.com.pricing.model.linear.coeffs': [0.0002777777777777778, 2.7500000000000004e-6, 0],
	'golem.inf.cpu.threads': 8,
	'golem.inf.mem.gib': 16.5,
	'golem.inf.storage.gib': 100,
	[`${GPU}.model`]: 'NVIDIA GeForce RTX 4090',
	[`${GPU}.memory.total.gib`]: 24,
};

function provider(changes: Record<string, unknown> = {}, properties: Record<string, unknown> | null = {}) {
	return {
		node_id: '0xabc',
		online: true,
		network: 'mainnet',
		uptime: 99.8,
		computing_now: false,
		runtimes: {
			'vm-nvidia': {
				properties: properties === null ? null : { ...offered, ...properties },
				last_seen_at: '2026-09-21T14:10:00Z',
				data_fresh: properties !== null,
				hourly_price_glm: 1.0792,
			},
		},
		...changes,
	};
}

const asked = (...providers: unknown[]) => ask(golem, serve({ '/v2/network/online': providers }));

describe('NET-05 Golem', () => {
	it('adds the coefficients for all threads exactly, for a second, in GLM', async () => {
		const { quotes, left } = await asked(provider());
		expect(left).toEqual({});
		expect(quotes[0]).toMatchObject({
			meaning: 'offer',
			observedAt: NOW - 200,
			gpu: { model: 'rtx4090', memoryGiB: 24 },
			host: { vcpus: 8, ramGiB: 16, diskGiB: 100 },
			// 0.0002777777777777778 + 8 × 0.0000027500000000000004
			price: { model: 'token', amount: '0.0002997777777777778032', currency: 'GLM', per: 'instance', time: 'second' },
			availability: { state: 'available' },
			quality: { uptimeBps: 9_980 },
		});
		expect(quotes[0]?.price.excludes).toBeUndefined();
		// 1.0792 GLM an hour at 0.10 USD.
		expect(priceOf(quotes[0], { GLM: '0.1' })).toBe(107_921n);
		expect(priceOf(quotes[0])).toBe('no-token-price');
	});

	it('finds coefficients by their counter, whatever the order and spelling', async () => {
		const { quotes } = await asked(
			provider(
				{},
				{
					'golem.com.usage.vector': ['golem.usage.cpu-sec', 'golem.usage.duration-sec'],
					'golem.com.pricing.model.linear.coeffs': [0.000001, 0.0001, 0],
				},
			),
		);
		expect(quotes[0]?.price.amount).toBe('0.000108');
	});

	it('keeps what is paid once at the start out of the price, and says so', async () => {
		const { quotes } = await asked(provider({}, { 'golem.com.pricing.model.linear.coeffs': [0.0001, 0.000001, 0.5] }));
		expect(quotes[0]?.price).toMatchObject({ amount: '0.000108', excludes: ['start'] });
	});

	it('divides by the GPUs of a machine that has several of a kind', async () => {
		const { quotes } = await asked(
			provider(
				{},
				{
					[`${GPU}.model`]: undefined,
					[`${GPU}.d0.model`]: 'NVIDIA GeForce RTX 3090',
					[`${GPU}.d0.quantity`]: 2,
					[`${GPU}.d0.memory.total.gib`]: 24,
					'golem.com.pricing.model.linear.coeffs': [0.0002, 0, 0],
				},
			),
		);
		expect(quotes[0]).toMatchObject({ gpu: { model: 'rtx3090' }, gpus: { numerator: 2, denominator: 1 } });
		expect(priceOf(quotes[0], { GLM: '1' })).toBe(360_000n);
	});

	it('does not call a provider free that is computing', async () => {
		const { quotes } = await asked(provider({ computing_now: true }));
		expect(quotes[0]?.availability.state).toBe('unknown');
	});

	it.each([
		['without a GPU', {}, { [`${GPU}.model`]: undefined }, 'without a GPU'],
		['offline', { online: false }, {}, 'not online'],
		['paid in a test network’s GLM', { network: 'testnet' }, {}, 'on a test network'],
		['not seen lately', {}, null, 'not seen lately'],
		['with two kinds of GPU', {}, { [`${GPU}.d1.model`]: 'NVIDIA L4' }, 'several kinds of GPU'],
		['without its threads', {}, { 'golem.inf.cpu.threads': undefined }, 'not of the documented shape'],
		[
			'with a coefficient too few',
			{},
			{ 'golem.com.pricing.model.linear.coeffs': [0.1, 0.1] },
			'not of the documented shape',
		],
		['for nothing', {}, { 'golem.com.pricing.model.linear.coeffs': [0, 0, 0] }, 'no price'],
		// Anybody may be a provider there: none may cost the others their place, or everybody their time.
		[
			'at a price that no number holds',
			{},
			{ 'golem.com.pricing.model.linear.coeffs': [1e300, 1e300, 0] },
			'not of the documented shape',
		],
		[
			'with endless counters',
			{},
			{
				'golem.com.usage.vector': Array(20_000).fill('golem.usage.duration_sec'),
				'golem.com.pricing.model.linear.coeffs': Array(20_001).fill(1.5e-30),
			},
			'not of the documented shape',
		],
		['at a price below zero', {}, { 'golem.com.pricing.model.linear.coeffs': [-0.1, 0.1, 0] }, 'no price'],
		[
			'priced by the request',
			{},
			{
				'golem.com.usage.vector': ['golem.usage.duration_sec', 'ai-runtime.requests'],
				'golem.com.pricing.model.linear.coeffs': [0.1, 0.1, 0],
			},
			'priced by a counter that is not known',
		],
	])('makes no offer of a provider %s', async (_, changes, properties, reason) => {
		const { quotes, left } = await asked(provider({ node_id: '0xgood' }), provider(changes, properties));
		expect(quotes.map(({ key }) => key)).toEqual(['golem:0xgood%2Fvm-nvidia']);
		expect(left).toEqual({ [reason]: 1 });
	});

	it('leaves no room to a provider with endless runtimes', async () => {
		const [runtime] = Object.values(provider().runtimes);
		const runtimes = Object.fromEntries(Array.from({ length: 25_000 }, (_, at) => [`${at}`, runtime]));
		const { quotes, left } = await asked(provider({ runtimes }), provider({ node_id: '0xgood' }));
		expect(quotes.map(({ key }) => key)).toEqual(['golem:0xgood%2Fvm-nvidia']);
		expect(left).toEqual({ 'not of the documented shape': 1 });
	});

	it('looks at each runtime of a provider', async () => {
		const both = provider();
		const vm = { properties: { ...offered, [`${GPU}.model`]: undefined }, last_seen_at: null };
		const { quotes } = await asked({ ...both, runtimes: { vm, ...both.runtimes } });
		expect(quotes).toHaveLength(1);
	});
});

hostile(golem, [provider()]);
