/** Figures: Nosana's market nvidia-4090-community of December 2025 and its price table of 3 September 2026; shape as documented. */
import { describe, expect, it } from 'vitest';
import { nosana } from '../../src/sources/nosana.ts';
import { priceOf } from '../support/price.ts';
import { ask, closeFakes, hostile, NOW, serve } from '../support/source.ts';

closeFakes();

function market(changes: Record<string, unknown> = {}): Record<string, unknown> {
	return {
		address: 'Dcwz62TisNbWuto6KJM2EGYGVKnHbdZGVGmgLASzsXy8',
		slug: 'nvidia-4090-community',
		name: 'NVIDIA 4090 Community',
		type: 'COMMUNITY',
		usd_reward_per_hour: 0.218175,
		nos_reward_per_second: 0.000196,
		nos_job_price_per_second: 0.0002156,
		network_fee_percentage: 10,
		gpu_types: ['NVIDIA GeForce RTX 4090 D', 'NVIDIA GeForce RTX 4090'],
		client: false,
		lowest_vram: 24,
		...changes,
	};
}

const eight = market({
	address: 'eight',
	slug: 'nvidia-8x-h100',
	name: 'NVIDIA 8x H100',
	type: 'OTHER',
	usd_reward_per_hour: 18.2,
	gpu_types: ['NVIDIA H100 80GB HBM3'],
	lowest_vram: 640,
});

const asked = (markets: unknown, tiers?: string) =>
	ask(nosana, serve({ '/api/markets/': markets }), tiers === undefined ? {} : { options: { NOSANA_MARKETS: tiers } });

describe('NET-05 Nosana', () => {
	it('lists what the renter pays: the host’s reward and the network’s fee', async () => {
		const { quotes, left } = await asked([market()]);
		expect(left).toEqual({});
		expect(quotes[0]).toMatchObject({
			source: 'nosana',
			meaning: 'list-price',
			gpu: { model: 'rtx4090', memoryGiB: 24 },
			price: { model: 'token', amount: '0.218175', currency: 'USD', feeBps: 1_000, per: 'instance' },
			availability: { state: 'unknown', gpus: null },
			rental: { minSeconds: 0, prepaid: null },
		});
		// 0.218175 × 1.1 = 0.2399925, rounded up.
		expect(priceOf(quotes[0])).toBe(239_993n);
	});

	it.each([
		['NVIDIA 3060', 0.0436, 47_960n],
		['NVIDIA 4090', 0.2909, 319_990n],
		['NVIDIA 5090', 0.3636, 399_960n],
		['NVIDIA H100', 1.3636, 1_499_960n],
	])('prices %s at %d and the fee', async (name, reward, micro) => {
		const slug = name.toLowerCase().replace(' ', '-');
		const changes = { name, slug, type: 'PREMIUM', usd_reward_per_hour: reward, lowest_vram: null, gpu_types: [] };
		const { quotes } = await asked([market(changes)]);
		expect(priceOf(quotes[0])).toBe(micro);
	});

	it('divides the price of a box by its eight cards, and takes no memory of one card from it', async () => {
		const { quotes } = await asked([eight]);
		expect(quotes[0]).toMatchObject({
			gpu: { model: 'h100', memoryGiB: null },
			gpus: { numerator: 8, denominator: 1 },
			availability: { widest: 8 },
		});
		expect(priceOf(quotes[0])).toBe(2_502_500n);
	});

	it('shows the tiers that are wanted', async () => {
		const { quotes, left } = await asked([market(), eight], 'premium, other');
		expect(quotes.map(({ gpu }) => gpu.model)).toEqual(['h100']);
		expect(left).toEqual({ 'in a tier that is not wanted': 1 });
	});

	it('asks the hosts’ cards when neither name nor slug is one, and only if they agree', async () => {
		const named = { name: 'Alpha', slug: 'alpha' };
		const { quotes } = await asked([market({ ...named, gpu_types: ['NVIDIA GeForce RTX 4090 D'] })]);
		expect(quotes[0]?.gpu.model).toBe('rtx4090d');
		expect((await asked([market(named)])).quotes).toEqual([]);
	});

	it.each([
		['no fee', { network_fee_percentage: null }, 'fee not known'],
		['a fee finer than a basis point', { network_fee_percentage: 10.001 }, 'fee not known'],
		['no price', { usd_reward_per_hour: null }, 'no price'],
		['a price of zero', { usd_reward_per_hour: 0 }, 'no price'],
		['two numbers of cards', { name: '4x H100', slug: 'nvidia-8x-h100' }, 'number of cards not clear'],
		['a price in words', { usd_reward_per_hour: 'free' }, 'not of the documented shape'],
	])('makes no offer of a market with %s', async (_, changes, reason) => {
		const { quotes, left } = await asked([eight, market(changes)]);
		expect(quotes.map(({ gpu }) => gpu.model)).toEqual(['h100']);
		expect(left).toEqual({ [reason]: 1 });
	});
});

describe('NET-05 one Nosana market alone', () => {
	it('is read as a list of one', () => {
		expect(nosana.read?.(market(), NOW).quotes).toHaveLength(1);
	});
});

describe('NET-05 a Nosana market of laptops', () => {
	it('is of the laptop’s card, though its name keeps quiet about it', async () => {
		const laptop = market({ name: 'NVIDIA 4090', slug: 'nvidia-4090-laptop', lowest_vram: 16 });
		expect((await asked([laptop])).quotes.map(({ gpu }) => gpu.model)).toEqual(['rtx4090m']);
	});
});

hostile(nosana, [market()]);
