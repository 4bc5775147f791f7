import { marketQuerySchema } from '@necto/core';
import { describe, expect, test } from 'vitest';
import {
	agentQuery,
	basketOf,
	basketText,
	type Filters,
	isUnderstood,
	type MarketView,
	microUsdOf,
	noFilters,
	queryOf,
	unreadWords,
	viewFrom,
	withChange,
} from './filters.ts';

const parse = (query: string) => viewFrom(new URLSearchParams(query));
const nothing: MarketView = { filters: {}, offer: null, compare: [], tab: 'gpus' };

const every: Filters = {
	q: 'h100 frankfurt & co',
	gpu: 'h100,a100:0.45',
	memory: '80',
	form: 'sxm,nvl',
	width: '8',
	region: 'europe,us',
	prefer: 'de',
	network: 'io-net',
	exclude: 'vast',
	source: 'akash',
	pricing: 'fixed,token',
	evidence: 'live,listing',
	terms: 'reserved,prepaid',
	maxUsd: '2.5',
	minUptime: '99.5',
	routable: 'true',
	available: 'true',
	estimates: 'true',
	gpus: '8',
	hours: '72',
	restartMinutes: '40',
	sort: '-price',
};

describe('DISC-02 filters in the address', () => {
	test('an address without parameters asks for everything, best first', () => {
		expect(parse('')).toEqual(nothing);
		expect(queryOf(nothing)).toBe('');
		expect(parse('?sort=best&estimates=false')).toEqual(nothing);
	});

	test('every filter of core has its place in the address and survives the way through it', () => {
		const { policy, limit, offset, ...asked } = marketQuerySchema.shape;
		expect(Object.keys(every).sort()).toEqual(Object.keys(asked).sort());
		const view: MarketView = {
			filters: every,
			offer: 'akash:h100%2F80Gi/sxm',
			compare: ['a:1,2', 'b:50%2C'],
			tab: 'tokens',
		};
		expect(parse(queryOf(view))).toEqual(view);
	});

	test('the agent understands what the page asks it', () => {
		const asked = marketQuerySchema.parse(Object.fromEntries(new URLSearchParams(agentQuery(every, 'offline'))));
		expect(asked).toMatchObject({ memory: 80, maxUsd: 2_500_000n, policy: 'offline', limit: 5_000, sort: '-price' });
		expect(asked.gpu).toEqual([
			{ model: 'h100', performanceBps: 10_000 },
			{ model: 'a100', performanceBps: 4_500 },
		]);
	});

	test('what is not understood counts as not there, and never breaks the page', () => {
		const bad =
			'?gpu=<script>&region=mars&memory=big&pricing=free&maxUsd=1e9&routable=yes&sort=luck&hours=0&gpus=0&tab=x';
		expect(parse(bad)).toEqual(nothing);
		expect(parse(`?q=${'x'.repeat(5_000)}`)).toEqual(nothing);
	});

	test('what is not understood is named', () => {
		expect(unreadWords(new URLSearchParams('gpus=-1&memory=abc&sort=zzz&hours=24'))).toBe(
			'Filters of the link that could not be read and are not applied: memory (“abc”), GPUs of your job (“-1”), order (“zzz”).',
		);
		expect(unreadWords(new URLSearchParams(queryOf({ ...nothing, filters: every })))).toBeNull();
	});

	test.each(['-1', 'abc', '1e3', '0x10', '0', '65536'])('%j is no number of GPUs', (text) => {
		expect(isUnderstood('gpus', text)).toBe(false);
	});

	test('at most four offers are compared, each once', () => {
		expect(parse('?compare=a:1,a:1,b:2,c:3,d:4,e:5').compare).toEqual(['a:1', 'b:2', 'c:3', 'd:4']);
	});

	test('a change sets, an empty one takes away, and the rest stays', () => {
		expect(withChange({ gpu: 'h100', memory: '80' }, { memory: '', region: 'asia' })).toEqual({
			gpu: 'h100',
			region: 'asia',
		});
		expect(withChange(every, noFilters)).toEqual({ sort: '-price' });
	});
});

describe('the basket of GPUs', () => {
	test('is a text and comes back from it', () => {
		expect(basketOf('h100,a100:0.45')).toEqual([
			{ model: 'h100', performance: '1' },
			{ model: 'a100', performance: '0.45' },
		]);
		expect(basketText(basketOf('h100,a100:0.45'))).toBe('h100,a100:0.45');
		expect(basketOf(undefined)).toEqual([]);
	});

	test('a performance of nothing is not understood', () => {
		expect(isUnderstood('gpu', 'a100:0')).toBe(false);
		expect(isUnderstood('gpu', 'a100:0.5')).toBe(true);
	});
});

describe('a typed price limit', () => {
	test.each([
		['2', 2_000_000n],
		['0.000001', 1n],
		['1.29', 1_290_000n],
	])('%s USD is %s micro-USD', (text, micro) => {
		expect(microUsdOf(text)).toBe(micro);
	});

	test.each(['', '.', '-1', '1,5', '1e3', 'NaN', '0.0000001'])('%j is no amount', (text) => {
		expect(microUsdOf(text)).toBeNull();
	});
});
