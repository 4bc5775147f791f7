import { defineEnvVars } from '@sveltejs/kit/env';
import { z } from 'zod';

const baseUrl = (fallback: string) =>
	z.url({ protocol: /^https?$/, error: 'must be an http(s) URL' }).default(fallback);

/** Settings, read when the server starts (PORT and HOST are the adapter's own). Nothing here may reach the browser by itself. */
export const variables = defineEnvVars({
	AGENT_URL: { schema: baseUrl('http://127.0.0.1:4000'), description: "The routing agent's HTTP API." },
	INDEXER_URL: { schema: baseUrl('http://127.0.0.1:4100'), description: 'The indexer.' },
	ZEROG_INDEXER_URL: {
		schema: baseUrl('http://127.0.0.1:5678'),
		description: "0G's storage indexer, from which records are fetched by root.",
	},
	ADI_RPC_URL: {
		schema: z.string().min(1).default('http://127.0.0.1:8545'),
		description: 'RPC of the settlement chain; the first of a comma separated list is told to browsers.',
	},
	ADI_BROWSER_RPC_URL: {
		schema: z.url().optional(),
		description: 'RPC that browsers use instead, for when ADI_RPC_URL holds a key or an address only servers reach.',
	},
	NECTO_DEPLOYMENT: {
		schema: z.string().default('../.necto/deployment.json'),
		description: "Path of the JSON file with the contracts' addresses.",
	},
});
