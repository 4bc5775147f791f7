import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
	defaultPolicy,
	disputeOf,
	type MedianRule,
	medianOf,
	medianTokenPrice,
	midpointOf,
	normalise,
	parseDecimal,
	type TokenPrice,
	type TokenPriceInput,
	tokenPriceSchema,
	unixSeconds,
} from '../src/index.ts';
import { NOW, price, quote } from './build.ts';

const RULE: MedianRule = { maxAge: 900, maxSpreadBps: 500 };
const said = (source: string, usd: string, age = 10): TokenPriceInput => ({
	source,
	usd,
	observedAt: unixSeconds(NOW - age),
});
const of = (...inputs: TokenPriceInput[]) => medianTokenPrice('AKT', inputs, unixSeconds(NOW), RULE);
const inAkt = quote({ price: price({ model: 'token', amount: '2', currency: 'AKT' }) });
const convert = (token: TokenPrice | null) => normalise(inAkt, token === null ? [] : [token], NOW, defaultPolicy);

/** Decimals as sources publish them: some digits, some places. */
const decimal = fc
	.tuple(fc.bigInt({ min: 1n, max: 10n ** 12n }), fc.integer({ min: 0, max: 12 }))
	.map(([digits, places]) => {
		const text = digits.toString().padStart(places + 1, '0');
		return places === 0 ? text : `${text.slice(0, -places)}.${text.slice(-places)}`;
	});

describe('AGT-03 the price of a token is the median of its sources', () => {
	test('one source alone counts, and is named so', () => {
		expect(of(said('coingecko', '0.512'))).toEqual({
			symbol: 'AKT',
			usd: '0.512',
			source: 'coingecko alone',
			observedAt: NOW - 10,
			sources: [said('coingecko', '0.512')],
			maxSpreadBps: 500,
		});
	});

	test('of two it is exactly half way, of three the middle one as published', () => {
		expect(of(said('kraken', '0.51'), said('coingecko', '0.505'))).toMatchObject({
			usd: '0.5075',
			source: 'median of coingecko, kraken',
		});
		expect(of(said('a', '0.510'), said('b', '0.505'), said('c', '0.52'))?.usd).toBe('0.510');
		expect(midpointOf('1', '2')).toBe('1.5');
		expect(midpointOf('0.1', '0.3')).toBe('0.2');
		expect(midpointOf('0.00000000000000000001', '0')).toBe('0.000000000000000000005');
	});

	test('its age is that of the oldest source that counts', () => {
		expect(of(said('a', '1', 5), said('b', '1', 600))?.observedAt).toBe(NOW - 600);
	});

	test('sources that are too old do not count, and alone they leave a price that nobody converts with', () => {
		expect(of(said('a', '1', 5), said('b', '2', 901))).toMatchObject({ usd: '1', source: 'a alone' });
		const old = of(said('a', '1', 2_000), said('b', '2', 901));
		expect(old).toMatchObject({ usd: '2', observedAt: NOW - 901 });
		expect(convert(old)).toMatchObject({ ok: false, reason: 'stale-token-price' });
	});

	test.each(['0', '0.000', '-1', 'NaN', '', '1,5', `0.${'1'.repeat(50)}`])(
		'what is no price does not count: %s',
		(usd) => {
			expect(of(said('a', usd))).toBeNull();
			expect(of(said('a', usd), said('b', '1'))?.source).toBe('b alone');
		},
	);

	test('sources that disagree leave no price to convert with, and the reason says who said what', () => {
		const disputed = of(said('coingecko', '0.50'), said('kraken', '0.53'), said('pyth', '0.50'));
		const result = convert(disputed);
		expect(result).toMatchObject({ ok: false, reason: 'disputed-token-price' });
		expect(result.ok ? '' : result.message).toBe(
			'The price of AKT is not certain: coingecko says 0.50 and kraken 0.53, which is more than 5 % apart.',
		);
		expect(tokenPriceSchema.parse(disputed)).toEqual(disputed);
	});

	test('a difference of exactly the limit is none too many', () => {
		expect(convert(of(said('a', '1'), said('b', '1.05'))).ok).toBe(true);
		expect(convert(of(said('a', '1'), said('b', '1.0500001'))).ok).toBe(false);
	});

	test('the record keeps all inputs, and a figure that is not their median is refused', () => {
		const made = of(said('a', '1', 5), said('b', '1.02', 7));
		if (made === null) throw new Error('no price');
		expect(convert(made)).toMatchObject({ ok: true, usdPerGpuHour: 2_020_000n });
		for (const changes of [
			{ usd: '1.02' },
			{ usd: 'x' },
			{ observedAt: unixSeconds(NOW) },
			{ sources: [said('a', '1', 5), said('a', '1.02', 7)] },
			{ sources: [said('a', '1', 5), said('b', 'nothing', 7)] },
		]) {
			expect(convert({ ...made, ...changes }).ok, JSON.stringify(changes)).toBe(false);
		}
		// Dated figures and older files name no sources.
		expect(disputeOf({ ...made, sources: undefined })).toBeNull();
	});

	test('the order of the sources is of no matter, and the median lies between lowest and highest', () => {
		fc.assert(
			fc.property(fc.array(decimal, { minLength: 1, maxLength: 7 }), (decimals) => {
				const inputs = decimals.map((usd, index) => said(`s${index}`, usd));
				const made = of(...inputs);
				expect(of(...inputs.toReversed())).toEqual(made);
				const value = parseDecimal(made?.usd ?? '');
				const below = decimals.filter((usd) => isAtMost(parseDecimal(usd), value)).length;
				const above = decimals.filter((usd) => isAtMost(value, parseDecimal(usd))).length;
				expect(below * 2).toBeGreaterThanOrEqual(decimals.length);
				expect(above * 2).toBeGreaterThanOrEqual(decimals.length);
				// What the agent makes, nobody finds fault with but for the spread.
				expect(made === null ? null : disputeOf({ ...made, maxSpreadBps: undefined })).toBeNull();
			}),
		);
	});

	test('half of two is exact', () => {
		fc.assert(
			fc.property(decimal, decimal, (a, b) => {
				const [x, y, half] = [parseDecimal(a), parseDecimal(b), parseDecimal(medianOf([a, b]))];
				const sum = x.numerator * y.denominator + y.numerator * x.denominator;
				expect(2n * half.numerator * x.denominator * y.denominator).toBe(sum * half.denominator);
			}),
		);
	});
});

function isAtMost(a: ReturnType<typeof parseDecimal>, b: ReturnType<typeof parseDecimal>): boolean {
	return a.numerator * b.denominator <= b.numerator * a.denominator;
}
