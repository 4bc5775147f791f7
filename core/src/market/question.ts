import { inOneMachine } from '../decide/filter.ts';
import { type Filter, passesAll } from './column.ts';
import type { Columns } from './columns.ts';
import { isAmong } from './order.ts';
import type { MarketQuery } from './query.ts';

/** Whether a row's rental term is asked for; without a word, on demand and spot are. */
export function termsOf({ terms }: MarketQuery, columns: Columns): (at: number) => boolean {
	const asked: readonly string[] = terms ?? ['on-demand', 'spot'];
	return columns.term.test((term) => asked.includes(term) || asked.includes('any'));
}

/**
 * Whether a row fits a query, all but its rental term, its GPU models and greatest price, which the rows' order answers. What is not known does not pass a lower bound; only
 * free capacity and width may be unknown, as most sources do not say.
 */
export function questionOf(query: MarketQuery, columns: Columns): (at: number) => boolean {
	const filters: Filter[] = [];
	const { memory = 0, width = 0, minUptime, routable, available } = query;
	const { form, region, source, network, exclude, pricing, evidence } = query;
	if (memory > 0) filters.push(columns.memory.where((gib) => gib !== null && gib >= memory));
	if (form !== undefined) filters.push(columns.form.where((value) => form.includes(value)));
	if (region !== undefined) filters.push(columns.place.where((place) => isAmong(region, place)));
	if (source !== undefined) filters.push(columns.source.where((value) => source.includes(value)));
	if (network !== undefined) filters.push(columns.network.where((value) => network.includes(value)));
	if (exclude !== undefined) filters.push(columns.network.where((value) => !exclude.includes(value)));
	if (pricing !== undefined) filters.push(columns.pricing.where((value) => pricing.includes(value)));
	if (evidence !== undefined) filters.push(columns.evidence.where((value) => evidence.includes(value)));
	if (width > 0) filters.push(columns.sale.where((sale) => inOneMachine(sale, width) === 'yes'));
	if (minUptime !== undefined) filters.push(columns.uptime.where((bps) => bps !== null && bps >= minUptime));
	if (routable !== undefined) filters.push(columns.routable.where((value) => value === routable));
	if (available === true) filters.push(columns.state.where((state) => state !== 'none'));
	if (available === false) filters.push(columns.state.where((state) => state === 'none'));
	if (!query.estimates) filters.push(columns.meaning.where((meaning) => meaning !== 'estimate'));
	const words = (query.q ?? '')
		.toLowerCase()
		.split(/\s+/)
		.filter((word) => word !== '');
	const groups = words.map((word) => columns.texts.map((texts) => texts.where((text) => text.includes(word))));
	return (at) => passesAll(filters, groups, at);
}
