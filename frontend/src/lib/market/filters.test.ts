import { describe, expect, test } from 'vitest';
import { activeCount, type Filters, filtersFrom, microUsdOf, noFilters, queryOf } from './filters.ts';

const parse = (query: string) => filtersFrom(new URLSearchParams(query));

describe('filters in the address', () => {
	test('an address without parameters means all offers, cheapest first', () => {
		expect(parse('')).toEqual(noFilters);
		expect(queryOf(noFilters)).toBe('');
	});

	test('every filter survives the way through the address', () => {
		const filters: Filters = {
			text: 'h100 frankfurt & co',
			gpu: 'h100',
			region: 'europe',
			network: 'io.net',
			pricing: 'dynamic',
			max: '2.5',
			routableOnly: true,
			sort: 'age',
			direction: 'desc',
			offer: 'akash:h100%2F80Gi%2Fsxm',
		};
		expect(parse(queryOf(filters))).toEqual(filters);
	});

	test('what is not understood counts as not there, and never breaks the page', () => {
		expect(parse('?gpu=<script>&region=mars&network=A b&pricing=free&max=1e9&routable=yes&sort=luck&dir=up')).toEqual(
			noFilters,
		);
		expect(parse(`?q=${'x'.repeat(5_000)}`).text).toHaveLength(100);
	});

	test('sorting and an open panel do not count as narrowing', () => {
		expect(activeCount(parse('?sort=age&dir=desc&offer=a:b'))).toBe(0);
		expect(activeCount(parse('?q=h100&gpu=h100&max=2&routable=1'))).toBe(4);
		expect(activeCount({ ...noFilters, text: '   ' })).toBe(0);
	});
});

describe('a typed price limit', () => {
	test.each([
		['2', 2_000_000n],
		['2.', 2_000_000n],
		['0.000001', 1n],
		['1.29', 1_290_000n],
	])('%s USD is %s micro-USD', (text, micro) => {
		expect(microUsdOf(text)).toBe(micro);
	});

	test.each(['', '.', '-1', '1,5', '1e3', 'NaN', '0.0000001', '9'.repeat(7)])('%j is no amount', (text) => {
		expect(microUsdOf(text)).toBeNull();
	});
});
