/** What a request costs, by its path: so that no route can be added without a limit. */

/**
 * `free`: no work at all. `read`: answered from memory or by one small query. `heavy`: computation or larger queries. `record`, `quote`, `watch`, `parse`: one route
 * each that waits for something of its own. `stream`: has limits of its own, beside those of a read.
 */
export type CostClass = 'free' | 'read' | 'heavy' | 'record' | 'quote' | 'parse' | 'watch' | 'stream';

const BY_PATH: readonly (readonly [method: 'GET' | 'POST', path: RegExp, cost: CostClass])[] = [
	// A probe must answer while everything else is refused.
	['GET', /^\/health$/, 'free'],
	['GET', /^\/(?:activity|offers\/stream)$/, 'stream'],
	['GET', /^\/offers(?:\.csv|\/[^/]+)?$/, 'heavy'],
	['GET', /^\/history(?:\/tokens)?$/, 'heavy'],
	['GET', /^\/jobs\/[^/]+\/activity$/, 'heavy'],
	['GET', /^\/records\/[^/]+$/, 'record'],
	['POST', /^\/quotes(?:\/.*)?$/, 'quote'],
	['POST', /^\/parse$/, 'parse'],
	['POST', /^\/watches$/, 'watch'],
];

/** The class of a request. What is named nowhere reads if it is a GET, and is heavy otherwise. */
export function costOf(method: string, path: string): CostClass {
	if (method === 'OPTIONS') return 'free';
	const asked = method === 'HEAD' ? 'GET' : method;
	const known = BY_PATH.find(([of, pattern]) => of === asked && pattern.test(path));
	return known?.[2] ?? (asked === 'GET' || asked === 'DELETE' ? 'read' : 'heavy');
}
