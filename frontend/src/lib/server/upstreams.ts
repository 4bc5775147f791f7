import { AGENT_URL, INDEXER_URL, ZEROG_INDEXER_URL } from '$app/env/private';
import { onlyKnownDocuments } from './documents.ts';
import type { Upstream } from './proxy.ts';

/** The services by the first part of their path under `/api/`. */
export const upstreams: Readonly<Record<string, Upstream>> = {
	agent: {
		name: 'the routing agent',
		code: 'agent',
		baseUrl: AGENT_URL,
		routes: [
			{ method: 'GET', path: /^\/(activity|offers\/stream)$/, stream: true },
			{
				method: 'GET',
				path: /^\/(health|ready|status|config|offers|offers\.csv|offers\/[^/]{1,600}|history|history\/tokens|inference|watches|sources|token-prices|jobs\/\d+\/activity|records\/0x[0-9a-f]{64}|openapi\.json)$/,
			},
			{ method: 'POST', path: /^\/(quotes|parse|watches)$/ },
			{ method: 'DELETE', path: /^\/watches\/[A-Za-z0-9_-]{22,64}$/ },
		],
	},
	indexer: {
		name: 'the indexer',
		code: 'indexer',
		baseUrl: INDEXER_URL,
		routes: [
			{ method: 'GET', path: /^\/live$/, stream: true },
			{ method: 'GET', path: /^\/(health|ready|status|totals)$/ },
			{ method: 'POST', path: /^\/graphql$/, check: onlyKnownDocuments },
		],
	},
	zerog: {
		name: '0G storage',
		code: 'zerog',
		baseUrl: ZEROG_INDEXER_URL,
		routes: [{ method: 'GET', path: /^\/file$/ }],
	},
};
