import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
	defaultPolicy,
	microUsd,
	type Normalised,
	normalise,
	type Quote,
	type TokenPrice,
	unixSeconds,
} from '../src/index.ts';
import { listed, NOW, price, quote } from './build.ts';

const AKT: TokenPrice = { symbol: 'AKT', usd: '0.8123', source: 'coingecko', observedAt: unixSeconds(NOW - 100) };

function run(one: Quote, tokenPrices: TokenPrice[] = [AKT]): Normalised {
	return normalise(one, tokenPrices, NOW, defaultPolicy);
}

function usd(one: Quote, tokenPrices?: TokenPrice[]): bigint | string {
	const result = run(one, tokenPrices);
	return result.ok ? result.usdPerGpuHour : result.reason;
}

const priced = (parts: Partial<Quote['price']>, gpus: [number, number] = [1, 1]) =>
	quote({ price: price(parts), gpus: { numerator: gpus[0], denominator: gpus[1] } });

describe('AGT-02 published prices become micro-USD per GPU-hour', () => {
	test.each<[string, Partial<Quote['price']>, [number, number], bigint]>([
		['cents per machine of eight (Lambda)', { amount: '3192', exponent: 2, per: 'instance' }, [8, 1], 3_990_000n],
		['USD per machine-hour (AWS)', { amount: '98.32', per: 'instance' }, [8, 1], 12_290_000n],
		['a sixth of a card (Azure NV6ads_A10)', { amount: '0.454', per: 'instance' }, [1, 6], 2_724_000n],
		['per GPU (RunPod)', { amount: '1.99' }, [1, 1], 1_990_000n],
		['the per-GPU price of a machine of four', { amount: '1.99' }, [4, 1], 1_990_000n],
		['scientific notation (spot.js)', { amount: '9.0E-4' }, [1, 1], 900n],
		['a host’s price with the network’s fee (Nosana)', { amount: '0.218175', feeBps: 1000 }, [1, 1], 239_993n],
		[
			'uact per block (Akash, 5.883 s)',
			{ amount: '4262.041502', exponent: 6, per: 'instance', time: 'block', blockMilliseconds: 5883 },
			[1, 1],
			2_608_083n,
		],
		[
			'uakt per block, two cards',
			{
				model: 'token',
				amount: '4000',
				currency: 'AKT',
				exponent: 6,
				per: 'instance',
				time: 'block',
				blockMilliseconds: 6000,
			},
			[2, 1],
			974_760n,
		],
		['a token per second', { model: 'token', amount: '0.0001', currency: 'AKT', time: 'second' }, [1, 1], 292_428n],
		['wei-like units', { amount: '1500000000000000000', exponent: 18 }, [1, 1], 1_500_000n],
		['a third is rounded up, never down', { amount: '1', per: 'instance' }, [3, 1], 333_334n],
		['less than a millionth is one', { amount: '0.0000000001' }, [1, 1], 1n],
	])('%s', (_what, parts, gpus, expected) => {
		expect(usd(priced(parts, gpus))).toBe(expected);
	});

	test('each step of the arithmetic is kept, in words and in order', () => {
		const result = run(
			priced(
				{
					model: 'token',
					amount: '4000',
					currency: 'AKT',
					exponent: 6,
					per: 'instance',
					time: 'block',
					blockMilliseconds: 6000,
					feeBps: 250,
				},
				[8, 1],
			),
		);
		expect(result.steps).toEqual([
			{ name: 'native', formula: '4000 ÷ 10^6', value: '0.004', unit: 'AKT per machine-block' },
			{
				name: 'block-to-hour',
				formula: '0.004 × 3600 s ÷ 6000 ms per block',
				value: '2.4',
				unit: 'AKT per machine-hour',
			},
			{
				name: 'token-to-usd',
				formula: '2.4 AKT × 0.8123 USD (coingecko, 100 s old)',
				value: '1.94952',
				unit: 'USD per machine-hour',
			},
			{ name: 'fee', formula: '1.94952 × 1.025', value: '1.998258', unit: 'USD per machine-hour' },
			{ name: 'per-gpu', formula: '1.998258 ÷ 8 GPUs', value: '0.24978225', unit: 'USD per GPU-hour' },
			{
				name: 'rounding',
				formula: '0.24978225 rounded up to a millionth',
				value: '0.249783',
				unit: 'USD per GPU-hour',
			},
		]);
	});

	test('is exact: one rounding, up, of the true fraction', () => {
		const amount = fc.tuple(fc.bigInt({ min: 1n, max: 10n ** 12n }), fc.integer({ min: 0, max: 12 }));
		fc.assert(
			fc.property(
				amount,
				fc.integer({ min: 0, max: 18 }),
				fc.constantFrom('hour', 'second', 'block' as const),
				fc.integer({ min: 1, max: 100_000 }),
				fc.integer({ min: 0, max: 50_000 }),
				fc.integer({ min: 1, max: 16 }),
				fc.integer({ min: 1, max: 16 }),
				fc.boolean(),
				fc.option(fc.bigInt({ min: 1n, max: 10n ** 9n })),
				([digits, places], exponent, time, blockMilliseconds, feeBps, numerator, denominator, perGpu, token) => {
					const text = digits.toString().padStart(places + 1, '0');
					const published = places === 0 ? text : `${text.slice(0, -places)}.${text.slice(-places)}`;
					const result = normalise(
						priced(
							{
								amount: published,
								exponent,
								time,
								blockMilliseconds,
								feeBps,
								per: perGpu ? 'gpu' : 'instance',
								currency: token === null ? 'USD' : 'TOK',
							},
							[numerator, denominator],
						),
						token === null ? [] : [{ ...AKT, symbol: 'TOK', usd: `0.${token.toString().padStart(9, '0').slice(-9)}1` }],
						NOW,
						defaultPolicy,
					);
					// The whole formula as one fraction.
					let top = digits * 1_000_000n * BigInt(10_000 + feeBps);
					let bottom = 10n ** BigInt(places + exponent) * 10_000n;
					if (time === 'second') top *= 3600n;
					if (time === 'block') {
						top *= 3_600_000n;
						bottom *= BigInt(blockMilliseconds);
					}
					if (token !== null) {
						top *= BigInt(`${token.toString().padStart(9, '0').slice(-9)}1`);
						bottom *= 10n ** 10n;
					}
					if (!perGpu) {
						top *= BigInt(denominator);
						bottom *= BigInt(numerator);
					}
					const expected = (top + bottom - 1n) / bottom;
					if (expected > 2n ** 64n - 1n) expect(result).toMatchObject({ ok: false, reason: 'too-large' });
					else expect(result).toMatchObject({ ok: true, usdPerGpuHour: expected });
				},
			),
			{ numRuns: 500 },
		);
	});

	test('is monotone: a dearer offer is never normalised to less', () => {
		const micros = fc.integer({ min: 1, max: 1_000_000_000 });
		fc.assert(
			fc.property(micros, micros, fc.integer({ min: 1, max: 16 }), (a, b, gpus) => {
				const of = (amount: number) =>
					usd(priced({ amount: `${amount}`, exponent: 8, per: 'instance', time: 'second' }, [gpus, 1]));
				expect(of(Math.min(a, b)) <= of(Math.max(a, b))).toBe(true);
			}),
		);
	});
});

describe('AGT-03 token prices', () => {
	const token = priced({ model: 'token', amount: '1', currency: 'AKT' });
	const aged = (seconds: number) => [{ ...AKT, observedAt: unixSeconds(NOW - seconds) }];

	test('as old as the policy allows are used, a second older are not', () => {
		expect(usd(token, aged(defaultPolicy.tokenPriceMaxAge))).toBe(812_300n);
		expect(usd(token, aged(defaultPolicy.tokenPriceMaxAge + 1))).toBe('stale-token-price');
	});

	test('dated in the future are not believed', () => {
		expect(usd(token, aged(-301))).toBe('stale-token-price');
		expect(usd(token, aged(-10))).toBe(812_300n);
	});

	test('that are missing, zero or no number refuse the offer instead of guessing', () => {
		expect(usd(token, [])).toBe('no-token-price');
		expect(usd(token, [{ ...AKT, usd: '0' }])).toBe('no-token-price');
		expect(usd(token, [{ ...AKT, usd: 'N/A' }])).toBe('not-a-number');
		expect(usd(priced({ currency: 'EUR' }))).toBe('no-token-price');
	});

	test('a refusal says what is wrong in words', () => {
		expect(run(token, aged(1000))).toMatchObject({
			ok: false,
			message: 'The price of AKT is 1000 s old; the policy allows 900 s.',
		});
	});
});

describe('what is no price is refused', () => {
	test.each([
		['0', 'zero-price'],
		['0.00', 'zero-price'],
		['-1', 'zero-price'],
		['', 'not-a-number'],
		['N/A*', 'not-a-number'],
		['NaN', 'not-a-number'],
		['1e30', 'too-large'],
	])('an amount of %j: %s', (amount, reason) => {
		expect(usd(priced({ amount }))).toBe(reason);
	});

	test('a price per block without a measured block time', () => {
		expect(usd(priced({ time: 'block' }))).toBe('unknown-block-time');
	});
});

describe('listings', () => {
	const band = { floor: microUsd(1_000_000n), ceiling: microUsd(2_000_000n) };
	const dynamic = (reserved: number, total: number, terms = {}) =>
		listed(1, 0n, {
			price: price({ model: 'dynamic', amount: '0', exponent: 6 }),
			terms: { ...band, reserved, total, ...terms },
		});
	const token = (amount: string) =>
		listed(1, 0n, { price: price({ model: 'token', amount, exponent: 6, currency: 'AKT' }), terms: band });

	test('PROV-02 a fixed rate is what it is', () => {
		expect(usd(listed(1, 1_234_567n))).toBe(1_234_567n);
	});

	test.each([
		[0, 8, 1_000_000n],
		[8, 8, 2_000_000n],
		[1, 3, 1_333_333n],
		[2, 3, 1_666_666n],
	])('PROV-02 a dynamic rate with %i of %i reserved is %s, rounded down as on chain', (reserved, total, expected) => {
		expect(usd(dynamic(reserved, total))).toBe(expected);
	});

	test('a dynamic rate of no GPUs, or of no band, is refused', () => {
		expect(usd(dynamic(0, 0))).toBe('no-capacity');
		expect(usd(dynamic(1, 8, { floor: microUsd(3_000_000n) }))).toBe('bad-band');
		expect(usd(dynamic(1, 8, { floor: microUsd(0n) }))).toBe('bad-band');
	});

	test('PROV-02 a token price is kept inside the listing’s band', () => {
		expect(usd(token('2000000'))).toBe(1_624_600n);
		expect(usd(token('1000000'))).toBe(1_000_000n);
		expect(usd(token('3000000'))).toBe('above-band');
		expect(run(token('1000000')).steps.at(-1)).toMatchObject({ name: 'band', value: '1' });
	});

	test('PROV-08 an own listing’s rate is multiplied by the tier of the hour, with a step in words', () => {
		// NOW is a Wednesday, 11:06 UTC.
		const tiers = [
			{ hour: 8, multiplier: 12_000 },
			{ hour: 56, multiplier: 6_500 },
		];
		expect(usd(listed(1, 1_999_999n, { terms: { tiers } }))).toBe(1_299_999n);
		expect(run(listed(1, 1_999_999n, { terms: { tiers } })).steps.at(-1)).toEqual({
			name: 'tier',
			formula: '$1.999999 × 0.65, the rate from Wednesday 08:00 UTC on (the hour is Wednesday 11:00), rounded down',
			value: '1.299999',
			unit: 'USD per GPU-hour',
		});
		expect(usd(dynamic(1, 3, { tiers }))).toBe(866_666n);
		expect(run(dynamic(1, 3, { tiers })).steps.map(({ name }) => name)).toEqual(['dynamic-rate', 'tier']);
		expect(usd(listed(1, 1n, { terms: { tiers } }))).toBe(1n);
		expect(run(listed(1, 1n)).steps.map(({ name }) => name)).toEqual(['native']);
	});

	test('PROV-08 an open band has no tiers, as on chain', () => {
		const tiers = [{ hour: 0, multiplier: 5_000 }];
		const open = listed(1, 1_500_000n, { terms: { ...band, kind: 'network', tiers } });
		expect(usd(open)).toBe(1_500_000n);
		const inToken = token('2000000');
		expect(usd({ ...inToken, listing: inToken.listing && { ...inToken.listing, tiers } })).toBe(1_624_600n);
	});

	test('a network listing’s price is kept inside its band, an own one’s has none', () => {
		const network = (rate: bigint) => usd(listed(1, rate, { terms: { ...band, kind: 'network' } }));
		expect(network(500_000n)).toBe(1_000_000n);
		expect(network(0n)).toBe(1_000_000n);
		expect(usd(listed(1, 0n, { terms: band }))).toBe('zero-price');
		expect(usd(listed(1, 0n, { terms: { kind: 'network' } }))).toBe('bad-band');
		expect(network(1_500_000n)).toBe(1_500_000n);
		expect(network(2_000_001n)).toBe('above-band');
		expect(usd(listed(1, 2_000_001n, { terms: band }))).toBe(2_000_001n);
	});
});
