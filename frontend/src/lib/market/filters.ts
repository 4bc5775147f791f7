import { CONTINENTS, PRICING_MODELS, scaledDecimal } from '@necto/core';

/** What the market shows and in which order. It lives in the URL, so that a view can be shared and survives a reload. */
export interface Filters {
	/** Words that must all occur. */
	text: string;
	/** Catalogue key, or '' for all. */
	gpu: string;
	/** Continent, or ''. */
	region: string;
	network: string;
	pricing: string;
	/** USD per GPU-hour as typed; '' for no limit. */
	max: string;
	routableOnly: boolean;
	sort: SortColumn;
	direction: 'asc' | 'desc';
	/** The offer whose panel is open, or ''. */
	offer: string;
}

export const SORT_COLUMNS = ['price', 'gpu', 'provider', 'pricing', 'region', 'free', 'age'] as const;
export type SortColumn = (typeof SORT_COLUMNS)[number];

/** What the address without parameters means. */
export const noFilters: Filters = {
	text: '',
	gpu: '',
	region: '',
	network: '',
	pricing: '',
	max: '',
	routableOnly: false,
	sort: 'price',
	direction: 'asc',
	offer: '',
};

const WORD = /^[a-z0-9][a-z0-9.-]{0,39}$/;

/** Filters from a URL. What is not understood counts as not there. */
export function filtersFrom(params: Pick<URLSearchParams, 'get'>): Filters {
	const word = (name: string) => {
		const value = params.get(name) ?? '';
		return WORD.test(value) ? value : '';
	};
	const among = <Value extends string>(name: string, values: readonly Value[]) =>
		values.find((value) => value === params.get(name));
	const max = params.get('max') ?? '';
	return {
		text: (params.get('q') ?? '').slice(0, 100),
		gpu: word('gpu'),
		region: among('region', CONTINENTS) ?? '',
		network: word('network'),
		pricing: among('pricing', PRICING_MODELS) ?? '',
		max: microUsdOf(max) === null ? '' : max,
		routableOnly: params.get('routable') === '1',
		sort: among('sort', SORT_COLUMNS) ?? noFilters.sort,
		direction: among('dir', ['asc', 'desc']) ?? noFilters.direction,
		offer: (params.get('offer') ?? '').slice(0, 300),
	};
}

/** The query string of filters: only what differs from {@link noFilters}, always in the same order; '' for none. */
export function queryOf(filters: Filters): string {
	const params = new URLSearchParams();
	const set = (name: string, value: string, empty = '') => {
		if (value !== empty) params.set(name, value);
	};
	set('q', filters.text);
	set('gpu', filters.gpu);
	set('region', filters.region);
	set('network', filters.network);
	set('pricing', filters.pricing);
	set('max', filters.max);
	set('routable', filters.routableOnly ? '1' : '');
	set('sort', filters.sort, noFilters.sort);
	set('dir', filters.direction, noFilters.direction);
	set('offer', filters.offer);
	const query = params.toString();
	return query === '' ? '' : `?${query}`;
}

/** How many filters narrow the list (sorting and the open panel do not). */
export function activeCount(filters: Filters): number {
	const { text, gpu, region, network, pricing, max, routableOnly } = filters;
	return [text.trim(), gpu, region, network, pricing, max, routableOnly].filter(Boolean).length;
}

/** A typed USD amount in micro-USD; null when it is not one. */
export function microUsdOf(text: string): bigint | null {
	if (!/^\d{1,6}(\.\d{0,6})?$/.test(text)) return null;
	return scaledDecimal(text.replace(/\.$/, ''), 6);
}
