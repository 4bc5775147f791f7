import { type MarketQueryText, marketQuerySchema, type PolicyName, scaledDecimal } from '@necto/core';

/** What the market is asked, in the words of its address: core's own names and texts. A field that is not there asks nothing. */
export type Filters = Omit<MarketQueryText, 'policy' | 'limit' | 'offset'>;
export type FilterField = keyof Filters;
/** Fields to set; `undefined` or an empty text takes one away. */
export type FilterChange = { [Field in FilterField]?: string | undefined };

/** What of the page is in its address beside the filters. */
export interface MarketView {
	filters: Filters;
	/** The offer whose panel is open. */
	offer: string | null;
	/** The offers that are ticked to be compared, at most {@link MOST_COMPARED}. */
	compare: readonly string[];
	tab: 'gpus' | 'tokens';
}

export const MOST_COMPARED = 4;
/** More rows than any market had so far; what lies beyond is said on the page. */
const LIMIT = 5_000;

/** In the order in which they stand in an address. */
const FIELDS = [
	'q',
	'gpu',
	'memory',
	'form',
	'width',
	'region',
	'prefer',
	'network',
	'exclude',
	'source',
	'pricing',
	'evidence',
	'terms',
	'maxUsd',
	'minUptime',
	'routable',
	'available',
	'estimates',
	'gpus',
	'hours',
	'restartMinutes',
	'sort',
] as const satisfies readonly FilterField[];

/** What core would assume anyway is not written down. */
const DEFAULTS: Filters = { estimates: 'false', sort: 'best' };

/** The change that takes all filters away, and leaves the order. */
export const noFilters: FilterChange = Object.fromEntries(
	FIELDS.filter((field) => field !== 'sort').map((field) => [field, '']),
);

/** The view of an address. What core's schema does not understand counts as not there, so that an old link still opens. */
export function viewFrom(params: Pick<URLSearchParams, 'get'>): MarketView {
	const filters: Filters = {};
	for (const field of FIELDS) {
		const text = params.get(field)?.trim();
		if (text === undefined || text === '' || text === DEFAULTS[field]) continue;
		if (isUnderstood(field, text)) filters[field] = text;
	}
	const compare = new Set((params.get('compare') ?? '').slice(0, 2_000).split(',').filter(Boolean).map(unescapeComma));
	return {
		filters,
		offer: params.get('offer')?.slice(0, 300) || null,
		compare: [...compare].slice(0, MOST_COMPARED),
		tab: params.get('tab') === 'tokens' ? 'tokens' : 'gpus',
	};
}

/** How the page calls each filter. */
const NAMES: Readonly<Record<FilterField, string>> = {
	q: 'search',
	gpu: 'GPU',
	memory: 'memory',
	form: 'form factor',
	width: 'GPUs in one machine',
	region: 'region',
	prefer: 'preferred places',
	network: 'networks',
	exclude: 'excluded networks',
	source: 'sources',
	pricing: 'pricing',
	evidence: 'how it is known',
	terms: 'rental term',
	maxUsd: 'highest price',
	minUptime: 'least uptime',
	routable: 'routable only',
	available: 'something free',
	estimates: 'estimates',
	gpus: 'GPUs of your job',
	hours: 'hours of your job',
	restartMinutes: 'minutes that a restart loses',
	sort: 'order',
};

/** One sentence on the filters of an address that could not be read and are not applied; null when all could. */
export function unreadWords(params: Pick<URLSearchParams, 'get'>): string | null {
	const unread = FIELDS.flatMap((field) => {
		const text = params.get(field)?.trim() ?? '';
		return text === '' || isUnderstood(field, text) ? [] : [`${NAMES[field]} (“${text.slice(0, 40)}”)`];
	});
	return unread.length === 0
		? null
		: `Filters of the link that could not be read and are not applied: ${unread.join(', ')}.`;
}

/** The query of an address for a view: only what is asked, always in one order; '' for nothing. */
export function queryOf({ filters, offer, compare, tab }: MarketView): string {
	const params = paramsOf(filters);
	if (tab !== 'gpus') params.set('tab', tab);
	if (offer !== null) params.set('offer', offer);
	if (compare.length > 0) params.set('compare', compare.map(escapeComma).join(','));
	const query = params.toString();
	return query === '' ? '' : `?${query}`;
}

/** The query string, without its `?`, that asks the agent for these offers. */
export function agentQuery(filters: Filters, policy: PolicyName): string {
	const params = paramsOf(filters);
	if (policy !== 'default') params.set('policy', policy);
	params.set('limit', String(LIMIT));
	return params.toString();
}

/** Filters with a change made. */
export function withChange(filters: Filters, change: FilterChange): Filters {
	const next: Filters = {};
	for (const field of FIELDS) {
		const text = field in change ? change[field] : filters[field];
		if (text !== undefined && text !== '' && text !== DEFAULTS[field]) next[field] = text;
	}
	return next;
}

/** The parts of a list: `europe,de` is two; none when there is no text. */
export function partsOf(text: string | undefined): string[] {
	return (text ?? '')
		.split(',')
		.map((part) => part.trim())
		.filter((part) => part !== '');
}

/** One model of the basket of GPUs that would do. */
export interface BasketModel {
	model: string;
	/** How much of the work it does in the same time, as typed; `1` when nothing is said. */
	performance: string;
}

/** The models of the text `h100,a100:0.45`. */
export function basketOf(text: string | undefined): BasketModel[] {
	return partsOf(text).map((part) => {
		const [model = '', performance = '1'] = part.toLowerCase().split(':');
		return { model, performance };
	});
}

/** The text of a basket. */
export function basketText(basket: readonly BasketModel[]): string {
	return basket
		.map(({ model, performance }) => (Number(performance) === 1 ? model : `${model}:${performance}`))
		.join(',');
}

/** Whether core understands this text in that field. */
export function isUnderstood(field: FilterField, text: string): boolean {
	return marketQuerySchema.shape[field].safeParse(text).success;
}

/** A typed USD amount in micro-USD; null when it is not one. */
export function microUsdOf(text: string): bigint | null {
	if (!/^\d{1,9}(\.\d{1,6})?$/.test(text)) return null;
	return scaledDecimal(text, 6);
}

function paramsOf(filters: Filters): URLSearchParams {
	const params = new URLSearchParams();
	for (const field of FIELDS) {
		const text = filters[field];
		if (text !== undefined && text !== '') params.set(field, text);
	}
	return params;
}

// An offer's key may hold a comma.
function escapeComma(key: string): string {
	return key.replaceAll('%', '%25').replaceAll(',', '%2C');
}

function unescapeComma(key: string): string {
	return key.replaceAll('%2C', ',').replaceAll('%25', '%');
}
